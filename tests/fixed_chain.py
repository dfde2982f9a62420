"""A chain that says what a test told it, for the store node; also a store process for crash tests.

python tests/fixed_chain.py HOME      serves a store on HOME with this chain, as a daemon would
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from panacea.crypto.keys import Ed25519Key, Secp256k1Key
from panacea.identity.documents import DIDDocument, VerificationMethod
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import SystemClock
from panacea.vault import grants, objects
from panacea.vault.blobs import SqliteBlobs
from panacea.vault.grants import Command, DIDGrant, OracleGrant
from panacea.vault.ports import Consent
from panacea.vault.types import NodeUnavailable

ORACLE, CONSUMER, STORE = Secp256k1Key(b"\1" * 32), Ed25519Key(b"\2" * 32), Ed25519Key(b"\3" * 32)
ADDRESS, EPOCH, DEAL = str(ORACLE.public_key.address()), 7, 3
DID = "did:panacea:7Prd74ry1Uct87nZqL3ny7aR7Cg46JamVbJgk8azVgUm"
AUDIENCE = grants.store_audience(STORE.public_key.raw)


class Absent(Rejected, codespace="test", code=2, text="proven absent"):
    """What a proven read says of something that is not on chain."""


@dataclass
class FixedChain:
    """A `ChainView` whose answers are set by hand."""

    height: int = 100
    seconds: int = 1_800_000_000
    oracles: dict[tuple[str, int], bytes] = field(default_factory=lambda: {(ADDRESS, EPOCH): ORACLE.public_key.raw})
    consents: dict[bytes, Consent] = field(default_factory=dict)
    reachable: bool = True

    def head(self) -> int:
        self._require_reachable()
        return self.height

    def time(self) -> int:
        self._require_reachable()
        return self.seconds

    def oracle_key(self, oracle: str, epoch: int) -> bytes:
        self._require_reachable()
        try:
            return self.oracles[oracle, epoch]
        except KeyError:
            raise Absent(oracle=oracle) from None

    def consumer_document(self, deal_id: int) -> DIDDocument:
        self._require_reachable()
        if deal_id != DEAL:
            raise Absent(deal_id=deal_id)
        return DIDDocument(DID, authentication=(VerificationMethod(f"{DID}#key1", DID, CONSUMER.public_key),))

    def consent_for(self, deal_id: int, oid: bytes) -> Consent | None:
        self._require_reachable()
        return self.consents.get(oid) if deal_id == DEAL else None

    def _require_reachable(self) -> None:
        if not self.reachable:
            raise NodeUnavailable


@dataclass
class SetClock:
    """A clock that stands still."""

    seconds: int = 1_900_000_000

    def now_ns(self) -> int:
        return self.seconds * 10**9


class Counting:
    """A random source that never repeats and never surprises."""

    def __init__(self, seed: int = 0) -> None:
        self.at = seed << 32

    def token(self, size: int) -> bytes:
        self.at += 1
        return self.at.to_bytes(size, "big")


def oracle_grant(oid: bytes, now: int, *, command: Command = Command.PUT, deal_id: int = DEAL) -> str:
    grant = OracleGrant(ADDRESS, EPOCH, AUDIENCE, command, oid, deal_id, now + 60)
    return grants.issue(grant, ORACLE)


def consumer_grant(oid: bytes, now: int, *, command: Command = Command.GET) -> str:
    grant = DIDGrant(DID, f"{DID}#key1", AUDIENCE, command, (oid,), now, now + 600, bytes(16))
    return grants.issue(grant, CONSUMER)


def sealed(data: bytes, seed: int = 0) -> objects.Sealed:
    random = Counting(seed)
    return objects.seal(data, random.token(16), random)


if __name__ == "__main__":
    from panacea.vault.serve import serve
    from panacea.vault.server import build_app

    home = Path(sys.argv[1])
    serve(build_app(SqliteBlobs(home), STORE, FixedChain(), SystemClock()), name="store", home=home)
