"""The published fixtures of blind BBS, draft -02, both ciphersuites: every file."""

import json

import pytest
from bbs_fixtures import (
    FOLDERS,
    PROOF_DRAWS,
    Case,
    MockedScalars,
    by_index,
    cases,
    many,
    octets,
    read,
    require_generators,
    require_trace,
    secret,
)
from shared_files import shared

from panacea.crypto.bbs import BBSRejected
from panacea.crypto.bbs.experimental import BlindSuite, Draft, blind_suite


def suite_of(folder: str) -> BlindSuite:
    return blind_suite(Draft.BLIND_02, FOLDERS[folder])


@pytest.mark.parametrize("folder", FOLDERS)
def test_generators(folder: str) -> None:
    require_generators(suite_of(folder).interface, read("bbs-blind", folder, "", "generators.json"))


@pytest.mark.parametrize(("folder", "name"), cases("bbs-blind", "commit"))
def test_blind_commitment(folder: str, name: str) -> None:
    suite, case = suite_of(folder), read("bbs-blind", folder, "commit", name)
    expected = octets(case["commitmentWithProof"])
    if not case["result"]["valid"]:
        with pytest.raises(BBSRejected):
            suite.verify_commitment(expected)
        return
    random = MockedScalars.of(folder, case, "commit")
    require_trace(case, random, ["", "s_tilde"])
    made, kept = suite.commit(many(case["committedMessages"]), random)
    assert made == expected
    assert kept == secret(case["proverBlind"])
    assert suite.verify_commitment(made).count == len(case["committedMessages"])


@pytest.mark.parametrize(("folder", "name"), cases("bbs-blind", "signature"))
def test_blind_signature(folder: str, name: str) -> None:
    suite, case = suite_of(folder), read("bbs-blind", folder, "signature", name)
    public, signature, header = (
        octets(case["signerKeyPair"]["publicKey"]),
        octets(case["signature"]),
        octets(case["header"]),
    )
    messages, committed, kept = many(case["messages"]), many(case["committedMessages"]), secret(case["proverBlind"])
    if not case["result"]["valid"]:
        with pytest.raises(BBSRejected):
            suite.verify(public, signature, header, messages, committed=committed, prover_blind=kept)
        return
    key, commitment = octets(case["signerKeyPair"]["secretKey"]), octets(case["commitmentWithProof"])
    assert suite.sign(key, public, header, messages, commitment=commitment) == signature
    suite.verify(public, signature, header, messages, committed=committed, prover_blind=kept)
    domain = suite.interface.joined(len(messages)).domain(public, len(messages) + 1 + len(committed), header)
    assert domain.to_be_bytes().hex() == case["trace"]["domain"]


def all_messages(root: str, case: Case) -> tuple[list[bytes], list[bytes]]:
    """What a proof was made from: the fixtures of proofs name only what is shown, the rest is in `messages.json`."""
    known = json.loads((shared(root) / "messages.json").read_text())
    messages = many(known["messages"])
    return messages[: case["L"]], many(known["committedMessages"])


@pytest.mark.parametrize(("folder", "name"), cases("bbs-blind", "proof"))
def test_blind_proof(folder: str, name: str) -> None:
    suite, case = suite_of(folder), read("bbs-blind", folder, "proof", name)
    public, header, shown_header = (
        octets(case["signerPublicKey"]),
        octets(case["header"]),
        octets(case["presentationHeader"]),
    )
    proof, count = octets(case["proof"]), case["L"]
    shown, shown_committed = by_index(case["revealedMessages"]), by_index(case["revealedCommittedMessages"])
    if not case["result"]["valid"]:
        with pytest.raises(BBSRejected):
            suite.check(public, proof, header, shown_header, shown, count=count, disclosed_committed=shown_committed)
        return
    suite.check(public, proof, header, shown_header, shown, count=count, disclosed_committed=shown_committed)
    random = MockedScalars.of(folder, case, "proof")
    require_trace(case, random, PROOF_DRAWS)
    messages, committed = all_messages("bbs-blind", case)
    made = suite.prove(
        public,
        octets(case["signature"]),
        header,
        shown_header,
        messages,
        committed=committed if case["commitmentWithProof"] else [],
        prover_blind=secret(case["proverBlind"]),
        disclosed=list(shown),
        disclosed_committed=list(shown_committed),
        random=random,
    )
    assert made == proof
