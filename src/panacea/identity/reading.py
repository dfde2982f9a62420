"""DID documents of every method, read from JSON (DID Core, section 5; Controlled Identifiers 1.0).

    the document's shape   strict: what the specification gives a type must have it, or the whole document is refused
    its keys               understood or left out: a method of a foreign type or with no key of its type serves nobody

Understood are these types, with the members that spell their keys:

    Multikey                               publicKeyMultibase
    JsonWebKey, JsonWebKey2020             publicKeyJwk
    Ed25519VerificationKey2020, Ed25519VerificationKey2018, X25519KeyAgreementKey2020, X25519KeyAgreementKey2019,
    EcdsaSecp256k1VerificationKey2019, Secp256k1VerificationKey2018, EcdsaSecp256r1VerificationKey2019,
    Bls12381G2Key2020                      any of publicKeyMultibase, publicKeyJwk, publicKeyBase58, publicKeyHex

A name may be relative to the document's id (`#key-1`). A method named by another DID is left out: nobody who looks that
name up comes to this document. A reference that leads to no key here gives no key the purpose.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from panacea.crypto import base58
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey
from panacea.crypto.points import COORDINATE_SIZES, from_point, require_point
from panacea.identity.did import InvalidDID, is_did, method_of
from panacea.identity.documents import DIDDocument, InvalidDocument, Purpose, Service, VerificationMethod
from panacea.identity.jwk import PRIVATE_MEMBERS, InvalidJWK, PrivateKeyPublished, decode_jwk
from panacea.identity.multikey import InvalidMultikey, decode_multikey
from panacea.identity.strict_json import MAX_BYTES, InvalidJSON, read_object, require_depth

MAX_ENTRIES: Final = 256
"""Entries in each list of a document."""

MAX_TEXT: Final = 4096
"""Characters in a name or a URL."""

_ANY = frozenset(KeyKind)
TYPES: Final[Mapping[str, frozenset[KeyKind]]] = {
    "Multikey": _ANY,
    "JsonWebKey": _ANY,
    "JsonWebKey2020": _ANY,
    "Ed25519VerificationKey2018": frozenset({KeyKind.ED25519}),
    "Ed25519VerificationKey2020": frozenset({KeyKind.ED25519}),
    "X25519KeyAgreementKey2019": frozenset({KeyKind.X25519}),
    "X25519KeyAgreementKey2020": frozenset({KeyKind.X25519}),
    "EcdsaSecp256k1VerificationKey2019": frozenset({KeyKind.SECP256K1}),
    "Secp256k1VerificationKey2018": frozenset({KeyKind.SECP256K1}),
    "EcdsaSecp256r1VerificationKey2019": frozenset({KeyKind.P256}),
    "Bls12381G2Key2020": frozenset({KeyKind.BLS12381G2}),
}
"""The kinds of keys that a method of each type may hold."""

_SPELLINGS = {
    "Multikey": ("publicKeyMultibase",),
    "JsonWebKey": ("publicKeyJwk",),
    "JsonWebKey2020": ("publicKeyJwk",),
}
_ALL_SPELLINGS = ("publicKeyMultibase", "publicKeyJwk", "publicKeyBase58", "publicKeyHex")
_PRIVATE = re.compile(r"(?:private|secret)Key(?:Multibase|Jwk|Base58|Hex|Pem)?")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){1,130}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}:[!-~]+")
_HTTPS = re.compile(r"https://[A-Za-z0-9\[][!-~]*")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


def read_document(value: bytes | Mapping[str, object], did: str) -> DIDDocument:
    """The document of `did`, from its JSON as octets or as a value.

    Raises:
        InvalidDID: `did` is none.
        InvalidJSON: not JSON, too large or too deep.
        InvalidDocument: another DID's, not of the shape that DID Core gives documents, or one name has two meanings.
        PrivateKeyPublished: a secret stands in it.
    """
    method_of(did)
    return _read(value, did)


def read_controller_document(value: bytes | Mapping[str, object], url: str) -> DIDDocument:
    """The controlled identifier document at an https URL, or a DID document (Controlled Identifiers 1.0, section 2).

    Raises what `read_document` raises; InvalidDID for a URL of another scheme.
    """
    if "#" in url or not _is_identifier(url):
        raise InvalidDID("a DID or an https URL expected", url=url)
    return _read(value, url)


def read_time(text: object) -> datetime:
    """A time as XML Schema's dateTimeStamp has it, always with its zone; whole seconds. Raises InvalidDocument."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    try:
        if found:
            return datetime.fromisoformat(found[1] + found[2].replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError) as reason:
        raise InvalidDocument("no such time", time=text) from reason
    raise InvalidDocument("a time with its zone expected", time=text)


