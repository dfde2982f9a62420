"""Bitstring Status List 1.0 (W3C): is a credential revoked, without telling its issuer who asks.

    issuer     StatusList: a bit for each credential --> create_status_credential, signed anew from time to time
    verifier   check_status(entry of the credential, the list's credential)

Whoever verifies never fetches a list: the holder encloses it, signed by the issuer and not too old.
"""

import gzip
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, Self

from panacea.credentials.data_model import CONTEXT_V2, CREDENTIAL
from panacea.credentials.moments import write_moment
from panacea.credentials.rdf import Contexts, JSONLDRejected, PoisonGraph
from panacea.credentials.refusals import CredentialRevoked, ProofInvalid, StatusStale
from panacea.credentials.suites.data_integrity import ProofOptions, Secured, require_basic
from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.types import ProofRejected
from panacea.credentials.suites.whole_document import EDDSA_RDFC_2022
from panacea.crypto.keys import Signer
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import JSONRejected
from panacea.identity.documents import DIDDocument, MethodNotFound, Purpose

MIN_BITS: Final = 131_072
"""Entries of the smallest list: fewer would tell whose status is asked for (section 6.1)."""

MAX_BITS: Final = 1 << 23
MAX_LIST: Final = 2 * 1024 * 1024
"""Entries of a list, and bytes of its credential, that are read."""

PURPOSES: Final = ("revocation", "suspension")
"""What a set bit takes from a credential. A list of purpose `message` says something about it instead."""

MESSAGE: Final = "message"
REFRESH: Final = "refresh"
MAX_MESSAGES: Final = 256
TYPES: Final = [CREDENTIAL, "BitstringStatusListCredential"]
"""The types of a list's credential."""

_MEMBERS: Final = {"@context", "id", "type", "issuer", "validFrom", "credentialSubject", "proof"}
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,2}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,7}")
_URL = re.compile(r"https?://[!-~]{1,1000}")


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where a credential's status stands: a list's URL, a bit of it, and what the bit means.

    A list of purpose `message` may keep `size` bits for each entry, and `messages` says what each value means.
    """

    list_url: str
    index: int
    purpose: str = "revocation"
    size: int = 1
    messages: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        known = self.purpose in {*PURPOSES, MESSAGE, REFRESH}
        if not _URL.fullmatch(self.list_url) or not 0 <= self.index < MAX_BITS or not known or not 0 < self.size <= 8:
            raise ProofInvalid("not an entry of a status list", url=self.list_url, index=self.index)

    def to_json(self) -> dict[str, str]:
        """The `credentialStatus` member."""
        return {
            "type": "BitstringStatusListEntry",
            "statusPurpose": self.purpose,
            "statusListIndex": str(self.index),
            "statusListCredential": self.list_url,
        }

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:  # Any: JSON, checked here
        """Read any `credentialStatus` of this type (section 2.1). Raises ProofInvalid."""
        index, size = str(value.get("statusListIndex")), value.get("statusSize", 1)
        messages = value.get("statusMessage", [])
        if not _INDEX.fullmatch(index) or type(size) is not int or not isinstance(messages, list):
            raise ProofInvalid("not an entry of a status list", index=index)
        url, purpose = str(value.get("statusListCredential")), str(value.get("statusPurpose"))
        return cls(url, int(index), purpose, size, _read_messages(messages))

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read a `credentialStatus` member of a health record, which has one spelling. Raises ProofInvalid."""
        match value:
            case {
                "type": "BitstringStatusListEntry",
                "statusPurpose": str(purpose),
                "statusListIndex": str(index),
                "statusListCredential": str(url),
                **others,
            } if not others and _INDEX.fullmatch(index) and purpose in PURPOSES:
                return cls(url, int(index), purpose)
        raise ProofInvalid("not an entry of a status list")


