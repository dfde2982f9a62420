"""Who decides parameters: the account of governance, which no key can sign for."""

from panacea.primitives.address import Address
from panacea.primitives.rejected import Rejected

AUTHORITY = Address.module("gov")


class InvalidAuthority(
    Rejected, codespace="gov", code=13, text="expected gov account as only signer for proposal message"
):
    """A message that only governance may send came from somebody else."""


def require_authority(sender: str) -> None:
    """Refuse anybody but governance.

    Raises:
        InvalidAuthority: `sender` is another account.
    """
    if sender != str(AUTHORITY):
        raise InvalidAuthority(f"invalid authority; expected {AUTHORITY}, got {sender}")
