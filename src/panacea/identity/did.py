"""The syntax of DIDs and DID URLs (DID Core, section 3).

did:web:example.com:clinic  /report.pdf  ?versionId=3  #key-1
DID                         path         query         fragment
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from panacea.primitives.rejected import Rejected

MAX_LENGTH = 4096
MAX_URL = 8192
MAX_PARAMETERS = 16

_SEGMENT = r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})"
_DID = re.compile(rf"did:([a-z0-9]+):(?:{_SEGMENT}*:)*{_SEGMENT}+")
_FRAGMENT = re.compile(r"\S{1,256}")
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(rf"([^/?#]*)((?:/{_PCHAR}*)*)(?:\?((?:{_PCHAR}|[/?])*))?(?:#((?:{_PCHAR}|[/?])*))?")


class IdentityRejected(Rejected, codespace="identity"):
    """A DID, a document or a key in it was refused."""


class InvalidDID(IdentityRejected, code=2, text="invalid DID"):
    """The text is not a DID, or not one of the wanted method."""


class InvalidDIDURL(InvalidDID, code=12, text="invalid DID URL"):
    """The text is not a DID with a path, a query or a fragment behind it."""


@dataclass(frozen=True, slots=True)
class DIDURL:
    """A DID URL in its parts. `query` and `fragment` are None where their sign does not stand."""

    did: str
    path: str = ""
    query: str | None = None
    fragment: str | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, percent signs decoded. Raises InvalidDIDURL for one that stands twice."""
        found: dict[str, str] = {}
        for pair in (self.query or "").split("&", MAX_PARAMETERS):
            name, _, value = pair.partition("=")
            if name in found or "&" in value:
                raise InvalidDIDURL("a parameter stands twice, or too many stand there", query=self.query)
            if name:
                found[name] = _decode(value)
        return found

    def __str__(self) -> str:
        query = "" if self.query is None else f"?{self.query}"
        return f"{self.did}{self.path}{query}" + ("" if self.fragment is None else f"#{self.fragment}")


def method_of(did: str) -> str:
    """The method of a DID, such as "key" or "panacea". Raises InvalidDID."""
    found = _DID.fullmatch(did) if len(did) <= MAX_LENGTH else None
    if not found:
        raise InvalidDID(did=did)
    return found[1]


def is_did(text: str) -> bool:
    """Whether the text is a DID, of whatever method."""
    return len(text) <= MAX_LENGTH and _DID.fullmatch(text) is not None


def parse_did_url(url: str) -> DIDURL:
    """The parts of a DID URL, a DID alone among them. Raises InvalidDIDURL."""
    found = _URL.fullmatch(url) if len(url) <= MAX_URL else None
    if not found or not is_did(found[1]):
        raise InvalidDIDURL(url=url)
    return DIDURL(found[1], found[2], found[3], found[4])


def split_did_url(url: str) -> tuple[str, str]:
    """The DID and the fragment of a DID URL that names a part of a document. Raises InvalidDID.

    Paths and queries are refused: no verification method here is named by them.
    """
    did, hash_sign, fragment = url.partition("#")
    if not hash_sign or not _FRAGMENT.fullmatch(fragment) or "#" in fragment:
        raise InvalidDID("a DID, # and a fragment expected", url=url)
    method_of(did)
    return did, fragment


def _decode(value: str) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError as reason:
        raise InvalidDIDURL("a parameter is not UTF-8", parameter=value) from reason
