"""The published fixtures of BBS pseudonyms, draft -03, both ciphersuites: every file."""

import pytest
from bbs_fixtures import (
    FOLDERS,
    PROOF_DRAWS,
    MockedScalars,
    by_index,
    cases,
    many,
    octets,
    read,
    require_generators,
    require_trace,
    secret,
    secrets,
)

from panacea.crypto.bbs import BBSRejected
from panacea.crypto.bbs.experimental import Draft, NymSuite, nym_suite
from panacea.crypto.secret import SecretBytes


def suite_of(folder: str) -> NymSuite:
    return nym_suite(Draft.NYM_03, FOLDERS[folder])


@pytest.mark.parametrize("folder", FOLDERS)
def test_generators(folder: str) -> None:
    require_generators(suite_of(folder).interface, read("bbs-nym", folder, "", "generators.json"))


@pytest.mark.parametrize(("folder", "name"), cases("bbs-nym", "nymCommit"))
def test_nym_commitment(folder: str, name: str) -> None:
    suite, case = suite_of(folder), read("bbs-nym", folder, "nymCommit", name)
    expected, nyms = octets(case["commitmentWithProof"]), secrets(case["proverNyms"])
    if not case["result"]["valid"]:
        with pytest.raises(BBSRejected):
            suite.verify_commitment(expected, len(nyms))
        return
    random = MockedScalars.of(folder, case, "commit")
    require_trace(case, random, ["", "s_tilde"])
    made, kept = suite.commit(nyms, many(case["committedMessages"]), random=random)
    assert made == expected
    assert kept == secret(case["proverBlind"])
    assert suite.verify_commitment(made, len(nyms)).count == len(case["committedMessages"]) + len(nyms)


@pytest.mark.parametrize(("folder", "name"), cases("bbs-nym", "nymSignature"))
def test_nym_signature(folder: str, name: str) -> None:
    suite, case = suite_of(folder), read("bbs-nym", folder, "nymSignature", name)
    public, signature, header = (
        octets(case["signerKeyPair"]["publicKey"]),
        octets(case["signature"]),
        octets(case["header"]),
    )
    messages, committed, nyms = many(case["messages"]), many(case["committedMessages"]), secrets(case["proverNyms"])
    kept, entropy = SecretBytes(octets(case["proverBlind"])), SecretBytes(octets(case["signer_nym_entropy"]))

    def finalize() -> tuple[SecretBytes, ...]:
        return suite.finalize(
            public, signature, header, messages, nyms=nyms, entropy=entropy, prover_blind=kept, committed=committed
        )

    if not case["result"]["valid"]:
        with pytest.raises(BBSRejected):
            finalize()
        return
    key, commitment = octets(case["signerKeyPair"]["secretKey"]), octets(case["commitmentWithProof"])
    made = suite.sign(key, public, header, messages, commitment=commitment, entropy=entropy, nyms=len(nyms))
    assert made == signature
    assert list(finalize()) == secrets(case["nym_secrets"])


@pytest.mark.parametrize(("folder", "name"), cases("bbs-nym", "nymProof"))
def test_nym_proof(folder: str, name: str) -> None:
    suite, case = suite_of(folder), read("bbs-nym", folder, "nymProof", name)
    public, header, shown_header = (
        octets(case["signerPublicKey"]),
        octets(case["header"]),
        octets(case["presentationHeader"]),
    )
    proof, count, context, pseudonym = (
        octets(case["proof"]),
        case["L"],
        octets(case["context_id"]),
        octets(case["pseudonym"]),
    )
    shown, shown_committed = by_index(case["revealedMessages"]), by_index(case["revealedCommittedMessages"])
    nym_secrets = secrets(case["nym_secrets"])

    def check() -> None:
        suite.check(
            public,
            proof,
            header,
            shown_header,
            shown,
            context=context,
            pseudonym=pseudonym,
            count=count,
            nyms=len(nym_secrets),
            disclosed_committed=shown_committed,
        )

    if not case["result"]["valid"]:
        with pytest.raises(BBSRejected):
            check()
        return
    check()
    random = MockedScalars.of(folder, case, "proof")
    require_trace(case, random, PROOF_DRAWS)
    assert suite.pseudonym(nym_secrets, context) == pseudonym
    made = suite.prove(
        public,
        octets(case["signature"]),
        header,
        shown_header,
        many(case["messages"]),
        context=context,
        nym_secrets=nym_secrets,
        prover_blind=SecretBytes(octets(case["proverBlind"])),
        committed=many(case["committedMessages"]),
        disclosed=list(shown),
        disclosed_committed=list(shown_committed),
        random=random,
    )
    assert made == (proof, pseudonym)
