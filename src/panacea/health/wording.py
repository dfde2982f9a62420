"""FHIR values in a few words, for people who decide about them."""

from panacea.health.strict_json import to_json, written
from panacea.health.types import JSON

_LONGEST = 120


def describe(value: JSON) -> str:
    """One line about a FHIR value: text before codes, numbers as they were written, never more than 120 characters."""
    text = _text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _text(value: JSON) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return written(value)


def _object(value: dict[str, JSON]) -> str:
    """The words of the common datatypes: Quantity, CodeableConcept, Coding, Reference, Period, HumanName and so on."""
    if "value" in value:
        parts = [value.get("comparator", ""), value["value"], value.get("unit") or value.get("code", "")]
        return " ".join(_text(part) for part in parts if part != "")
    for name in ("text", "display", "reference", "div"):
        if isinstance(value.get(name), str):
            return str(value[name])
    if "family" in value or "given" in value:
        given = value.get("given", [])
        return " ".join(map(_text, [*(given if isinstance(given, list) else [given]), value.get("family", "")])).strip()
    if "start" in value or "end" in value:
        return f"{value.get('start', '…')} to {value.get('end', '…')}"
    if "low" in value or "high" in value:
        return f"{_text(value.get('low', '…'))} to {_text(value.get('high', '…'))}"
    for name in ("concept", "reference", "coding", "code"):
        if name in value:
            return _text(value[name])
    return to_json(value).decode()
