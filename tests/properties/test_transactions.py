"""Every bit of a transaction is signed: with any one of them flipped it is refused, and leaves nothing behind."""

from functools import cache

from chain_driver import Driver
from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coins
from panacea.primitives.coin import Coins
from panacea.wire.build import AMINO_JSON, DIRECT


@cache
def chain_and_transactions() -> tuple[Driver, tuple[bytes, bytes]]:
    chain = Driver({"alice": 1000, "bob": 1000})
    message = MsgSend(from_address=chain["alice"], to_address=chain["bob"], amount=write_coins(Coins.of(5)))
    direct, amino = (
        chain.sign("alice", message, fee=7, granter="alice", memo="for you", timeout_height=10**6, mode=mode)
        for mode in (DIRECT, AMINO_JSON)
    )
    return chain, (direct, amino)


@settings(max_examples=250, deadline=None)
@given(which=st.sampled_from((0, 1)), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused(which: int, place: float, bit: int) -> None:
    chain, transactions = chain_and_transactions()
    raw = bytearray(transactions[which])
    raw[int(place * len(raw))] ^= 1 << bit
    assert chain.app.simulate(transactions[which]).code == 0
    before = chain.app.export_genesis()
    result = chain.block(bytes(raw)).tx_results[0]
    assert result.code != 0
    assert not result.events
    after = chain.app.export_genesis()
    assert [after[name] for name in ("auth", "bank", "feegrant")] == [
        before[name] for name in ("auth", "bank", "feegrant")
    ]
