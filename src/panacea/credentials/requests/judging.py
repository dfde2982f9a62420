"""One credential held against one input descriptor, in the wallet and at the verifier alike.

The order is that of Input Evaluation: format, schemas (version 1), fields, limited disclosure, relations, status. The
first that fails is the reason; reasons name fields and places, never values. A field takes the first match of each
path in turn, as the specification says: later items of `[*]` are not tried against the filter.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from typing import Final

from panacea.credentials.requests.definitions import Definition, Field, Format, InputDescriptor, Relation
from panacea.credentials.requests.json_path import Found
from panacea.credentials.requests.matches import Answer, Candidate, Choice, Predicate, Unmatched
from panacea.credentials.requests.places import Place, find, pointer
from panacea.credentials.requests.wallet import (
    DC_SD_JWT,
    JWT_VC_JSON,
    LDP_VC,
    MSO_MDOC,
    VC_JWT,
    VC_SD_JWT,
    Held,
    issuer_of,
    subject_of,
)
from panacea.credentials.requests.work import Budget

CLAIM_FORMATS: Final[dict[str, frozenset[str]]] = {
    LDP_VC: frozenset({"ldp_vc", "ldp", "di_vc"}),
    JWT_VC_JSON: frozenset({"jwt_vc_json", "jwt_vc", "jwt"}),
    VC_JWT: frozenset({"vc+jwt", "jwt_vc", "jwt"}),
    VC_SD_JWT: frozenset({"vc+sd-jwt", "sd_jwt"}),
    DC_SD_JWT: frozenset({"dc+sd-jwt", "vc+sd-jwt", "sd_jwt"}),
    MSO_MDOC: frozenset({"mso_mdoc"}),
}
"""The claim format designations that each format of a wallet entry answers to."""
PRESENTATION_FORMATS: Final[dict[str, frozenset[str]]] = {
    "ldp_vp": frozenset({LDP_VC}),
    "di_vp": frozenset({LDP_VC}),
    "jwt_vp": frozenset({JWT_VC_JSON, VC_JWT}),
    "jwt_vp_json": frozenset({JWT_VC_JSON}),
    "vp+jwt": frozenset({VC_JWT}),
}
"""Designations of presentations, and which entries one of them can carry where no credential format is asked."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How to judge.

    `holders` are identifiers that the presenter has proved, or can prove, to control. `values_for_predicates`: a
    required predicate may be answered by the value. `proved` names predicates that a proof has established, as
    (input descriptor id, index of the field). `presented`: the document is all that was shown, so disclosure is done.
    """

    holders: Set[str] = frozenset()
    values_for_predicates: bool = False
    proved: Set[tuple[str, int]] = frozenset()
    presented: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    answer: Answer
    found: Found | None


def judge(
    definition: Definition, descriptor: InputDescriptor, held: Held, rules: Rules, budget: Budget
) -> Candidate | Unmatched:
    """The candidate that a credential makes for a descriptor, or why it makes none. Raises TooMuchWork."""
    if reason := _format_reason(descriptor.formats or definition.formats, held):
        return Unmatched(held.id, reason, "format")
    if reason := _schema_reason(descriptor, held):
        return Unmatched(held.id, reason, "schema")
    hits: list[_Hit] = []
    for field in descriptor.fields:
        hit = _answer(descriptor, field, held, rules, budget)
        if isinstance(hit, _Hit):
            hits.append(hit)
        elif not field.optional:
            return Unmatched(held.id, f"{field.label}: {hit}", field.label)
    whole = [place for hit in hits if not hit.answer.optional for place in _places(hit)]
    extra = [place for hit in hits if hit.answer.optional for place in _places(hit)]
    present = [place for hit in hits if hit.found for place in hit.found.present]
    budget.spend(len(whole) + len(extra))
    choice = Choice(tuple(whole), tuple(present), tuple(extra))
    candidate = Candidate(held, tuple(hit.answer for hit in hits), choice)
    wishes: list[str] = []
    limit = descriptor.limit_disclosure
    if limit and held.disclosure.whole_only and not rules.presented and beyond_demand(candidate.excess):
        if limit == "required":
            return Unmatched(held.id, "limit_disclosure: the credential can only be shown whole", "limit_disclosure")
        wishes.append("limit_disclosure")
    for label, reason, required in _relations(descriptor, held, hits, rules):
        if required:
            return Unmatched(held.id, f"{label}: {reason}", label)
        wishes.append(label)
    if reason := _status_reason(descriptor, held):
        return Unmatched(held.id, reason, "statuses")
    return replace(candidate, wishes=tuple(wishes)) if wishes else candidate


def _answer(descriptor: InputDescriptor, field: Field, held: Held, rules: Rules, budget: Budget) -> _Hit | str:
    """The answer to a field, or what is wrong."""
    kind = field.filter.predicate if field.filter else None
    if field.predicate and (descriptor.id, field.index) in rules.proved:
        asked = Predicate(field.predicate, kind, provable=True)
        answer = Answer(field.label, field.paths[0].text, "", field.optional, asked, field.intent_to_retain)
        return _Hit(replace(answer, id=field.id), None)
    reason = "there is nothing at any of its paths"
    for path in field.paths:
        found = path.find_first(held.document, budget)
        if found is None:
            continue
        if field.filter is not None and not field.filter.accepts(found.value, budget):
            reason = f"what stands at {pointer(found.place) or 'the top'} does not meet the filter"
            continue
        predicate = None
        if field.predicate:
            predicate = Predicate(field.predicate, kind, _provable(kind, held) and not rules.presented)
            if field.predicate == "required" and not predicate.provable and not rules.values_for_predicates:
                return "the answer must be a proof, and none is to be had"
        return _Hit(
            Answer(
                field.label,
                path.text,
                pointer(found.place),
                field.optional,
                predicate,
                field.intent_to_retain,
                subject_of(held.document, found.place) or held.subject,
                field.id,
            ),
            found,
        )
    return reason


def _provable(kind: str | None, held: Held) -> bool:
    return kind is not None and kind in held.predicates


def _places(hit: _Hit) -> tuple[Place, ...]:
    """What must be shown for an answer: nothing where it is proved instead."""
    if hit.found is None or (hit.answer.predicate is not None and hit.answer.predicate.provable):
        return ()
    return (hit.found.place, *hit.found.whole)


def _format_reason(formats: dict[str, Format] | None, held: Held) -> str:
    if formats is None:
        return ""
    names = CLAIM_FORMATS.get(held.format, frozenset({held.format}))
    known = names & formats.keys()
    if not known:
        carried = any(held.format in PRESENTATION_FORMATS.get(name, ()) for name in formats)
        credentials = formats.keys() - PRESENTATION_FORMATS.keys()
        return "" if carried and not credentials else f"format: {held.format} is not taken"
    if any(_is_secured_by(formats[name], held) for name in known):
        return ""
    return f"format: {', '.join(sorted(held.algorithms)) or 'its algorithm'} is not taken"


def _is_secured_by(wanted: Format, held: Held) -> bool:
    lists = (wanted.algorithms, wanted.proof_types, wanted.cryptosuites)
    return all(not names or held.algorithms.intersection(names) for names in lists)


def _schema_reason(descriptor: InputDescriptor, held: Held) -> str:
    """Version 1: any of the URIs, and all that are required, are among the credential's schemas and contexts."""
    if not descriptor.schemas:
        return ""
    uris: set[str] = set()
    for name in ("@context", "credentialSchema", "$schema", "vct"):
        for start in ((), ("vc",)):
            value = find(held.document, (*start, name))
            for one in value if isinstance(value, list) else [value]:
                uri = one.get("id") if isinstance(one, dict) else one
                uris |= {uri} if isinstance(uri, str) else set()
    required = [one.uri for one in descriptor.schemas if one.required]
    if required:
        missing = next((uri for uri in required if uri not in uris), None)
        return "" if missing is None else f"schema: {missing} is not named"
    return "" if any(one.uri in uris for one in descriptor.schemas) else "schema: none of them is named"


