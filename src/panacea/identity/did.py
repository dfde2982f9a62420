"""The syntax of DIDs and of the URLs that name a verification method (DID Core, section 3)."""

import re

from panacea.primitives.rejected import Rejected

MAX_LENGTH = 1024

_DID = re.compile(r"did:([a-z0-9]+):(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+")
_FRAGMENT = re.compile(r"\S{1,128}")


class IdentityRejected(Rejected, codespace="identity"):
    """A DID, a document or a key in it was refused."""


class InvalidDID(IdentityRejected, code=2, text="invalid DID"):
    """The text is not a DID, or not one of the wanted method."""


def method_of(did: str) -> str:
    """The method of a DID, such as "key" or "panacea". Raises InvalidDID."""
    found = _DID.fullmatch(did) if len(did) <= MAX_LENGTH else None
    if not found:
        raise InvalidDID(did=did)
    return found[1]


def split_did_url(url: str) -> tuple[str, str]:
    """The DID and the fragment of a DID URL that names a part of a document. Raises InvalidDID.

    Paths and queries are refused: no verification method here is named by them.
    """
    did, hash_sign, fragment = url.partition("#")
    if not hash_sign or not _FRAGMENT.fullmatch(fragment) or "#" in fragment:
        raise InvalidDID("a DID, # and a fragment expected", url=url)
    method_of(did)
    return did, fragment
