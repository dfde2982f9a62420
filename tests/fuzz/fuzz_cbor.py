"""Canonical CBOR, COSE messages and the claims of CWTs, status lists among them."""

from fuzz.harness import every, fuzz

from panacea.credentials.formats import cose
from panacea.credentials.status.token import StatusReference, TokenStatusList
from panacea.crypto.keys import ECDSAKey, KeyKind
from panacea.wire import cbor

KEY = ECDSAKey(KeyKind.P256, b"f" * 32)
CLAIMS = {1: "did:example:a", 4: 1_900_000_000, 65535: {"status_list": {"idx": 1, "uri": "urn:l"}}}


def target(data: bytes) -> None:
    """The bytes by every reader; a value that was read is written the same."""
    every(
        lambda: _again(data),
        lambda: cose.read(data).verify(KEY.public_key),
        lambda: cose.decode(data),
        lambda: StatusReference.from_cwt(cose.read_claims(data)),
        lambda: TokenStatusList.from_cbor(cose.decode(data)),
    )


def _again(data: bytes) -> None:
    assert cbor.encode(cbor.decode(data)) == data


SEEDS = [
    cose.encode(CLAIMS),
    cose.sign(cose.encode(CLAIMS), signer=KEY),
    cose.encode({"bits": 2, "lst": TokenStatusList(64, bits=2).compressed()}),
    cbor.encode([1, -1, b"a", "b", {"c": [True, None]}]),
    b"\x5f\x41\x61\xff",
    b"\xd8\x3d\xd2\x84\x43\xa1\x01\x26\xa0\x41\xa0\x40",
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
]

if __name__ == "__main__":
    fuzz("fuzz_cbor")
