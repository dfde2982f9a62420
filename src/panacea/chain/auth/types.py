"""The nouns of this module."""

from dataclasses import dataclass

from panacea.primitives.address import Address
from panacea.primitives.rejected import Rejected

FEE_COLLECTOR = "fee_collector"
"""The module account that receives every fee."""


class InvalidAccounts(Rejected):
    """Parameters or genesis accounts do not hold together; the SDK registers no code for it."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign: an address, its number, and the sequence that its next transaction must carry.

    `public_key` is the encoded `google.protobuf.Any` of its key, empty until the first signed transaction. A module
    account has its module's name and permissions, and never a key.
    """

    address: Address
    number: int
    sequence: int = 0
    public_key: bytes = b""
    module: str = ""
    permissions: tuple[str, ...] = ()
