"""SMART Health Links (HL7 SMART Health Cards and Links 1.0.0): follow `shlink:/` to encrypted files.

    parse(text)                        -> HealthLink: where, with which key, until when
    follow(link, fetch=…, recipient=…) -> the files, decrypted; what is in them is checked by whoever reads them

Requests go through the caller's `Fetch`, which alone decides what hosts may be asked; only https URLs are handed to it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote

from panacea.credentials.formats import base64url
from panacea.credentials.formats.jose import Claims, as_text, numeric_date, read_object
from panacea.credentials.formats.jwe import decrypt_direct
from panacea.credentials.formats.types import (
    ClaimsContradict,
    HealthLinkExpired,
    HealthLinkRejected,
    MalformedToken,
    PasscodeRefused,
)
from panacea.crypto.secret import SecretBytes
from panacea.health.strict_json import to_json
from panacea.health.types import JSON

VERSION: Final = 1
MAX_TEXT: Final = 8192
MAX_MANIFEST: Final = 1024 * 1024
EMBEDDED: Final = 256 * 1024
MAX_FILES: Final = 64
MAX_FILE: Final = 12 * 1024 * 1024
MAX_TOTAL: Final = 64 * 1024 * 1024
"""Characters of a link; bytes of a manifest, and of a file that is asked for in one; files, bytes of one and of all."""

CONTENT_TYPES: Final = ("application/smart-health-card", "application/fhir+json", "application/smart-api-access")
STATUSES: Final = ("finalized", "can-change", "entered-in-error", "no-longer-valid", "retracted")

_URL: Final = re.compile(r"https://[!-~]{1,2000}", re.ASCII)
_MAX_MANIFEST_URL: Final = 128
_KEY_BYTES: Final = 32
_SCHEME: Final = "shlink:/"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An HTTP answer: status and body. Redirects are the fetcher's matter."""

    status: int
    body: bytes


class Fetch(Protocol):
    """Whoever makes requests; its own failures are its own exceptions."""

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        """GET an https URL, reading at most `max_bytes` of the answer."""
        ...

    def post_json(self, url: str, body: bytes, *, max_bytes: int) -> Fetched:
        """POST a JSON body to an https URL, reading at most `max_bytes` of the answer."""
        ...


@dataclass(frozen=True, slots=True)
class HealthLink:
    """A link read: `expires_at` in unix seconds, `flags` those known here (L, P, U)."""

    url: str = field(repr=False)
    key: SecretBytes
    flags: frozenset[str]
    expires_at: int | None
    label: str | None

    @property
    def needs_passcode(self) -> bool:
        """Whether a passcode has to be asked for."""
        return "P" in self.flags

    @property
    def is_long_term(self) -> bool:
        """Whether its files may change, and it may be followed again."""
        return "L" in self.flags

    @property
    def is_direct(self) -> bool:
        """Whether its URL is one encrypted file rather than a manifest."""
        return "U" in self.flags


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A decrypted file: its content type, its bytes, and what the manifest says of it."""

    content_type: str
    octets: bytes = field(repr=False)
    status: str | None = None
    last_updated: str | None = None
    fhir_version: str | None = None


def parse(text: str) -> HealthLink:
    """Read a link: `shlink:/…`, alone or after a viewer's URL and #. Raises HealthLinkRejected."""
    if len(text) > MAX_TEXT:
        raise HealthLinkRejected("too long", characters=len(text))
    viewer, mark, encoded = text.partition(_SCHEME)
    if not mark or not (viewer == "" or (viewer.endswith("#") and viewer.count("#") == 1 and _URL.fullmatch(viewer))):
        raise HealthLinkRejected("shlink:/, alone or after a viewer's https URL and #, expected")
    try:
        payload = read_object(base64url.decode(encoded), what="payload")
        expires_at = numeric_date(payload, "exp")
    except (MalformedToken, ClaimsContradict) as error:
        raise HealthLinkRejected(str(error)) from error
    version = payload.get("v", VERSION)
    if isinstance(version, bool) or version != VERSION:
        raise HealthLinkRejected("a version unknown here", v=version)
    url, label = payload.get("url"), payload.get("label")
    if not isinstance(url, str) or len(url) > _MAX_MANIFEST_URL or not _URL.fullmatch(url):
        raise HealthLinkRejected("url is no https URL of at most 128 characters")
    if not (label is None or isinstance(label, str)) or len(label or "") > 80:
        raise HealthLinkRejected("label is no text of at most 80 characters")
    ends = None if expires_at is None else int(expires_at)
    return HealthLink(url, _read_key(payload), _read_flags(payload), ends, label)


def write(link: HealthLink) -> str:
    """The text of a link, `shlink:/…`."""
    members: Claims = {"url": link.url, "key": base64url.encode(link.key.reveal())}
    if link.expires_at is not None:
        members["exp"] = link.expires_at
    if link.flags:
        members["flag"] = "".join(sorted(link.flags))
    if link.label is not None:
        members["label"] = link.label
    return _SCHEME + base64url.encode(to_json(members))


