"""JSON Schema on a short leash: the bytes are at hand, nothing is fetched, sizes and expressions are bounded."""

import json
from typing import Any

from panacea.credentials.refusals import SchemaMismatch
from panacea.oracle.types import DealUnusable

MAX_SCHEMA = 256 * 1024


def _refuse_to_fetch(uri: str) -> Any:  # Any: the signature that jsonschema-rs asks for
    raise ValueError(f"{uri} is not fetched: an enclave has no network")


def require_valid(schema: bytes, resource: dict[str, Any]) -> None:  # Any: JSON
    """The resource is valid against the schema.

    Raises:
        SchemaMismatch: it is not; the place is named, no value.
        DealUnusable: the schema itself cannot be used.
    """
    import jsonschema_rs

    if len(schema) > MAX_SCHEMA:
        raise DealUnusable("a schema is too large", size=len(schema), limit=MAX_SCHEMA)
    try:
        validator = jsonschema_rs.validator_for(
            json.loads(schema), retriever=_refuse_to_fetch, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, jsonschema_rs.ReferencingError) as no:
        raise DealUnusable(f"a schema: {type(no).__name__}") from no
    for error in validator.iter_errors(resource):
        place = "/".join(map(str, error.instance_path))
        raise SchemaMismatch("not valid", at="/" + place)
