import time
from datetime import UTC, datetime
from typing import Any

import pytest

from panacea.crypto import base58
from panacea.crypto.bbs import SHA256
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Secp256k1Key
from panacea.crypto.points import coordinates
from panacea.identity.did import IdentityRejected, InvalidDID
from panacea.identity.documents import InvalidDocument, MethodNotFound, MethodRevoked, Purpose
from panacea.identity.jwk import PrivateKeyPublished, encode_jwk
from panacea.identity.multikey import encode_multikey
from panacea.identity.reading import read_controller_document, read_document, read_time
from panacea.identity.strict_json import InvalidJSON, write_json

Json = dict[str, Any]  # Any: documents bent in every way below

DID = "did:example:1"
ED = Ed25519Key(bytes(32)).public_key
K1 = Secp256k1Key(bytes(range(1, 33))).public_key
P256 = ECDSAKey(KeyKind.P256, bytes(range(1, 33))).public_key
P384 = ECDSAKey(KeyKind.P384, bytes(range(1, 49))).public_key
BLS = PublicKey(KeyKind.BLS12381G2, SHA256.public_key(bytes(range(32))))
X = PublicKey(KeyKind.X25519, bytes(range(32)))
LONG = b"\x04" + b"".join(coordinates(K1))


def method(key: PublicKey = ED, name: str = f"{DID}#key", **changes: object) -> Json:
    made = {"id": name, "type": "Multikey", "controller": DID, "publicKeyMultibase": encode_multikey(key), **changes}
    return {member: value for member, value in made.items() if value is not None}


def document(*methods: Json, **changes: object) -> Json:
    made: Json = {"id": DID, "verificationMethod": [*methods], "assertionMethod": [each["id"] for each in methods]}
    return {**made, **changes}


def keys(value: Json) -> list[PublicKey]:
    return [each.public_key for each in read_document(value, DID).assertion_method]


@pytest.mark.parametrize(
    ("kind", "spelling", "key"),
    [
        ("Multikey", {"publicKeyMultibase": encode_multikey(P256)}, P256),
        ("Multikey", {"publicKeyMultibase": encode_multikey(BLS)}, BLS),
        ("JsonWebKey", {"publicKeyJwk": encode_jwk(P384)}, P384),
        ("JsonWebKey2020", {"publicKeyJwk": encode_jwk(K1)}, K1),
        ("Ed25519VerificationKey2018", {"publicKeyBase58": base58.encode(ED.raw)}, ED),
        ("Ed25519VerificationKey2018", {"publicKeyJwk": encode_jwk(ED)}, ED),
        ("Ed25519VerificationKey2018", {"publicKeyHex": ED.raw.hex()}, ED),
        ("Ed25519VerificationKey2020", {"publicKeyMultibase": encode_multikey(ED)}, ED),
        ("EcdsaSecp256k1VerificationKey2019", {"publicKeyJwk": encode_jwk(K1)}, K1),
        ("EcdsaSecp256k1VerificationKey2019", {"publicKeyBase58": base58.encode(K1.raw)}, K1),
        ("EcdsaSecp256k1VerificationKey2019", {"publicKeyHex": LONG.hex().upper()}, K1),
        ("Secp256k1VerificationKey2018", {"publicKeyMultibase": "z" + base58.encode(K1.raw)}, K1),
        ("EcdsaSecp256r1VerificationKey2019", {"publicKeyJwk": encode_jwk(P256)}, P256),
        ("Bls12381G2Key2020", {"publicKeyBase58": base58.encode(BLS.raw)}, BLS),
        ("X25519KeyAgreementKey2019", {"publicKeyBase58": base58.encode(X.raw)}, X),
        ("X25519KeyAgreementKey2020", {"publicKeyMultibase": encode_multikey(X)}, X),
        ("Multikey", {"publicKeyMultibase": encode_multikey(ED), "publicKeyJwk": encode_jwk(K1)}, ED),
        ("Ed25519VerificationKey2018", {"publicKeyHex": ED.raw.hex(), "publicKeyJwk": encode_jwk(ED)}, ED),
    ],
)
def test_types_that_are_understood(kind: str, spelling: Json, key: PublicKey) -> None:
    assert keys(document(method(type=kind, publicKeyMultibase=None) | spelling)) == [key]


