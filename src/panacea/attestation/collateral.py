"""Collateral on its way to the chain: what a quote needs, what may be stored, and back into an appraisal."""

from collections.abc import Collection, Iterable

from panacea.attestation.pck import read_authority, read_pck_chain, read_platform
from panacea.attestation.quote import read_quote
from panacea.attestation.signed_json import Verified, split_envelope, verify_document
from panacea.attestation.tcb import read_fmspc, require_qe_identity
from panacea.attestation.types import (
    Collateral,
    CollateralMismatch,
    CollateralMissing,
    Evidence,
    Item,
    ItemDates,
    ItemKind,
    MalformedCollateral,
    Requirements,
    UnknownRoot,
)
from panacea.attestation.x509 import read_chain, read_revocation_list, require_chain, require_revocation_list

_TEES = {b"sgx": "sgx", b"tdx": "tdx"}
_CHAIN_LENGTHS = {ItemKind.PCK_CRL: 2, ItemKind.ROOT_CRL: 1}


def requirements(evidence: Evidence) -> Requirements:
    """Where to look for the collateral of this quote. Nothing is verified yet but the form."""
    quote = read_quote(evidence)
    leaf, authority, root = read_pck_chain(quote.certificates)
    return Requirements(quote.kind, root.key_id, read_platform(leaf).fmspc, read_authority(authority))


def check_item(item: Item, roots: Collection[bytes], now: int) -> ItemDates:
    """The dates of an item that is genuine under one of `roots` (root key ids), current, and about its subject.

    Revocation of its signer is checked at the appraisal, where the root's revocation list is at hand.
    """
    if item.root_key_id not in roots:
        raise UnknownRoot(root_key_id=item.root_key_id)
    if item.kind in _CHAIN_LENGTHS:
        return _check_revocation_list(item, now)
    if item.kind == ItemKind.TCB_INFO:
        return _check_tcb_info(item, now)
    if item.kind == ItemKind.QE_IDENTITY:
        return _check_qe_identity(item, now)
    raise MalformedCollateral("unsupported kind of collateral", kind=item.kind)


def assemble(items: Iterable[Item]) -> Collateral:
    """The collateral of an appraisal from its four items, all under one root."""
    found = {item.kind: item for item in items}
    missing = [kind.name for kind in ItemKind if kind not in found and kind != ItemKind.CERT_CHAIN]
    if missing:
        raise CollateralMissing(missing=", ".join(missing))
    tcb_info, qe_identity = found[ItemKind.TCB_INFO], found[ItemKind.QE_IDENTITY]
    if len({item.root_key_id for item in found.values()}) != 1:
        raise CollateralMismatch("items of several roots")
    return Collateral(
        root_key_id=tcb_info.root_key_id,
        tcb_info=split_envelope("tcbInfo", tcb_info.body, tcb_info.issuer_chain),
        qe_identity=split_envelope("enclaveIdentity", qe_identity.body, qe_identity.issuer_chain),
        pck_crl=found[ItemKind.PCK_CRL].body,
        root_crl=found[ItemKind.ROOT_CRL].body,
    )


def _check_tcb_info(item: Item, now: int) -> ItemDates:
    tee = item.subject.partition(b"/")[0]
    verified = _verify(item, "tcbInfo", now)
    fmspc = read_fmspc(verified.fields, _get_tee(tee))
    _require_subject(item, tee + b"/" + fmspc.hex().encode())
    return ItemDates(verified.issued, verified.expires)


def _check_qe_identity(item: Item, now: int) -> ItemDates:
    verified = _verify(item, "enclaveIdentity", now)
    require_qe_identity(verified.fields, _get_tee(item.subject))
    return ItemDates(verified.issued, verified.expires)


def _check_revocation_list(item: Item, now: int) -> ItemDates:
    chain = read_chain(item.issuer_chain, _CHAIN_LENGTHS[item.kind])
    listed = read_revocation_list(item.body)
    require_chain(chain, item.root_key_id, now, to_authority=True)
    require_revocation_list(listed, chain[0], now)
    subject = b"" if item.kind == ItemKind.ROOT_CRL else read_authority(chain[0]).encode()
    _require_subject(item, subject)
    return ItemDates(listed.issued, listed.expires)


def _verify(item: Item, name: str, now: int) -> Verified:
    return verify_document(split_envelope(name, item.body, item.issuer_chain), item.root_key_id, now)


def _get_tee(subject: bytes) -> str:
    """The TEE that a subject starts with."""
    if subject not in _TEES:
        raise CollateralMismatch("subject of no known TEE", subject=subject)
    return _TEES[subject]


def _require_subject(item: Item, found: bytes) -> None:
    if item.subject != found:
        raise CollateralMismatch("about another subject", subject=item.subject, found=found)
