"""The ways a question about the state is refused, with the codes of the Cosmos SDK's store."""

from panacea.primitives.rejected import Rejected


class StoreRejected(Rejected, codespace="store", code=4, text="unknown request"):
    """The state cannot answer."""


class UnknownStore(StoreRejected):
    """There is no store of that name at that height."""

    def __init__(self, store: str) -> None:
        super().__init__(f"no such store: {store}")


class HeightUnavailable(StoreRejected, code=7, text="invalid request"):
    """The state at that height is pruned or not there yet."""

    def __init__(self, height: int) -> None:
        super().__init__("version does not exist", height=height)
