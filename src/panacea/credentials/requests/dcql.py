"""DCQL (OpenID4VP 1.0 §6): queries as values, which credentials of a wallet answer them, and whether a VP token does.

    query = read_query(parse_json(octets))
    matches = match(query, wallet)
    response = verify_response(query, vp_token, decode=decode)

Unknown properties are ignored, as §6 demands. Of `claim_sets` the first that a credential can satisfy is taken. A claim
whose value is restricted counts only as far as it has one of the values, of the very same type; a verifier must not
rely on that for its security (§6.4.1), but `verify_response` holds the answer to it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from panacea.credentials.requests.claims_path import ClaimsPath, read_claims_path, select_claims, written
from panacea.credentials.requests.json_path import Found
from panacea.credentials.requests.matches import MAX_WAYS, Answer, Candidate, Choice, Matches, Question, Unmatched, Way
from panacea.credentials.requests.places import find, pointer
from panacea.credentials.requests.presentation_exchange import require_distinct
from panacea.credentials.requests.reading import Members, present
from panacea.credentials.requests.types import Mismatch, QueryRejected, ResponseMismatch
from panacea.credentials.requests.wallet import DC_SD_JWT, MSO_MDOC, W3C_FORMATS, Held
from panacea.credentials.requests.work import WORK, Budget, allowance
from panacea.health.types import JSON
from panacea.primitives.rejected import Rejected

MAX_CREDENTIALS: Final = 64
MAX_CLAIMS: Final = 128
MAX_SETS: Final = 64
MAX_PRESENTATIONS: Final = 256

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MDOC_STEPS = 2

Decode = Callable[["CredentialQuery", JSON], Held]
"""From a credential query and one presentation to the credential in it, with all that was shown, verified."""


@dataclass(frozen=True, slots=True)
class ClaimsQuery:
    """One claim that is asked for, and the values that will do; () for any."""

    path: ClaimsPath
    id: str | None = None
    values: tuple[str | int | bool, ...] = ()
    intent_to_retain: bool = False

    def to_json(self) -> dict[str, JSON]:
        """The query as JSON."""
        values = list(self.values) or None
        return present(id=self.id, path=list(self.path), values=values, intent_to_retain=self.intent_to_retain or None)


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """Authorities of one kind (`aki`, `etsi_tl`, `openid_federation`) that the verifier accepts."""

    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CredentialQuery:
    """What is asked of one kind of credential.

    Of the metadata `vct_values`, `type_values` and `doctype_value` are read, by format; `meta` is all of it as given.
    """

    id: str
    format: str
    meta: Mapping[str, JSON]
    multiple: bool = False
    vct_values: tuple[str, ...] = ()
    type_values: tuple[tuple[str, ...], ...] = ()
    doctype_value: str | None = None
    trusted_authorities: tuple[TrustedAuthority, ...] = ()
    require_cryptographic_holder_binding: bool = True
    claims: tuple[ClaimsQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The query as JSON, defaults left out."""
        authorities = [{"type": one.type, "values": list(one.values)} for one in self.trusted_authorities]
        return present(
            id=self.id,
            format=self.format,
            multiple=self.multiple or None,
            meta=dict(self.meta),
            trusted_authorities=authorities or None,
            require_cryptographic_holder_binding=None if self.require_cryptographic_holder_binding else False,
            claims=[claim.to_json() for claim in self.claims] or None,
            claim_sets=[list(one) for one in self.claim_sets] or None,
        )

    @property
    def combinations(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """The sets of claims of which one is wanted, the most wanted first."""
        if not self.claim_sets:
            return (self.claims,)
        by_id = {claim.id: claim for claim in self.claims}
        return tuple(tuple(by_id[name] for name in one) for one in self.claim_sets)


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """Sets of credential queries of which one is wanted; `required` says whether it must be."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Query:
    """A DCQL query."""

    credentials: tuple[CredentialQuery, ...]
    credential_sets: tuple[CredentialSet, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The query as JSON, defaults left out."""
        sets = [
            {"options": [list(option) for option in one.options], **({} if one.required else {"required": False})}
            for one in self.credential_sets
        ]
        return present(credentials=[one.to_json() for one in self.credentials], credential_sets=sets or None)

    def find_credential(self, id: str) -> CredentialQuery | None:
        """The credential query of that id."""
        return next((one for one in self.credentials if one.id == id), None)

    @property
    def needs_state(self) -> bool:
        """Whether a credential without holder binding is asked for, so that a request must carry `state` (§5.3)."""
        return not all(one.require_cryptographic_holder_binding for one in self.credentials)


@dataclass(frozen=True, slots=True)
class Response:
    """A VP token that holds: for each credential query the credentials presented, and the claims that answer it."""

    credentials: Mapping[str, tuple[Held, ...]] = field(repr=False)
    answers: Mapping[str, tuple[Candidate, ...]] = field(repr=False)


def read_query(value: JSON) -> Query:
    """The query of a JSON value. Raises QueryRejected."""
    members = Members.of(value, "", QueryRejected, check_depth=True)
    credentials = members.get_each("credentials", _credential, most=MAX_CREDENTIALS)
    ids = [one.id for one in credentials]
    if len(set(ids)) != len(ids):
        members.refuse("two credential queries have one id", "credentials")
    sets = members.find_each("credential_sets", _credential_set, least=1, most=MAX_SETS) or ()
    for one in sets:
        if unknown := {name for option in one.options for name in option} - set(ids):
            raise QueryRejected("a set names a credential query that is not there", id=min(unknown))
    return Query(credentials, sets)


def match(query: Query, wallet: Sequence[Held], *, work: int | None = None) -> Matches:
    """How a wallet answers a query, by the rules of §6.4. Ways with optional sets come before those without.

    Raises TooMuchWork, RequestRejected for a wallet of more than 10,000 entries or with one id twice.
    """
    require_distinct(wallet)
    budget = Budget(allowance(len(wallet)) if work is None else work)
    questions = []
    for one in query.credentials:
        judged = [judge(one, held, budget) for held in wallet]
        found = tuple(each for each in judged if isinstance(each, Candidate))
        questions.append(Question(one.id, found, tuple(each for each in judged if isinstance(each, Unmatched))))
    listed = []
    for chosen in _sets(query, frozenset(one.id for one in questions if one.candidates), budget):
        listed.append(Way({one.id: one.candidates for one in questions if one.id in chosen}))
        if len(listed) > MAX_WAYS:
            break
    return Matches(tuple(questions), tuple(listed[:MAX_WAYS]), len(listed) > MAX_WAYS)


def judge(query: CredentialQuery, held: Held, budget: Budget, *, authorities: bool = True) -> Candidate | Unmatched:
    """The candidate that a credential makes for a query, or why it makes none. Raises TooMuchWork."""
    if reason := _meta_reason(query, held):
        return Unmatched(held.id, reason, "meta")
    if query.require_cryptographic_holder_binding and not held.holder_bound:
        return Unmatched(held.id, "its holder cannot be proved", "require_cryptographic_holder_binding")
    trusted = query.trusted_authorities if authorities else ()
    if trusted and not any(held.authorities.get(one.type, frozenset()).intersection(one.values) for one in trusted):
        return Unmatched(held.id, "its issuer is under none of the trusted authorities", "trusted_authorities")
    document = find(held.document, held.root)
    unmatched = Unmatched(held.id, "there is nothing to ask")
    for claims in query.combinations:
        answers: list[Answer] = []
        found: list[Found] = []
        for claim in claims:
            selected = _select(query, claim, document, budget)
            if isinstance(selected, str):
                unmatched = Unmatched(held.id, f"{written(claim.path)}: {selected}", claim.id or written(claim.path))
                break
            found += selected
            places = (pointer((*held.root, *one.place)) for one in selected)
            label = claim.id or written(claim.path)
            retain = claim.intent_to_retain
            answers += [Answer(label, written(claim.path), one, intent_to_retain=retain) for one in places]
        else:
            whole = tuple((*held.root, *one.place) for one in found)
            kept = tuple((*held.root, *one) for each in found for one in each.present)
            return Candidate(held, tuple(answers), Choice(whole, kept))
    return unmatched


def verify_response(query: Query, vp_token: JSON, *, decode: Decode, work: int = WORK) -> Response:
    """What a VP token delivers: an object from ids of credential queries to lists of presentations (§8.1).

    `holder_bound` of a decoded `Held` says that its presentation carried a valid proof of the holder. Whether the
    issuer is trusted is the verifier's own to judge (§6.1.1). Kinds of mismatch: unknown-query, presentations, decode,
    credential, missing, set. Raises ResponseMismatch with every mismatch, TooMuchWork.
    """
    if not isinstance(vp_token, dict):
        raise ResponseMismatch((Mismatch("vp_token", "presentations", "an object is expected"),))
    budget = Budget(work)
    wrong = [
        Mismatch(str(name)[:80], "unknown-query", "the query has none of this id")
        for name in vp_token
        if query.find_credential(name) is None
    ]
    credentials: dict[str, tuple[Held, ...]] = {}
    answers: dict[str, tuple[Candidate, ...]] = {}
    for one in query.credentials:
        if one.id not in vp_token:
            continue
        held, candidates, faults = _presented(one, vp_token[one.id], decode, budget)
        wrong += faults
        if not faults:
            credentials[one.id], answers[one.id] = held, candidates
    wrong += _missing(query, frozenset(vp_token) & {one.id for one in query.credentials})
    if wrong:
        raise ResponseMismatch(tuple(wrong))
    return Response(credentials, answers)


def _presented(
    query: CredentialQuery, presentations: JSON, decode: Decode, budget: Budget
) -> tuple[tuple[Held, ...], tuple[Candidate, ...], list[Mismatch]]:
    """The credentials of the presentations for one query, and what is wrong with them."""
    if not isinstance(presentations, list) or not 0 < len(presentations) <= MAX_PRESENTATIONS:
        return (), (), [Mismatch(query.id, "presentations", "a list of presentations is expected")]
    if len(presentations) > 1 and not query.multiple:
        return (), (), [Mismatch(query.id, "presentations", "only one was asked for")]
    credentials, candidates, wrong = [], [], []
    for one in presentations:
        try:
            held = decode(query, one)
        except Rejected as error:
            wrong.append(Mismatch(query.id, "decode", str(error)))
            continue
        judged = judge(query, held, budget, authorities=False)
        if isinstance(judged, Unmatched):
            wrong.append(Mismatch(query.id, "credential", judged.reason))
        else:
            credentials.append(held)
            candidates.append(judged)
    return tuple(credentials), tuple(candidates), wrong


def _missing(query: Query, returned: frozenset[str]) -> list[Mismatch]:
    if not query.credential_sets:
        missing = [one.id for one in query.credentials if one.id not in returned]
        return [Mismatch(one, "missing", "no presentation was returned for it") for one in missing]
    return [
        Mismatch(" or ".join(map("+".join, one.options))[:80], "set", "no option of a required set was returned")
        for one in query.credential_sets
        if one.required and not any(returned.issuperset(option) for option in one.options)
    ]


def _sets(query: Query, available: frozenset[str], budget: Budget) -> Iterator[frozenset[str]]:
    """Sets of credential queries that satisfy a query, each once."""
    if not query.credential_sets:
        everything = frozenset(one.id for one in query.credentials)
        if everything <= available:
            yield everything
        return
    choices: list[list[tuple[str, ...]]] = []
    for one in query.credential_sets:
        possible = [option for option in one.options if available.issuperset(option)]
        choices.append(possible if one.required else [*possible, ()])
    seen: set[frozenset[str]] = set()
    # `product` copies the lists, which are short; the combinations themselves are made one by one.
    for combination in product(*choices):
        budget.spend(len(combination))
        chosen = frozenset(name for option in combination for name in option)
        if chosen not in seen:
            seen.add(chosen)
            yield chosen


def _meta_reason(query: CredentialQuery, held: Held) -> str:
    if held.format != query.format:
        return f"format: {held.format} is not asked for"
    if query.vct_values and held.vct not in query.vct_values:
        return "meta: another vct"
    if query.doctype_value is not None and held.doctype != query.doctype_value:
        return "meta: another doctype"
    if query.type_values and not any(held.types.issuperset(one) for one in query.type_values):
        return "meta: other types"
    return ""


def _select(query: CredentialQuery, claim: ClaimsQuery, document: JSON, budget: Budget) -> list[Found] | str:
    """What a claim selects, or why it is not there."""
    if query.format == MSO_MDOC and not (
        len(claim.path) == _MDOC_STEPS and all(isinstance(step, str) for step in claim.path)
    ):
        return "a path into a mobile document is a name space and an element"
    selected = select_claims(document, claim.path, budget)
    if not selected:
        return "it is not there"
    if not claim.values:
        return selected
    budget.spend(len(selected) * len(claim.values))
    wanted = [one for one in selected if any(_same(one.value, value) for value in claim.values)]
    return wanted or "it has none of the values"


def _same(value: JSON, wanted: str | int | bool) -> bool:
    """Type and value alike: true is not 1, and 1.0 is no integer."""
    return type(value) is type(wanted) and bool(value == wanted)


def _credential(members: Members) -> CredentialQuery:
    container = members.get_text("format", limit=256)
    meta = members.get_members("meta")
    claims = members.find_each("claims", _claim, least=1, most=MAX_CLAIMS) or ()
    binding = members.find_flag("require_cryptographic_holder_binding")
    return CredentialQuery(
        members.get_text("id", pattern=_ID),
        container,
        dict(meta.values),
        members.find_flag("multiple") or False,
        meta.get_texts("vct_values") if meta.values and container == DC_SD_JWT else (),
        _type_values(meta) if meta.values and container in W3C_FORMATS else (),
        meta.get_text("doctype_value") if meta.values and container == MSO_MDOC else None,
        members.find_each("trusted_authorities", _authority, least=1, most=MAX_SETS) or (),
        True if binding is None else binding,
        _distinct(claims, members),
        _claim_sets(members, claims),
    )


def _distinct(claims: tuple[ClaimsQuery, ...], members: Members) -> tuple[ClaimsQuery, ...]:
    """Claims without repetitions; the same id twice is refused."""
    ids = [claim.id for claim in claims if claim.id is not None]
    if len(set(ids)) != len(ids):
        members.refuse("two claims have one id", "claims")
    # Python takes True for 1; a query does not.
    spelled = {(one.path, one.id, tuple((type(value), value) for value in one.values)): one for one in claims}
    return tuple(spelled.values())


def _claim_sets(members: Members, claims: tuple[ClaimsQuery, ...]) -> tuple[tuple[str, ...], ...]:
    raw = members.find_list("claim_sets", least=1, most=MAX_SETS)
    if raw is None:
        return ()
    if not claims:
        members.refuse("there are no claims to choose from", "claim_sets")
    if any(claim.id is None for claim in claims):
        members.refuse("with claim_sets each claim has an id", "claims")
    known = {claim.id for claim in claims}
    for one in raw:
        if not isinstance(one, list) or not one or not all(isinstance(name, str) and name in known for name in one):
            members.refuse("a set names claims that are there", "claim_sets")
    return tuple(tuple(one) for one in raw)


def _claim(members: Members) -> ClaimsQuery:
    path = read_claims_path(members.values.get("path"), f"{members.at}.path", QueryRejected)
    values = members.find_list("values", least=1)
    if values is not None and not all(isinstance(one, str) or type(one) in {int, bool} for one in values):
        members.refuse("values are texts, whole numbers, true or false", "values")
    return ClaimsQuery(
        path,
        members.find_text("id", pattern=_ID),
        tuple(values or ()),
        members.find_flag("intent_to_retain") or False,
    )


def _authority(members: Members) -> TrustedAuthority:
    return TrustedAuthority(members.get_text("type", limit=256), members.get_texts("values"))


def _type_values(meta: Members) -> tuple[tuple[str, ...], ...]:
    raw = meta.find_list("type_values", least=1, most=MAX_SETS)
    if raw is None:
        meta.refuse("a property is missing", "type_values")
    for one in raw:
        if not isinstance(one, list) or not one or not all(isinstance(name, str) and name for name in one):
            meta.refuse("lists of types are expected", "type_values")
    return tuple(tuple(one) for one in raw)


def _credential_set(members: Members) -> CredentialSet:
    raw = members.find_list("options", least=1, most=MAX_SETS)
    if raw is None:
        members.refuse("a property is missing", "options")
    for one in raw:
        if not isinstance(one, list) or not one or not all(isinstance(name, str) for name in one):
            members.refuse("lists of ids are expected", "options")
    required = members.find_flag("required")
    return CredentialSet(tuple(tuple(one) for one in raw), True if required is None else required)
