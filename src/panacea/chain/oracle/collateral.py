"""Vendors' statements about their platforms: anybody brings them, their signatures prove them."""

from panacea.attestation import Refused, check_item
from panacea.chain.context import Context
from panacea.chain.oracle import state
from panacea.chain.oracle.evidence import item_of
from panacea.chain.oracle.messages import MsgPostCollateral, MsgPostCollateralResponse
from panacea.chain.oracle.params import policy_of
from panacea.chain.oracle.types import CollateralRefused


def post_collateral(ctx: Context, msg: MsgPostCollateral) -> MsgPostCollateralResponse:
    """Keep each item that is genuine and strictly newer than the one that stands; others that are genuine pass by."""
    roots = policy_of(state.params.get(ctx)).roots
    for item in msg.items:
        try:
            dates = check_item(item_of(item), roots, ctx.time)
        except Refused as no:
            raise CollateralRefused(str(no), kind=item.kind, subject=item.subject) from no
        key = state.collateral_key(item.root_key_id, item.kind, item.subject)
        standing = state.collateral.find(ctx, key)
        if standing is None or dates.issued > standing.issued.seconds:
            kept = state.Collateral()
            kept.CopyFrom(item)
            kept.issued.seconds, kept.issued.nanos = dates.issued, 0
            kept.expires.seconds, kept.expires.nanos = dates.expires, 0
            state.collateral.set(ctx, key, kept)
    return MsgPostCollateralResponse()
