"""DCQL (OpenID4VP 1.0, section 6), the part that a deal needs: one credential, its claims by path and values.

    {"credentials": [{"id", "format": "ldp_vc", "meta": {"type_values": [[type]]},
                      "claims": [{"id"?, "path": ["credentialSubject", "resource", …], "values"?}]}]}

A path is names, indexes and null for every item. Each claim is required. Everything else is refused by name.
"""

from collections.abc import Mapping, Set
from typing import Any

from panacea.credentials.records.requests.query import Query, Wanted
from panacea.credentials.records.requests.schemas import compile_schema
from panacea.credentials.refusals import DealUnusable
from panacea.health.types import JSON

TYPE = "https://www.w3.org/2018/credentials#VerifiableCredential"
_ROOT = ["credentialSubject", "resource"]


def read(value: JSON) -> Query:
    """The query of DCQL. Raises DealUnusable, naming the property at fault."""
    credentials = _object(value, {"credentials"})["credentials"]
    if not isinstance(credentials, list) or len(credentials) != 1:
        raise DealUnusable("credentials: a deal asks for one record at a time")
    credential = _object(credentials[0], {"id", "format", "meta", "claims"})
    if credential["format"] != "ldp_vc":
        raise DealUnusable("records come as ldp_vc", format=credential["format"])
    if not isinstance(credential["id"], str):
        raise DealUnusable("a text is expected", property="id")
    _require_types(_object(credential["meta"], {"type_values"})["type_values"])
    if not isinstance(credential["claims"], list):
        raise DealUnusable("claims is not a list")
    return Query(tuple(_claim(one) for one in credential["claims"]))


def _require_types(alternatives: JSON) -> None:
    """One alternative must name nothing but the type that every health credential has."""
    if not isinstance(alternatives, list) or not any(one == [TYPE] for one in alternatives):
        raise DealUnusable("type_values: no credential here has these types", expected=TYPE)


def _claim(value: JSON) -> Wanted:
    claim = _object(value, {"path"}, {"id", "values"})
    path = claim["path"]
    if not isinstance(path, list) or path[:2] != _ROOT or not all(_is_step(step) for step in path):
        raise DealUnusable("a path starts with credentialSubject, resource", path=path)
    schema = None
    if "values" in claim:
        values = claim["values"]
        if not isinstance(values, list) or not values or not all(isinstance(one, str | int) for one in values):
            raise DealUnusable("values are texts, whole numbers or booleans")
        schema = compile_schema({"enum": values})
    label = claim.get("id") or ".".join("*" if step is None else str(step) for step in path)
    return Wanted(str(label), (tuple(path[2:]),), schema=schema)


def _is_step(step: object) -> bool:
    return step is None or (type(step) is int and step >= 0) or (isinstance(step, str) and 0 < len(step) <= 128)


def _object(
    value: JSON, needs: Set[str], may: Set[str] = frozenset()
) -> Mapping[str, Any]:  # Any: checked by the caller
    if not isinstance(value, dict):
        raise DealUnusable("an object is expected")
    if unknown := value.keys() - needs - may:
        raise DealUnusable("a property that is not done here", properties=sorted(unknown))
    if missing := needs - value.keys():
        raise DealUnusable("a property is missing", properties=sorted(missing))
    return value
