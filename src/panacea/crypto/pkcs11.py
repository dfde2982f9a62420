"""Signing keys that never leave their token: an HSM, a smart card, SoftHSM, through PKCS#11.

    open_token_key(module, token=…, label=…, pin=…) --> TokenKey, a Signer: public_key, sign

What is signed is hashed here and goes to the token as a digest, so that every token's plain ECDSA will do; Ed25519
payloads go there whole. Every signature is verified before it is given out: a token that errs would give its key away.

Kinds: P-256, P-384, secp256k1 and Ed25519, as far as the token knows them. No token knows BBS.

Needs the package `python-pkcs11` (`pip install panacea-chain[hsm]`). The module is the vendor's library, a file that is
loaded into this process: name one that you trust with it. Source: OASIS PKCS#11 3.1, sections 6.3 (EC) and 5.2.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from types import TracebackType
from typing import Any, Final, Self

from panacea.crypto.keys import DIGEST_SIZE, PUBLIC_SIZES, InvalidKey, KeyKind, PublicKey, SignatureRejected
from panacea.crypto.points import COORDINATE_SIZES, from_point, require_point
from panacea.crypto.secret import SecretBytes
from panacea.primitives.rejected import Rejected

PARAMETERS: Final[Mapping[bytes, KeyKind]] = {
    bytes.fromhex("06082a8648ce3d030107"): KeyKind.P256,
    bytes.fromhex("06052b81040022"): KeyKind.P384,
    bytes.fromhex("06052b8104000a"): KeyKind.SECP256K1,
    bytes.fromhex("06032b6570"): KeyKind.ED25519,
    b"\x13\x0cedwards25519": KeyKind.ED25519,
}
"""What CKA_EC_PARAMS says of each kind: its object identifier in DER, or for Ed25519 also its name."""

_SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_DIGESTS: Final[Mapping[KeyKind, Callable[[bytes], bytes]]] = {
    KeyKind.P256: lambda payload: hashlib.sha256(payload).digest(),
    KeyKind.P384: lambda payload: hashlib.sha384(payload).digest(),
}


class TokenFailed(Rejected, codespace="crypto", code=13, text="the token did not do it"):
    """The token is not there, refused, broke off, or made a wrong signature. Neither PIN nor payload is kept."""


class TokenKeyNotFound(TokenFailed, code=14, text="no such key on the token"):
    """No private key of that label, more than one, none with its public key beside it, or one of an unknown kind."""


class TokenPINRefused(TokenFailed, code=15, text="the token refused the PIN"):
    """Wrong, expired or locked. Tokens lock for good after a few wrong ones: do not try again unasked."""


class TokenKey:
    """A private key on a token; a `Signer`. One signature at a time: sessions of PKCS#11 are not shared by threads."""

    __slots__ = ("_key", "_lock", "_mechanism", "_session", "public_key")

    def __init__(self, session: Any, key: Any, mechanism: Any, public_key: PublicKey) -> None:  # Any: the library's
        """Take an open session, the key's handle in it, and how it signs: `open_token_key` does all this."""
        self._session, self._key, self._mechanism = session, key, mechanism
        self._lock = threading.Lock()
        self.public_key = public_key

    def sign(self, payload: bytes) -> bytes:
        """A signature over `payload`: R‖S or Ed25519's 64 bytes; a 32-byte digest is expected for secp256k1.

        ECDSA nonces are the token's own and random: the same payload gives another signature each time.

        Raises:
            TokenFailed: the token broke off, or its signature does not verify.
        """
        kind = self.public_key.kind
        if kind is KeyKind.SECP256K1 and len(payload) != DIGEST_SIZE:
            raise ValueError(f"secp256k1 signs a digest of {DIGEST_SIZE} bytes, not {len(payload)}")
        asked = _DIGESTS[kind](payload) if kind in _DIGESTS else payload
        try:
            with self._lock:
                made = bytes(self._key.sign(asked, mechanism=self._mechanism))
        except _errors() as failure:
            raise TokenFailed(type(failure).__name__) from None
        signature = _low_s(made) if kind is KeyKind.SECP256K1 else made
        try:
            self.public_key.verify(payload, signature)
        except SignatureRejected as reason:
            raise TokenFailed("its signature does not verify") from reason
        return signature

    def close(self) -> None:
        """End the session; the key signs no more."""
        with self._lock:
            try:
                self._session.close()
            except _errors() as failure:
                raise TokenFailed(type(failure).__name__) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"TokenKey({self.public_key.kind}, {self.public_key.raw.hex()})"


