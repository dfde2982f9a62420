"""Signed JSON of the vendor: TCB info and quoting enclave identity.

Source: Intel SGX and TDX Provisioning Certification Service API, version 4. The signature is checked before the text
is parsed, so what is read here was written by the vendor; it is read strictly all the same.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, TypeVar

from panacea.attestation.der import unix_seconds
from panacea.attestation.signatures import require_signature
from panacea.attestation.types import ChainRefused, CollateralMismatch, MalformedCollateral, SignedDocument
from panacea.attestation.x509 import MAX_BODY, Certificate, read_chain, require_chain, require_valid

_SIGNER_NAME = "TCB Signing"
_MAX_DEPTH, _MAX_DIGITS = 8, 10
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_ENVELOPE = re.compile(rb'\{"(tcbInfo|enclaveIdentity)":(\{.*\}),"signature":"([0-9A-Fa-f]{128})"\}', re.DOTALL)

_T = TypeVar("_T")


class Fields:
    """A JSON object that is asked for fields by name and type, and refuses what is absent or of another type."""

    __slots__ = ("_values",)

    def __init__(self, values: object) -> None:
        if not isinstance(values, dict):
            raise MalformedCollateral("not an object")
        self._values: dict[str, Any] = values  # Any: JSON, each value is checked when asked for

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """A string."""
        return self._of_type(name, str)

    def number(self, name: str, limit: int) -> int:
        """An integer from 0 up to and with `limit`."""
        value = self._of_type(name, int)
        if isinstance(value, bool) or not 0 <= value <= limit:
            raise MalformedCollateral("number out of range", field=name)
        return value

    def octets(self, name: str, size: int) -> bytes:
        """`size` bytes in hex, of either case."""
        text = self.text(name)
        if not re.fullmatch(r"[0-9A-Fa-f]*", text) or len(text) != 2 * size:
            raise MalformedCollateral("not hex of the expected size", field=name)
        return bytes.fromhex(text)

    def time(self, name: str) -> int:
        """A time such as 2026-02-18T10:58:51Z, in unix seconds."""
        found = _TIME.fullmatch(self.text(name))
        if found is None:
            raise MalformedCollateral("not a UTC time", field=name)
        try:
            return unix_seconds(*map(int, found.groups()))
        except ValueError as wrong:
            raise MalformedCollateral("no such date", field=name) from wrong

    def inner(self, name: str) -> "Fields":
        """An object."""
        return Fields(self._of_type(name, dict))

    def each(self, name: str) -> list["Fields"]:
        """A list of objects."""
        return [Fields(value) for value in self._of_type(name, list)]

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty if absent."""
        values = self._of_type(name, list) if name in self else []
        if not all(isinstance(value, str) for value in values):
            raise MalformedCollateral("not a list of strings", field=name)
        return tuple(values)

    def _of_type(self, name: str, expected: type[_T]) -> _T:
        value = self._values.get(name)
        if not isinstance(value, expected):
            raise MalformedCollateral("field missing or of another type", field=name)
        return value


@dataclass(frozen=True, slots=True)
class Verified:
    """A document whose signature holds: its fields, its dates in unix seconds and its signer's chain."""

    fields: Fields
    issued: int
    expires: int
    chain: tuple[Certificate, ...]


def split_envelope(name: str, body: bytes, issuer_chain: bytes) -> SignedDocument:
    """The document in `{"name":{…},"signature":"…"}`, the service's answer; only exactly this form is read."""
    found = _ENVELOPE.fullmatch(body) if len(body) <= MAX_BODY else None
    if found is None or found[1].decode() != name:
        raise MalformedCollateral("not a signed document of this name", name=name)
    return SignedDocument(found[2], bytes.fromhex(found[3].decode()), issuer_chain)


def join_envelope(name: str, body: bytes, signature: bytes) -> bytes:
    """The inverse of `split_envelope`."""
    return b'{"%b":%b,"signature":"%b"}' % (name.encode(), body, signature.hex().encode())


def verify_document(document: SignedDocument, root_key_id: bytes, now: int) -> Verified:
    """The fields of a document that a TCB signer under this root signed and that is current."""
    if len(document.body) > MAX_BODY:
        raise MalformedCollateral("longer than 64 KiB", size=len(document.body))
    chain = read_chain(document.issuer_chain, 2)
    signer = chain[0]
    if not signer.common_name.endswith(_SIGNER_NAME):
        raise ChainRefused("not a TCB signer", name=signer.common_name)
    require_chain(chain, root_key_id, now)
    require_signature(signer.point, document.body, document.signature, by=signer.common_name)
    fields = Fields(_parse(document.body))
    issued, expires = fields.time("issueDate"), fields.time("nextUpdate")
    require_valid(issued, expires, now, what=fields.text("id"))
    return Verified(fields, issued, expires, chain)


def require_document(fields: Fields, identifier: str, version: int) -> None:
    """Refuse a document of another id or version."""
    if fields.text("id") != identifier or fields.number("version", 255) != version:
        raise CollateralMismatch("document of another TEE or version", expected=identifier, found=fields.text("id"))


def _parse(body: bytes) -> object:
    """JSON without repeated keys, fractions or long numbers; ASCII, shallow, no brackets inside strings.

    The bounds keep the standard library's own, which differ between versions of Python, out of reach.
    """
    brackets = body.translate(None, delete=_NO_BRACKETS)
    for _ in range(_MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise MalformedCollateral("nested too deep, or brackets that do not pair")
    try:
        return json.loads(
            body.decode("ascii"),
            object_pairs_hook=_without_repetition,
            parse_int=_read_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except ValueError as wrong:
        raise MalformedCollateral("not JSON") from wrong


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedCollateral("repeated key")
    return found


def _read_integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise MalformedCollateral("number too long", digits=len(text))
    return int(text)


def _refuse_number(text: str) -> object:
    raise MalformedCollateral("not an integer", number=text)
