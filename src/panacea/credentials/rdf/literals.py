"""RDF literals of JSON values: strings, true, false, numbers and whole JSON values."""

from decimal import Decimal
from typing import Any

import rfc8785

from panacea.credentials.rdf.nquads import RDF, XSD, literal
from panacea.credentials.rdf.types import ValueRefused

_MAX_EXPONENT = 300
_LEAST_WHOLE_DOUBLE = 10**21
MAX_QUADS = 100_000
"""More statements of one document are refused."""


def well_formed(text: str) -> str:
    """The string itself; a lone surrogate, which no UTF-8 can hold, is refused."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueRefused("a lone surrogate") from error
    return text


def native(value: Any, datatype: str | None, *, exact: bool = True) -> str:
    """The literal of a JSON true, false or number (Object to RDF Conversion, JSON-LD API §8.2.2).

    Without `exact` a number is rounded to 16 digits and a binary float is taken as it prints.
    """
    if isinstance(value, bool):
        return literal("true" if value else "false", datatype or XSD + "boolean")
    if isinstance(value, float) and not exact:
        value = Decimal(repr(value))
    if not isinstance(value, int | Decimal):
        raise ValueRefused("neither a string, a boolean, an int nor a Decimal", kind=type(value).__name__)
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _MAX_EXPONENT:
        raise ValueRefused("a number that a double does not hold", number=value)
    if datatype != XSD + "double" and abs(number) < _LEAST_WHOLE_DOUBLE and number == number.to_integral_value():
        return literal(str(int(number)), datatype or XSD + "integer")
    digits, exponent = f"{float(number):.15E}".split("E")
    whole, fraction = digits.split(".")
    text = f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}"
    if exact and Decimal(text) != number:
        raise ValueRefused("a number that a double does not hold", number=value)
    return literal(text, datatype or XSD + "double")


def json_literal(value: Any, *, exact: bool = True) -> str:
    """An rdf:JSON literal: the value in the form of RFC 8785; without `exact` its numbers are rounded to doubles."""
    try:
        text = rfc8785.dumps(_plain(value, exact)).decode()
    except (rfc8785.CanonicalizationError, UnicodeError, OverflowError) as error:
        raise ValueRefused("not in the range of RFC 8785") from error
    return literal(text, RDF + "JSON")


def _plain(value: Any, exact: bool) -> Any:
    """JSON with doubles in place of decimals, where a double holds the value."""
    if isinstance(value, dict):
        return {name: _plain(one, exact) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, exact) for one in value]
    if isinstance(value, Decimal):
        if exact and Decimal(repr(float(value))) != value:
            raise ValueRefused("a number that a double does not hold", number=value)
        return float(value)
    if isinstance(value, float) and exact:
        raise ValueRefused("a binary float")
    return value
