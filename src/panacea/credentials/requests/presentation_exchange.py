"""DIF Presentation Exchange: which credentials of a wallet answer a definition, and what each would reveal.

    definition = read_definition(parse_json(octets))
    matches = match(definition, wallet, holders={did})
    matches.ways[0].candidates["banking_input_1"][0].reveals     # JSON pointers
    matches.questions[0].unmatched[0].reason                     # why not, in words

Done: paths, filters, optional fields, predicates, limited disclosure, formats, groups and submission requirements,
`is_holder`, `same_subject`, `subject_is_issuer`, statuses, `intent_to_retain`; version 1's `schema`. Refused by name:
`frame`. Whatever the verifier says of disclosure, as little is shown as the container allows.
"""

from collections.abc import Iterable, Iterator, Sequence, Set

from panacea.credentials.requests.definitions import Definition, Relation, read_definition, read_descriptor
from panacea.credentials.requests.judging import Rules, judge
from panacea.credentials.requests.matches import MAX_WAYS, Candidate, Matches, Question, Unmatched, Way
from panacea.credentials.requests.submission_requirements import ways
from panacea.credentials.requests.types import NotDoneHere, RequestRejected
from panacea.credentials.requests.wallet import Held
from panacea.credentials.requests.work import Budget, allowance

MAX_WALLET = 10_000

__all__ = ["match", "read_definition", "read_descriptor"]


def match(
    definition: Definition,
    wallet: Sequence[Held],
    *,
    holders: Set[str] = frozenset(),
    values_for_predicates: bool = False,
    work: int | None = None,
) -> Matches:
    """How a wallet answers a definition.

    `holders` are identifiers that the wallet can prove to control. Without `values_for_predicates` a credential that
    cannot prove a required predicate does not match, for its value was not asked for. Raises NotDoneHere for a
    `frame`, TooMuchWork, RequestRejected for a wallet of more than 10,000 entries or with one id twice.
    """
    if definition.frame is not None:
        raise NotDoneHere("JSON-LD frames", property="frame")
    require_distinct(wallet)
    rules = Rules(holders=holders, values_for_predicates=values_for_predicates)
    budget = Budget(allowance(len(wallet)) if work is None else work)
    questions = []
    for descriptor in definition.descriptors:
        judged = [judge(definition, descriptor, held, rules, budget) for held in wallet]
        found = tuple(one for one in judged if isinstance(one, Candidate))
        questions.append(Question(descriptor.id, found, tuple(one for one in judged if isinstance(one, Unmatched))))
    listed = list(_first(_ways(definition, questions, budget), MAX_WAYS + 1))
    return Matches(tuple(questions), tuple(listed[:MAX_WAYS]), len(listed) > MAX_WAYS)


def require_distinct(wallet: Sequence[Held]) -> None:
    """Refuse a wallet that is too large, or in which an id stands twice."""
    if len(wallet) > MAX_WALLET:
        raise RequestRejected("a wallet too large", entries=len(wallet), limit=MAX_WALLET)
    if len({held.id for held in wallet}) != len(wallet):
        raise RequestRejected("two wallet entries have one id")


def _ways(definition: Definition, questions: list[Question], budget: Budget) -> Iterator[Way]:
    candidates = {one.id: one.candidates for one in questions}
    if definition.requirements:
        available = frozenset(name for name, found in candidates.items() if found)
        sets: Iterator[frozenset[str]] = ways(definition.requirements, definition.groups, available, budget)
    else:
        sets = iter([frozenset(candidates)] if all(candidates.values()) else [])
    for chosen in sets:
        start = {one.id: candidates[one.id] for one in definition.descriptors if one.id in chosen}
        yield from _by_subject(definition, start, budget)


def _by_subject(definition: Definition, start: dict[str, tuple[Candidate, ...]], budget: Budget) -> Iterator[Way]:
    """A way for each subject that all fields of a `same_subject` can be about."""
    variants = [Way(start)]
    for owner, relation in _relations(definition):
        if owner not in start:
            continue
        fields = {
            descriptor.id
            for descriptor in definition.descriptors
            if descriptor.id in start and any(field.id in relation.fields for field in descriptor.fields)
        }
        known = {field.id for descriptor in definition.descriptors for field in descriptor.fields}
        split: list[Way] = []
        for way in variants:
            parts = _split(way, fields, relation, budget) if known.issuperset(relation.fields) else []
            split += parts if parts or relation.required else [Way(way.candidates, (*way.wishes, "same_subject"))]
        variants = split[:MAX_WAYS]
    yield from variants


def _split(way: Way, asked: set[str], relation: Relation, budget: Budget) -> list[Way]:
    """The way once for each common subject, with the candidates that are about it."""
    found: dict[str, dict[str, list[Candidate]]] = {descriptor: {} for descriptor in asked}
    for descriptor in asked:
        for candidate in way.candidates[descriptor]:
            budget.spend()
            subjects = {one.subject for one in candidate.answers if one.id in relation.fields}
            if len(subjects) == 1 and (subject := subjects.pop()) is not None:
                found[descriptor].setdefault(subject, []).append(candidate)
    if not found:
        return [way]
    common = sorted(set.intersection(*(set(by_subject) for by_subject in found.values())))
    return [
        Way({**way.candidates, **{name: tuple(found[name][subject]) for name in found}}, way.wishes)
        for subject in common[:MAX_WAYS]
    ]


def _relations(definition: Definition) -> list[tuple[str, Relation]]:
    return [(one.id, relation) for one in definition.descriptors for relation in one.same_subject]


def _first(found: Iterable[Way], most: int) -> Iterator[Way]:
    for _, one in zip(range(most), found, strict=False):
        yield one