@pytest.mark.parametrize(
    "entry",
    [
        method(type="RsaVerificationKey2018", publicKeyMultibase=None, publicKeyPem="-----"),
        method(type="Ed25519VerificationKey2020", publicKeyMultibase=encode_multikey(K1)),
        method(type="JsonWebKey"),
        method(publicKeyMultibase="z"),
        method(publicKeyMultibase=1),
        method(publicKeyMultibase="m" + "A" * 40),
        method(publicKeyMultibase=encode_multikey(PublicKey(KeyKind.ED25519, bytes(32)))),
        method(publicKeyMultibase=encode_multikey(PublicKey(KeyKind.P256, b"\x02" + b"\xff" * 32))),
        method(publicKeyMultibase=encode_multikey(PublicKey(KeyKind.BLS12381G2, bytes(96)))),
        method(publicKeyMultibase=None, publicKeyBase58=base58.encode(ED.raw)),
        method(type="JsonWebKey", publicKeyMultibase=None, publicKeyJwk={**encode_jwk(P256), "alg": "ES384"}),
        method(type="JsonWebKey", publicKeyMultibase=None, publicKeyJwk={**encode_jwk(P256), "crv": "P-384"}),
        method(type="JsonWebKey", publicKeyMultibase=None, publicKeyJwk={"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        method(type="Ed25519VerificationKey2018", publicKeyMultibase=None, publicKeyHex="abc"),
        method(type="Ed25519VerificationKey2018", publicKeyMultibase=None, publicKeyBase58="0OIl"),
        method(type="Bls12381G2Key2020", publicKeyMultibase=None, publicKeyBase58=base58.encode(bytes(96))),
        method(name="did:example:2#key"),
        method(name=f"{DID}2#key"),
        method(name=f"{DID}/path#key"),
    ],
)
def test_keys_that_are_not_understood_are_left_out(entry: Json) -> None:
    assert keys(document(entry, method(K1, f"{DID}#other"))) == [K1]


def test_names_may_be_relative() -> None:
    found = read_document(
        document(method(name="#key"), assertionMethod=["#key", f"{DID}#key"], authentication=[method(K1, "#auth")]), DID
    )
    assert [each.id for each in found.assertion_method] == [f"{DID}#key"]
    assert found.method(f"{DID}#auth", Purpose.AUTHENTICATION).public_key == K1
    assert read_document(document(method(), keyAgreement=[method(name="#key")]), DID).key_agreement


def test_references_that_lead_to_no_key_give_no_purpose() -> None:
    entries = [f"{DID}#gone", "did:example:2#key", f"{DID}#embedded"]
    value = document(method(), assertionMethod=entries, authentication=[method(K1, f"{DID}#embedded")])
    found = read_document(value, DID)
    assert found.assertion_method == ()
    assert found.verification_method[0].public_key == ED
    with pytest.raises(MethodNotFound):
        found.method(f"{DID}#embedded", Purpose.ASSERTION_METHOD)


def test_a_key_that_another_did_controls_does_not_speak_for_this_one() -> None:
    found = read_document(document(method(controller="did:example:2")), DID)
    with pytest.raises(MethodNotFound):
        found.method(f"{DID}#key", Purpose.ASSERTION_METHOD)


SERVICE = {"id": f"{DID}#s", "type": "Files", "serviceEndpoint": "https://example.com/"}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "did:example:2"},
        {"id": None},
        {"id": 1},
        {"verificationMethod": {}},
        {"verificationMethod": None},
        {"verificationMethod": ["#key"]},
        {"verificationMethod": [method(), method(K1)]},
        {"verificationMethod": [method(), method(controller="did:example:2")]},
        {"verificationMethod": [method(), method(K1, "#key")]},
        {"verificationMethod": [method(), method(type="Unknown")]},
        {"authentication": [method(K1)]},
        {"verificationMethod": [method(name="key")]},
        {"verificationMethod": [method(name="")]},
        {"verificationMethod": [method(name="did:a:b c#d")]},
        {"verificationMethod": [method(name=f"{DID}#\u202ekey")]},
        {"verificationMethod": [method(name=f"{DID}#" + "k" * 5000)]},
        {"verificationMethod": [method(controller=None)]},
        {"verificationMethod": [method(controller=[DID])]},
        {"verificationMethod": [method(controller="me")]},
        {"verificationMethod": [method(type=None)]},
        {"verificationMethod": [method(type=["Multikey"])]},
        {"verificationMethod": [method(name=f"{DID}#{n}") for n in range(300)]},
        {
            "verificationMethod": [
                method(
                    type="Ed25519VerificationKey2018",
                    publicKeyMultibase=None,
                    publicKeyBase58=base58.encode(ED.raw),
                    publicKeyJwk=encode_jwk(Ed25519Key(b"\1" * 32).public_key),
                )
            ]
        },
        {"verificationMethod": [method(revoked="yesterday")]},
        {"verificationMethod": [method(expires="2026-01-01T00:00:00")]},
        {"verificationMethod": [method(expires="2026-13-01T00:00:00Z")]},
        {"verificationMethod": [method(expires="0001-01-01T00:00:00+14:00")]},
        {"assertionMethod": "#key"},
        {"assertionMethod": [None]},
        {"assertionMethod": [["#key"]]},
        {"controller": "me"},
        {"controller": {}},
        {"controller": [DID, 1]},
        {"alsoKnownAs": "https://example.com"},
        {"alsoKnownAs": ["me"]},
        {"service": [1]},
        {"service": [{**SERVICE, "id": None}]},
        {"service": [{**SERVICE, "type": []}]},
        {"service": [{**SERVICE, "type": [1]}]},
        {"service": [{**SERVICE, "serviceEndpoint": "here"}]},
        {"service": [{**SERVICE, "serviceEndpoint": []}]},
        {"service": [{**SERVICE, "serviceEndpoint": None}]},
        {"service": [SERVICE, {**SERVICE, "type": "Other"}]},
        {"service": [SERVICE, {**SERVICE, "id": "#s"}]},
    ],
)
def test_documents_out_of_shape_are_refused(changes: Json) -> None:
    with pytest.raises(InvalidDocument):
        read_document({**document(method()), **changes}, DID)


