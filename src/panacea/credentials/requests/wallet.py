"""One entry of a wallet, whatever its container: what a reader sees of it, and which parts can be shown apart.

    Held.of_ldp_vc(id, document, …)        Data Integrity: bbs-2023 and ecdsa-sd-2023 apart, all others whole
    Held.of_jwt_vc(id, claims, …)          jwt_vc_json (with a `vc` claim) and vc+jwt: whole
    Held.of_sd_jwt(id, claims, apart, …)   dc+sd-jwt and vc+sd-jwt: the disclosures apart
    Held.of_mdoc(id, doctype, items, …)    mso_mdoc by its elements as JSON: each apart

Nothing here verifies anything: an entry stands for a credential that the wallet verified when it received it, or that
a verifier has just verified. `reveal` is the one function that says what a choice shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from panacea.credentials.requests.places import (
    Part,
    Place,
    children,
    find,
    first_leaf,
    part_of,
    place_of,
)
from panacea.credentials.requests.reading import MAX_DEPTH
from panacea.credentials.requests.types import HeldRejected
from panacea.health.strict_json import require_depth
from panacea.health.types import JSON, JSONRejected

LDP_VC: Final = "ldp_vc"
JWT_VC_JSON: Final = "jwt_vc_json"
VC_JWT: Final = "vc+jwt"
VC_SD_JWT: Final = "vc+sd-jwt"
DC_SD_JWT: Final = "dc+sd-jwt"
MSO_MDOC: Final = "mso_mdoc"

SELECTIVE_SUITES: Final = frozenset({"bbs-2023", "ecdsa-sd-2023"})
"""Cryptosuites whose base proofs show any JSON pointer apart."""
W3C_FORMATS: Final = frozenset({LDP_VC, JWT_VC_JSON, VC_JWT, VC_SD_JWT})
CREDENTIAL_TYPE: Final = "https://www.w3.org/2018/credentials#VerifiableCredential"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Which parts of a document can be shown or hidden apart.

    `apart` is None where any part can, an empty set where none can, else the places that can, each with all below.
    `always` is shown whatever is chosen; with `apart` None, `along` names the members that come with every object on
    the way to what is shown (bbs-2023 and ecdsa-sd-2023 keep `id` and `type`).
    """

    apart: frozenset[Place] | None
    always: frozenset[Place] = frozenset()
    along: frozenset[str] = frozenset()

    @property
    def whole_only(self) -> bool:
        """Whether it is all or nothing."""
        return self.apart is not None and not self.apart


WHOLE: Final = Disclosure(frozenset())


