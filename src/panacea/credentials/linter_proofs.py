"""What the proof and the status of a credential say about it: the part of the linter that reads cryptography."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from panacea.credentials.coarsening import REMOVE, Grain, cut_seconds, find_time
from panacea.credentials.linter_rules import RULES, Severity
from panacea.credentials.status.bitstring import MIN_BITS
from panacea.credentials.suites.bbs_values import MAX_TEXT, DerivedValue
from panacea.credentials.suites.multibase import from_base64url
from panacea.credentials.suites.types import ProofRejected
from panacea.health.types import JSON
from panacea.wire import cbor

_SELECTIVE: Final = b"\xd9\x5d"
_BASE: Final = frozenset({0, 2, 4, 6, 8})
_DERIVED: Final = frozenset({3, 5, 7, 9})
_PSEUDONYMS: Final = frozenset({7, 9})
_FEW_USES: Final = 1000
_INDEXES: Final = ("statusListIndex", "revocationListIndex", "idx")
_LISTS: Final = ("statusListCredential", "revocationListCredential", "uri")
_MANY_BITS: Final = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that links showings of a credential: where (JSON pointer), why, and the coarser form, if there is one.

    `coarser` is the value to put there, REMOVE to leave it out, or None where only the advice helps.
    """

    rule: str
    severity: Severity
    pointer: str
    why: str
    advice: str
    coarser: JSON = field(default=None, repr=False)

    @property
    def has_coarser(self) -> bool:
        """Whether `coarsen` can do something about it."""
        return self.coarser is not None

    @property
    def offer(self) -> str:
        """What `coarsen` would do, in a few words."""
        if self.coarser is REMOVE:
            return "leave it out"
        return f"put {_shown(self.coarser)}" if self.has_coarser else ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller knows beyond the document: sizes of status lists by URL, uses of keys by method id.

    `mandatory` are the pointers that the issuer will make mandatory, of a document that has no proof yet.
    """

    list_sizes: Mapping[str, int] = field(default_factory=dict)
    key_uses: Mapping[str, int] = field(default_factory=dict)
    mandatory: tuple[str, ...] = ()


def found(
    rule: str, pointer: str, coarser: JSON = None, *, severity: Severity | None = None, detail: str = ""
) -> Finding:
    """A finding by a rule; `detail` is put behind its reason."""
    known = RULES[rule]
    why = f"{known.why} {detail}" if detail else known.why
    return Finding(rule, severity or known.severity, pointer, why, known.advice, coarser)


def lint_status(status: JSON, pointer: str, known: Known) -> Iterator[Finding]:
    """Findings in `credentialStatus`, one entry or several, or in the `status` of a token."""
    if isinstance(status, list):
        for place, one in enumerate(status):
            yield from lint_status(one, f"{pointer}/{place}", known)
    if not isinstance(status, dict):
        return
    if isinstance(status.get("status_list"), dict):
        yield from lint_status(status["status_list"], f"{pointer}/status_list", known)
    if isinstance(status.get("id"), str):
        yield found("nested-id", f"{pointer}/id", REMOVE)
    for name in _INDEXES:
        if name in status:
            yield found("status-index", f"{pointer}/{name}")
    for name in _LISTS:
        if not isinstance(url := status.get(name), str):
            continue
        size = known.list_sizes.get(url)
        if size is None or size >= MIN_BITS:
            yield found("status-list", f"{pointer}/{name}")
        else:
            yield found("status-list-small", f"{pointer}/{name}", detail=f"It has {size} places.")


def lint_proof(proof: JSON, pointer: str, known: Known, *, of_presentation: bool) -> Iterator[Finding]:
    """Findings in a Data Integrity proof, or in several."""
    if isinstance(proof, list):
        for place, one in enumerate(proof):
            yield from lint_proof(one, f"{pointer}/{place}", known, of_presentation=of_presentation)
    if not isinstance(proof, dict):
        return
    if isinstance(proof.get("id"), str):
        yield found("nested-id", f"{pointer}/id", REMOVE)
    if of_presentation:
        if isinstance(proof.get("verificationMethod"), str):
            yield found("presentation-holder", f"{pointer}/verificationMethod")
        return
    for name in ("created", "expires"):
        time = find_time(said) if isinstance(said := proof.get(name), str) else None
        if time and time.exactness in {"second", "fraction"}:
            severity = Severity.HIGH if time.exactness == "fraction" else None
            yield found("proof-created", f"{pointer}/{name}", REMOVE, severity=severity)
    if isinstance(method := proof.get("verificationMethod"), str):
        yield _key(method, f"{pointer}/verificationMethod", known)
    for name in ("proofValue", "jws", "signatureValue"):
        if isinstance(value := proof.get(name), str):
            yield from _signature(value, f"{pointer}/{name}")


def mandatory_pointers(proof: JSON) -> tuple[str, ...]:
    """The pointers that the issuer made mandatory, as its base proofs say; none where they cannot be read."""
    pointers: list[str] = []
    for one in proof if isinstance(proof, list) else [proof]:
        octets = _octets(one.get("proofValue")) if isinstance(one, dict) else b""
        if octets[:2] == _SELECTIVE and octets[2:3] and octets[2] in _BASE:
            try:
                parts = cbor.decode(octets[3:], max_bytes=MAX_TEXT, max_depth=3)
            except cbor.NotCanonical:
                continue
            for part in parts if isinstance(parts, list) else ():
                pointers += [text for text in part if isinstance(text, str)] if isinstance(part, list) else []
    return tuple(pointers)


def lint_seconds(name: str, seconds: int, pointer: str, grain: Grain) -> Iterator[Finding]:
    """A time of a token, in unix seconds."""
    cut = cut_seconds(seconds, grain)
    if cut != seconds:
        yield found("exact-time", pointer, cut, detail=f"({name})")


def _key(method: str, pointer: str, known: Known) -> Finding:
    uses = known.key_uses.get(method)
    if uses is None or uses >= _FEW_USES:
        return found("issuing-key", pointer)
    severity = Severity.HIGH if uses <= 1 else Severity.MEDIUM
    return found("issuing-key", pointer, severity=severity, detail=f"This one signed {uses}.")


def _octets(text: JSON) -> bytes:
    """The octets of a multibase proof value, or none."""
    if not isinstance(text, str) or not text.startswith("u") or len(text) > MAX_TEXT:
        return b""
    try:
        return from_base64url(text)
    except ProofRejected:
        return b""


def _signature(text: str, pointer: str) -> Iterator[Finding]:
    octets = _octets(text)
    kind = octets[2] if octets[:2] == _SELECTIVE and len(octets) > 2 else -1
    if kind in _BASE:
        yield found("base-proof", pointer)
    elif kind in _DERIVED:
        yield from _shape(text, pointer, kind)
    else:
        yield found("same-signature", pointer)


def _shape(text: str, pointer: str, kind: int) -> Iterator[Finding]:
    """What a derived bbs-2023 proof tells: how much is hidden, and the issuer's labels of what is shown."""
    if kind in _PSEUDONYMS:
        yield found("pseudonym", pointer)
    try:
        value = DerivedValue.from_text(text)
    except ProofRejected:
        yield found("proof-shape", pointer)
        return
    bits = label_bits(value)
    shown = len(value.mandatory_indexes) + len(value.selective_indexes)
    detail = f"Here {value.hidden} statements are hidden and {shown} shown; the labels tell about {bits:.0f} bits."
    severity = Severity.HIGH if bits >= _MANY_BITS else Severity.MEDIUM if value.hidden else Severity.LOW
    yield found("proof-shape", pointer, severity=severity, detail=detail)


def label_bits(value: DerivedValue) -> float:
    """How much the shuffled labels that a view shows tell, in bits.

    The issuer gives the blank nodes of a credential labels in an order that only it and the holder know, once for
    all views. Of n nodes, k labels are one choice among n!/(n-k)!; n is at least the highest label shown.
    """
    numbers = [int(label[1:]) for label in value.labels.values()]
    nodes = max(numbers, default=-1) + 1
    return sum(math.log2(nodes - place) for place in range(len(numbers)))


def _shown(value: JSON) -> str:
    text = str(value.get("@value", value) if isinstance(value, dict) else value)
    return text if len(text) <= 40 else f"{text[:39]}…"
