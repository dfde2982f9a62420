"""Presentation submissions: read, built for a choice of credentials, and verified against a definition.

    submission = build_submission(definition, "a30e…", entries)
    satisfied = verify_submission(definition, submission, presentation, decode=decode)

`decode(format, value)` is where a claim is taken out of its envelope *and verified*: it gets what a path led to, and
gives a `Held` (a credential), or JSON (an envelope that `path_nested` goes into), or raises a Rejected. Whoever decodes
without verifying has verified nothing.

Kinds of mismatch: definition-id, unknown-descriptor, twice, path, format, decode, nested-id, constraints, requirement,
missing, same-subject.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from panacea.credentials.requests.definitions import Definition, Relation
from panacea.credentials.requests.json_path import JSONPath, parse_path
from panacea.credentials.requests.judging import CLAIM_FORMATS, Rules, beyond_demand, judge
from panacea.credentials.requests.matches import Candidate, Unmatched
from panacea.credentials.requests.reading import Members
from panacea.credentials.requests.submission_requirements import find_unmet
from panacea.credentials.requests.types import Mismatch, NotDoneHere, SubmissionMismatch, SubmissionRejected
from panacea.credentials.requests.wallet import Held
from panacea.credentials.requests.work import WORK, Budget
from panacea.health.types import JSON
from panacea.primitives.rejected import Rejected

MAX_ENTRIES: Final = 64
MAX_NESTING: Final = 8
EMBEDDED: Final = ("presentation_submission",)

Decode = Callable[[str, JSON], "Held | JSON"]
"""From a claim format and the value found to what is inside, verified."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a descriptor map: the claim for an input descriptor lies at `path`, or in what lies there."""

    id: str
    format: str
    path: JSONPath
    nested: "Entry | None" = None

    def to_json(self) -> dict[str, JSON]:
        """The entry as JSON."""
        nested = {} if self.nested is None else {"path_nested": self.nested.to_json()}
        return {"id": self.id, "format": self.format, "path": self.path.text, **nested}


@dataclass(frozen=True, slots=True)
class Submission:
    """A presentation submission."""

    id: str
    definition_id: str
    entries: tuple[Entry, ...]

    def to_json(self) -> dict[str, JSON]:
        """The value of `presentation_submission`."""
        entries = [entry.to_json() for entry in self.entries]
        return {"id": self.id, "definition_id": self.definition_id, "descriptor_map": entries}


@dataclass(frozen=True, slots=True)
class Satisfied:
    """A submission that holds: the claim for each input descriptor, and what it showed that was not asked for."""

    claims: Mapping[str, Held] = field(repr=False)
    answers: Mapping[str, Candidate] = field(repr=False)
    excess: Mapping[str, tuple[str, ...]]


def read_submission(value: JSON) -> Submission:
    """The submission of a JSON value, bare or as the `presentation_submission` of an envelope.

    The envelope may hold it where the specification embeds it: at the top, in `data` (CHAPI), in `vp` (a decoded
    JWT), or in an attachment of DIDComm. Raises SubmissionRejected, PathRefused.
    """
    members = Members.of(value, "", SubmissionRejected, check_depth=True)
    found = find_embedded(value)
    if found is not None:
        members = Members.of(found, "presentation_submission", SubmissionRejected)
    members.only(("id", "definition_id", "descriptor_map"))
    return Submission(
        members.get_text("id"),
        members.get_text("definition_id"),
        members.get_each("descriptor_map", lambda one: _entry(one, 0), least=0, most=MAX_ENTRIES),
    )


def find_embedded(value: JSON) -> JSON | None:
    """The submission that an embed target carries, None where there is none. A bare submission carries none."""
    if not isinstance(value, dict):
        return None
    attachments = value.get("presentations~attach")
    inner = [one.get("data") for one in attachments if isinstance(one, dict)] if isinstance(attachments, list) else []
    targets = [value, value.get("vp"), value.get("data"), *(one.get("json") for one in inner if isinstance(one, dict))]
    for target in targets:
        if isinstance(target, dict) and "presentation_submission" in target:
            return target["presentation_submission"]
    return None


def build_submission(definition: Definition, id: str, entries: Sequence[Entry]) -> Submission:
    """The submission of a choice. Raises SubmissionRejected where the choice does not satisfy the definition."""
    known = {descriptor.id for descriptor in definition.descriptors}
    chosen = [entry.id for entry in entries]
    if len(set(chosen)) != len(chosen) or not known.issuperset(chosen) or len(chosen) > MAX_ENTRIES:
        raise SubmissionRejected("each entry is for another input descriptor of the definition", chosen=chosen)
    if missing := _require_sets(definition, frozenset(chosen)):
        raise SubmissionRejected(missing[0].detail, at=missing[0].at)
    return Submission(id, definition.id, tuple(entries))


def entries_in(choice: Mapping[str, Held], envelope: str) -> list[Entry]:
    """Entries for credentials in one presentation, in the order of first use; one credential may answer twice.

    `envelope` is `ldp_vp` (`$.verifiableCredential[0]`), `jwt_vp` (`$`, then `$.vp.verifiableCredential[0]`) or ""
    (a list of presentations, one for each credential, or one alone).
    """
    order = list(dict.fromkeys(held.id for held in choice.values()))
    entries = []
    for descriptor, held in choice.items():
        at = order.index(held.id)
        inner = Entry(descriptor, _designation(held), parse_path(f"$.verifiableCredential[{at}]"))
        if envelope == "jwt_vp":
            inner = Entry(descriptor, inner.format, parse_path(f"$.vp.verifiableCredential[{at}]"))
            inner = Entry(descriptor, "jwt_vp", parse_path("$"), inner)
        elif not envelope:
            inner = Entry(descriptor, inner.format, parse_path("$" if len(order) == 1 else f"$[{at}]"))
        elif envelope != "ldp_vp":
            raise SubmissionRejected("an envelope that is not known here", envelope=envelope)
        entries.append(inner)
    return entries


