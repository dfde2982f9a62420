"""Whatever stands in a DID, a key or a document: it is read as it was written, or refused by name."""

import json
import string
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from panacea.crypto.keys import PUBLIC_SIZES, ECDSAKey, Ed25519Key, InvalidKey, KeyKind, PublicKey, Secp256k1Key
from panacea.crypto.points import require_point
from panacea.identity.dereferencing import dereference
from panacea.identity.did import IdentityRejected, InvalidDID, is_did, method_of, parse_did_url, split_did_url
from panacea.identity.did_jwk import did_jwk_document, encode_did_jwk
from panacea.identity.did_key import did_key_document, encode_did_key
from panacea.identity.did_web import did_web_url, url_did_web
from panacea.identity.documents import Purpose
from panacea.identity.driver import choose_type
from panacea.identity.jwk import (
    PRIVATE_MEMBERS,
    InvalidJWK,
    PrivateKeyPublished,
    decode_jwk,
    encode_jwk,
)
from panacea.identity.multikey import InvalidMultikey, decode_multikey, encode_multikey
from panacea.identity.reading import read_controller_document, read_document
from panacea.identity.resolution import MethodResolver, get_resolution
from panacea.identity.resolver import JWKResolver, KeyResolver
from panacea.identity.strict_json import InvalidJSON, read_json, write_json
from panacea.identity.universal import read_metadata
from panacea.primitives.rejected import Rejected

Json = Any  # Any: JSON values made at random

DID = "did:example:1"
SEEDS = st.binary(min_size=32, max_size=32).filter(any)
KEYS = st.one_of(
    SEEDS.map(lambda seed: Ed25519Key(seed).public_key),
    SEEDS.map(lambda seed: Secp256k1Key(b"\0" + seed[1:31] + b"\1").public_key),
    SEEDS.map(lambda seed: ECDSAKey(KeyKind.P256, b"\0" + seed[1:31] + b"\1").public_key),
    SEEDS.map(lambda seed: ECDSAKey(KeyKind.P384, b"\0" * 16 + seed[1:] + b"\1").public_key),
    SEEDS.map(lambda seed: PublicKey(KeyKind.X25519, seed)),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [
        "id",
        "type",
        "controller",
        "verificationMethod",
        "publicKeyMultibase",
        "publicKeyJwk",
        "service",
        "serviceEndpoint",
    ]
    + [str(purpose) for purpose in Purpose]
    + ["kty", "crv", "x", "y", "d", "use", "alg", "key_ops", "expires", "revoked", "alsoKnownAs", "@context"]
)
LEAVES = st.sampled_from(
    [
        DID,
        f"{DID}#1",
        "#1",
        "",
        "Multikey",
        "JsonWebKey",
        "EC",
        "OKP",
        "P-256",
        "Ed25519",
        "z6Mk",
        "https://example.com",
        "2026-01-01T00:00:00Z",
        "sig",
        "enc",
        "ES256",
        "A" * 43,
    ]
)
DOCUMENTISH = st.recursive(
    LEAVES | st.none() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=20,
)
RESOLVER = MethodResolver({"key": KeyResolver(), "jwk": JWKResolver()})


@given(st.text(max_size=60) | st.from_regex(r"did:[a-z]{1,4}:\S{0,30}", fullmatch=True))
@example("did:a:" + "%41:" * 1000)
@example("did:a:" + ":" * 4000)
@example("did:a:b?" + "&" * 4000)
def test_dids_and_urls_are_parsed_or_refused(text: str) -> None:
    assert is_did(text) is not refuses(InvalidDID, method_of, text)
    refuses(InvalidDID, split_did_url, text)
    if not refuses(InvalidDID, parse_did_url, text):
        url = parse_did_url(text)
        assert str(url) == text
        assert is_did(url.did)
    refuses(InvalidDID, did_web_url, text)
    refuses(InvalidDID, url_did_web, text)
    assert get_resolution(RESOLVER, text).to_json()
    assert dereference(RESOLVER, text).to_json()


