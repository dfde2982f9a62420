"""JSON Web Encryption in compact form: a key both sides have, or one agreed with a P-256 key of the recipient.

    dir       A256GCM              SMART Health Links
    ECDH-ES   A128GCM, A256GCM     encrypted responses of OpenID4VP

Sources: RFC 7516, 7518 §4.5, 4.6, 5.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from panacea.credentials.formats import base64url
from panacea.credentials.formats.inflate import RAW, deflate, inflate
from panacea.credentials.formats.jose import MAX_HEADER, Header, as_text, read_object, require_plain
from panacea.credentials.formats.jwk import read_jwk, to_jwk
from panacea.credentials.formats.types import DecryptionRefused, MalformedToken
from panacea.crypto.keys import ECDSAKey, KeyKind, PublicKey
from panacea.crypto.secret import SecretBytes
from panacea.health.strict_json import to_json
from panacea.health.types import JSON
from panacea.primitives.time import Random

KEY_BYTES: Final = {"A128GCM": 16, "A256GCM": 32}
"""Bytes of the key of each content encryption."""

MAX_JWE: Final = 12 * 1024 * 1024
MAX_PLAINTEXT: Final = 16 * 1024 * 1024
"""Bytes of a JWE, and of what is unpacked from one, that are read unless the caller says otherwise."""

_NONCE: Final = 12
_TAG: Final = 16
_MAX_PARTY: Final = 1024


@dataclass(frozen=True, slots=True)
class Decrypted:
    """What was encrypted, and the header that came along, both authentic under the key."""

    header: Header
    plaintext: bytes


class Agreement(Protocol):
    """Whoever holds a P-256 key for key agreement."""

    @property
    def public_key(self) -> PublicKey:
        """The key to encrypt to."""
        ...

    def agree(self, peer: PublicKey) -> SecretBytes:
        """The x coordinate of the shared point: 32 bytes."""
        ...


class AgreementKey:
    """A P-256 key in memory, for key agreement."""

    __slots__ = ("_key", "public_key")

    def __init__(self, secret: bytes) -> None:
        """Take the scalar, 32 bytes, big-endian. Raises InvalidKey."""
        self.public_key = ECDSAKey(KeyKind.P256, secret).public_key
        self._key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())

    @classmethod
    def generate(cls, random: Random) -> "AgreementKey":
        """A new key."""
        return cls(ECDSAKey.generate(KeyKind.P256, random).secret.reveal())

    def agree(self, peer: PublicKey) -> SecretBytes:
        """The x coordinate of the shared point. Raises DecryptionRefused for a key of another curve or off it."""
        if peer.kind is not KeyKind.P256:
            raise DecryptionRefused("a key of another curve", kind=peer.kind)
        try:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), peer.raw)
        except ValueError as error:
            raise DecryptionRefused("a key that is not on its curve") from error
        return SecretBytes(self._key.exchange(ec.ECDH(), point))

    def __repr__(self) -> str:
        return f"AgreementKey({self.public_key.raw.hex()})"


def encrypt_direct(
    plaintext: bytes,
    *,
    key: SecretBytes,
    random: Random,
    header: Mapping[str, JSON] | None = None,
    compress: bool = False,
) -> str:
    """A JWE under a key of 32 bytes that the reader has (`dir`, A256GCM)."""
    if len(key) != KEY_BYTES["A256GCM"]:
        raise DecryptionRefused("A256GCM needs a key of 32 bytes", bytes=len(key))
    zipped = {"zip": "DEF"} if compress else {}
    members = {**(header or {}), "alg": "dir", "enc": "A256GCM", **zipped}
    return _seal(members, plaintext, key, random)


def encrypt_to(
    plaintext: bytes,
    *,
    recipient: PublicKey,
    random: Random,
    enc: str = "A256GCM",
    apu: bytes = b"",
    apv: bytes = b"",
    header: Mapping[str, JSON] | None = None,
) -> str:
    """A JWE for the holder of a P-256 key (`ECDH-ES`); `apu` and `apv` name the parties, in the header and the key."""
    if enc not in KEY_BYTES:
        raise DecryptionRefused("content encryption not offered", enc=enc)
    ephemeral = AgreementKey.generate(random)
    parties = {name: base64url.encode(value) for name, value in (("apu", apu), ("apv", apv)) if value}
    own = {"alg": "ECDH-ES", "enc": enc, "epk": to_jwk(ephemeral.public_key), **parties}
    key = derive(ephemeral.agree(recipient), enc=enc, apu=apu, apv=apv)
    return _seal({**(header or {}), **own}, plaintext, key, random)


def decrypt_direct(token: str | bytes, *, key: SecretBytes, max_plaintext: int = MAX_PLAINTEXT) -> Decrypted:
    """Open a JWE of `dir` and A256GCM. Raises MalformedToken, HeaderRefused, DecryptionRefused."""
    parts = _Parts.read(token)
    if (parts.header.get("alg"), parts.header.get("enc")) != ("dir", "A256GCM") or len(key) != KEY_BYTES["A256GCM"]:
        raise DecryptionRefused("dir and A256GCM expected", alg=parts.header.get("alg"), enc=parts.header.get("enc"))
    return parts.open(key, max_plaintext)


def decrypt_with(token: str | bytes, *, key: Agreement, max_plaintext: int = MAX_PLAINTEXT) -> Decrypted:
    """Open a JWE that was made for a P-256 key (`ECDH-ES`). Raises MalformedToken, HeaderRefused, DecryptionRefused."""
    parts = _Parts.read(token)
    header, enc = parts.header, parts.header.get("enc")
    if header.get("alg") != "ECDH-ES" or not isinstance(enc, str) or enc not in KEY_BYTES:
        raise DecryptionRefused("ECDH-ES with AES-GCM expected", alg=header.get("alg"), enc=enc)
    peer = read_jwk(header.get("epk"), use="enc")
    if peer.kind is not KeyKind.P256:
        raise DecryptionRefused("an ephemeral key of another curve", kind=peer.kind)
    shared = key.agree(peer)
    return parts.open(derive(shared, enc=enc, apu=_party(header, "apu"), apv=_party(header, "apv")), max_plaintext)


def derive(shared: SecretBytes, *, enc: str, apu: bytes, apv: bytes) -> SecretBytes:
    """The content key that an agreed secret gives: Concat KDF with SHA-256 (RFC 7518 §4.6.2)."""
    size = KEY_BYTES[enc]
    named = b"".join(len(part).to_bytes(4, "big") + part for part in (enc.encode(), apu, apv))
    public = (8 * size).to_bytes(4, "big")
    return SecretBytes(ConcatKDFHash(hashes.SHA256(), size, named + public).derive(shared.reveal()))


@dataclass(frozen=True, slots=True)
class _Parts:
    """A compact JWE taken apart; no key is wrapped in it."""

    header: Header
    associated: bytes
    nonce: bytes
    sealed: bytes

    @classmethod
    def read(cls, token: str | bytes) -> "_Parts":
        parts = as_text(token, MAX_JWE).split(".", 5)
        if len(parts) != 5 or len(parts[0]) > MAX_HEADER:
            raise MalformedToken("five parts in base64url expected")
        header = read_object(base64url.decode(parts[0]), what="header")
        require_plain(header)
        if parts[1]:
            raise DecryptionRefused("a wrapped key, where none is expected")
        nonce, tag = (base64url.decode(part) if len(part) < 64 else b"" for part in (parts[2], parts[4]))
        if len(nonce) != _NONCE or len(tag) != _TAG:
            raise MalformedToken("a nonce or a tag of another length")
        return cls(header, parts[0].encode(), nonce, base64url.decode(parts[3]) + tag)

    def open(self, key: SecretBytes, max_plaintext: int) -> Decrypted:
        try:
            plaintext = AESGCM(key.reveal()).decrypt(self.nonce, self.sealed, self.associated)
        except InvalidTag as error:
            raise DecryptionRefused("another key, or changed on the way") from error
        if "zip" in self.header:
            if self.header["zip"] != "DEF":
                raise DecryptionRefused("compressed in a way unknown here", zip=self.header["zip"])
            plaintext = inflate(plaintext, form=RAW, limit=max_plaintext)
        if len(plaintext) > max_plaintext:
            raise MalformedToken("more than the caller wants", bytes=len(plaintext), limit=max_plaintext)
        return Decrypted(self.header, plaintext)


def _seal(header: Mapping[str, JSON], plaintext: bytes, key: SecretBytes, random: Random) -> str:
    associated = base64url.encode(to_json(dict(header)))
    nonce = random.token(_NONCE)
    content = deflate(plaintext, form=RAW) if header.get("zip") == "DEF" else plaintext
    sealed = AESGCM(key.reveal()).encrypt(nonce, content, associated.encode())
    parts = (nonce, sealed[:-_TAG], sealed[-_TAG:])
    return f"{associated}..{'.'.join(base64url.encode(part) for part in parts)}"


def _party(header: Header, name: str) -> bytes:
    text = header.get(name, "")
    if not isinstance(text, str) or len(text) > _MAX_PARTY:
        raise MalformedToken("not the name of a party", member=name)
    return base64url.decode(text)
