"""base64url without padding, in its one spelling (RFC 4648, section 5; RFC 7515, section 2)."""

import base64


def encode(octets: bytes) -> str:
    """The text of octets, without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The octets of a text. Raises ValueError for padding, foreign characters and stray low bits."""
    # Two letters of the other alphabet, and padding, would be decoded as well.
    if "+" in text or "/" in text or "=" in text:
        raise ValueError("not base64url")
    octets = base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    # Bits of the last letter that no octet takes must be zero, or one value would have several spellings.
    rest = len(octets) % 3
    if rest and not text.endswith(encode(octets[-rest:])):
        raise ValueError("base64url of another spelling")
    return octets
