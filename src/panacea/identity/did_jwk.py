"""did:jwk, a DID that spells its only key as a JSON Web Key (did:jwk 1.0), as OpenID wallets make them."""

from panacea.crypto import base64url
from panacea.crypto.keys import PublicKey
from panacea.identity.did import InvalidDID
from panacea.identity.documents import CONTEXTS, DIDDocument, Purpose
from panacea.identity.jwk import InvalidJWK, decode_jwk, encode_jwk
from panacea.identity.reading import read_document
from panacea.identity.strict_json import InvalidJSON, read_object, write_json

_PREFIX = "did:jwk:"
_JWK_CONTEXT = "https://w3id.org/security/jwk/v1"
_MAX_OCTETS = 2048


def encode_did_jwk(key: PublicKey) -> str:
    """The did:jwk of a key. One key has many: other spellings of its JSON give other DIDs. Raises InvalidJWK."""
    return _PREFIX + base64url.encode(write_json(encode_jwk(key)))


def decode_did_jwk(did: str) -> PublicKey:
    """The key that a did:jwk spells. Raises InvalidDID, and PrivateKeyPublished where the secret is spelled too."""
    return decode_jwk(_jwk(did))


def did_jwk_document(did: str) -> DIDDocument:
    """The document of a did:jwk: its key is `#0`; `use` says whether it signs, agrees on keys, or may do both.

    Raises InvalidDID, and PrivateKeyPublished where the secret is spelled too.
    """
    jwk = _jwk(did)
    method = {"id": f"{did}#0", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}
    agrees = {Purpose.KEY_AGREEMENT: jwk.get("use") != "sig"}
    served = [purpose for purpose in Purpose if agrees.get(purpose, jwk.get("use") != "enc")]
    document: dict[str, object] = {"@context": [CONTEXTS[0], _JWK_CONTEXT], "id": did, "verificationMethod": [method]}
    return read_document({**document, **{str(purpose): [f"{did}#0"] for purpose in served}}, did)


def _jwk(did: str) -> dict[str, object]:
    """The JSON Web Key in the DID, once it is known to be a public key."""
    if not did.startswith(_PREFIX):
        raise InvalidDID("a did:jwk expected", did=did)
    try:
        jwk = read_object(base64url.decode(did.removeprefix(_PREFIX)), max_bytes=_MAX_OCTETS)
        decode_jwk(jwk)
    except (ValueError, InvalidJSON, InvalidJWK) as reason:
        raise InvalidDID(str(reason), did=did) from reason
    return jwk
