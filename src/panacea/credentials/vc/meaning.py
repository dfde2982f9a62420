"""A credential must say in JSON, where it is judged, all that it says in RDF, where it is signed.

One statement has many spellings in JSON-LD: under its full IRI, in `@nest`, in a node of the same id elsewhere. Whoever
holds a credential that is signed over RDF may spell it anew, and no signature breaks. An end, a status or a subject
spelled so that whoever reads the JSON by its plain names overlooks it would be signed and yet judged by nobody. Source:
VC Data Model 2.0, section 1.3: a conforming document is in compacted form.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from panacea.credentials.rdf import Contexts, to_quads
from panacea.credentials.rdf.shapes import as_list
from panacea.credentials.vc.model import Credential
from panacea.credentials.vc.types import Document, MalformedCredential

VOCABULARY: Final = "https://www.w3.org/2018/credentials#"
TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
KINDS: Final = {
    "BitstringStatusListEntry": "<https://www.w3.org/ns/credentials/status#BitstringStatusListEntry>",
    "JsonSchema": f"<{VOCABULARY}JsonSchema>",
}
"""Types of what is judged beside the credential itself, and what they stand for."""

ENTRIES: Final = ("credentialStatus", "credentialSchema", "relatedResource")
JUDGED: Final = (*ENTRIES, "issuer", "credentialSubject", "termsOfUse", "evidence", "refreshService")
DATES: Final = {"2.0": ("validFrom", "validUntil"), "1.1": ("issuanceDate", "expirationDate")}
_STAND_IN: Final = "urn:panacea:this-credential"

_Said = dict[str, dict[str, set[str]]]
"""Subject to predicate to objects, of the default graph."""


def require_plain(found: Credential, contexts: Contexts) -> None:
    """Refuse a credential of which more, or something else, is stated than its members of plain names say.

    Raises MalformedCredential, or what the reading of JSON-LD raises.
    """
    document = {name: value for name, value in found.document.items() if name != "proof"}
    root = found.id or _STAND_IN
    said: _Said = defaultdict(lambda: defaultdict(set))
    # An id spelled otherwise collides with the one that is put here, and is refused.
    for quad in to_quads({"id": root, **document}, contexts):
        if not quad.graph:
            said[quad.subject][quad.predicate].add(quad.object)
    stated = said[f"<{root}>"]
    for name in (*JUDGED, *DATES[found.version]):
        if len(stated[f"<{VOCABULARY}{name}>"]) != _count(document.get(name)):
            raise MalformedCredential("stated otherwise than by its plain name", pointer=f"/{name}")
    if len(stated[TYPE]) != len(set(found.types)):
        raise MalformedCredential("stated otherwise than by its plain name", pointer="/type")
    if stated[f"<{VOCABULARY}issuer>"] != {f"<{found.issuer}>"}:
        raise MalformedCredential("another issuer than it names", pointer="/issuer")
    named = {one for one in stated[f"<{VOCABULARY}credentialSubject>"] if not one.startswith("_:")}
    if named != {f"<{one}>" for one in found.subject_ids}:
        raise MalformedCredential("other subjects than it names", pointer="/credentialSubject")
    _require_entries(found, said, stated)


def _require_entries(found: Credential, said: _Said, stated: dict[str, set[str]]) -> None:
    """Status, schemas and resources: no statement about one that is not a member of it, and no type by another name."""
    entries = [*found.status, *found.schemas, *found.related]
    nodes = {node for name in ENTRIES for node in stated[f"<{VOCABULARY}{name}>"]}
    if sum(len(objects) for node in nodes for objects in said[node].values()) != _members(entries):
        raise MalformedCredential("stated otherwise than by its plain name", pointer="/credentialStatus")
    for kind, iri in KINDS.items():
        stating = [node for node in nodes if iri in said[node][TYPE]]
        if len(stating) != len(
            {_name(place, one) for place, one in enumerate(entries) if kind in as_list(one.get("type"))}
        ):
            raise MalformedCredential("a type under another name", pointer="/credentialStatus", type=kind)


def _members(entries: Iterable[Document]) -> int:
    """How many statements the members of these objects make; one that stands twice makes one."""
    return len(
        {
            (_name(place, one), name, _identity((place, number), value))
            for place, one in enumerate(entries)
            for name in one.keys() - {"id"}
            for number, value in enumerate(as_list(one.get(name)))
            if value is not None
        }
    )


def _count(value: Any) -> int:  # Any: JSON of a member
    values = [] if value is None else as_list(value)
    return len({_identity(place, one) for place, one in enumerate(values)})


def _name(place: object, value: Document) -> str:
    """The id of an object, or one of its own."""
    return str(value["id"]) if "id" in value else f"_:{place}"


def _identity(place: object, value: Any) -> str:  # Any: JSON
    """What two equal values share, and two objects without an id do not."""
    if isinstance(value, dict):
        return _name(place, value)
    return value if isinstance(value, str) else f"_:{place}" if isinstance(value, list) else repr(value)
