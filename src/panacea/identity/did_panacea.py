"""did:panacea, a DID whose document lies on chain (spec/chain.md §4).

The chain keeps keys in base58 under the type names of older suites; here they become Multikeys:

    EcdsaSecp256k1VerificationKey2019, Secp256k1VerificationKey2018      secp256k1
    Ed25519VerificationKey2018, Ed25519VerificationKey2020               Ed25519
    Bls12381G2Key2020                                                    BLS12-381 G2
"""

import hashlib
import re
from collections.abc import Iterable, Mapping

from panacea.crypto import base58
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey
from panacea.identity.did import InvalidDID
from panacea.identity.documents import DIDDocument, InvalidDocument, Purpose, Service, VerificationMethod

KINDS = {
    "EcdsaSecp256k1VerificationKey2019": KeyKind.SECP256K1,
    "Secp256k1VerificationKey2018": KeyKind.SECP256K1,
    "Ed25519VerificationKey2018": KeyKind.ED25519,
    "Ed25519VerificationKey2020": KeyKind.ED25519,
    "Bls12381G2Key2020": KeyKind.BLS12381G2,
}
"""The kind of key behind each type name that is understood."""

_DID = re.compile(r"did:panacea:[1-9A-HJ-NP-Za-km-z]{32,44}")
_MAX_ENTRIES = 1024
_FIELDS = ("id", "type", "controller", "public_key_base58")
_RELATIONSHIPS = {
    "authentications": Purpose.AUTHENTICATION,
    "assertion_methods": Purpose.ASSERTION_METHOD,
    "key_agreements": Purpose.KEY_AGREEMENT,
    "capability_invocations": Purpose.CAPABILITY_INVOCATION,
    "capability_delegations": Purpose.CAPABILITY_DELEGATION,
}
_SERVICE_FIELDS = ("id", "type", "service_endpoint")

_Entry = tuple[str, ...]


def is_panacea_did(text: str) -> bool:
    """Whether the text is a did:panacea."""
    return _DID.fullmatch(text) is not None


def require_panacea_did(text: str) -> str:
    """The text itself, if it is a did:panacea. Raises InvalidDID."""
    if not is_panacea_did(text):
        raise InvalidDID("a did:panacea expected", did=text)
    return text


def panacea_did(key: PublicKey) -> str:
    """The DID of a secp256k1 key: base58 of the SHA-256 of its 33 bytes. Raises InvalidKey for another kind."""
    if key.kind is not KeyKind.SECP256K1:
        raise InvalidKey("a did:panacea starts with a secp256k1 key", kind=key.kind)
    return "did:panacea:" + base58.encode(hashlib.sha256(key.raw).digest())


def from_panacea(did: str, document: Mapping[str, object]) -> DIDDocument:
    """The document that the chain keeps for `did`, from its JSON form with the proto's field names.

    A relationship is the id of a listed method, or a method of its own. Methods of an unknown type, or whose bytes are
    no key of their type, are left out: they are somebody's, but not usable here.

    Raises InvalidDocument where the document is another DID's, a reference leads nowhere, or one id names two keys.
    """
    if document.get("id") != require_panacea_did(did):
        raise InvalidDocument("the document is another DID's", did=did, id=document.get("id"))
    listed: dict[str, _Entry] = {}
    for entry in _entries(document, "verification_methods"):
        _learn(listed, did, entry)
    seen = dict(listed)
    serving: dict[Purpose, tuple[VerificationMethod, ...]] = {}
    for field, purpose in _RELATIONSHIPS.items():
        found = [
            _refer(listed, did, entry) if isinstance(entry, str) else _learn(seen, did, entry)
            for entry in _entries(document, field)
        ]
        serving[purpose] = _understood(found)
    return DIDDocument(
        did,
        authentication=serving[Purpose.AUTHENTICATION],
        assertion_method=serving[Purpose.ASSERTION_METHOD],
        key_agreement=serving[Purpose.KEY_AGREEMENT],
        capability_invocation=serving[Purpose.CAPABILITY_INVOCATION],
        capability_delegation=serving[Purpose.CAPABILITY_DELEGATION],
        verification_method=_understood(listed.values()),
        controller=tuple(each for each in _entries(document, "controller") if isinstance(each, str) and each),
        service=tuple(_read_service(did, entry) for entry in _entries(document, "services")),
    )


def _entries(document: Mapping[str, object], field: str) -> list[object]:
    """A list of the document, absent and null being empty."""
    entries = document.get(field) or []
    if not isinstance(entries, list) or len(entries) > _MAX_ENTRIES:
        raise InvalidDocument("not a list, or too long a one", field=field)
    return entries


def _refer(listed: Mapping[str, _Entry], did: str, id: str) -> _Entry:
    """The listed method of that id."""
    if id not in listed:
        raise InvalidDocument("a reference leads nowhere", did=did, id=id)
    return listed[id]


def _learn(seen: dict[str, _Entry], did: str, entry: object) -> _Entry:
    """A method as it stands in the document, remembered by its id, which no other method may carry."""
    fields = [entry.get(field) for field in _FIELDS] if isinstance(entry, Mapping) else []
    texts = tuple(field for field in fields if isinstance(field, str))
    if len(texts) != len(_FIELDS):
        raise InvalidDocument("a verification method without its texts", did=did)
    name = texts[0]
    if not name.startswith(f"{did}#"):
        raise InvalidDocument("a verification method of another DID", did=did, id=name)
    if seen.setdefault(name, texts) != texts:
        raise InvalidDocument("one id names two keys", did=did, id=name)
    return texts


def _read_service(did: str, entry: object) -> Service:
    """A service as it stands in the document; its endpoint is a text here."""
    fields = [entry.get(field) for field in _SERVICE_FIELDS] if isinstance(entry, Mapping) else []
    texts = tuple(field for field in fields if isinstance(field, str))
    if len(texts) != len(_SERVICE_FIELDS):
        raise InvalidDocument("a service without its texts", did=did)
    name, type_name, endpoint = texts
    return Service(did + name if name.startswith("#") else name, (type_name,), endpoint)


def _understood(entries: Iterable[_Entry]) -> tuple[VerificationMethod, ...]:
    """The methods of known types, in their order."""
    methods = map(_read, entries)
    return tuple(method for method in methods if method is not None)


def _read(entry: _Entry) -> VerificationMethod | None:
    """The method, if its type is understood and its bytes are a key of that type."""
    name, type_name, controller, text = entry
    kind = KINDS.get(type_name)
    if kind is None:
        return None
    try:
        return VerificationMethod(name, controller, PublicKey(kind, base58.decode(text)))
    except (base58.InvalidBase58, InvalidKey):
        return None
