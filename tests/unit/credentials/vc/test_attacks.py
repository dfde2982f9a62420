"""Attacks on whole credentials, in every suite: each ends in a named refusal, soon, and the process goes on.

What a refusal costs is counted in the process's own time, so that neighbours on the machine do not matter.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from still_clock import NOW, At

from panacea.credentials.moments import write_moment
from panacea.credentials.rdf import JSONLDRejected, PointerRejected, PoisonGraph
from panacea.credentials.refusals import CredentialRejected
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.types import ProofRejected
from panacea.credentials.vc import BBSKey, MalformedCredential, SigningKey, Verifier, derive, issue, present
from panacea.crypto import base58
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind
from panacea.identity.resolver import KeyResolver
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import SystemRandom

SECONDS = 0.5
REFUSALS = (CredentialRejected, ProofRejected, JSONLDRejected, PoisonGraph, PointerRejected)
Document = dict[str, Any]  # Any: JSON of a credential


@contextmanager
def refused_soon() -> Iterator[None]:
    started = time.process_time()
    with pytest.raises(REFUSALS):
        yield
    assert time.process_time() - started < SECONDS


VERIFIER = Verifier(resolver=KeyResolver(), clock=At())
P256 = as_did_key(ECDSAKey(KeyKind.P256, b"1" * 32))
KEYS: dict[str, SigningKey] = {
    "bbs-2023": as_did_key(BBSKey.generate(SystemRandom())),
    "ecdsa-sd-2023": P256,
    "eddsa-rdfc-2022": as_did_key(Ed25519Key(b"1" * 32)),
    "eddsa-jcs-2022": as_did_key(Ed25519Key(b"1" * 32)),
    "ecdsa-rdfc-2019": P256,
    "ecdsa-jcs-2019": as_did_key(ECDSAKey(KeyKind.P384, b"1" * 48)),
}
SELECTIVE = ("bbs-2023", "ecdsa-sd-2023")
MANDATORY = ("/issuer", "/validFrom", "/validUntil", "/credentialStatus")


def document(suite: str, name: str = "Anna") -> Document:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": KEYS[suite].did,
        "validFrom": write_moment(NOW - 10),
        "validUntil": write_moment(NOW + 10),
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://hospital.example/status/1",
        },
        "credentialSubject": {"name": name, "description": "a patient"},
    }


def shown(suite: str, name: str = "Anna") -> Document:
    if suite not in SELECTIVE:
        return issue(document(suite, name), KEYS[suite], suite=suite, created=NOW - 5)
    secured = issue(document(suite, name), KEYS[suite], suite=suite, mandatory=MANDATORY, created=NOW - 5)
    return derive(secured, ["/credentialSubject/name"])


SHOWN = {suite: shown(suite) for suite in KEYS}
OTHER = {suite: shown(suite, "Bea") for suite in KEYS}
ALL = pytest.mark.parametrize("suite", list(KEYS))


def with_proof(credential: Document, **changes: object) -> Document:
    return {**credential, "proof": {**credential["proof"], **changes}}


@ALL
def test_it_holds_before_it_is_attacked(suite: str) -> None:
    assert VERIFIER.credential(SHOWN[suite]).proofs[0].cryptosuite == suite


@ALL
def test_every_option_of_a_proof_is_signed(suite: str) -> None:
    proof = SHOWN[suite]["proof"]
    for name, value in proof.items():
        others: list[object] = [None, 7, "", f"{value}x", [value], {}]
        for other in others:
            with refused_soon():
                VERIFIER.credential(with_proof(SHOWN[suite], **{name: other}))
        without = {key: one for key, one in proof.items() if key != name}
        with refused_soon():
            VERIFIER.credential({**SHOWN[suite], "proof": without})


@ALL
def test_every_byte_of_a_proof_value_counts(suite: str) -> None:
    text = SHOWN[suite]["proof"]["proofValue"]
    is_base58 = text[0] == "z"
    octets = base58.decode(text[1:]) if is_base58 else from_base64url(text)
    places = range(0, len(octets), max(1, len(octets) // 60))
    for place in places:
        changed = bytearray(octets)
        changed[place] ^= 0x10
        value = "z" + base58.encode(bytes(changed)) if is_base58 else to_base64url(bytes(changed))
        with refused_soon():
            VERIFIER.credential(with_proof(SHOWN[suite], proofValue=value))
    for cut in (octets[:-1], octets + b"\x00", b""):
        value = "z" + base58.encode(cut) if is_base58 else to_base64url(cut)
        with refused_soon():
            VERIFIER.credential(with_proof(SHOWN[suite], proofValue=value))


@ALL
def test_the_proof_of_another_credential(suite: str) -> None:
    with refused_soon():
        VERIFIER.credential({**SHOWN[suite], "proof": OTHER[suite]["proof"]})
    for wrong in SHOWN:
        if KEYS[wrong].did != KEYS[suite].did:  # One key may sign one document by two suites.
            with refused_soon():
                VERIFIER.credential({**SHOWN[suite], "proof": SHOWN[wrong]["proof"]})


@pytest.mark.parametrize("suite", SELECTIVE)
@pytest.mark.parametrize("member", ["validFrom", "validUntil", "credentialStatus"])
def test_what_is_mandatory_cannot_be_hidden(suite: str, member: str) -> None:
    with refused_soon():
        VERIFIER.credential({name: value for name, value in SHOWN[suite].items() if name != member})
    later = {"validFrom": write_moment(NOW - 99), "validUntil": write_moment(NOW + 99), "credentialStatus": {}}
    with refused_soon():
        VERIFIER.credential({**SHOWN[suite], member: later[member]})


CONTEXTS: list[Any] = [  # Any: JSON of an @context
    [],
    "https://www.w3.org/ns/credentials/v2",
    ["https://www.w3.org/2018/credentials/v1"],
    ["https://www.w3.org/ns/credentials/v2", {"name": "https://evil.example/name"}],
    ["https://www.w3.org/ns/credentials/v2", {"@vocab": "https://evil.example/"}],
    ["https://www.w3.org/ns/credentials/v2", "https://evil.example/context"],
    ["https://www.w3.org/ns/credentials/v2", {"validUntil": None}],
    ["https://www.w3.org/ns/credentials/v2"] * 2,
]


@ALL
@pytest.mark.parametrize("context", CONTEXTS, ids=repr)
def test_contexts_swapped_or_redefined(suite: str, context: Any) -> None:  # Any: JSON of an @context
    changed = {**SHOWN[suite], "@context": context}
    # The same single context in another spelling, or named twice, says the same over RDF; anything else is refused.
    # Over JSON, contexts behind the signed ones are allowed, and do not come out again.
    same = context in ("https://www.w3.org/ns/credentials/v2", ["https://www.w3.org/ns/credentials/v2"] * 2)
    behind = "jcs" in suite and isinstance(context, list) and context[:1] == SHOWN[suite]["@context"]
    if same or (behind and all(isinstance(one, str) for one in context)):
        try:
            found = VERIFIER.credential(changed)
        except Rejected:
            return
        assert found.document["@context"] in (context, SHOWN[suite]["@context"])
        assert "https://evil.example/context" not in found.document["@context"]
    else:
        with refused_soon():
            VERIFIER.credential(changed)


@ALL
def test_contexts_below_the_top(suite: str) -> None:
    subject = {**SHOWN[suite]["credentialSubject"], "@context": {"name": "https://evil.example/name"}}
    with refused_soon():
        VERIFIER.credential({**SHOWN[suite], "credentialSubject": subject})


@ALL
@pytest.mark.parametrize(
    "change",
    [
        lambda d: {**d, "credentialSubject": {"name": "Bea"}},
        lambda d: {**d, "credentialSubject": {**d["credentialSubject"], "id": "did:example:thief"}},
        lambda d: {**d, "credentialSubject": [d["credentialSubject"], {"name": "Bea"}]},
        lambda d: {**d, "name": "added"},
        lambda d: {**d, "issuer": {"id": d["issuer"], "name": "added"}},
        lambda d: {**d, "id": "urn:added"},
        lambda d: {**d, "type": ["VerifiableCredential", "https://evil.example/Type"]},
        lambda d: {**d, "unmapped": "dropped?"},
        lambda d: {**d, "credentialSubject": {**d["credentialSubject"], "@graph": []}},
    ],
)
def test_nothing_is_added_or_changed(suite: str, change: Callable[[Document], Document]) -> None:
    with refused_soon():
        VERIFIER.credential(change(SHOWN[suite]))


@ALL
def test_duplicate_members(suite: str) -> None:
    text = json.dumps(SHOWN[suite])
    for name in ("issuer", "proof", "credentialSubject", "@context"):
        doubled = text[:-1] + f', "{name}": {json.dumps(SHOWN[suite][name])}}}'
        with refused_soon():
            VERIFIER.credential(doubled)


@ALL
@pytest.mark.parametrize("depth", [65, 1000, 100_000])
def test_deep_nesting(suite: str, depth: int) -> None:
    nested = '{"a":' * depth + "1" + "}" * depth
    text = json.dumps({**SHOWN[suite], "credentialSubject": "HERE"}).replace('"HERE"', nested)
    with refused_soon():
        VERIFIER.credential(text)


def test_fifty_megabytes() -> None:
    for octets in (b'{"a":"' + b"x" * 50_000_000 + b'"}', b"{" + b" " * 50_000_000 + b"}", b"[" * 50_000_000):
        started = time.process_time()
        with pytest.raises(Rejected):
            VERIFIER.credential(octets)
        assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"])
@pytest.mark.parametrize("size", [8, 16, 40])
def test_poison_graphs(suite: str, size: int) -> None:
    knows = "https://example.org/knows"
    people = [{"id": f"_:n{i}", knows: [{"id": f"_:n{j}"} for j in range(size) if j != i]} for i in range(size)]
    with refused_soon():
        VERIFIER.credential({**SHOWN[suite], "credentialSubject": people})


@pytest.mark.parametrize("value", ["{}", "1.5", '"x"', "[]"])
def test_very_many_small_values(value: str) -> None:
    text = json.dumps({**SHOWN["eddsa-jcs-2022"], "credentialSubject": {"name": "HERE"}})
    for count in (18_000, 20_000, 59_000, 3_000_000):
        octets = text.replace('"HERE"', "[" + ",".join([value] * count) + "]").encode()
        with refused_soon():
            VERIFIER.credential(octets)


def test_lone_surrogates() -> None:
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": "data:application/vc+jwt,{\ud800",
    }
    for given in ('{"a":"\ud800"}', envelope):
        with refused_soon():
            VERIFIER.credential(given)


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_many_true_proofs_of_a_large_document(suite: str) -> None:
    large = {**document(suite), "credentialSubject": {"name": [f"{number}" for number in range(30_000)]}}
    for number in range(8):
        large = issue(large, as_did_key(Ed25519Key(bytes([number]) * 32)), suite=suite)
    with refused_soon():
        VERIFIER.credential(large)


def test_more_credentials_than_are_verified() -> None:
    presented = present([SHOWN["eddsa-rdfc-2022"]] * 65, None)
    with refused_soon():
        VERIFIER.presentation(presented, challenge=None)


@ALL
def test_many_proofs(suite: str) -> None:
    proof = SHOWN[suite]["proof"]
    for proofs in ([proof] * 17, [], [proof, 7], [[proof]]):
        with refused_soon():
            VERIFIER.credential({**SHOWN[suite], "proof": proofs})


def test_replayed_presentations() -> None:
    holder = as_did_key(Ed25519Key(b"h" * 32))
    presented = present([SHOWN["bbs-2023"]], holder, challenge="first", domain="clinic.example")
    assert VERIFIER.presentation(presented, challenge="first", domain="clinic.example")
    for challenge, domain in (("second", "clinic.example"), ("first", "evil.example"), ("", "clinic.example")):
        with refused_soon():
            VERIFIER.presentation(presented, challenge=challenge, domain=domain)
    with refused_soon():
        VERIFIER.presentation(with_proof(presented, proofPurpose="assertionMethod"), challenge="first")
    # A presentation is no credential, and a credential no presentation.
    with refused_soon():
        VERIFIER.credential(presented)
    with refused_soon():
        VERIFIER.presentation(SHOWN["bbs-2023"], challenge=None)


def test_presentations_within_presentations_end() -> None:
    inner: Document = SHOWN["bbs-2023"]
    for _ in range(30):
        inner = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [inner],
        }
    with pytest.raises(MalformedCredential):
        VERIFIER.presentation(inner, challenge=None)
