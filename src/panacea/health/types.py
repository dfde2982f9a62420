"""The nouns of health records, and the ways this room says no.

HealthRejected
  x JSONRejected            bytes that are not strict JSON within the limits
  x ResourceRejected        JSON that is not a FHIR resource, or holds what FHIR JSON cannot
  x SubjectFormRejected     a credential subject that is not the form of a resource
  x PathRejected            an element path that cannot be read
  x TablesRejected          a table that cannot be written here
"""

from decimal import Decimal
from typing import Any, Self

from panacea.primitives.rejected import Rejected

JSON = Any  # a JSON value: str, bool, int, Number, None, or a list or dict of such values
Resource = dict[str, JSON]


class HealthRejected(Rejected, codespace="health", code=1, text="health record refused"):
    """A record, a path or a table that was refused."""


class JSONRejected(HealthRejected, code=2, text="not acceptable JSON"):
    """Not UTF-8, not JSON, a repeated key, NaN, a lone surrogate, or beyond the limits."""


class ResourceRejected(HealthRejected, code=3, text="not a FHIR resource"):
    """No resourceType, an element name FHIR could not have, or a Python value that JSON does not know."""


class SubjectFormRejected(HealthRejected, code=4, text="not the subject form of a resource"):
    """A credential subject that `subject_form` could not have made."""


class PathRejected(HealthRejected, code=5, text="element path refused"):
    """A path that is neither a JSON pointer, nor an element path, nor a plain JSONPath."""


class TablesRejected(HealthRejected, code=6, text="table not written"):
    """The library that writes the format is not installed."""


class Number(Decimal):
    """A JSON number with a fraction or an exponent (or -0), which remembers how it was written.

    It equals, hashes and computes as its Decimal; `written` tells 7.90 from 7.9 and 1e2 from 1E+2.
    """

    __slots__ = ("written",)
    written: str

    def __new__(cls, written: str) -> Self:
        """The number that a JSON text says; raises decimal.InvalidOperation for what is none."""
        number = super().__new__(cls, written)
        number.written = written
        return number

    def __repr__(self) -> str:
        return f"Number({self.written!r})"