@given(
    st.lists(
        st.text(string.ascii_lowercase + string.digits + ".-%:/@_A\u00e4\u3002", max_size=12), min_size=1, max_size=4
    )
)
def test_a_did_web_leads_to_one_public_place(parts: list[str]) -> None:
    did = "did:web:" + ":".join(parts)
    if refuses(InvalidDID, did_web_url, did):
        return
    url = did_web_url(did)
    assert url.startswith("https://")
    assert url.endswith("/did.json")
    assert "/../" not in url
    assert "//" not in url.removeprefix("https://")
    assert "@" not in url
    if ".well-known" not in parts[1:2] or len(parts) > 2:
        assert url_did_web(url) == did.replace("%3a", "%3A")


@given(KEYS)
def test_keys_come_back_in_every_spelling(key: PublicKey) -> None:
    assert require_point(key) is key
    assert decode_multikey(encode_multikey(key)) == key
    assert decode_jwk(encode_jwk(key)) == key
    for did, document in (
        (encode_did_key(key), did_key_document(encode_did_key(key))),
        (encode_did_jwk(key), did_jwk_document(encode_did_jwk(key))),
    ):
        assert {each.public_key for purpose in Purpose for each in document.methods(purpose)} == {key}
        assert read_document(write_json(document.to_json()), did).id == did


@given(st.sampled_from(list(KeyKind)), st.data())
def test_random_bytes_are_a_point_or_refused(kind: KeyKind, data: st.DataObject) -> None:
    size = PUBLIC_SIZES[kind]
    refuses(InvalidKey, require_point, PublicKey(kind, data.draw(st.binary(min_size=size, max_size=size))))


@given(st.text(max_size=80))
@example("z" + "1" * 5000)
def test_texts_are_a_key_or_refused(text: str) -> None:
    refuses(InvalidMultikey, decode_multikey, text)
    refuses(InvalidMultikey, decode_multikey, "z" + text)
    refuses(InvalidJWK, decode_jwk, {"kty": "OKP", "crv": "Ed25519", "x": text})
    for prefix in ("did:key:", "did:key:z", "did:jwk:"):
        assert (
            get_resolution(RESOLVER, prefix + text).metadata.error or get_resolution(RESOLVER, prefix + text).document
        )


@given(JSON | DOCUMENTISH)
def test_values_are_a_jwk_or_refused(value: Json) -> None:
    refuses((InvalidJWK, PrivateKeyPublished), decode_jwk, value)
    if isinstance(value, dict):
        for member in sorted(PRIVATE_MEMBERS):
            assert refuses(PrivateKeyPublished, decode_jwk, {**value, member: "AA"})


@given(KEYS, st.sampled_from(["kty", "crv", "x", "y", "alg", "use", "key_ops", "kid"]), JSON | LEAVES)
def test_a_jwk_with_one_member_changed_is_never_another_key(key: PublicKey, member: str, value: Json) -> None:
    jwk = {**encode_jwk(key), member: value}
    if not refuses(InvalidJWK, decode_jwk, jwk):
        assert member == "x" or decode_jwk(jwk) == key


@given(JSON | DOCUMENTISH)
def test_values_are_a_document_or_refused(value: Json) -> None:
    document = {**value, "id": DID} if isinstance(value, dict) else {"id": DID, "verificationMethod": value}
    if refuses(IdentityRejected, lambda: read_document(document, DID)):
        return
    read = read_document(document, DID)
    assert read_document(write_json(document), DID) == read
    assert read_controller_document(document, DID) == read
    for purpose in Purpose:
        for method in read.methods(purpose):
            assert method.id.startswith(f"{DID}#")
            require_point(method.public_key)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_octets_are_json_or_refused(octets: bytes) -> None:
    if not refuses(InvalidJSON, read_json, octets):
        assert read_json(write_json(read_json(octets))) == read_json(octets)
    refuses(IdentityRejected, read_document, octets, DID)


@given(
    JSON | st.dictionaries(st.sampled_from(["created", "deactivated", "versionId", "equivalentId"]), JSON, max_size=4)
)
def test_metadata_is_read_or_refused(value: Json) -> None:
    refuses(IdentityRejected, read_metadata, value)


@given(st.text(max_size=100) | st.text("q=;,*/application+did-resolution. 01", max_size=60))
def test_accept_headers_are_answered(text: str) -> None:
    choose_type(text)


def refuses(refusal: type[Rejected] | tuple[type[Rejected], ...], call: Any, *args: Any) -> bool:  # Any: a reader
    """Whether the call is refused with that refusal; any other exception is a bug and goes on."""
    try:
        call(*args)
    except refusal:
        return True
    return False
