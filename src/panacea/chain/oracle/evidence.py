"""Whether evidence is worth a seat: the collateral of this chain, the appraisal, its report data, the policy."""

from typing import TYPE_CHECKING

from panacea import attestation
from panacea.attestation import Claims, Decision, Evidence, Item, ItemKind, Refused
from panacea.chain.context import Context
from panacea.chain.oracle import state
from panacea.chain.oracle.messages import report_context
from panacea.chain.oracle.params import policy_of
from panacea.chain.oracle.types import CollateralMissing, EvidenceRefused, ReportDataMismatch
from panacea.primitives.address import Address

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Collateral, KeySubmission


def require_attested(ctx: Context, operator: Address, keys: "KeySubmission") -> Decision:
    """The enclave that the evidence proves, if the policy of this height accepts it and it vouches for these keys.

    Raises:
        CollateralMissing: this chain does not hold what the appraisal needs.
        EvidenceRefused: naming the check that failed.
        ReportDataMismatch: genuine evidence, for something else than these keys of this operator in this epoch.
    """
    claims = _appraise(ctx, keys)
    if claims.report_data != report_context(ctx.chain_id, str(operator), keys).report_data():
        raise ReportDataMismatch(operator=operator, epoch=keys.epoch)
    try:
        return attestation.decide(claims, policy_of(state.params.get(ctx)), ctx.height)
    except Refused as no:
        raise EvidenceRefused(str(no)) from no


def _appraise(ctx: Context, keys: "KeySubmission") -> Claims:
    given = keys.evidence
    evidence = Evidence(given.kind, given.blob, given.certificates)
    try:
        needed = attestation.requirements(evidence)
        if needed.root_key_id not in policy_of(state.params.get(ctx)).roots:
            raise attestation.UnknownRoot(root_key_id=needed.root_key_id)
        items = [_get_item(ctx, needed.root_key_id, kind, subject) for kind, subject in needed.lookups()]
        return attestation.appraise(evidence, attestation.assemble(items), ctx.time)
    except Refused as no:
        raise EvidenceRefused(str(no)) from no


def _get_item(ctx: Context, root_key_id: bytes, kind: ItemKind, subject: bytes) -> Item:
    found = state.collateral.find(ctx, state.collateral_key(root_key_id, kind, subject))
    if found is None:
        raise CollateralMissing(kind=kind.name, subject=subject.decode(), root_key_id=root_key_id)
    return item_of(found)


def item_of(message: "Collateral") -> Item:
    """An item of collateral as the appraisal knows it."""
    return Item(message.root_key_id, ItemKind(message.kind), message.subject, message.body, message.issuer_chain)
