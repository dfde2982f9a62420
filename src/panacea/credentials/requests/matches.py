"""What a wallet learns from a request: which credentials answer which question, and what each would show."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from panacea.credentials.requests.places import Part, Place, beyond, part_of, pointers_to, project
from panacea.credentials.requests.wallet import Held
from panacea.health.types import JSON

MAX_WAYS = 64
"""Ways to satisfy a request that are listed; `truncated` says that there are more."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A question that may be answered by a proof instead of the value.

    `directive` is required or preferred. `kind` is what the filter asks (`filters.Filter.predicate`), None where it is
    none of the forms that the specification knows. `provable`: this credential's suite can prove it, so that
    the value stays hidden.
    """

    directive: str
    kind: str | None
    provable: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """How a credential answers one field or claim: by the value at `pointer`, or by a proof about it."""

    label: str
    path: str
    pointer: str
    optional: bool = False
    predicate: Predicate | None = None
    intent_to_retain: bool = False
    subject: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Places in a document: `whole` with all below, `present` at least as something, `extra` for optional fields."""

    whole: tuple[Place, ...] = ()
    present: tuple[Place, ...] = ()
    extra: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A credential that answers a question; `wishes` are preferences of the verifier that it does not meet.

    What it shows is worked out when it is asked for: a wallet offers many and shows one.
    """

    held: Held = field(repr=False)
    answers: tuple[Answer, ...]
    choice: Choice = field(repr=False)
    wishes: tuple[str, ...] = ()

    @property
    def credential(self) -> str:
        """The id of the wallet entry."""
        return self.held.id

    @property
    def reveals(self) -> tuple[str, ...]:
        """The fewest JSON pointers that name all that a presentation shows.

        That is what was asked for, what makes it stand where it stands, and what the container cannot hide.
        """
        return tuple(pointers_to(self._part()))

    @property
    def optional(self) -> tuple[str, ...]:
        """The JSON pointers that a presentation shows beyond `reveals` when optional fields are shown too."""
        if not self.choice.extra:
            return ()
        known = set(self.reveals)
        more = self.held.reveal((*self.choice.whole, *self.choice.extra), self.choice.present)
        return tuple(one for one in pointers_to(more) if one not in known)

    @property
    def excess(self) -> tuple[str, ...]:
        """JSON pointers to the part of `reveals` that nobody asked for."""
        return tuple(beyond(self.held.document, self._part(), part_of(self.choice.whole)))

    @property
    def shown(self) -> JSON:
        """The document as a reader sees it when `reveals` is shown: arrays closed up over what is left out."""
        return project(self.held.document, self._part())

    def _part(self) -> Part:
        return self.held.reveal(self.choice.whole, self.choice.present)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A credential that does not answer a question, and the first reason; `label` is the field or claim at fault."""

    credential: str
    reason: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One input descriptor or credential query with the credentials that answer it and those that do not."""

    id: str
    candidates: tuple[Candidate, ...]
    unmatched: tuple[Unmatched, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to satisfy a request: for each question that belongs to it, the candidates to choose from.

    Any choice of one candidate for each question will do. `wishes` are preferences about the whole that are not met.
    """

    candidates: Mapping[str, tuple[Candidate, ...]]
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """The answer of a wallet to a request. With no way at all nothing may be shown."""

    questions: tuple[Question, ...]
    ways: tuple[Way, ...]
    truncated: bool = False

    @property
    def satisfiable(self) -> bool:
        """Whether the wallet can answer."""
        return bool(self.ways)

    def get_question(self, id: str) -> Question:
        """The question of that id; KeyError, for ids come from the request itself."""
        return {one.id: one for one in self.questions}[id]