@dataclass(frozen=True, slots=True)
class Held:
    """A credential as requests see it. `document` is JSON as `parse_json` gives it.

    `types` are its types with their contexts applied (DCQL's `type_values`), `algorithms` the names of what secures
    it: proof types and cryptosuites, or the `alg` of a JWT. `holder_bound` says that a presentation of it can carry a
    cryptographic proof of its holder, `subject` names that holder where the document cannot. `predicates` are the
    kinds that its suite can prove without showing the value (`filters.Filter.predicate`). `status` is what the wallet
    last learned: `active`, `suspended` or `revoked`. `authorities` are the values of each kind of DCQL's
    `trusted_authorities` that its issuer's chain meets.
    """

    id: str
    format: str
    document: dict[str, Any] = field(repr=False)  # Any: JSON
    disclosure: Disclosure = WHOLE
    types: frozenset[str] = frozenset()
    algorithms: frozenset[str] = frozenset()
    issuer: str | None = None
    subject: str | None = None
    holder_bound: bool = False
    vct: str | None = None
    doctype: str | None = None
    status: str | None = None
    predicates: frozenset[str] = frozenset()
    authorities: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no JSON object, or too deep; HeldRejected."""
        if not isinstance(self.document, dict):
            raise HeldRejected("a credential is a JSON object", id=self.id)
        try:
            require_depth(self.document, MAX_DEPTH)
        except JSONRejected as error:
            raise HeldRejected("nested too deep", id=self.id) from error

    @classmethod
    def of_ldp_vc(cls, id: str, document: JSON, *, mandatory: Iterable[str] = (), **known: Any) -> "Held":
        """A credential with Data Integrity proofs; `mandatory` are the pointers that its issuer demands to be shown.

        `known` are further fields of `Held`. With a selective base proof every pointer can be shown apart, and the
        proof itself is replaced, so it is left out of what is asked and shown.
        """
        proofs = _proofs(document)
        names = {str(proof[name]) for proof in proofs for name in ("type", "cryptosuite") if name in proof}
        selective = bool(SELECTIVE_SUITES & names)
        if selective:
            document = {name: value for name, value in document.items() if name != "proof"}
        disclosure = WHOLE
        if selective:
            always = frozenset(place_of(text, document) for text in mandatory)
            context: set[Place] = {("@context",)} if "@context" in document else set()
            disclosure = Disclosure(None, always | context, frozenset({"id", "type"}))
        predicates = frozenset({"range", "equal"}) if "bbs-2023" in names else frozenset()
        read: dict[str, Any] = {  # Any: fields of this class
            "disclosure": disclosure, "types": _types(document), "algorithms": frozenset(names),
            "issuer": issuer_of(document), "holder_bound": subject_of(document, ()) is not None,
            "predicates": predicates,
        }  # fmt: skip
        return cls(id, LDP_VC, document, **(read | known))

    @classmethod
    def of_jwt_vc(cls, id: str, claims: JSON, *, format: str = JWT_VC_JSON, alg: str = "", **known: Any) -> "Held":
        """A credential in a JWT: its claims set, `vc` claim and all."""
        inner = claims.get("vc", claims) if isinstance(claims, dict) else {}
        read: dict[str, Any] = {  # Any: fields of this class
            "types": _types(inner), "algorithms": frozenset({alg} if alg else ()),
            "issuer": issuer_of(claims),
            "holder_bound": isinstance(claims, dict) and bool({"cnf", "sub"} & claims.keys()),
        }  # fmt: skip
        return cls(id, format, claims, **(read | known))

    @classmethod
    def of_sd_jwt(
        cls, id: str, claims: JSON, apart: Iterable[str], *, format: str = DC_SD_JWT, alg: str = "", **known: Any
    ) -> "Held":
        """An SD-JWT: its processed claims, and the JSON pointers to those that came as disclosures."""
        places = frozenset(place_of(text, claims) for text in apart)
        read: dict[str, Any] = {  # Any: fields of this class
            "disclosure": Disclosure(places), "types": _types(claims), "algorithms": frozenset({alg} if alg else ()),
            "issuer": issuer_of(claims), "holder_bound": isinstance(claims, dict) and "cnf" in claims,
            "vct": _text(find(claims, ("vct",))),
        }  # fmt: skip
        return cls(id, format, claims, **(read | known))

    @classmethod
    def of_mdoc(cls, id: str, doctype: str, items: JSON, *, alg: str = "", **known: Any) -> "Held":
        """A mobile document by its elements: `items` maps name spaces to element identifiers to values."""
        apart: set[Place] = set()
        for space, elements in children(items):
            apart |= {(space,), *((space, name) for name, _ in children(elements))}
        read: dict[str, Any] = {  # Any: fields of this class
            "disclosure": Disclosure(frozenset(apart)), "doctype": doctype, "holder_bound": True,
            "algorithms": frozenset({alg} if alg else ()),
        }  # fmt: skip
        return cls(id, MSO_MDOC, items, **(read | known))

    @property
    def root(self) -> Place:
        """Where the Verifiable Credential begins: below `vc` in a JWT of VC 1.1, else at the top."""
        nested = self.format == JWT_VC_JSON and isinstance(self.document.get("vc"), dict)
        return ("vc",) if nested else ()

    def reveal(self, whole: Iterable[Place], present: Iterable[Place] = ()) -> Part:
        """What a reader sees when `whole` is shown with all below, and `present` at least as something.

        This is what the container makes of the choice: always more than was asked, never less.
        """
        apart = self.disclosure.apart
        if apart is None:
            wanted = {*whole, *self.disclosure.always}
            wanted |= {first_leaf(find(self.document, place), place) for place in present}
            return self._along(self.document, part_of(wanted))
        if not apart:
            return True
        return self._visible(self.document, (), _prefixes(whole, present), frozenset(whole))

    def _along(self, node: JSON, part: Part) -> Part:
        """A part, and what comes with every object in it."""
        if part is True:
            return True
        for step, inner in part.items():
            part[step] = self._along(node[step], inner)
        if isinstance(node, dict):
            part |= dict.fromkeys(self.disclosure.along & node.keys(), True)
        return part

    def _visible(self, node: JSON, place: Place, needed: frozenset[Place], whole: frozenset[Place]) -> Part:
        """All that is not hidden: what cannot be hidden, what was asked, and what that needs."""
        if place in whole:
            return True
        inner = {}
        size = 0
        for step, child in children(node):
            size += 1
            below = (*place, step)
            if below in (self.disclosure.apart or ()) and below not in needed:
                continue
            inner[step] = self._visible(child, below, needed, whole)
        return True if len(inner) == size and all(one is True for one in inner.values()) else inner


def issuer_of(document: JSON) -> str | None:
    """Who issued a document: `issuer` (a text or an object with `id`), that of `vc`, or `iss`."""
    for place in (("issuer",), ("vc", "issuer"), ("iss",)):
        value = find(document, place)
        found = _text(value["id"]) if isinstance(value, dict) and "id" in value else _text(value)
        if found is not None:
            return found
    return None


def subject_of(document: JSON, place: Place) -> str | None:
    """Whom the value at a place is about: the `id` of the credential subject around it, else the only one, or `sub`.

    None where nobody is named, where a place lies in a subject without a name, or where several are named.
    """
    for start in ((), ("vc",)):
        above = (*start, "credentialSubject")
        subject = find(document, above)
        if isinstance(subject, list):
            if place[: len(above)] == above and len(place) > len(above):
                subject = find(subject, place[len(above) : len(above) + 1])
            else:
                named = [one for one in subject if isinstance(one, dict) and _text(one.get("id"))]
                subject = named[0] if len(named) == 1 else None
        if isinstance(subject, dict) and (found := _text(subject.get("id"))):
            return found
    return _text(find(document, ("sub",)))


def _prefixes(whole: Iterable[Place], present: Iterable[Place]) -> frozenset[Place]:
    return frozenset(place[:size] for place in (*whole, *present) for size in range(len(place) + 1))


def _types(document: JSON) -> frozenset[str]:
    """The types as they are written, and the IRI of the one that every context defines alike."""
    value = find(document, ("type",))
    written = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    found = {one for one in written if isinstance(one, str)}
    return frozenset(found | ({CREDENTIAL_TYPE} if "VerifiableCredential" in found else set()))


def _proofs(document: JSON) -> list[dict[str, Any]]:  # Any: JSON
    if not isinstance(document, dict):
        raise HeldRejected("a credential is a JSON object")
    proof = document.get("proof", [])
    return [one for one in (proof if isinstance(proof, list) else [proof]) if isinstance(one, dict)]


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) and value else None
