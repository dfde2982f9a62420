"""Branches: what is merged, what is dropped, and what a key may be."""

import pytest

from panacea.store.branch import Branch, KeyOutOfBounds
from panacea.store.database import MAX_KEY_BYTES
from panacea.store.kv import KV, Stores
from panacea.store.multistore import MultiStore
from panacea.store.rejections import UnknownStore


def base() -> Branch:
    branch = MultiStore.memory(["acc", "bank"]).branch()
    for key in (b"a", b"b", b"d"):
        branch.kv("bank").set(key, b"old")
    return branch


def test_writes_reach_the_parent_only_when_merged() -> None:
    parent = base()
    child = parent.branch()
    child.kv("bank").set(b"c", b"new")
    child.kv("bank").delete(b"a")
    assert child.kv("bank").get(b"a") is None
    assert not child.kv("bank").has(b"a")
    assert parent.kv("bank").has(b"a")
    assert parent.kv("bank").get(b"c") is None
    child.write()
    assert list(parent.kv("bank").iterate(b"", None)) == [(b"b", b"old"), (b"c", b"new"), (b"d", b"old")]
    assert child.writes("bank") == []
    child.write()
    assert child.kv("bank").get(b"c") == b"new"


def test_a_dropped_branch_leaves_nothing() -> None:
    parent = base()
    before = parent.writes("bank")
    child = parent.branch()
    child.kv("bank").delete(b"a")
    child.branch().kv("acc").set(b"x", b"y")
    assert parent.writes("bank") == before
    assert parent.writes("acc") == []


def test_net_writes_are_sorted_and_keep_what_changed_nothing() -> None:
    branch = MultiStore.memory(["bank"]).branch()
    kv = branch.kv("bank")
    for key in (b"z", b"m", b"a", b"m\x00"):
        kv.set(key, b"1")
    kv.delete(b"m")
    kv.delete(b"never there")
    assert branch.writes("bank") == [(b"a", b"1"), (b"m", None), (b"m\x00", b"1"), (b"never there", None), (b"z", b"1")]


def test_deleting_what_was_passed_is_safe() -> None:
    kv = base().kv("bank")
    for key, _ in kv.iterate(b"", None):
        kv.delete(key)
        kv.set(key + b"!", b"")
    assert [key for key, _ in kv.iterate(b"", None)] == [b"a!", b"b!", b"d!"]


def test_empty_values_are_values() -> None:
    kv = base().kv("bank")
    kv.set(b"e", b"")
    assert kv.has(b"e")
    assert kv.get(b"e") == b""


@pytest.mark.parametrize("key", [b"", b"k" * (MAX_KEY_BYTES + 1)])
def test_keys_have_bounds(key: bytes) -> None:
    kv = base().kv("bank")
    assert kv.get(key) is None
    with pytest.raises(KeyOutOfBounds):
        kv.set(key, b"")
    with pytest.raises(KeyOutOfBounds):
        kv.delete(key)


def test_the_longest_key_is_kept() -> None:
    name, key = "s" * 31, b"k" * MAX_KEY_BYTES
    with MultiStore.memory([name]) as state:
        branch = state.branch()
        branch.kv(name).set(key, b"1")
        state.prepare(branch)
        state.commit()
        assert list(state.at(1).kv(name).iterate(b"", key + b"\x00")) == [(key, b"1")]


def test_an_unknown_store_is_refused() -> None:
    with pytest.raises(UnknownStore, match="no such store: gold: unknown request"):
        base().branch().kv("gold")


def test_branches_and_views_are_stores() -> None:
    def first(stores: Stores) -> KV:
        return stores.kv("bank")

    state = MultiStore.memory(["bank"])
    branch = state.branch()
    branch.kv("bank").set(b"a", b"1")
    state.prepare(branch)
    state.commit()
    assert first(branch).get(b"a") == first(state.at(1)).get(b"a") == b"1"
