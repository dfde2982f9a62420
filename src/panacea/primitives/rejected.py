"""How an input is refused: a codespace, a code, and the values at fault.

    Rejected                     anything that is expected to go wrong with somebody's input
      x one class per reason     declared beside the noun it protects, in that room's `types.py`

Anything else that is raised is a bug. On chain a rejection fails its transaction with (codespace, code); a bug fails
it with (undefined, 111222) and is logged whole.
"""

from typing import ClassVar


class Rejected(Exception):
    """An input was refused, for a reason that its class names.

    A family sets `codespace`, a member sets `code` and `text`::

        class DIDRejected(Rejected, codespace="did"): ...
        class DIDNotFound(DIDRejected, code=5, text="DID not found"): ...
        raise DIDNotFound(did="did:panacea:...")
        raise DIDNotFound("while resolving an issuer", did="did:panacea:...")

    `str()` is the log text of the Cosmos SDK: the detail first, the registered text last.
    """

    codespace: ClassVar[str] = "undefined"
    code: ClassVar[int] = 1
    text: ClassVar[str] = ""

    def __init_subclass__(cls, *, codespace: str = "", code: int = 0, text: str = "") -> None:
        """Take the class keywords; what is not given is inherited."""
        super().__init_subclass__()
        if codespace:
            cls.codespace = codespace
        if code:
            cls.code = code
        if text:
            cls.text = text

    def __init__(self, detail: str = "", /, **values: object) -> None:
        """Keep the detail sentence and the values at fault, by name."""
        self.detail = detail
        self.values = values
        super().__init__(str(self))

    def __str__(self) -> str:
        said = ", ".join(f"{name}={shorten(value)}" for name, value in self.values.items())
        return ": ".join(part for part in (self.detail, said, self.text) if part) or type(self).__name__


def shorten(value: object, limit: int = 200) -> str:
    """A value as text, cut so that no rejection carries a whole document."""
    shown = value.hex() if isinstance(value, bytes | bytearray) else str(value)
    return shown if len(shown) <= limit else f"{shown[:limit]}… ({len(shown)} characters)"
