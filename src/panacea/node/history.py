"""What stands in the ledger, height by height: `block`, `header`, `commit`, `validators`, `block_results`."""

from dataclasses import dataclass

from panacea.light.rpc import write_validators
from panacea.node.ledger import Kind, Ledger
from panacea.node.parameters import BYTES, JSON, WHOLE, Encoded, InvalidParams, Method, RPCRefused, page_of
from panacea.node.solo import Solo

MAX_METAS = 20


@dataclass(frozen=True, slots=True)
class History:
    """The methods about blocks."""

    engine: Solo

    def methods(self) -> dict[str, Method]:
        """The methods by name."""
        at, by_hash = {"height": WHOLE}, {"hash": BYTES}
        return {
            "block": Method(self.block, at),
            "block_by_hash": Method(self.block_by_hash, by_hash),
            "block_results": Method(self.block_results, at),
            "blockchain": Method(self.blockchain, {"minHeight": WHOLE, "maxHeight": WHOLE}),
            "header": Method(self.header, at),
            "header_by_hash": Method(self.header_by_hash, by_hash),
            "commit": Method(self.commit, at),
            "validators": Method(self.validators, {**at, "page": WHOLE, "per_page": WHOLE}),
        }

    def block(self, height: int | None = None) -> Encoded:
        """A block."""
        return self._stored("block", require_height(self.engine.ledger, height))

    def block_by_hash(self, hash: bytes = b"") -> JSON:
        """A block by its hash, with nothing in it where there is none."""
        height = self.engine.ledger.find_height(hash)
        return self._stored("block", height) if height else {"block_id": NO_BLOCK, "block": None}

    def block_results(self, height: int | None = None) -> Encoded:
        """The results of a block."""
        return self._stored("result", require_height(self.engine.ledger, height))

    def _stored(self, kind: Kind, height: int) -> Encoded:
        raw = self.engine.ledger.find_raw(kind, height)
        assert raw is not None  # Every height between the first and the newest is kept.
        return Encoded(raw)

    def header(self, height: int | None = None) -> JSON:
        """A header."""
        return {"header": self._header(require_height(self.engine.ledger, height))}

    def header_by_hash(self, hash: bytes = b"") -> JSON:
        """A header by its hash, null where there is none."""
        height = self.engine.ledger.find_height(hash)
        return {"header": self._header(height) if height else None}

    def _header(self, height: int) -> JSON:
        return self.engine.ledger.get("block", height)["block"]["header"]

    def blockchain(self, minHeight: int = 0, maxHeight: int = 0) -> JSON:  # noqa: N803  CometBFT's names
        """The heads of up to 20 blocks between two heights, newest first."""
        ledger = self.engine.ledger
        if minHeight < 0 or maxHeight < 0:
            raise InvalidParams("heights must be non-negative")
        high = min(maxHeight or ledger.height, ledger.height)
        low = max(minHeight, ledger.first, high - MAX_METAS + 1)
        if low > high:
            raise RPCRefused(f"min height {low} can't be greater than max height {high}")
        return {"last_height": str(ledger.height), "block_metas": [self._meta(at) for at in range(high, low - 1, -1)]}

    def _meta(self, height: int) -> JSON:
        found, block = self.engine.ledger.get("block", height), self.engine.ledger.get_block(height)
        return {
            "block_id": found["block_id"],
            "block_size": str(len(block.encode())),
            "header": found["block"]["header"],
            "num_txs": str(len(block.txs)),
        }

    def commit(self, height: int | None = None) -> JSON:
        """The signed header of a height; its commit is the one in the next block once there is one."""
        ledger = self.engine.ledger
        at = require_height(ledger, height)
        is_canonical = at < ledger.height
        commit = ledger.get("block", at + 1)["block"]["last_commit"] if is_canonical else ledger.get("commit", at)
        return {"signed_header": {"header": self._header(at), "commit": commit}, "canonical": is_canonical}

    def validators(self, height: int | None = None, page: int = 1, per_page: int = 30) -> JSON:
        """The validators of a height: one page holds the one there is. The next block's are known already."""
        ledger = self.engine.ledger
        at = require_height(ledger, height, newest=ledger.height + 1)
        page_of(len(self.engine.validators.validators), page, per_page)
        return write_validators(at, self.engine.validators)


NO_BLOCK = {"hash": "", "parts": {"total": 0, "hash": ""}}


def require_height(ledger: Ledger, height: int | None, *, newest: int = 0) -> int:
    """The height asked for, the newest if none is; in CometBFT's words, which its clients match.

    Raises:
        RPCRefused: it does not stand in the ledger.
    """
    newest = newest or ledger.height
    at = newest if height is None else height
    if height is not None and at <= 0:
        raise RPCRefused(f"height must be greater than 0, but got {at}")
    if at > newest or not at:
        raise RPCRefused(f"height {at} must be less than or equal to the current blockchain height {newest}")
    if at < ledger.first:
        raise RPCRefused(f"height {at} is not available, lowest height is {ledger.first}")
    return at