def follow(
    link: HealthLink,
    *,
    fetch: Fetch,
    recipient: str,
    now: int,
    passcode: str | None = None,
    embedded_length_max: int = EMBEDDED,
) -> tuple[LinkedFile, ...]:
    """All files behind a link, decrypted, at `now` (unix seconds).

    `recipient` says to the sharer who asks. Raises HealthLinkExpired, PasscodeRefused, HealthLinkRejected,
    MalformedToken, HeaderRefused, DecryptionRefused.
    """
    if link.expires_at is not None and now >= link.expires_at:
        raise HealthLinkExpired(exp=link.expires_at, now=now)
    if link.is_direct:
        mark = "&" if "?" in link.url else "?"
        answer = fetch.get(f"{link.url}{mark}recipient={quote(recipient, safe='')}", max_bytes=MAX_FILE)
        return (_open(_require_ok(answer), link.key, content_type=None, about={}),)
    if link.needs_passcode and passcode is None:
        raise PasscodeRefused("the link asks for one, and none is given")
    body: Claims = {"recipient": recipient, "embeddedLengthMax": embedded_length_max}
    if link.needs_passcode:
        body["passcode"] = passcode
    manifest = _require_ok(fetch.post_json(link.url, to_json(body), max_bytes=MAX_MANIFEST))
    found: list[LinkedFile] = []
    room = MAX_TOTAL
    for content_type, jwe, about in _read_manifest(manifest, fetch):
        found.append(_open(jwe, link.key, content_type=content_type, about=about, limit=room))
        room -= len(found[-1].octets)
    return tuple(found)


def _read_key(payload: Mapping[str, JSON]) -> SecretBytes:
    text = payload.get("key")
    try:
        key = base64url.decode(text) if isinstance(text, str) and len(text) == 43 else b""
    except MalformedToken:
        key = b""
    if len(key) != _KEY_BYTES:
        raise HealthLinkRejected("key is no base64url of 32 bytes")
    return SecretBytes(key)


def _read_flags(payload: Mapping[str, JSON]) -> frozenset[str]:
    """The flags known here; others are ignored, as the guide wants."""
    text = payload.get("flag", "")
    if not isinstance(text, str) or len(text) > 26:
        raise HealthLinkRejected("flag is no text of letters")
    flags = frozenset(text) & {"L", "P", "U"}
    if flags >= {"P", "U"}:
        raise HealthLinkRejected("a direct file cannot ask for a passcode", flag=text)
    return flags


def _require_ok(answer: Fetched) -> bytes:
    """The body of a good answer, or the refusal that its status means."""
    match answer.status:
        case 200:
            return answer.body
        case 401:
            raise PasscodeRefused("the server refuses it", remaining_attempts=_remaining(answer.body))
        case 404 | 410:
            raise HealthLinkExpired("the server knows it no more", status=answer.status)
        case 429:
            raise HealthLinkRejected("asked too often", status=answer.status)
    raise HealthLinkRejected("the server does not answer as the guide says", status=answer.status)


def _remaining(body: bytes) -> int | None:
    """How many passcodes may still be tried, where the server says so."""
    try:
        found = read_object(body, what="answer", max_bytes=4096).get("remainingAttempts")
    except MalformedToken:
        return None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _read_manifest(octets: bytes, fetch: Fetch) -> Iterator[tuple[str, bytes, Mapping[str, JSON]]]:
    """Content type, JWE and entry of each file, located ones fetched as they are reached."""
    try:
        manifest = read_object(octets, what="manifest", max_bytes=MAX_MANIFEST)
    except MalformedToken as error:
        raise HealthLinkRejected(str(error)) from error
    files = manifest.get("files")
    if not isinstance(files, list) or len(files) > MAX_FILES:
        raise HealthLinkRejected("a manifest without its list of files, or with too long a one")
    for entry in files:
        match entry:
            case {"contentType": str(content_type), "embedded": str(jwe)}:
                if not jwe.isascii():
                    raise HealthLinkRejected("an embedded file is no JWE")
                yield _known(content_type), jwe.encode(), entry
            case {"contentType": str(content_type), "location": str(url)} if _URL.fullmatch(url):
                yield _known(content_type), _require_ok(fetch.get(url, max_bytes=MAX_FILE)), entry
            case _:
                raise HealthLinkRejected("a file that is neither embedded nor at an https URL")


def _open(
    jwe: bytes,
    key: SecretBytes,
    *,
    content_type: str | None,
    about: Mapping[str, JSON],
    limit: int = MAX_FILE,
) -> LinkedFile:
    """A decrypted file, whose encrypted header must not name another content type than the manifest."""
    found = decrypt_direct(as_text(jwe.strip(), MAX_FILE), key=key, max_plaintext=min(limit, MAX_FILE))
    stated = found.header.get("cty", content_type)
    if not isinstance(stated, str):
        raise HealthLinkRejected("a file without its content type")
    if content_type not in (None, _known(stated)):
        raise HealthLinkRejected("two content types for one file", cty=stated, manifest=content_type)
    texts = {name: about.get(name) for name in ("status", "lastUpdated", "fhirVersion")}
    if any(not (text is None or isinstance(text, str)) for text in texts.values()):
        raise HealthLinkRejected("what the manifest says of a file is no text")
    if texts["status"] is not None and texts["status"] not in STATUSES:
        raise HealthLinkRejected("a status unknown here", status=texts["status"])
    return LinkedFile(_known(stated), found.plaintext, texts["status"], texts["lastUpdated"], texts["fhirVersion"])


def _known(content_type: str) -> str:
    """A content type that links carry, its parameters left out. Raises HealthLinkRejected."""
    name = content_type.partition(";")[0].strip().lower()
    if name not in CONTENT_TYPES:
        raise HealthLinkRejected("a content type that links do not carry", content_type=content_type)
    return name