def open_token_key(module: str, *, token: str, label: str, pin: SecretBytes) -> TokenKey:
    """The key of that label on the token of that label, through the vendor's library at the path `module`.

    The PIN goes to the library and nowhere else.

    Raises:
        TokenPINRefused, TokenKeyNotFound: as they say.
        TokenFailed: no such library or token, or it broke off.
    """
    library = _library()
    try:
        session = library.lib(module).get_token(token_label=token).open(user_pin=pin.reveal().decode())
    except _pin_errors() as failure:
        raise TokenPINRefused(type(failure).__name__, token=token) from None
    except _errors() as failure:
        raise TokenFailed(type(failure).__name__, module=module, token=token) from None
    except UnicodeDecodeError:
        raise TokenPINRefused("a PIN is UTF-8 text", token=token) from None
    try:
        return _find(library, session, label)
    except BaseException as failure:
        session.close()
        if isinstance(failure, _errors()):
            raise TokenFailed(type(failure).__name__, token=token) from None
        raise


def _find(library: Any, session: Any, label: str) -> TokenKey:  # Any: the library's own classes
    attribute, classes = library.Attribute, library.ObjectClass
    private = list(session.get_objects({attribute.CLASS: classes.PRIVATE_KEY, attribute.LABEL: label}))
    if len(private) != 1:
        raise TokenKeyNotFound(f"{len(private)} private keys of this label", label=label)
    beside = {attribute.CLASS: classes.PUBLIC_KEY, attribute.ID: private[0][attribute.ID]}
    public = list(session.get_objects(beside))
    if len(public) != 1:
        raise TokenKeyNotFound(f"{len(public)} public keys beside it", label=label)
    key = read_public_key(bytes(public[0][attribute.EC_PARAMS]), bytes(public[0][attribute.EC_POINT]))
    mechanism = library.Mechanism.EDDSA if key.kind is KeyKind.ED25519 else library.Mechanism.ECDSA
    return TokenKey(session, private[0], mechanism, key)


def read_public_key(parameters: bytes, point: bytes) -> PublicKey:
    """The public key in CKA_EC_PARAMS and CKA_EC_POINT; some tokens leave off the octet string around the point.

    Raises:
        TokenKeyNotFound: another curve, or no point of it.
    """
    kind = PARAMETERS.get(parameters)
    if kind is None:
        raise TokenKeyNotFound("a curve unknown here", parameters=parameters)
    size = COORDINATE_SIZES.get(kind)
    sizes = (PUBLIC_SIZES[kind],) if size is None else (PUBLIC_SIZES[kind], 1 + 2 * size)
    # By its length: the first octet of an uncompressed point is that of an octet string, too.
    inner = point[2:] if len(point) - 2 in sizes and point[:2] == bytes([4, len(point) - 2]) else point
    try:
        return require_point(PublicKey(kind, inner) if kind is KeyKind.ED25519 else from_point(kind, inner))
    except InvalidKey as reason:
        raise TokenKeyNotFound(reason.detail, kind=kind) from reason


def _low_s(signature: bytes) -> bytes:
    """The one of the two signatures that accounts and DIDs accept."""
    s = int.from_bytes(signature[32:], "big")
    return signature[:32] + min(s, _SECP256K1_ORDER - s).to_bytes(32, "big") if 0 < s < _SECP256K1_ORDER else signature


def _library() -> Any:  # Any: a package that need not be installed
    try:
        return import_module("pkcs11")
    except ImportError:
        raise TokenFailed("keys on tokens need a package: pip install 'panacea-chain[hsm]'") from None


def _errors() -> tuple[type[Exception], ...]:
    return (import_module("pkcs11.exceptions").PKCS11Error,)


def _pin_errors() -> tuple[type[Exception], ...]:
    known = import_module("pkcs11.exceptions")
    return (known.PinIncorrect, known.PinInvalid, known.PinLenRange, known.PinExpired, known.PinLocked)
