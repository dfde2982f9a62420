"""What the owner of a DID signs, as the chain has it since its beginning (its specification, §12.2)."""

import hashlib
from typing import TYPE_CHECKING

import pytest

from panacea.crypto.keys import Secp256k1Key
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DataWithSeq, DIDDocument
else:
    DataWithSeq, DIDDocument = load("panacea.did.v2", "DataWithSeq", "DIDDocument")

KEY = Secp256k1Key(bytes(range(1, 33)))
DID = "did:panacea:F5gmouaL3gm6tdpLSzRTcbR6rpQRyFsu6721dLb5PRMi"


def document() -> DIDDocument:
    found = DIDDocument(id=DID)
    found.contexts.values.append("https://www.w3.org/ns/did/v1")
    found.verification_methods.add(
        id=f"{DID}#key1",
        type="EcdsaSecp256k1VerificationKey2019",
        controller=DID,
        public_key_base58="kPptHd8awha6kmHW8eGhUoMJHWQmMJoWtdNuHGoRk75y",
    )
    found.authentications.add(verification_method_id=f"{DID}#key1")
    return found


def test_the_document() -> None:
    raw = encode(document())
    assert len(raw) == 360
    assert raw.hex().startswith("0a1e0a1c6874747073")
    assert raw.hex().endswith("236b657931")
    assert decode(DIDDocument, raw) == document()


@pytest.mark.parametrize(
    ("signed", "sequence", "digest", "signature"),
    [
        (
            document(),
            0,
            "f3238f000ca5202cce793ca7a0c9039e5258e29c73139442434ce50673160991",
            "fe3935c4ab6dcadbe02d97ac63998d02d4bf690f63591e896f4d1ed46c693eec"
            "5206cebdf4752a6b886e464d02ed50a268a529dbc7776d5ea11fc2aaad322a61",
        ),
        (
            document(),
            1,
            "2d7f144d8e9345e5666f565afd1c9e64eb315a55243a474b56a36e72e662f29d",
            "5b7375903626223e5177551fc7b3bce888d442b7ef8704170bea44907a04b01f"
            "388cc3f81b86fd9efd9cdc5bf4cab0115c53047ddfe9867a4dfc6729c3a4b375",
        ),
        (
            DIDDocument(id=DID),
            2,
            "d15a246c4fa0d9216718e1a9df084d6274efc8ce2c2241dcd5907cd7d58d7a4e",
            "867800f1da401668b985640489e63eaab5e370d7ce85aef5d1c383be09a54fc5"
            "5bc53cc30f57c776d5a71659afffa7ebaa845e567a422c86ad080c901015a070",
        ),
    ],
)
def test_the_sign_bytes(signed: DIDDocument, sequence: int, digest: str, signature: str) -> None:
    payload = encode(DataWithSeq(data=encode(signed), sequence=sequence))
    found = hashlib.sha256(payload).digest()
    assert found.hex() == digest
    assert KEY.sign(found).hex() == signature


def test_the_sign_bytes_of_a_deactivation_in_full() -> None:
    payload = encode(DataWithSeq(data=encode(DIDDocument(id=DID)), sequence=2))
    assert payload.hex() == f"0a3a1238{DID.encode().hex()}1002"
