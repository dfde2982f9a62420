"""What a store node asks of the chain. `client/` implements it by proofs; nothing here believes a node's word."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from panacea.identity.documents import DIDDocument


class ConsentStatus(IntEnum):
    """As `panacea.datadeal.v3.Consent.status` numbers it."""

    PENDING = 1
    RELEASED = 2
    UNDELIVERED = 3
    WITHDRAWN = 4


@dataclass(frozen=True, slots=True)
class Consent:
    """What stands on chain about one object: the consent's status, and the deal's `retention_days`."""

    status: ConsentStatus
    retention_days: int


class ChainView(Protocol):
    """Proven reads at the newest verified header.

    Every method raises `NodeUnavailable` where no fresh proven state is at hand, and another `Rejected` where what is
    asked for is proven not to exist. Calls may come from any thread and may block.
    """

    def head(self) -> int:
        """The height whose state the other methods answer from."""
        ...

    def time(self) -> int:
        """That block's time, unix seconds."""
        ...

    def oracle_key(self, oracle: str, epoch: int) -> bytes:
        """The signing key (secp256k1, 33 bytes) of the oracle `oracle` (bech32) in that epoch."""
        ...

    def consumer_document(self, deal_id: int) -> DIDDocument:
        """The live document of the deal's `consumer_did`."""
        ...

    def consent_for(self, deal_id: int, oid: bytes) -> Consent | None:
        """The consent of that deal whose certificate delivers the object `oid`."""
        ...