def _read(value: bytes | Mapping[str, object], id: str) -> DIDDocument:
    document = read_object(value) if isinstance(value, bytes) else value
    require_depth(document)
    if document.get("id") != id:
        raise InvalidDocument("the document is another's", id=document.get("id"), expected=id)
    _refuse_private(document)
    reader = _Methods(id)
    listed = tuple(
        method
        for entry in _entries(document, "verificationMethod")
        if (method := reader.learn(entry, listed=True)) is not None
    )
    serving = {purpose: reader.serve(_entries(document, purpose)) for purpose in Purpose}
    return DIDDocument(
        id,
        authentication=serving[Purpose.AUTHENTICATION],
        assertion_method=serving[Purpose.ASSERTION_METHOD],
        key_agreement=serving[Purpose.KEY_AGREEMENT],
        capability_invocation=serving[Purpose.CAPABILITY_INVOCATION],
        capability_delegation=serving[Purpose.CAPABILITY_DELEGATION],
        verification_method=listed,
        controller=_controllers(document),
        also_known_as=tuple(_url(each, "alsoKnownAs") for each in _entries(document, "alsoKnownAs")),
        service=_services(document, id),
        published=document,
    )


@dataclass(slots=True)
class _Methods:
    """The verification methods of one document, each read once."""

    base: str
    entries: dict[str, Mapping[str, object]] = field(default_factory=dict)
    listed: dict[str, VerificationMethod | None] = field(default_factory=dict)
    known: dict[str, VerificationMethod | None] = field(default_factory=dict)

    def serve(self, entries: list[object]) -> tuple[VerificationMethod, ...]:
        """The methods of one relationship: references to listed ones, and embedded ones. Each stands once."""
        found: dict[str, VerificationMethod] = {}
        for entry in entries:
            if isinstance(entry, str):
                method = self.listed.get(_resolve(self.base, entry, "reference to a method"))
            else:
                method = self.learn(entry, listed=False)
            if method is not None:
                found[method.id] = method
        return tuple(found.values())

    def learn(self, entry: object, *, listed: bool) -> VerificationMethod | None:
        """A method as it stands in the document; None for one that is not understood here."""
        if not isinstance(entry, Mapping):
            raise InvalidDocument("a verification method is an object")
        name = _resolve(self.base, entry.get("id"), "id of a verification method")
        seen = self.entries.setdefault(name, entry)
        if seen is not entry and _without_name(seen) != _without_name(entry):
            raise InvalidDocument("one id names two keys", id=name)
        if name not in self.known:
            self.known[name] = self._understand(name, entry)
        if listed:
            self.listed[name] = self.known[name]
        return self.known[name]

    def _understand(self, name: str, entry: Mapping[str, object]) -> VerificationMethod | None:
        _refuse_private(entry)
        kind, controller = entry.get("type"), entry.get("controller")
        if not isinstance(kind, str) or not isinstance(controller, str) or not _is_identifier(controller):
            raise InvalidDocument("a verification method has a type and a controller", id=name)
        ends = {each: read_time(entry[each]) for each in ("expires", "revoked") if each in entry}
        key = _read_key(kind, entry, name)
        if key is None or not name.startswith(f"{self.base}#"):
            return None
        return VerificationMethod(name, controller, key, ends.get("expires"), ends.get("revoked"))


def _without_name(entry: Mapping[str, object]) -> dict[str, object]:
    """A method beside its name, which may be relative in one place and absolute in another."""
    return {member: value for member, value in entry.items() if member != "id"}


def _read_key(type: str, entry: Mapping[str, object], name: str) -> PublicKey | None:
    """The key, or None for a type or a spelling that is not understood. Raises InvalidDocument for two keys."""
    spelled = [member for member in _ALL_SPELLINGS if member in entry]
    jwk = entry.get("publicKeyJwk")
    # Of keys of unknown types too: what lies open must not be passed on as if it were in order.
    if isinstance(jwk, Mapping) and not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise PrivateKeyPublished(id=name)
    kinds = TYPES.get(type, frozenset())
    understood = [member for member in spelled if member in _SPELLINGS.get(type, _ALL_SPELLINGS)]
    keys = {_decode(member, entry[member], kinds) for member in understood} if kinds else set()
    if len(keys) > 1:
        raise InvalidDocument("one method spells two keys", id=name)
    return keys.pop() if keys else None


