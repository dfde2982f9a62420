"""Root hashes of cosmos/iavl v1.2.6, and the check vectors computed by hand from the tree's definition."""

from hashlib import sha256

from shared_files import shared

from panacea.store.proofs import app_hash
from panacea.store.tree import EMPTY_ROOT, Tree


def test_the_scripted_run_has_the_same_roots() -> None:
    expected = (shared("iavl") / "roots.txt").read_text().split()
    assert len(expected) == 50
    tree, x, found = Tree(), 1, []
    for _ in expected:
        for _ in range(200):
            x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
            key = b"k" + sha256(((x >> 33) % 2000).to_bytes(8, "big")).digest()[:20]
            if (x >> 20) % 4 == 0:
                tree.remove(key)
            else:
                tree.set(key, str(x >> 40).encode())
        tree.seal()
        tree.version += 1
        found.append(tree.root_hash.hex())
    assert found == expected


def test_the_check_vectors() -> None:
    tree, roots = Tree(), []
    versions: list[dict[bytes, bytes | None]] = [
        {b"a": b"1"},
        {bytes([key]): bytes([value]) for key, value in zip(b"bcdefg", b"234567", strict=True)},
        {b"d": b"4"},
        {b"a": None, b"e": None},
    ]
    for writes in versions:
        for key, value in writes.items():
            if value is None:
                assert tree.remove(key)
            else:
                tree.set(key, value)
        tree.seal()
        tree.version += 1
        roots.append(tree.root_hash)
    assert [root.hex() for root in roots] == [
        "bbe33cd0a785b97b9fb1f964aa71159dacd9e0ade84df7403dc0f9dc24818404",
        "f1882927ac7cf04ca07644413c31c38fa201dd6123249eb36178d741d8b636d1",
        "c1d070f21ec99fbe708f06abd7f109d42ce85c8b6c3d7a7e3fa28beb7e7833d0",
        "50e18644ac76389065a7bcd8b7367bf75652819e8a5a3f803ab17806b2ce278e",
    ]
    root = tree.path(b"f")[0]
    assert (root.key, root.height, root.size) == (b"f", 3, 5)
    two = {"bank": roots[3], "acc": EMPTY_ROOT}
    assert app_hash(two).hex() == "0e99de750f1fc1fa8b0b7f5df023f519e0ac601781bc1a321c9a529bd61b6544"
    three = two | {"ibc": roots[2]}
    assert app_hash(three).hex() == "db35cebdfc1b34870722f02a757b55f470e88b5bbef80b5441bceb5f9df68a46"