class StatusList:
    """A list of bits, all clear at first; bit 0 is the highest of the first byte."""

    __slots__ = ("_octets",)

    def __init__(self, bits: int = MIN_BITS) -> None:
        if not MIN_BITS <= bits <= MAX_BITS or bits % 8:
            raise ValueError(f"a status list of {bits} bits; whole bytes, {MIN_BITS} to {MAX_BITS}")
        self._octets = bytearray(bits // 8)

    def __len__(self) -> int:
        return 8 * len(self._octets)

    def is_set(self, index: int) -> bool:
        """Whether the bit is set; IndexError outside the list."""
        return bool(self._octets[self._place(index)] & 0x80 >> index % 8)

    def value(self, index: int, size: int) -> int:
        """The number in the `size` bits of an entry, highest bit first; IndexError outside the list."""
        return sum(self.is_set(index * size + bit) << (size - 1 - bit) for bit in range(size))

    def set(self, index: int, *, to: bool = True) -> None:
        """Set or clear a bit; IndexError outside the list."""
        place, mask = self._place(index), 0x80 >> index % 8
        self._octets[place] = self._octets[place] | mask if to else self._octets[place] & ~mask

    @classmethod
    def of(cls, octets: bytes) -> Self:
        """The list of these bytes, eight entries each; ValueError for a number of entries that no list has."""
        found = cls(8 * len(octets))
        found._octets[:] = octets
        return found

    @property
    def octets(self) -> bytes:
        """The bits, eight a byte."""
        return bytes(self._octets)

    def count(self) -> int:
        """How many bits are set."""
        return int.from_bytes(self._octets, "big").bit_count()

    def encode(self) -> str:
        """The `encodedList`: multibase base64url of gzip."""
        return to_base64url(gzip.compress(bytes(self._octets), mtime=0))

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read an `encodedList`, never unpacking more than MAX_BITS. Raises StatusStale."""
        try:
            unpacking = zlib.decompressobj(wbits=31)
            octets = unpacking.decompress(from_base64url(text), MAX_BITS // 8 + 1)
        except (ProofRejected, zlib.error) as error:
            raise StatusStale("an encodedList that does not decode") from error
        if not unpacking.eof or unpacking.unused_data or not MIN_BITS <= 8 * len(octets) <= MAX_BITS:
            raise StatusStale("an encodedList too short, too long or with a tail")
        return cls.of(octets)

    def _place(self, index: int) -> int:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return index // 8


def _read_messages(messages: Sequence[Any]) -> tuple[tuple[int, str], ...]:  # Any: JSON, checked here
    """The meaning of each value, from `{"status": "0x1", "message": "…"}`."""
    found = []
    for one in messages[:MAX_MESSAGES]:
        match one:
            case {"status": str(status), "message": str(message)} if _HEX.fullmatch(status):
                found.append((int(status, 16), message))
            case _:
                raise ProofInvalid("not a statusMessage")
    return tuple(found)


class StatusSource(Protocol):
    """Where status lists come from: an envelope, a folder, an issuer's server."""

    def status_list(self, url: str) -> bytes:
        """The list credential of that URL, unverified. Raises StatusStale where there is none."""
        ...


class EnclosedLists:
    """The status lists that came along with a view."""

    def __init__(self, lists: Sequence[bytes]) -> None:
        self._lists = lists

    def status_list(self, url: str) -> bytes:
        """The enclosed list credential of that id. Raises StatusStale."""
        for octets in self._lists:
            if _parse(octets).get("id") == url:
                return octets
        raise StatusStale("no such list is enclosed", url=url)


def create_status_credential(
    bits: StatusList,
    *,
    url: str,
    issuer: str,
    signer: Signer,
    method_id: str,
    valid_from: int,
    purpose: str = "revocation",
) -> bytes:
    """The list as a credential of the issuer, signed by its Ed25519 key, true from `valid_from` (unix seconds)."""
    StatusEntry(url, 0, purpose)
    document = {
        "@context": [CONTEXT_V2],
        "id": url,
        "type": TYPES,
        "issuer": issuer,
        "validFrom": write_moment(valid_from),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": bits.encode(),
        },
    }
    options = ProofOptions(EDDSA_RDFC_2022.name, method_id)
    proof = EDDSA_RDFC_2022.sign(document, signer=signer, options=options, contexts=Contexts.bundled())
    return to_json({**document, "proof": proof})


def check_status(
    entry: StatusEntry, list_credential: bytes, *, issuer_document: DIDDocument, now: int, max_age: int
) -> None:
    """Refuse a credential whose bit is set, or a list that does not answer for it at `now` (unix seconds).

    The list must be by the issuer of the credential, whose current document is given. Block time may run behind the
    issuer's clock, so a list dated up to `max_age` seconds ahead is as good as a new one.
    Raises CredentialRevoked, StatusStale.
    """
    document = _parse(list_credential)
    _verify(document, issuer_document)
    subject = _subject(document)
    if document["id"] != entry.list_url or subject["statusPurpose"] != entry.purpose:
        raise StatusStale("a list of another name or purpose", url=document["id"])
    age = now - _seconds(document["validFrom"])
    if abs(age) > max_age:
        raise StatusStale("too old a list" if age > 0 else "a list from the future", age=age, max_age=max_age)
    bits = StatusList.decode(subject["encodedList"])
    if entry.index >= len(bits):
        raise StatusStale("the list has no such entry", index=entry.index)
    if bits.is_set(entry.index):
        raise CredentialRevoked(purpose=entry.purpose)


def _parse(octets: bytes) -> dict[str, Any]:  # Any: JSON, checked by _verify and _subject
    try:
        document = parse_json(octets, max_bytes=MAX_LIST, max_depth=8)
    except JSONRejected as error:
        raise StatusStale(str(error)) from error
    if not isinstance(document, dict) or document.keys() != _MEMBERS or document["@context"] != [CONTEXT_V2]:
        raise StatusStale("not a credential of a status list")
    return document


def _verify(document: Mapping[str, Any], issuer_document: DIDDocument) -> None:  # Any: JSON
    proof = document["proof"]
    if document["issuer"] != issuer_document.id or not isinstance(proof, dict):
        raise StatusStale("a list by another issuer", expected=issuer_document.id)
    try:
        require_basic(proof)
        parts = Secured.split(document, EDDSA_RDFC_2022.name)
        parts.require_purpose(Purpose.ASSERTION_METHOD)
        method = issuer_document.method(parts.options.verification_method, Purpose.ASSERTION_METHOD)
        EDDSA_RDFC_2022.verify(parts, public_key=method.public_key, contexts=Contexts.bundled())
    except (MethodNotFound, ProofRejected, JSONLDRejected, PoisonGraph) as error:
        raise StatusStale("not signed by the issuer", reason=error.text) from error


def _subject(document: Mapping[str, Any]) -> dict[str, str]:  # Any: JSON
    match document["credentialSubject"]:
        case {
            "id": str(),
            "type": "BitstringStatusList",
            "statusPurpose": str(purpose),
            "encodedList": str(encoded),
            **others,
        } if not others and document["type"] == TYPES:
            return {"statusPurpose": purpose, "encodedList": encoded}
    raise StatusStale("not a credential of a status list")


def _seconds(text: object) -> int:
    try:
        if isinstance(text, str) and _TIME.fullmatch(text):
            return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        pass
    raise StatusStale("validFrom is no time in UTC", found=text)
