"""What a credential points at: `credentialSchema` (JSON Schema) and `relatedResource` (digests).

Nothing is fetched: a `ResourceSource` has the bytes. A schema judges in a linear-time engine without references to
elsewhere; bounds on its size and depth keep the work small. Sources: VC JSON Schema 1.0; VC Data Model 2.0, 5.3.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NoReturn
from urllib.parse import unquote

from panacea.credentials.rdf.shapes import as_list
from panacea.credentials.suites.multibase import from_base64url
from panacea.credentials.suites.types import MalformedProof
from panacea.credentials.vc.types import Document, ResourceChanged, ResourceSource, SchemaNotMet
from panacea.crypto import base58
from panacea.health.strict_json import parse_json
from panacea.health.types import JSONRejected

MAX_SCHEMA: Final = 256 * 1024
MAX_SCHEMA_DEPTH: Final = 32
MAX_SCHEMA_SIZE: Final = 4096
MAX_SCHEMA_REFERENCES: Final = 128
MAX_SCHEMA_WORK: Final = 5_000_000
"""Values of a schema, references followed, times those of the credential that is held against it."""

MAX_SCHEMAS: Final = 16
JSON_SCHEMA: Final = "JsonSchema"

_SRI = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_MULTIHASH = {b"\x12\x20": hashlib.sha256, b"\x20\x30": hashlib.sha384, b"\x13\x40": hashlib.sha512}
_REFERENCES = {"$ref", "$dynamicRef", "$recursiveRef"}


def check_schema(document: Document, schema: Mapping[str, Any], source: ResourceSource) -> bool:  # Any: JSON
    """Refuse a credential that does not meet its schema; False where the schema is of a kind not known here.

    Raises SchemaNotMet, also where the schema is missing, of another digest or not usable.
    """
    import jsonschema_rs

    if JSON_SCHEMA not in as_list(schema.get("type")):
        return False
    url = schema["id"]
    octets = source.find(url)
    if octets is None:
        raise SchemaNotMet("nobody has the schema", schema=url)
    try:
        _require_digests(schema, octets)
        parsed = parse_json(octets, max_bytes=MAX_SCHEMA, max_depth=MAX_SCHEMA_DEPTH)
    except (JSONRejected, ResourceChanged) as error:
        raise SchemaNotMet(str(error), schema=url) from error
    _require_bounded(parsed, url)
    _require_work(parsed, document, url)
    limits = jsonschema_rs.RegexOptions(size_limit=1 << 16, dfa_size_limit=1 << 20)
    try:
        validator = jsonschema_rs.validator_for(_plain(parsed), retriever=_refuse, pattern_options=limits)
        found = next(validator.iter_errors(_plain(document)), None)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise SchemaNotMet("not a JSON Schema that is used here", schema=url, reason=error) from error
    if found is not None:
        at = "".join(f"/{step}" for step in found.instance_path)
        # What stands there is not repeated: refusals end in logs, and credentials hold what is nobody's business.
        raise SchemaNotMet(schema=url, pointer=at, rule="/".join(map(str, found.schema_path)))
    return True


def check_related(resource: Mapping[str, Any], source: ResourceSource) -> None:  # Any: JSON
    """Refuse a related resource whose bytes are missing or not those of its digest. Raises ResourceChanged."""
    octets = source.find(resource["id"])
    if octets is None:
        raise ResourceChanged("nobody has it", resource=resource["id"])
    _require_digests(resource, octets)


def _require_digests(named: Mapping[str, Any], octets: bytes) -> None:  # Any: JSON
    """Every digest that is given must fit, and each that is given must be of a known kind."""
    if "digestSRI" in named and not _fits_sri(str(named["digestSRI"]), octets):
        raise ResourceChanged("other bytes than the digest's", resource=named.get("id"))
    if "digestMultibase" in named and not _fits_multibase(named["digestMultibase"], octets):
        raise ResourceChanged("other bytes than the digest's", resource=named.get("id"))


def _fits_sri(text: str, octets: bytes) -> bool:
    """Whether one of the digests of the strongest hash named fits: weaker ones beside it do not count (SRI, 3.3.4)."""
    named = [one.partition("-")[::2] for one in text.split()]
    strongest = max((name for name, _ in named if name in _SRI), default=None)
    if strongest is None:
        return False
    found = _SRI[strongest](octets).digest()
    return any(hmac.compare_digest(found, _octets(encoded)) for name, encoded in named if name == strongest)


def _octets(encoded: str) -> bytes:
    """The bytes of base64, none for what is no base64."""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _fits_multibase(text: object, octets: bytes) -> bool:
    if not isinstance(text, str) or len(text) > 256:
        return False
    try:
        raw = from_base64url(text) if text.startswith("u") else base58.decode(text[1:]) if text[:1] == "z" else b""
    except (MalformedProof, base58.InvalidBase58):
        return False
    hashed = _MULTIHASH.get(raw[:2])
    return hashed is not None and hmac.compare_digest(hashed(octets).digest(), raw[2:])


def _require_bounded(schema: Any, url: str) -> None:  # Any: JSON
    """No reference but into the schema itself, no schema of another name within it, and not too many values."""
    waiting, seen = [schema], 0
    if isinstance(schema, dict) and "draft-0" in str(schema.get("$schema")) and "draft-07" not in schema["$schema"]:
        raise SchemaNotMet("a draft of JSON Schema that is not done here", schema=url, draft=schema["$schema"])
    while waiting:
        value = waiting.pop()
        seen += 1
        if seen > MAX_SCHEMA_SIZE:
            raise SchemaNotMet("a schema too large", schema=url, limit=MAX_SCHEMA_SIZE)
        if isinstance(value, dict):
            for name in _REFERENCES & value.keys():
                if not isinstance(value[name], str) or not value[name].startswith("#/"):
                    raise SchemaNotMet("a reference that leads elsewhere", schema=url, reference=value[name])
            if value is not schema and isinstance(value.get("$id"), str):
                raise SchemaNotMet("a schema within a schema", schema=url, id=value["$id"])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _require_work(schema: Any, document: Document, url: str) -> None:  # Any: JSON
    """No circle of references, and a bound on what they unfold to, which can double with each of them.

    Every value of a credential may be held against every one of the schema.
    """
    known: dict[str, int] = {}
    size = _unfolded(schema, schema, known, ())
    if size is None:
        raise SchemaNotMet("its references go around in a circle, or are too many", schema=url)
    if size * sum(1 for _ in _values(document)) > MAX_SCHEMA_WORK:
        raise SchemaNotMet("too much work", schema=url, size=size, limit=MAX_SCHEMA_WORK)


def _unfolded(value: Any, schema: Any, known: dict[str, int], chain: tuple[str, ...]) -> int | None:  # Any: JSON
    """The values of a part of a schema with references followed; None for a circle, or too many references."""
    size = 0
    for one in _values(value):
        size += 1
        for name in _REFERENCES & one.keys() if isinstance(one, dict) else ():
            reference = one[name]
            if reference in chain or len(known) + len(chain) >= MAX_SCHEMA_REFERENCES:
                return None
            if reference not in known:
                inner = _unfolded(_target(schema, reference), schema, known, (*chain, reference))
                if inner is None:
                    return None
                known[reference] = inner
            size += known[reference]
    return size


def _values(value: Any) -> Iterator[Any]:  # Any: JSON
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())


def _target(schema: Any, reference: str) -> Any:  # Any: JSON
    """What a reference into the schema names, None where there is nothing: the engine refuses that."""
    found = schema
    for step in unquote(reference).split("/")[1:]:
        token = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(token)
        elif isinstance(found, list) and token.isascii() and token.isdigit() and int(token[:9]) < len(found):
            found = found[int(token[:9])]
        else:
            return None
    return found


def _plain(value: Any) -> Any:  # Any: JSON
    """JSON as the engine takes it, decimals included."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return Decimal(value) if isinstance(value, Decimal) else value


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"nothing is fetched: {uri}")
