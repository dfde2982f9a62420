"""Receipts: golden bytes, and nothing but the store's own word accepted."""

from dataclasses import replace

import pytest

from panacea.crypto.keys import Ed25519Key
from panacea.primitives.rejected import Rejected
from panacea.vault.receipts import Deletion, Method, Receipt
from panacea.vault.types import ReceiptRejected
from panacea.wire import cbor

STORE, STRANGER = Ed25519Key(b"\1" * 32), Ed25519Key(b"\2" * 32)
OID = b"\xaa" * 32
KEPT = Receipt.sign(STORE, oid=OID, deal_id=3, until=250, height=50)
ERASED = Deletion.sign(STORE, oid=OID, when=1_800_000_000, height=60, method=Method.WITHDRAWN)


def test_golden_bytes() -> None:
    assert KEPT.encode().hex() == GOLDEN_KEPT
    assert ERASED.encode().hex() == GOLDEN_ERASED


def test_receipts_come_back() -> None:
    assert Receipt.decode(KEPT.encode()) == KEPT
    assert Deletion.decode(ERASED.encode()) == ERASED
    KEPT.verify(STORE.public_key.raw, oid=OID, deal_id=3)
    ERASED.verify(STORE.public_key.raw, oid=OID)


@pytest.mark.parametrize("field", [{"deal_id": 4}, {"until": 251}, {"height": 49}, {"oid": bytes(32)}])
def test_an_altered_receipt_is_refused(field: dict[str, object]) -> None:
    altered = replace(KEPT, **field)  # type: ignore[arg-type] # one field of its own type
    with pytest.raises(ReceiptRejected, match="not signed"):
        altered.verify(STORE.public_key.raw, oid=altered.oid, deal_id=altered.deal_id)


def test_a_receipt_for_something_else_is_refused() -> None:
    for oid, deal_id in ((bytes(32), 3), (OID, 4)):
        with pytest.raises(ReceiptRejected, match="another"):
            KEPT.verify(STORE.public_key.raw, oid=oid, deal_id=deal_id)
    with pytest.raises(ReceiptRejected, match="another"):
        ERASED.verify(STORE.public_key.raw, oid=bytes(32))


def test_a_receipt_by_another_store_is_refused() -> None:
    for key in (STRANGER.public_key.raw, b"short"):
        with pytest.raises(ReceiptRejected, match="not signed"):
            KEPT.verify(key, oid=OID, deal_id=3)
        with pytest.raises(ReceiptRejected, match="not signed"):
            ERASED.verify(key, oid=OID)


@pytest.mark.parametrize("field", [{"when": 1}, {"height": 61}, {"method": Method.EXPIRED}])
def test_an_altered_deletion_is_refused(field: dict[str, object]) -> None:
    with pytest.raises(ReceiptRejected, match="not signed"):
        replace(ERASED, **field).verify(STORE.public_key.raw, oid=OID)  # type: ignore[arg-type] # of its own type


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        1,
        [OID, 3, 250, 50],
        [OID, 3, 250, 50, b"short"],
        [OID, 3, -1, 50, bytes(64)],
        [OID, True, 250, 50, bytes(64)],
        ["text", 3, 250, 50, bytes(64)],
        [OID, 3, 50, "burnt", bytes(64)],
        [b"short", 3, 250, 50, bytes(64)],
    ],
)
def test_other_shapes_are_refused(value: object) -> None:
    with pytest.raises(ReceiptRejected):
        Receipt.decode(cbor.encode(value))
    with pytest.raises(ReceiptRejected):
        Deletion.decode(cbor.encode(value))


def test_noise_is_refused() -> None:
    for raw in (b"", b"\xff", KEPT.encode() + b"\0", KEPT.encode()[:-1], bytes(10_000)):
        with pytest.raises(Rejected):
            Receipt.decode(raw)


GOLDEN_KEPT = (
    "855820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0318fa183258406aa4e475ec63d7b9"
    "c585257f6a9d111fc7eb500f8310fe1ecb4b2b888d91fa0e75a9c56a70554bd7258bf89bf38bd17d4064a32933cb6759bead"
    "63d83cc6c102"
)
GOLDEN_ERASED = (
    "855820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1a6b49d200183c6977697468647261"
    "776e5840ec3e5b2e245192084152e41e5119f5a4ed012cee8f61ae164b8332e1dbfb9194bb5922b16f7aadeaf94373f6e743"
    "c8c09e3f386b05495d29d557108993d4d007"
)
