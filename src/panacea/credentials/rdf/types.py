"""The nouns of RDF and JSON-LD here, and the ways this room says no.

    JSONLDRejected                a document that does not say in RDF all it says in JSON
      x UnmappedTerm              no context gives the term, type or identifier an absolute IRI
      x DroppedValue              the value would leave no statement behind
      x KeywordRefused            a keyword of JSON-LD that this processor does not do
      x ContextRefused            a context that is unknown, malformed or redefines a protected term
      x ValueRefused              a value that does not fit its place, or loses precision in RDF
      x DocumentTooLarge          more nesting, more contexts or more statements than the limits allow
    PoisonGraph                   blank nodes so alike that labelling them costs more than the budget
    NQuadsRejected                text that is not N-Quads
    PointerRejected               a JSON pointer that is malformed or leads nowhere

Every rejection of a document names the JSON pointer (RFC 6901) of the value at fault, and where the JSON-LD API has an
error code for the fault, it is the attribute `error_code` ("invalid IRI mapping"); it is "" for what only we refuse.
"""

from typing import NamedTuple

from panacea.primitives.rejected import Rejected


class Quad(NamedTuple):
    """One RDF statement; each part is already in its canonical N-Quads form.

    An IRI reads `<...>`, a blank node `_:label`, a literal `"..."` with its suffix; the default graph is "".
    """

    subject: str
    predicate: str
    object: str
    graph: str = ""

    def line(self) -> str:
        """The statement as one line of canonical N-Quads, with its line feed."""
        graph = f" {self.graph}" if self.graph else ""
        return f"{self.subject} {self.predicate} {self.object}{graph} .\n"


class JSONLDRejected(Rejected, codespace="credentials", code=100, text="JSON-LD document refused"):
    """A document whose RDF form would not cover all of it.

    `error_code` is the code of JSON-LD API §9.1 (JsonLdErrorCode), or "".
    """

    def __init__(self, detail: str = "", /, *, error_code: str = "", **values: object) -> None:
        """Keep the code; it is the detail as well where no sentence is given."""
        self.error_code = error_code
        super().__init__(detail or error_code, **values)


class UnmappedTerm(JSONLDRejected, code=101, text="no context maps this to an absolute IRI"):
    """A term, a type or an identifier without an absolute IRI."""


class DroppedValue(JSONLDRejected, code=102, text="the value would leave no statement"):
    """A null, an empty array, or a node about which nothing is said."""


class KeywordRefused(JSONLDRejected, code=103, text="keyword not supported"):
    """A keyword of JSON-LD 1.1 that is not done here."""


class ContextRefused(JSONLDRejected, code=104, text="context refused"):
    """An unknown context URL, a malformed context, or a change to a protected term."""


class ValueRefused(JSONLDRejected, code=105, text="value refused"):
    """A value of the wrong kind, or a number that RDF would round."""


class DocumentTooLarge(JSONLDRejected, code=106, text="document too large"):
    """More nesting, more context processing or more statements than the limits allow."""


class PoisonGraph(Rejected, codespace="credentials", code=110, text="graph too costly to canonicalise"):
    """Labelling the blank nodes would cost more work than the budget allows."""


class NQuadsRejected(Rejected, codespace="credentials", code=111, text="malformed N-Quads"):
    """A line that is not an N-Quads statement."""


class PointerRejected(Rejected, codespace="credentials", code=112, text="JSON pointer refused"):
    """A pointer that is malformed, or that names nothing in the document."""
