"""Whatever is signed can be shown in any part, and nothing else can."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.crypto.bbs import SHA256, SHAKE256, BBSRejected, Suite, WrongProof
from panacea.crypto.bbs.experimental import Draft, blind_suite, nym_suite
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import SystemRandom

SUITES = st.sampled_from([SHA256, SHAKE256])


@settings(max_examples=40, deadline=None)
@given(SUITES, st.binary(max_size=40), st.lists(st.binary(max_size=40), max_size=12), st.data())
def test_sign_show_check(suite: Suite, header: bytes, messages: list[bytes], data: st.DataObject) -> None:
    secret = suite.key_gen(data.draw(st.binary(min_size=32, max_size=40)))
    public = suite.public_key(secret)
    signature = suite.sign(secret, public, header, messages)
    suite.verify(public, signature, header, messages)
    shown = [index for index in range(len(messages)) if data.draw(st.booleans())]
    proof = suite.prove(public, signature, header, b"ph", messages, disclosed=shown)
    assert len(proof) == 272 + 32 * (len(messages) - len(shown))
    disclosed = {index: messages[index] for index in shown}
    suite.check(public, proof, header, b"ph", disclosed)
    if shown:
        index = data.draw(st.sampled_from(shown))
        with pytest.raises(BBSRejected):
            suite.check(public, proof, header, b"ph", disclosed | {index: messages[index] + b"!"})


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_refused(octets: bytes) -> None:
    public = SHA256.public_key(SHA256.key_gen(b"k" * 32))
    with pytest.raises(BBSRejected):
        SHA256.verify(public, octets, b"", [])
    with pytest.raises(BBSRejected):
        SHA256.check(public, octets, b"", b"", {})


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=8))
def test_a_batch_names_what_one_by_one_refuses(kinds: list[tuple[int, bool]]) -> None:
    secret = SHA256.key_gen(b"k" * 32)
    public = SHA256.public_key(secret)
    shown, wrong = [], []
    for number, (count, forged) in enumerate(kinds):
        messages = [b"%d" % index for index in range(1 + count)]
        signature = SHA256.sign(secret, public, b"", messages)
        if forged:
            signature = SHA256.sign(SHA256.key_gen(b"f" * 32), public, b"", messages)
            wrong.append(number)
        proof = SHA256.prove(public, signature, b"", b"", messages, disclosed=[0])
        shown.append((proof, b"", b"", {0: messages[0]}))
    if not wrong:
        SHA256.check_many(public, shown, SystemRandom())
        return
    with pytest.raises(WrongProof) as refused:
        SHA256.check_many(public, shown, SystemRandom())
    assert refused.value.values["indexes"] == wrong


MESSAGES = st.lists(st.binary(max_size=20), max_size=5)


@settings(max_examples=20, deadline=None)
@given(SUITES, MESSAGES, MESSAGES, st.data())
def test_commit_sign_show_check(
    plain: Suite, messages: list[bytes], committed: list[bytes], data: st.DataObject
) -> None:
    suite = blind_suite(Draft.BLIND_02, plain)
    secret = plain.key_gen(b"k" * 32)
    public = plain.public_key(secret)
    commitment, blind = suite.commit(committed)
    signature = suite.sign(secret, public, b"", messages, commitment=commitment)
    suite.verify(public, signature, b"", messages, committed=committed, prover_blind=blind)
    shown = [index for index in range(len(messages)) if data.draw(st.booleans())]
    shown_committed = [index for index in range(len(committed)) if data.draw(st.booleans())]
    proof = suite.prove(
        public,
        signature,
        b"",
        b"ph",
        messages,
        committed=committed,
        prover_blind=blind,
        disclosed=shown,
        disclosed_committed=shown_committed,
    )
    assert len(proof) == 272 + 32 * (1 + len(messages) - len(shown) + len(committed) - len(shown_committed))
    suite.check(
        public,
        proof,
        b"",
        b"ph",
        {index: messages[index] for index in shown},
        count=len(messages),
        disclosed_committed={index: committed[index] for index in shown_committed},
    )


@settings(max_examples=20, deadline=None)
@given(SUITES, MESSAGES, MESSAGES, st.lists(st.integers(1, 2**250), min_size=1, max_size=4), st.binary(max_size=9))
def test_pseudonyms_last(
    plain: Suite, messages: list[bytes], committed: list[bytes], numbers: list[int], context: bytes
) -> None:
    suite = nym_suite(Draft.NYM_03, plain)
    secret = plain.key_gen(b"k" * 32)
    public = plain.public_key(secret)
    nyms, entropy = [SecretBytes(number.to_bytes(32, "big")) for number in numbers], SecretBytes(bytes(31) + b"\x07")
    commitment, blind = suite.commit(nyms, committed)
    signature = suite.sign(secret, public, b"", messages, commitment=commitment, entropy=entropy, nyms=len(nyms))
    nym_secrets = suite.finalize(
        public, signature, b"", messages, nyms=nyms, entropy=entropy, prover_blind=blind, committed=committed
    )
    proof, pseudonym = suite.prove(
        public,
        signature,
        b"",
        b"ph",
        messages,
        context=context,
        nym_secrets=nym_secrets,
        prover_blind=blind,
        committed=committed,
    )
    assert pseudonym == suite.pseudonym(nym_secrets, context)
    suite.check(
        public,
        proof,
        b"",
        b"ph",
        {},
        context=context,
        pseudonym=pseudonym,
        count=len(messages),
        nyms=len(nyms),
    )


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2000), st.integers(-2, 300))
def test_noise_is_no_commitment_and_no_proof(octets: bytes, count: int, nyms: int) -> None:
    public = SHA256.public_key(SHA256.key_gen(b"k" * 32))
    blind, nym = blind_suite(Draft.BLIND_02, SHA256), nym_suite(Draft.NYM_03, SHA256)
    with pytest.raises(BBSRejected):
        blind.verify_commitment(octets)
    with pytest.raises(BBSRejected):
        nym.verify_commitment(octets, nyms)
    with pytest.raises(BBSRejected):
        blind.check(public, octets, b"", b"", {}, count=count)
    with pytest.raises(BBSRejected):
        nym.check(public, octets, b"", b"", {}, context=b"", pseudonym=octets[:48], count=count, nyms=nyms)
