from dataclasses import replace

import pytest
from simulated_evidence import FMSPC, NOW, PLATFORM, collateral, evidence, select

from panacea.attestation import Item, ItemDates, ItemKind, Refused, appraise, assemble, check_item, requirements
from panacea.attestation.types import (
    BadSignature,
    ChainRefused,
    CollateralMismatch,
    CollateralMissing,
    MalformedCertificate,
    MalformedCollateral,
    OutsideValidity,
    UnknownRoot,
    UntrustedRoot,
)
from panacea.simulated import Platform

ITEMS = {(item.kind, item.subject): item for item in PLATFORM.collateral_items(NOW)}
OTHER = Platform(b"other", "simulated-b", FMSPC, NOW)
TCB_INFO = (ItemKind.TCB_INFO, b"sgx/" + FMSPC.hex().encode())
QE_IDENTITY = (ItemKind.QE_IDENTITY, b"sgx")
PCK_CRL = (ItemKind.PCK_CRL, b"processor")
ROOT_CRL = (ItemKind.ROOT_CRL, b"")
ALL = [TCB_INFO, QE_IDENTITY, PCK_CRL, ROOT_CRL]
ROOTS = {PLATFORM.root_key_id}


@pytest.mark.parametrize("item", ITEMS.values(), ids=str)
def test_genuine_items(item: Item) -> None:
    assert check_item(item, ROOTS, NOW) == ItemDates(NOW - 3600, NOW + 30 * 86400)


def test_lookups_find_what_the_quote_needs() -> None:
    assert set(requirements(evidence("sgx")).lookups()) == set(ALL)
    assert set(requirements(evidence("tdx")).lookups()) <= set(ITEMS)


@pytest.mark.parametrize("key", ALL)
def test_root_not_listed(key: tuple[ItemKind, bytes]) -> None:
    with pytest.raises(UnknownRoot):
        check_item(ITEMS[key], {OTHER.root_key_id}, NOW)


@pytest.mark.parametrize("key", ALL)
def test_filed_under_another_root(key: tuple[ItemKind, bytes]) -> None:
    with pytest.raises(UntrustedRoot):
        check_item(replace(ITEMS[key], root_key_id=OTHER.root_key_id), {OTHER.root_key_id}, NOW)


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("now", [NOW - 3601, NOW + 30 * 86400 + 1])
def test_from_the_future_or_expired(key: tuple[ItemKind, bytes], now: int) -> None:
    with pytest.raises(OutsideValidity):
        check_item(ITEMS[key], ROOTS, now)


@pytest.mark.parametrize("key", ALL)
def test_no_chain(key: tuple[ItemKind, bytes]) -> None:
    with pytest.raises(MalformedCertificate):
        check_item(replace(ITEMS[key], issuer_chain=b""), ROOTS, NOW)


@pytest.mark.parametrize(
    ("key", "subject"),
    [
        (TCB_INFO, b"sgx/" + FMSPC.hex().upper().encode()),
        (TCB_INFO, b"sgx/000000000000"),
        (TCB_INFO, b"sgx"),
        (TCB_INFO, b"tdx/" + FMSPC.hex().encode()),
        (TCB_INFO, b"snp/x"),
        (QE_IDENTITY, b"tdx"),
        (QE_IDENTITY, b""),
        (PCK_CRL, b"platform"),
        (PCK_CRL, b""),
        (ROOT_CRL, b"processor"),
    ],
)
def test_about_another_subject(key: tuple[ItemKind, bytes], subject: bytes) -> None:
    with pytest.raises(CollateralMismatch):
        check_item(replace(ITEMS[key], subject=subject), ROOTS, NOW)


def test_one_list_in_place_of_the_other() -> None:
    with pytest.raises(ChainRefused):
        check_item(replace(ITEMS[PCK_CRL], body=ITEMS[ROOT_CRL].body), ROOTS, NOW)
    with pytest.raises(MalformedCertificate):
        check_item(replace(ITEMS[PCK_CRL], kind=ItemKind.ROOT_CRL), ROOTS, NOW)


def test_tcb_signer_issues_no_lists() -> None:
    with pytest.raises(ChainRefused):
        check_item(replace(ITEMS[PCK_CRL], issuer_chain=ITEMS[TCB_INFO].issuer_chain), ROOTS, NOW)


def test_list_of_another_vendor_under_the_same_names() -> None:
    twin = Platform(b"twin", PLATFORM.vendor, FMSPC, NOW)
    forged = next(item for item in twin.collateral_items(NOW) if item.kind == ItemKind.PCK_CRL)
    with pytest.raises(BadSignature):
        check_item(replace(ITEMS[PCK_CRL], body=forged.body), ROOTS, NOW)


def test_chains_are_not_collateral_yet() -> None:
    with pytest.raises(MalformedCollateral, match="unsupported"):
        check_item(replace(ITEMS[ROOT_CRL], kind=ItemKind.CERT_CHAIN), ROOTS, NOW)


@pytest.mark.parametrize("missing", range(4))
def test_every_item_is_needed(missing: int) -> None:
    items = select(list(ITEMS.values()), evidence())
    with pytest.raises(CollateralMissing, match=items[missing].kind.name):
        assemble(item for place, item in enumerate(items) if place != missing)


def test_items_of_two_vendors_do_not_mix() -> None:
    items = select(list(ITEMS.values()), evidence())
    other = next(item for item in OTHER.collateral_items(NOW) if item.kind == items[0].kind)
    with pytest.raises(CollateralMismatch):
        assemble([other, *items[1:]])


def test_assembled_collateral_appraises() -> None:
    assert appraise(evidence(), collateral(), NOW).tcb_status == "UpToDate"
    with pytest.raises(Refused):
        appraise(evidence(), replace(collateral(), pck_crl=b""), NOW)
