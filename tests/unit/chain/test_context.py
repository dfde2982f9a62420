import pytest
from chain_driver import Driver

from panacea.chain.context import BlockInfo, Context, Event
from panacea.chain.gas import GasMeter
from panacea.chain.rejections import OutOfGas
from panacea.store.multistore import MultiStore


def test_a_branch_keeps_its_writes_and_events_until_it_is_merged() -> None:
    whole = Context(BlockInfo("test-1", 5, 7_000_000_123), MultiStore.memory(["s"]).branch())
    assert (whole.chain_id, whole.height, whole.time_ns, whole.time) == ("test-1", 5, 7_000_000_123, 7)
    part = whole.branch()
    part.kv("s").set(b"k", b"v")
    part.emit("happened", what="this", then="that")
    assert (whole.kv("s").get(b"k"), whole.events) == (None, [])
    part.merge(whole)
    assert whole.kv("s").get(b"k") == b"v"
    assert whole.events == [Event("happened", (("what", "this"), ("then", "that")))]


def test_a_branch_shares_the_gas() -> None:
    whole = Context(BlockInfo("test-1", 1, 0), MultiStore.memory(["s"]).branch(), gas=GasMeter(1500))
    whole.branch().kv("s").has(b"k")
    with pytest.raises(OutOfGas):
        whole.branch().kv("s").has(b"k")


def test_the_driver_reads_without_leaving_anything() -> None:
    chain = Driver({"alice": 5})
    chain.ctx().kv("bank").set(b"\x09", b"x")
    assert chain.ctx().kv("bank").get(b"\x09") is None
