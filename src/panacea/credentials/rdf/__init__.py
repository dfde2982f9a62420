"""RDF for credentials: JSON-LD 1.1 in safe mode, RDFC-1.0 under a work budget, selection by JSON pointer.

document -> to_quads -> canonicalize -> lines to sign
document -> canonicalize_and_group -> the lines of each group, to sign
document -> disclose -> the part that is shown, and how it lies in the whole
document -> expand, compact -> the same in other words

contexts, processing, terms      contexts: bundled or given, processed once, and what a word means in one
expansion, maps, shapes, iri     any JSON-LD document to its expanded form (`options`: of the API)
compaction, inverse              … and back into the words of a context
statements, literals             the expanded form to RDF
one_pass                         the commonest documents to RDF at once, without the forms in between
canonical                        RDFC-1.0
selection, labelled              JSON pointers to statements, under shuffled labels
nquads, types                    statements as text; the nouns, and how this room says no
"""

from panacea.credentials.rdf.canonical import Canonical, canonicalize, relabelled
from panacea.credentials.rdf.compaction import compact
from panacea.credentials.rdf.contexts import Contexts
from panacea.credentials.rdf.expansion import expand
from panacea.credentials.rdf.nquads import parse_nquads
from panacea.credentials.rdf.options import Options
from panacea.credentials.rdf.selection import (
    Disclosure,
    Group,
    Grouped,
    LabelMapFactory,
    canonical_lines,
    canonicalize_and_group,
    disclose,
    hmac_labels,
    replaced_labels,
    select,
    shuffled_labels,
)
from panacea.credentials.rdf.statements import to_quads
from panacea.credentials.rdf.types import JSONLDRejected, NQuadsRejected, PointerRejected, PoisonGraph, Quad

__all__ = [
    "Canonical",
    "Contexts",
    "Disclosure",
    "Group",
    "Grouped",
    "JSONLDRejected",
    "LabelMapFactory",
    "NQuadsRejected",
    "Options",
    "PointerRejected",
    "PoisonGraph",
    "Quad",
    "canonical_lines",
    "canonicalize",
    "canonicalize_and_group",
    "compact",
    "disclose",
    "expand",
    "hmac_labels",
    "parse_nquads",
    "relabelled",
    "replaced_labels",
    "select",
    "shuffled_labels",
    "to_quads",
]
