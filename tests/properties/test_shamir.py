"""Any threshold of shares gives the secret back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.crypto.shamir import join, split
from panacea.primitives.time import SystemRandom


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=40), st.data())
def test_any_threshold_of_shares_joins(secret: bytes, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    threshold = data.draw(st.integers(1, count))
    shares = dict(enumerate(split(secret, threshold, count, SystemRandom()), 1))
    chosen = data.draw(st.permutations(list(shares)))[:threshold]
    assert join({place: shares[place] for place in chosen}) == secret
