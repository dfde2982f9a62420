"""The decision: claims and policy in, an accepted enclave out. The only place of the room that holds opinions."""

from panacea.attestation.types import (
    AdvisoryRejected,
    Claims,
    DebugEnabled,
    Decision,
    EvaluationTooOld,
    MeasurementNotAllowed,
    MeasurementRule,
    PlatformNotRegistered,
    Policy,
    ProductDenied,
    TCBStatusNotAllowed,
    UnknownRoot,
)


def decide(claims: Claims, policy: Policy, height: int) -> Decision:
    """Accept the enclave at this height, or raise the `Refused` that names the first rule it breaks."""
    root = policy.roots.get(claims.root_key_id)
    if root is None:
        raise UnknownRoot(root_key_id=claims.root_key_id)
    if claims.debug:
        raise DebugEnabled
    product_line = f"{root.vendor}/{claims.product_line}"
    if product_line in policy.products_denied:
        raise ProductDenied(product_line=product_line)
    if not is_measurement_allowed(policy, claims.measurement, height):
        raise MeasurementNotAllowed(measurement=claims.measurement, height=height)
    _require_maintained(claims, policy)
    if policy.registry_required and claims.platform_id not in policy.platforms:
        raise PlatformNotRegistered(platform_id=claims.platform_id)
    return Decision(root.kind, root.vendor, product_line, claims.measurement, claims.platform_id)


def is_measurement_allowed(policy: Policy, measurement: bytes, height: int) -> bool:
    """Whether a rule of the policy lists this code at this height."""
    return any(_covers(rule, measurement, height) for rule in policy.measurements)


def _covers(rule: MeasurementRule, measurement: bytes, height: int) -> bool:
    is_open = rule.to_height == 0
    return rule.id == measurement and rule.from_height <= height and (is_open or height <= rule.to_height)


def _require_maintained(claims: Claims, policy: Policy) -> None:
    """Refuse a platform whose owner, or whose collateral, is behind what the policy asks."""
    if claims.tcb_status not in policy.tcb_statuses:
        raise TCBStatusNotAllowed(status=claims.tcb_status)
    if claims.tcb_evaluation < policy.min_tcb_evaluation:
        raise EvaluationTooOld(found=claims.tcb_evaluation, least=policy.min_tcb_evaluation)
    rejected = sorted(policy.advisories_rejected.intersection(claims.advisory_ids))
    if rejected:
        raise AdvisoryRejected(advisories=", ".join(rejected))
