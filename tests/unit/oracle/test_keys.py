"""Keys live as long as a release may need them, and no longer."""

from typing import TYPE_CHECKING

from panacea.oracle.keys import EpochKeys, FreshKeys, KeyShelf
from panacea.primitives.time import SystemRandom
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleKey
else:
    (OracleKey,) = load("panacea.oracle.v3", "OracleKey")


def keys(epoch: int) -> EpochKeys:
    return EpochKeys(FreshKeys.generate(SystemRandom()), OracleKey(epoch=epoch))


def test_found_by_epoch() -> None:
    shelf = KeyShelf()
    mine = keys(3)
    shelf.put(mine)
    assert shelf.find(3) is mine
    assert shelf.find(4) is None


def test_past_keys_are_dropped_when_no_release_waits() -> None:
    shelf = KeyShelf()
    for epoch in (1, 2, 3):
        shelf.put(keys(epoch))
    shelf.keep_until(2, 250)
    shelf.drop_unneeded(current_epoch=3, height=240)
    assert [shelf.find(epoch) is not None for epoch in (1, 2, 3)] == [False, True, True]
    shelf.drop_unneeded(current_epoch=3, height=251)
    assert [shelf.find(epoch) is not None for epoch in (1, 2, 3)] == [False, False, True]


def test_the_later_need_counts() -> None:
    shelf = KeyShelf()
    shelf.put(keys(1))
    shelf.keep_until(1, 100)
    shelf.keep_until(1, 50)
    shelf.drop_unneeded(current_epoch=2, height=90)
    assert shelf.find(1) is not None


def test_secrets_are_not_shown() -> None:
    fresh = FreshKeys.generate(SystemRandom())
    assert fresh.signing.secret.reveal().hex() not in repr(fresh)
    assert fresh.sealing.secret.reveal().hex() not in repr(fresh)