@pytest.mark.parametrize(
    "changes",
    [
        {"verificationMethod": [method(privateKeyMultibase="z3")]},
        {"verificationMethod": [method(secretKeyMultibase="z3")]},
        {"verificationMethod": [method(type="JsonWebKey", publicKeyJwk={**encode_jwk(ED), "d": "AA"})]},
        {"verificationMethod": [method(type="JsonWebKey", privateKeyJwk={**encode_jwk(ED), "d": "AA"})]},
        {"verificationMethod": [method(type="Unknown", publicKeyJwk={"kty": "RSA", "d": "AA"})]},
        {"authentication": [method(name="#a", type="JsonWebKey2020", publicKeyJwk={**encode_jwk(K1), "d": "AA"})]},
        {"privateKeyBase58": "z"},
    ],
)
def test_a_published_secret_ends_everything(changes: Json) -> None:
    with pytest.raises(PrivateKeyPublished):
        read_document({**document(method()), **changes}, DID)


def test_what_else_a_document_says() -> None:
    value = document(
        method(),
        controller=["did:example:2", DID],
        alsoKnownAs=["https://example.com/me"],
        service=[SERVICE, {"id": "#t", "type": ["A", "B"], "serviceEndpoint": [{"uri": "x:y"}, "https://e.com"]}],
        unknown={"kept": 1.5},
    )
    found = read_document(write_json(value), DID)
    assert found.controller == ("did:example:2", DID)
    assert found.also_known_as == ("https://example.com/me",)
    assert [(each.id, each.types) for each in found.service] == [(f"{DID}#s", ("Files",)), (f"{DID}#t", ("A", "B"))]
    assert found.published == value
    shown = found.to_json()
    assert shown["service"] == [SERVICE, {**value["service"][1], "id": f"{DID}#t"}]
    assert shown["controller"] == ["did:example:2", DID]
    assert "unknown" not in shown
    assert read_document(shown, DID) == found


