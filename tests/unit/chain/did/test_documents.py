"""Vectors of spec/chain.md §12.2, and every rule of §4.3 and §4.5."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from did_documents import DID1, KEY1, KEY2, TYPE, document_of, method_of

from panacea.chain.did.documents import (
    DataWithSeq,
    DIDDocument,
    deactivation_digest,
    ownership_digest,
    require_document,
    require_signed,
)
from panacea.chain.did.types import (
    DIDRejected,
    InvalidDIDDocument,
    InvalidSecp256k1Key,
    KeyTypeNotImplemented,
    MethodNotFound,
    SignatureVerificationFailed,
)
from panacea.wire.encode import encode

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import VerificationMethod

VECTORS = [
    (
        ownership_digest(document_of(), 0),
        "f3238f000ca5202cce793ca7a0c9039e5258e29c73139442434ce50673160991",
        "fe3935c4ab6dcadbe02d97ac63998d02d4bf690f63591e896f4d1ed46c693eec"
        "5206cebdf4752a6b886e464d02ed50a268a529dbc7776d5ea11fc2aaad322a61",
    ),
    (
        ownership_digest(document_of(), 1),
        "2d7f144d8e9345e5666f565afd1c9e64eb315a55243a474b56a36e72e662f29d",
        "5b7375903626223e5177551fc7b3bce888d442b7ef8704170bea44907a04b01f"
        "388cc3f81b86fd9efd9cdc5bf4cab0115c53047ddfe9867a4dfc6729c3a4b375",
    ),
    (
        deactivation_digest(DID1, 2),
        "d15a246c4fa0d9216718e1a9df084d6274efc8ce2c2241dcd5907cd7d58d7a4e",
        "867800f1da401668b985640489e63eaab5e370d7ce85aef5d1c383be09a54fc5"
        "5bc53cc30f57c776d5a71659afffa7ebaa845e567a422c86ad080c901015a070",
    ),
]
METHOD = f"{DID1}#key1"


@pytest.mark.parametrize(("digest", "expected", "signature"), VECTORS, ids=["create", "update", "deactivate"])
def test_published_digests_and_signatures(digest: bytes, expected: str, signature: str) -> None:
    assert digest.hex() == expected
    assert KEY1.sign(digest).hex() == signature
    require_signed(document_of(), METHOD, digest, bytes.fromhex(signature))


def test_published_sign_bytes() -> None:
    document = encode(document_of())
    assert len(document) == 360
    assert document.hex().startswith("0a1e0a1c6874747073")
    assert document.hex().endswith("236b657931")
    signed = encode(DataWithSeq(data=document))
    assert len(signed) == 363
    assert signed.hex().startswith("0ae802")
    last = encode(DataWithSeq(data=encode(DIDDocument(id=DID1)), sequence=2))
    assert last.hex() == (
        "0a3a12386469643a70616e616365613a4635676d6f75614c33676d367464704c"
        "537a525463625236727051527946737536373231644c623550524d691002"
    )


def test_an_empty_list_of_contexts_is_signed_as_it_stands() -> None:
    bare, empty = DIDDocument(id=DID1), DIDDocument(id=DID1)
    empty.controller.SetInParent()
    assert encode(empty) == encode(bare) + b"\x1a\x00"


Edit = Callable[[Any], object]


def _embed(document: Any) -> None:
    document.key_agreements.add().verification_method.CopyFrom(method_of(KEY2, name="key2"))


GOOD: dict[str, Edit] = {
    "as it is": lambda d: None,
    "no contexts": lambda d: d.ClearField("contexts"),
    "two contexts": lambda d: d.contexts.values.append("https://w3id.org/security/v1"),
    "empty controller": lambda d: d.controller.SetInParent(),
    "a controller of nothing": lambda d: d.controller.values.append(""),
    "controller": lambda d: d.controller.values.append(DID1),
    "an unknown type": lambda d: d.verification_methods.add().CopyFrom(method_of(KEY2, name="x", type="Anything")),
    "one id twice": lambda d: d.verification_methods.add().CopyFrom(method_of(KEY2)),
    "a method of its own": _embed,
    "the longest suffix": lambda d: d.verification_methods.add().CopyFrom(method_of(KEY2, name="x" * 128)),
    "a service": lambda d: d.services.add(id="s", type="LinkedDomains", service_endpoint="https://a.example"),
    "another's controller": lambda d: setattr(d.verification_methods[0], "controller", "whoever"),
}

BAD: dict[str, Edit] = {
    "no id": lambda d: d.ClearField("id"),
    "id of another kind": lambda d: setattr(d, "id", "did:key:z6Mk"),
    "no methods": lambda d: d.ClearField("verification_methods"),
    "no authentication": lambda d: d.ClearField("authentications"),
    "controller is no DID": lambda d: d.controller.values.append("alice"),
    "one controller is empty": lambda d: d.controller.values.extend([DID1, ""]),
    "contexts without any": lambda d: d.contexts.ClearField("values"),
    "another first context": lambda d: d.contexts.values.insert(0, "https://w3id.org/security/v1"),
    "an empty context": lambda d: d.contexts.values.append(""),
    "a context twice": lambda d: d.contexts.values.append("https://www.w3.org/ns/did/v1"),
    "method of another DID": lambda d: d.verification_methods.add().CopyFrom(
        method_of(KEY2, "did:panacea:" + "1" * 32)
    ),
    "method without suffix": lambda d: d.verification_methods.add().CopyFrom(method_of(KEY2, name="")),
    "suffix with a space": lambda d: d.verification_methods.add().CopyFrom(method_of(KEY2, name="a b")),
    "suffix too long": lambda d: d.verification_methods.add().CopyFrom(method_of(KEY2, name="x" * 129)),
    "suffix too long in bytes": lambda d: d.verification_methods.add().CopyFrom(method_of(KEY2, name="é" * 65)),
    "method without type": lambda d: d.verification_methods[0].ClearField("type"),
    "method without key": lambda d: d.verification_methods[0].ClearField("public_key_base58"),
    "key not in base58": lambda d: setattr(d.verification_methods[0], "public_key_base58", "0OIl"),
    "reference to nothing": lambda d: d.assertion_methods.add(verification_method_id=f"{DID1}#key9"),
    "reference without form": lambda d: d.assertion_methods.add(verification_method_id="key1"),
    "relationship of nothing": lambda d: d.capability_invocations.add(),
    "bad method of its own": lambda d: d.capability_delegations.add().verification_method.SetInParent(),
    "service without id": lambda d: d.services.add(type="t", service_endpoint="e"),
    "service without type": lambda d: d.services.add(id="i", service_endpoint="e"),
    "service without endpoint": lambda d: d.services.add(id="i", type="t"),
}


@pytest.mark.parametrize("edit", GOOD.values(), ids=GOOD.keys())
def test_documents_that_are_taken(edit: Edit) -> None:
    document = document_of()
    edit(document)
    require_document(document)


@pytest.mark.parametrize("edit", BAD.values(), ids=BAD.keys())
def test_documents_that_are_refused(edit: Edit) -> None:
    document = document_of()
    edit(document)
    with pytest.raises(InvalidDIDDocument):
        require_document(document)


DIGEST = bytes(range(32))
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def _signature(key: Any = KEY1) -> bytes:
    return bytes(key.sign(DIGEST))


def _high_s() -> bytes:
    signature = _signature()
    return signature[:32] + (ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")


@pytest.mark.parametrize(
    ("method", "method_id", "signature", "refusal"),
    [
        (method_of(KEY1), "#key9", _signature(), MethodNotFound),
        (method_of(KEY1), "", _signature(), MethodNotFound),
        (method_of(KEY1, type="Ed25519VerificationKey2018"), "#key1", _signature(), KeyTypeNotImplemented),
        (method_of(KEY2), "#key1", _signature(), SignatureVerificationFailed),
        (method_of(KEY1), "#key1", _signature(KEY2), SignatureVerificationFailed),
        (method_of(KEY1), "#key1", _signature()[:63], SignatureVerificationFailed),
        (method_of(KEY1), "#key1", _high_s(), SignatureVerificationFailed),
    ],
)
def test_signatures_that_are_refused(
    method: "VerificationMethod", method_id: str, signature: bytes, refusal: type[DIDRejected]
) -> None:
    document = document_of()
    document.verification_methods[0].CopyFrom(method)
    with pytest.raises(refusal):
        require_signed(document, DID1 + method_id, DIGEST, signature)


@pytest.mark.parametrize("text", ["1", "2" * 46, "z" * 44, "1" * 33, "1" * 2000])
def test_keys_that_are_none(text: str) -> None:
    document = document_of()
    document.verification_methods[0].public_key_base58 = text
    with pytest.raises(InvalidSecp256k1Key):
        require_signed(document, METHOD, DIGEST, _signature())


def test_a_method_that_does_not_authenticate_does_not_sign() -> None:
    document = document_of()
    document.verification_methods.add().CopyFrom(method_of(KEY2, name="key2"))
    document.assertion_methods.add(verification_method_id=f"{DID1}#key2")
    with pytest.raises(MethodNotFound):
        require_signed(document, f"{DID1}#key2", DIGEST, _signature(KEY2))


@pytest.mark.parametrize("type", [TYPE, "Secp256k1VerificationKey2018"])
def test_a_method_of_its_own_signs(type: str) -> None:
    document = document_of()
    document.authentications.add().verification_method.CopyFrom(method_of(KEY2, name="key2", type=type))
    require_signed(document, f"{DID1}#key2", DIGEST, _signature(KEY2))


def test_the_first_of_two_methods_with_one_id_counts() -> None:
    document = document_of()
    document.verification_methods.add().CopyFrom(method_of(KEY2))
    require_signed(document, METHOD, DIGEST, _signature(KEY1))
    with pytest.raises(SignatureVerificationFailed):
        require_signed(document, METHOD, DIGEST, _signature(KEY2))