def verify_submission(
    definition: Definition,
    submission: Submission,
    presentation: JSON,
    *,
    decode: Decode,
    holders: Set[str] = frozenset(),
    proved: Set[tuple[str, int]] = frozenset(),
    values_for_predicates: bool = False,
    work: int = WORK,
) -> Satisfied:
    """What a submission delivers. `presentation` is the object it is embedded in, or the VP token.

    `holders` are identifiers whose control the presentation proved; `holder_bound` of a decoded `Held` says that it
    came with a proof by the key that it is bound to. `proved` are predicates whose proofs were checked, by input
    descriptor and index of the field. Raises SubmissionMismatch with every mismatch, NotDoneHere for a frame,
    TooMuchWork.
    """
    if definition.frame is not None:
        raise NotDoneHere("JSON-LD frames", property="frame")
    rules = Rules(holders, values_for_predicates, proved, presented=True)
    budget = Budget(work)
    wrong: list[Mismatch] = []
    if submission.definition_id != definition.id:
        wrong.append(Mismatch(submission.definition_id, "definition-id", f"the definition is {definition.id}"))
    claims: dict[str, Held] = {}
    answers: dict[str, Candidate] = {}
    known = {descriptor.id for descriptor in definition.descriptors}
    for entry in submission.entries:
        if entry.id not in known:
            wrong.append(Mismatch(entry.id, "unknown-descriptor", "the definition has none of this id"))
            continue
        if entry.id in claims:
            wrong.append(Mismatch(entry.id, "twice", "one claim is expected for each input descriptor"))
            continue
        held = _follow(entry, presentation, decode, budget)
        if isinstance(held, Mismatch):
            wrong.append(held)
            continue
        claims[entry.id] = held
        judged = judge(definition, definition.get_descriptor(entry.id), held, rules, budget)
        if isinstance(judged, Unmatched):
            wrong.append(Mismatch(entry.id, "constraints", judged.reason))
        else:
            answers[entry.id] = judged
    wrong += _require_sets(definition, frozenset(claims)) + _subject_mismatches(definition, claims, answers)
    if wrong:
        raise SubmissionMismatch(tuple(wrong))
    return Satisfied(claims, answers, {name: beyond_demand(one.excess) for name, one in answers.items()})


def _entry(members: Members, depth: int) -> Entry:
    members.only(("id", "format", "path", "path_nested"))
    if depth > MAX_NESTING:
        members.refuse("nested too deep")
    nested = members.find_members("path_nested")
    return Entry(
        members.get_text("id"),
        members.get_text("format"),
        parse_path(members.get_text("path")),
        None if nested is None else _entry(nested, depth + 1),
    )


def _follow(entry: Entry, value: JSON, decode: Decode, budget: Budget) -> Held | Mismatch:
    """The claim that an entry leads to."""
    step: Entry | None = entry
    while step is not None:
        if step.id != entry.id:
            return Mismatch(entry.id, "nested-id", f"a nested entry has the id {step.id[:80]}")
        found = step.path.find_all(value, budget)
        first = next(found, None)
        if first is None or next(found, None) is not None:
            return Mismatch(entry.id, "path", f"{step.path.text} does not lead to one value")
        try:
            value = decode(step.format, first.value)
        except Rejected as error:
            return Mismatch(entry.id, "decode", str(error))
        if isinstance(value, Held):
            if step.nested is not None:
                return Mismatch(entry.id, "format", f"{step.format} holds no other claim")
            if step.format not in CLAIM_FORMATS.get(value.format, {value.format}):
                return Mismatch(entry.id, "format", f"{step.format} is said, {value.format} was found")
            return value
        step = step.nested
    return Mismatch(entry.id, "format", f"{entry.format} is an envelope, and no claim in it is named")


def _require_sets(definition: Definition, submitted: frozenset[str]) -> list[Mismatch]:
    """What is missing of the set that a definition wants."""
    if definition.requirements:
        unmet = find_unmet(definition.requirements, definition.groups, submitted)
        return [] if unmet is None else [Mismatch(unmet.label, "requirement", "the submission requirement is not met")]
    missing = [one.id for one in definition.descriptors if one.id not in submitted]
    return [Mismatch(one, "missing", "no claim is submitted for it") for one in missing]


def _subject_mismatches(
    definition: Definition, claims: Mapping[str, Held], answers: Mapping[str, Candidate]
) -> list[Mismatch]:
    wrong = []
    for descriptor in definition.descriptors:
        for relation in descriptor.same_subject:
            if relation.required and descriptor.id in claims and not _about_one(relation, definition, answers):
                wrong.append(Mismatch(descriptor.id, "same-subject", "its fields are not about one subject"))
    return wrong


def _about_one(relation: Relation, definition: Definition, answers: Mapping[str, Candidate]) -> bool:
    known = {field.id for descriptor in definition.descriptors for field in descriptor.fields}
    subjects = {answer.subject for one in answers.values() for answer in one.answers if answer.id in relation.fields}
    return known.issuperset(relation.fields) and len(subjects) == 1 and None not in subjects


def _designation(held: Held) -> str:
    """The designation that a submission gives an entry of this format."""
    return "jwt_vc" if held.format == "jwt_vc_json" else held.format
