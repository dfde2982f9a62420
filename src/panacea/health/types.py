"""The nouns of health records, and the ways this room says no.

HealthRejected
  x JSONRejected            bytes that are not strict JSON within the limits
  x ResourceRejected        JSON that is not a FHIR resource, or holds what FHIR JSON cannot
  x SubjectFormRejected     a credential subject that is not the form of a resource
  x PathRejected            an element path that cannot be read
  x TablesRejected          a table that cannot be written here
  x VersionRejected         a release of FHIR that is not read here
  x SummaryRejected         a Bundle that is no International Patient Summary, or resources that make none
    x BundleTooLarge        more entries, narrative or sections than are read
    x DuplicateFullURL      two entries of one name
    x ReferenceUnresolved   a reference to an entry that is not there
    x SectionMissing        a required section that is not there, or is empty without a reason
    x SectionMisplaced      a section with an entry of a type that does not belong there
    x NarrativeRejected     narrative with scripts, or no XHTML
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


class VersionRejected(HealthRejected, code=7, text="not a release of FHIR that is read here"):
    """Another release than R4, R4B and R5, or one that does not fit the record."""


class SummaryRejected(HealthRejected, code=8, text="not an International Patient Summary"):
    """Not a document Bundle with a Composition of the right kind first, or resources that make none."""


class BundleTooLarge(SummaryRejected, code=9, text="Bundle beyond the limits"):
    """More entries, sections, references or narrative than are read."""


class DuplicateFullURL(SummaryRejected, code=10, text="two entries with one fullUrl"):
    """A reference to that name would mean either."""


class ReferenceUnresolved(SummaryRejected, code=11, text="reference not resolved"):
    """A reference of the Composition names no entry of the Bundle."""


class SectionMissing(SummaryRejected, code=12, text="required section missing"):
    """Medications, allergies or problems are not there, or are empty without a reason."""


class SectionMisplaced(SummaryRejected, code=13, text="entry in the wrong section"):
    """A section names a resource of a type that does not belong there."""


class NarrativeRejected(SummaryRejected, code=14, text="narrative refused"):
    """Narrative that is no XHTML fragment, or that scripts, loads or posts something."""


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
