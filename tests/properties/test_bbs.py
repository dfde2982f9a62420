"""Whatever is signed can be shown in any part, and nothing else can."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.crypto.bbs import SHA256, SHAKE256, BBSRejected, Suite

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
