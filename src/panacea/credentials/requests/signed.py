"""What the messages of OpenID need of JWTs and forms: the shape of an injected verifier, and strict forms.

Messages never verify a signature by themselves. They take a callable that does, look at `typ` and `alg` before it is
asked and at the claims after it has answered:

    def verify(token: str) -> SignedJWT: ...        # raises a Rejected for a signature that does not hold

`formats.jose.read(token).verify(key, algorithms=…)` is what such a callable is made of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from panacea.credentials.formats import jose
from panacea.credentials.formats.types import FormatRejected
from panacea.credentials.requests.types import MessageRejected, Refusal
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import JSON, JSONRejected

MAX_MESSAGE: Final = 4 * 1024 * 1024
"""Bytes of a form or a JSON body: presentations with images are large."""
MAX_PARAMETERS: Final = 64


@dataclass(frozen=True, slots=True)
class SignedJWT:
    """Header and claims of a JWT whose signature holds, and the public key (JWK) by which it does, where it matters."""

    header: Mapping[str, Any]  # Any: JSON
    claims: dict[str, Any] = field(repr=False)  # Any: JSON
    key: Mapping[str, Any] | None = None  # Any: JSON


Verify = Callable[[str], SignedJWT]
"""From a compact JWT to what it says, once its signature was verified; raises a Rejected."""


def read_header(token: str, refusal: Refusal) -> Mapping[str, Any]:  # Any: JSON
    """The header of a compact JWS, believed by nobody yet. Refuses `none` and symmetric algorithms."""
    try:
        header = jose.read(token).header
    except FormatRejected as error:
        raise refusal("not a signed JWT", reason=error) from error
    if str(header.get("alg", "none")).lower() == "none" or str(header["alg"]).startswith("HS"):
        raise refusal("an algorithm that signs nothing", alg=header.get("alg"))
    return header


def is_same_key(left: JSON, right: JSON) -> bool:
    """Whether two public keys (JWK) are one: the members that RFC 7638 takes a thumbprint of are alike."""
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return False
    return all(left.get(name) == right.get(name) for name in ("kty", "crv", "x", "y", "n", "e")) and "kty" in left


def parse_message(octets: bytes | str, refusal: Refusal) -> JSON:
    """The JSON value of a body; `refusal` for what is none."""
    data = octets.encode("utf-8", "replace") if isinstance(octets, str) else octets
    try:
        return parse_json(data, max_bytes=MAX_MESSAGE)
    except JSONRejected as error:
        raise refusal(str(error)) from error


def parse_form(octets: bytes | str, refusal: Refusal = MessageRejected) -> dict[str, str]:
    """The parameters of an `application/x-www-form-urlencoded` text; one that stands twice is refused."""
    data = octets.encode("utf-8", "replace") if isinstance(octets, str) else octets
    if len(data) > MAX_MESSAGE:
        raise refusal("too large", bytes=len(data), limit=MAX_MESSAGE)
    try:
        pairs = parse_qsl(
            data.decode(), keep_blank_values=True, strict_parsing=bool(data), max_num_fields=MAX_PARAMETERS,
            errors="strict",
        )  # fmt: skip
    except ValueError as error:
        raise refusal("not a form in UTF-8") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refusal("a parameter stands twice")
    return found


def to_form(parameters: Mapping[str, JSON]) -> str:
    """A form; values that are not text become JSON."""
    spelled = {name: value if isinstance(value, str) else to_json(value).decode() for name, value in parameters.items()}
    return urlencode(spelled)


def form_members(parameters: Mapping[str, str], objects: frozenset[str], refusal: Refusal) -> dict[str, JSON]:
    """Parameters of a form as members of JSON: those that carry JSON are parsed."""
    return {name: parse_message(value, refusal) if name in objects else value for name, value in parameters.items()}