def _relations(descriptor: InputDescriptor, held: Held, hits: list[_Hit], rules: Rules) -> list[tuple[str, str, bool]]:
    """Relations of this credential alone that do not hold: label, reason, whether required."""
    failed: list[tuple[str, str, bool]] = []
    if descriptor.subject_is_issuer:
        issuer = issuer_of(held.document) or held.issuer
        subject = subject_of(held.document, ()) or held.subject
        if issuer is None or issuer != subject:
            required = descriptor.subject_is_issuer == "required"
            failed.append(("subject_is_issuer", "the subject did not issue it", required))
    for relation in descriptor.is_holder:
        if reason := _holder_reason(descriptor, relation, held, hits, rules):
            failed.append(("is_holder", reason, relation.required))
    return failed


def _holder_reason(descriptor: InputDescriptor, relation: Relation, held: Held, hits: list[_Hit], rules: Rules) -> str:
    ids = {field.id for field in descriptor.fields}
    if unknown := [name for name in relation.fields if name not in ids]:
        return f"it names the field {unknown[0]}, which this descriptor does not have"
    subjects = {hit.answer.subject for hit in hits if hit.answer.id in relation.fields}
    if subjects == {None} or not subjects:
        # A key that the issuer bound to whoever holds the credential stands for the subject nobody names.
        return "" if held.holder_bound else "the credential names no subject"
    return "" if all(one in rules.holders for one in subjects) else "the subject is not the presenter"


def _status_reason(descriptor: InputDescriptor, held: Held) -> str:
    if not descriptor.statuses:
        return ""
    entries = [find(held.document, (*start, "credentialStatus")) for start in ((), ("vc",))]
    listed = [one for entry in entries for one in (entry if isinstance(entry, list) else [entry]) if one]
    token = find(held.document, ("status",))
    status = held.status if listed or token or held.status else "active"
    types = {str(one.get("type")) for one in listed if isinstance(one, dict)}
    for name, rule in descriptor.statuses.items():
        if rule.directive in {None, "allowed"}:
            continue
        if status is None:
            return "statuses: what it is now is not known"
        if (status == name) != (rule.directive == "required"):
            return f"statuses: {name} is {rule.directive}, and it is {status}"
        if rule.types and types and not types.intersection(rule.types):
            return f"statuses: {name} is not told in a way that is taken"
    return ""


def beyond_demand(pointers: Iterable[str]) -> tuple[str, ...]:
    """Those JSON pointers that lead to claims: not to what every container of this kind has to show."""
    return tuple(text for text in pointers if not _DEMANDED.intersection(_names(text)))


def _names(text: str) -> set[str]:
    tokens = text.split("/")[1:]
    top = tokens[1] if tokens[:1] == ["vc"] and len(tokens) > 1 else tokens[0] if tokens else ""
    last = tokens[-1] if tokens else ""
    return {top} | ({last} if last in {"id", "type"} else set())


_DEMANDED: Final = frozenset({
    "@context", "id", "type", "issuer", "proof", "validFrom", "validUntil", "issuanceDate", "expirationDate",
    "credentialStatus", "credentialSchema", "iss", "sub", "iat", "exp", "nbf", "jti", "vct", "cnf", "status",
    "_sd_alg", "aud", "nonce",
})  # fmt: skip
