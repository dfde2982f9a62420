"""RDF literals of JSON values: strings, true, false, numbers and whole JSON values."""

from decimal import Decimal
from typing import Any

import rfc8785

from panacea.credentials.rdf.nquads import RDF, XSD, literal
from panacea.credentials.rdf.types import ValueRefused


def well_formed(text: str) -> str:
    """The string itself; a lone surrogate, which no UTF-8 can hold, is refused."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueRefused("a lone surrogate") from error
    return text


def native(value: Any, datatype: str | None) -> str:
    """The literal of a JSON true, false or number (Object to RDF Conversion, JSON-LD API §8.2.2)."""
    if isinstance(value, bool):
        return literal("true" if value else "false", datatype or XSD + "boolean")
    if not isinstance(value, int | Decimal):
        raise ValueRefused("neither a string, a boolean, an int nor a Decimal", kind=type(value).__name__)
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact.adjusted()) > 300:
        raise ValueRefused("a number that a double does not hold", number=value)
    if datatype != XSD + "double" and exact == exact.to_integral_value() and abs(exact) < 10**21:
        return literal(str(int(exact)), datatype or XSD + "integer")
    digits, exponent = f"{float(exact):.15E}".split("E")
    whole, fraction = digits.split(".")
    text = f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}"
    if Decimal(text) != exact:
        raise ValueRefused("a number that a double does not hold", number=value)
    return literal(text, datatype or XSD + "double")


def json_literal(value: Any) -> str:
    """An rdf:JSON literal: the value in the form of RFC 8785."""
    try:
        text = rfc8785.dumps(_plain(value)).decode()
    except (rfc8785.CanonicalizationError, UnicodeError, OverflowError) as error:
        raise ValueRefused("not in the range of RFC 8785") from error
    return literal(text, RDF + "JSON")


def _plain(value: Any) -> Any:
    """JSON with doubles in place of decimals, where a double holds the value."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        if Decimal(repr(float(value))) != value:
            raise ValueRefused("a number that a double does not hold", number=value)
        return float(value)
    if isinstance(value, float):
        raise ValueRefused("a binary float")
    return value
