import pytest

from panacea.chain.gas import GasKV, GasMeter
from panacea.chain.rejections import OutOfGas
from panacea.store.branch import Branch
from panacea.store.multistore import MultiStore


@pytest.fixture
def kv() -> GasKV:
    inner = Branch(MultiStore.memory(["s"]).branch()).kv("s")
    for key, value in ((b"a", b"1"), (b"bb", b"22")):
        inner.set(key, value)
    return GasKV(inner, GasMeter(None))


def spent(kv: GasKV) -> int:
    consumed, kv.meter.consumed = kv.meter.consumed, 0
    return consumed


def test_single_accesses(kv: GasKV) -> None:
    assert (kv.get(b"bb"), spent(kv)) == (b"22", 1000 + 3 * 4)
    assert (kv.get(b"ccc"), spent(kv)) == (None, 1000 + 3 * 3)
    assert (kv.has(b"a"), spent(kv)) == (True, 1000)
    kv.set(b"ccc", b"333")
    assert spent(kv) == 2000 + 30 * 6
    kv.delete(b"ccc")
    assert (spent(kv), kv.get(b"ccc")) == (1000, None)


def test_an_iterator_pays_for_the_first_element_twice(kv: GasKV) -> None:
    one, two = 3 * 2 + 30, 3 * 4 + 30
    assert len(list(kv.iterate(b"", None))) == 2
    assert spent(kv) == 2 * one + two
    assert [key for key, _ in kv.iterate(b"", None, reverse=True)] == [b"bb", b"a"]
    assert spent(kv) == 2 * two + one
    assert next(kv.iterate(b"", None)) == (b"a", b"1")
    assert spent(kv) == one, "only opened"
    assert list(kv.iterate(b"x", None)) == []
    assert spent(kv) == 30


def test_what_is_written_was_paid_before(kv: GasKV) -> None:
    poor = GasKV(kv.inner, GasMeter(2000 + 30 * 2 - 1))
    with pytest.raises(OutOfGas, match="WritePerByte; gasWanted: 2059, gasUsed: 2060"):
        poor.set(b"z", b"9")
    assert kv.inner.get(b"z") is None


def test_the_very_last_gas_may_be_used() -> None:
    meter = GasMeter(10)
    meter.charge(10, "work")
    with pytest.raises(OutOfGas, match="out of gas in location: more work; gasWanted: 10, gasUsed: 11"):
        meter.charge(1, "more work")
    assert meter.consumed == 11
