"""DIF Presentation Exchange 2.x, the part that a deal needs: one input descriptor, limited disclosure, fields.

    {"id", "name"?, "purpose"?, "input_descriptors": [{"id", "name"?, "purpose"?,
      "constraints": {"limit_disclosure": "required", "fields": [
        {"id"?, "name"?, "purpose"?, "path": ["$.credentialSubject.resource…"], "filter"?, "optional"?}]}}]}

Paths are plain JSONPath below `$.credentialSubject.resource`, which stands for the FHIR resource itself: names, [n],
[*] and ['name']. Filters are the JSON Schema of `schemas`. Everything else of the specification is refused by name,
for a request half understood could show too much.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from panacea.credentials.records.requests.query import Query, Step, Wanted
from panacea.credentials.records.requests.schemas import compile_schema
from panacea.credentials.refusals import DealUnusable
from panacea.health.loinc import LOINC
from panacea.health.paths import parse_path
from panacea.health.types import JSON, PathRejected

ROOT = "$.credentialSubject.resource"
_MAX_PATH = 1024
_NAMES = {"id", "name", "purpose"}


def read(value: JSON) -> Query:
    """The query of a Presentation Definition. Raises DealUnusable, naming the property at fault."""
    definition = _object(value, {*_NAMES, "input_descriptors"}, needs={"id", "input_descriptors"})
    descriptors = definition["input_descriptors"]
    if not isinstance(descriptors, list) or len(descriptors) != 1:
        raise DealUnusable("input_descriptors: a deal asks for one record at a time")
    descriptor = _object(descriptors[0], {*_NAMES, "constraints"}, needs={"id", "constraints"})
    constraints = _object(descriptor["constraints"], {"limit_disclosure", "fields"}, needs={"fields"})
    if constraints.get("limit_disclosure") != "required":
        raise DealUnusable("limit_disclosure must be required")
    if not isinstance(constraints["fields"], list):
        raise DealUnusable("fields is not a list")
    return Query(tuple(_field(one) for one in constraints["fields"]))


def for_observations(codes: Sequence[str] = ()) -> bytes:
    """The Presentation Definition, in RFC 8785 form, for Observations with a `valueQuantity` that has a value.

    With LOINC `codes` the Observation must be coded as one of them. Asked for are kind, status, code and value, and
    the time of the measurement where there is one.
    """
    coded: dict[str, JSON] = {"type": "object", "minProperties": 1}
    if codes:
        coding = {"system": {"const": LOINC}, "code": {"enum": sorted(set(codes))}}
        wanted = {"type": "object", "properties": coding, "required": ["code", "system"]}
        coded |= {"properties": {"coding": {"type": "array", "contains": wanted}}, "required": ["coding"]}
    measured = {"type": "object", "properties": {"value": {"type": "number"}}, "required": ["value"]}
    fields: list[dict[str, JSON]] = [
        {"path": [f"{ROOT}.resourceType"], "filter": {"const": "Observation"}},
        {"path": [f"{ROOT}.status"], "filter": {"type": "string"}},
        {"path": [f"{ROOT}.code"], "filter": coded},
        {"path": [f"{ROOT}.valueQuantity"], "filter": measured},
        {"path": [f"{ROOT}.effective{kind}" for kind in ("DateTime", "Period", "Instant")], "optional": True},
    ]
    constraints: JSON = {"limit_disclosure": "required", "fields": fields}
    descriptor: JSON = {"id": "observation", "constraints": constraints}
    return rfc8785.dumps({"id": "observations", "input_descriptors": [descriptor]})


def _field(value: JSON) -> Wanted:
    field = _object(value, {*_NAMES, "path", "filter", "optional"}, needs={"path"})
    paths = field["path"]
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise DealUnusable("path is a list of texts")
    if not isinstance(optional := field.get("optional", False), bool):
        raise DealUnusable("optional is true or false")
    label = str(field.get("id") or field.get("name") or " or ".join(paths))
    schema = compile_schema(field["filter"]) if "filter" in field else None
    return Wanted(label, tuple(_path(path) for path in paths), optional, schema)


def _path(path: str) -> tuple[Step, ...]:
    """The steps of a JSONPath below the resource."""
    rest = path.removeprefix(ROOT)
    try:
        if len(path) > _MAX_PATH or rest == path or rest[:1] not in {"", ".", "["}:
            raise DealUnusable(f"a path starts with {ROOT}", path=path)
        steps = parse_path("$" + rest).steps
    except PathRejected as error:
        raise DealUnusable(str(error)) from error
    return tuple(None if step == "*" else int(step) if step.isdigit() else step for step in steps)


def _object(value: JSON, known: set[str], needs: set[str]) -> Mapping[str, Any]:  # Any: checked by the caller
    if not isinstance(value, dict):
        raise DealUnusable("an object is expected")
    if unknown := value.keys() - known:
        raise DealUnusable("a property that is not done here", properties=sorted(unknown))
    if missing := needs - value.keys():
        raise DealUnusable("a property is missing", properties=sorted(missing))
    for name in _NAMES & value.keys():
        if not isinstance(value[name], str):
            raise DealUnusable("a text is expected", property=name)
    return value
