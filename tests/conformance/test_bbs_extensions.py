"""The published fixtures of blind BBS (draft -02) and of its pseudonyms (draft -03), both ciphersuites: every file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from shared_files import shared

from panacea.crypto.bbs import SHA256, SHAKE256, BBSRejected, Suite
from panacea.crypto.bbs.experimental import BlindSuite, Draft, NymSuite, blind_suite, nym_suite
from panacea.crypto.bbs.experimental.commitment import Interface
from panacea.crypto.hazmat.bls12381 import scalar_modulo_order
from panacea.crypto.secret import SecretBytes

FOLDERS = {"bls12-381-sha-256": SHA256, "bls12-381-shake-256": SHAKE256}

Case = dict[str, Any]  # Any: JSON of the fixtures


def cases(root: str, kind: str) -> list[tuple[str, str]]:
    """Folder and file of every case there is."""
    top = shared(root)
    return [(folder, path.name) for folder in FOLDERS for path in sorted((top / folder / kind).glob("*.json"))]


def read(root: str, folder: str, kind: str, name: str) -> Case:
    case: Case = json.loads((shared(root) / folder / kind / name).read_text())
    return case


def octets(value: str | None) -> bytes:
    return bytes.fromhex(value or "")


def many(values: list[str] | None) -> list[bytes]:
    return [bytes.fromhex(value) for value in values or []]


def secrets(values: list[str]) -> list[SecretBytes]:
    return [SecretBytes(value) for value in many(values)]


def secret(value: str | None) -> SecretBytes | None:
    return None if value is None else SecretBytes(bytes.fromhex(value))


def by_index(values: Mapping[str, str] | None) -> dict[int, bytes]:
    return {int(index): bytes.fromhex(value) for index, value in (values or {}).items()}


@dataclass(frozen=True)
class MockedScalars:
    """The random source of a fixture: its seed as text, expanded under the tag of an operation."""

    suite: Suite
    seed: bytes
    dst: bytes

    @classmethod
    def of(cls, folder: str, case: Case, operation: str) -> "MockedScalars":
        mocked = case["mockRngParameters"]
        return cls(FOLDERS[folder], mocked["SEED"].encode(), mocked[operation]["DST"].encode())

    def token(self, size: int) -> bytes:
        return self.suite.expand(self.seed, self.dst, size)


def blind(folder: str) -> BlindSuite:
    return blind_suite(Draft.BLIND_02, FOLDERS[folder])


def nym(folder: str) -> NymSuite:
    return nym_suite(Draft.NYM_03, FOLDERS[folder])


def interfaces(root: str, folder: str) -> Interface:
    return blind(folder).interface if root == "bbs-blind" else nym(folder).interface


@pytest.mark.parametrize("root", ["bbs-blind", "bbs-nym"])
@pytest.mark.parametrize("folder", FOLDERS)
def test_generators(root: str, folder: str) -> None:
    fixture = read(root, folder, "", "generators.json")
    of = interfaces(root, folder)
    for name, found in (("generators", of.suite.generators), ("blindGenerators", of.blind)):
        case = fixture[name]
        assert found.api_id.decode() == case["api_id"]
        assert found.base.to_compressed_bytes().hex() == case["P1"]
        expected = [case["Q1"], *case["MsgGenerators"]]
        assert [point.to_compressed_bytes().hex() for point in found.first(len(expected))] == expected


def require_trace(case: Case, random: MockedScalars, names: list[str]) -> None:
    """The mocked draws are those that the fixture shows, where it does: some proofs trace nothing."""
    traced = case.get("trace", {}).get("random_scalars")
    if traced is None:
        return
    shown = {name.lower(): value for name, value in traced.items()}
    count = len(names) + len(next(value for value in shown.values() if isinstance(value, list)))
    drawn = random.token(48 * count)
    scalars = [scalar_modulo_order(drawn[at : at + 48]).to_be_bytes().hex() for at in range(0, len(drawn), 48)]
    assert scalars[: len(names)] == [case["proverBlind"] if name == "" else shown[name] for name in names]
    assert scalars[len(names) :] in shown.values()


PROOF_DRAWS = ["r1", "r2", "e_tilde", "r1_tilde", "r3_tilde"]


@pytest.mark.parametrize(("folder", "name"), cases("bbs-blind", "commit"))
def test_blind_commitment(folder: str, name: str) -> None:
    suite, case = blind(folder), read("bbs-blind", folder, "commit", name)
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
    suite, case = blind(folder), read("bbs-blind", folder, "signature", name)
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
    suite, case = blind(folder), read("bbs-blind", folder, "proof", name)
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


@pytest.mark.parametrize(("folder", "name"), cases("bbs-nym", "nymCommit"))
def test_nym_commitment(folder: str, name: str) -> None:
    suite, case = nym(folder), read("bbs-nym", folder, "nymCommit", name)
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
    suite, case = nym(folder), read("bbs-nym", folder, "nymSignature", name)
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
    suite, case = nym(folder), read("bbs-nym", folder, "nymProof", name)
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