def test_a_key_serves_until_its_end() -> None:
    ended = "2026-03-01T00:00:00Z"
    found = read_document(
        document(method(expires=ended), method(K1, f"{DID}#r", revoked="2026-03-01T01:00:00+01:00")), DID
    )
    for name in (f"{DID}#key", f"{DID}#r"):
        before, after = datetime(2026, 2, 28, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
        assert found.method(name, Purpose.ASSERTION_METHOD, at=before).id == name
        for time_asked in (after, None):
            with pytest.raises(MethodRevoked):
                found.method(name, Purpose.ASSERTION_METHOD, at=time_asked)
    methods = found.to_json()["verificationMethod"]
    assert isinstance(methods, list)
    first, second = methods
    assert (first["expires"], second["revoked"]) == (ended, ended)


def test_controller_documents_have_urls() -> None:
    url = "https://example.com/issuer"
    value: Json = {
        "id": url,
        "verificationMethod": [method(name=f"{url}#key", controller=url)],
        "assertionMethod": [f"{url}#key"],
    }
    found = read_controller_document(value, url)
    assert found.method(f"{url}#key", Purpose.ASSERTION_METHOD).public_key == ED
    assert read_controller_document(document(method()), DID).id == DID
    for bad in ("http://example.com/issuer", f"{url}#a", "me", "https://", "https://a b"):
        with pytest.raises(InvalidDID):
            read_controller_document({**value, "id": bad}, bad)
    with pytest.raises(InvalidDID):
        read_document(value, url)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"id": "did:example:1", "id": "did:example:1"}',
        b'{"id": NaN}',
        b'{"id": 1e999}',
        b'{"id": ' + b"9" * 40 + b"}",
        b'{"id": "\\ud800"}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
        b"[" * 100_000,
        b" " * 300_000,
    ],
)
def test_octets_that_are_no_strict_json(octets: bytes) -> None:
    with pytest.raises(InvalidJSON):
        read_document(octets, DID)


def test_values_are_bounded_in_depth_too() -> None:
    deep: Any = []  # Any: lists in lists
    for _ in range(50):
        deep = [deep]
    with pytest.raises(InvalidJSON):
        read_document({"id": DID, "deep": deep}, DID)


def test_the_largest_document_is_read_in_time() -> None:
    entries = [method(Ed25519Key(n.to_bytes(32, "big")).public_key, f"#{n}") for n in range(256)]
    value = write_json(document(*entries))
    began = time.process_time()
    assert len(keys(document(*entries))) == 256
    with pytest.raises(IdentityRejected):
        read_document(value + b" " * 300_000, DID)
    assert time.process_time() - began < 0.5


def test_times_are_read_whole() -> None:
    assert read_time("2026-01-01T00:00:00.999Z") == datetime(2026, 1, 1, tzinfo=UTC)
    assert read_time("2026-01-01T02:00:00+02:00") == datetime(2026, 1, 1, tzinfo=UTC)
    for bad in (None, 1, "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00z", "2026-01-01 00:00:00Z"):
        with pytest.raises(InvalidDocument):
            read_time(bad)
