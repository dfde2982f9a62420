"""base64url of tokens, as `panacea.crypto.base64url` has it: what is none is a malformed token."""

from panacea.credentials.formats.types import MalformedToken
from panacea.crypto import base64url
from panacea.crypto.base64url import encode


def decode(text: str) -> bytes:
    """The octets of a text in its one spelling. Raises MalformedToken."""
    try:
        return base64url.decode(text)
    except ValueError as error:
        raise MalformedToken("not base64url") from error


__all__ = ["decode", "encode"]
