"""The options of the JSON-LD API (§9.3) that change what a document means or how it is written."""

from dataclasses import dataclass
from typing import Any, Final, Literal

ProcessingMode = Literal["json-ld-1.0", "json-ld-1.1"]
RDFDirection = Literal["i18n-datatype", "compound-literal"]


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may ask of the processor beyond its defaults.

    `base` is the document's URL, "" for none. `expand_context` is a context before the document's own.
    `rdf_direction` says how text directions become RDF; without it safe mode refuses them and unsafe mode drops them.
    `generalized` keeps blank nodes as predicates, which N-Quads does not know.
    """

    base: str = ""
    expand_context: Any = None  # Any: JSON of any shape
    processing_mode: ProcessingMode = "json-ld-1.1"
    compact_arrays: bool = True
    compact_to_relative: bool = True
    rdf_direction: RDFDirection | None = None
    generalized: bool = False


PLAIN: Final = Options()