def _decode(member: str, value: object, kinds: frozenset[KeyKind]) -> PublicKey | None:
    """The key that one member spells, if it is a point of one of `kinds`."""
    sole = next(iter(kinds)) if len(kinds) == 1 else None
    try:
        if member == "publicKeyJwk":
            key = decode_jwk(value)
        elif not isinstance(value, str):
            return None
        elif member == "publicKeyMultibase":
            key = _from_multibase(value, sole)
        elif sole is None:
            return None
        elif member == "publicKeyBase58":
            key = _from_octets(sole, base58.decode(value))
        else:
            key = _from_octets(sole, bytes.fromhex(value) if _HEX.fullmatch(value) else b"")
        return require_point(key) if key.kind in kinds else None
    except PrivateKeyPublished:
        raise
    except (InvalidKey, InvalidJWK, InvalidMultikey, base58.InvalidBase58):
        return None


def _from_multibase(text: str, sole: KeyKind | None) -> PublicKey:
    """A Multikey; for types of one kind also its bare octets in multibase, as some older documents have them."""
    try:
        return decode_multikey(text)
    except InvalidMultikey:
        if sole is None or not text.startswith("z"):
            raise
        return _from_octets(sole, base58.decode(text[1:]))


def _from_octets(kind: KeyKind, octets: bytes) -> PublicKey:
    return from_point(kind, octets) if kind in COORDINATE_SIZES else PublicKey(kind, octets)


def _refuse_private(value: Mapping[str, object]) -> None:
    if members := sorted(filter(_PRIVATE.fullmatch, value)):
        raise PrivateKeyPublished(members=members)


def _entries(document: Mapping[str, object], member: str) -> list[object]:
    """A list of the document, absent being empty."""
    entries = document.get(member, [])
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise InvalidDocument("not a list, or too long a one", property=str(member))
    return entries


def _resolve(base: str, name: object, what: str) -> str:
    """A name as it stands, or behind the document's id where it is relative."""
    if not isinstance(name, str) or not 0 < len(name) <= MAX_TEXT or not name.isprintable() or " " in name:
        raise InvalidDocument(f"no usable {what}", name=name)
    if name[0] in "#?/":
        return base + name
    if not _URL.fullmatch(name):
        raise InvalidDocument(f"no usable {what}", name=name)
    return name


def _is_identifier(text: str) -> bool:
    return is_did(text) or (len(text) <= MAX_TEXT and _HTTPS.fullmatch(text) is not None)


def _controllers(document: Mapping[str, object]) -> tuple[str, ...]:
    found = document.get("controller", [])
    found = [found] if isinstance(found, str) else found
    if not isinstance(found, list) or len(found) > MAX_ENTRIES:
        raise InvalidDocument("a controller is a DID, or a list of DIDs", property="controller")
    texts = tuple(each for each in found if isinstance(each, str) and _is_identifier(each))
    if len(texts) != len(found):
        raise InvalidDocument("a controller is a DID, or a list of DIDs", property="controller")
    return texts


def _url(value: object, property: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or not _URL.fullmatch(value):
        raise InvalidDocument("a URI expected", property=property, found=value)
    return value


def _services(document: Mapping[str, object], base: str) -> tuple[Service, ...]:
    found: dict[str, Service] = {}
    for entry in _entries(document, "service"):
        if not isinstance(entry, Mapping):
            raise InvalidDocument("a service is an object")
        name = _resolve(base, entry.get("id"), "id of a service")
        types, endpoint = entry.get("type"), entry.get("serviceEndpoint")
        types = [types] if isinstance(types, str) else types
        if not isinstance(types, list) or not types or not all(isinstance(each, str) for each in types):
            raise InvalidDocument("a service has types, which are texts", id=name)
        ends = endpoint if isinstance(endpoint, list) and endpoint else [endpoint]
        if not all(_is_endpoint(each) for each in ends):
            raise InvalidDocument("an endpoint is a URI, an object, or a list of these", id=name)
        if name in found:
            raise InvalidDocument("two services of one id", id=name)
        found[name] = Service(name, tuple(types), endpoint)
    return tuple(found.values())


def _is_endpoint(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and _URL.fullmatch(value) is not None
    return isinstance(value, Mapping)


__all__ = ["MAX_BYTES", "MAX_ENTRIES", "TYPES", "InvalidJSON", "read_controller_document", "read_document", "read_time"]
