import pytest

from panacea.crypto import base64url
from panacea.crypto.keys import ECDSAKey, KeyKind
from panacea.identity.did import InvalidDID
from panacea.identity.did_jwk import decode_did_jwk, did_jwk_document, encode_did_jwk
from panacea.identity.documents import MethodNotFound, Purpose
from panacea.identity.jwk import PrivateKeyPublished, encode_jwk
from panacea.identity.resolution import get_resolution
from panacea.identity.resolver import JWKResolver
from panacea.identity.strict_json import write_json

KEY = ECDSAKey(KeyKind.P256, bytes(range(1, 33))).public_key
# The P-256 example of did:jwk.
PUBLISHED = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5I"
    "joiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)


def did_of(**more: object) -> str:
    return "did:jwk:" + base64url.encode(write_json({**encode_jwk(KEY), **more}))


def test_a_key_is_its_did() -> None:
    did = encode_did_jwk(KEY)
    assert decode_did_jwk(did) == KEY
    document = did_jwk_document(did)
    for purpose in Purpose:
        assert document.method(f"{did}#0", purpose).public_key == KEY
    assert JWKResolver().resolve(did) == document


def test_a_published_did() -> None:
    shown = get_resolution(JWKResolver(), PUBLISHED).to_json()["didDocument"]
    assert isinstance(shown, dict)
    assert shown["verificationMethod"][0]["publicKeyJwk"]["x"] == "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0"
    assert shown["assertionMethod"] == [f"{PUBLISHED}#0"]


def test_use_decides_what_the_key_does() -> None:
    signs, agrees = did_jwk_document(did_of(use="sig")), did_jwk_document(did_of(use="enc"))
    assert signs.key_agreement == agrees.assertion_method == agrees.authentication == ()
    assert signs.assertion_method
    assert agrees.key_agreement
    with pytest.raises(MethodNotFound):
        agrees.method(f"{did_of(use='enc')}#0", Purpose.CAPABILITY_INVOCATION)


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:jwk:",
        "did:jwk:e30",
        "did:jwk:W10",
        "did:jwk:bm90IGpzb24",
        "did:key:e30",
        PUBLISHED + "=",
        PUBLISHED[:-1],
        "did:jwk:" + base64url.encode(b'{"kty":"EC","kty":"EC"}'),
        "did:jwk:" + base64url.encode(b"[" * 3000),
        did_of(alg="ES384"),
        did_of(pad="x" * 3000),
    ],
)
def test_dids_that_are_refused(did: str) -> None:
    with pytest.raises(InvalidDID):
        did_jwk_document(did)


def test_a_secret_in_a_did_is_told_apart() -> None:
    with pytest.raises(PrivateKeyPublished):
        did_jwk_document(did_of(d="AA"))
    answer = get_resolution(JWKResolver(), did_of(d="AA"))
    assert (answer.document, answer.metadata.error) == (None, "invalidDidDocument")
