"""Remote attestation: which code runs on which kind of machine, proven by the vendor's signatures.

appraise      evidence, collateral, time -> claims            what is proven
decide        claims, policy, height     -> decision          whether that is enough
requirements, check_item, assemble                            collateral on its way through the chain
"""

from panacea.attestation.appraise import appraise
from panacea.attestation.collateral import assemble, check_item, requirements
from panacea.attestation.enclave import Enclave
from panacea.attestation.policy import decide, is_measurement_allowed
from panacea.attestation.types import (
    Assurance,
    Claims,
    Collateral,
    Decision,
    Evidence,
    Item,
    ItemDates,
    ItemKind,
    MeasurementRule,
    Policy,
    Refused,
    Requirements,
    Root,
    SignedDocument,
    UnknownRoot,
)

__all__ = [
    "Assurance",
    "Claims",
    "Collateral",
    "Decision",
    "Enclave",
    "Evidence",
    "Item",
    "ItemDates",
    "ItemKind",
    "MeasurementRule",
    "Policy",
    "Refused",
    "Requirements",
    "Root",
    "SignedDocument",
    "UnknownRoot",
    "appraise",
    "assemble",
    "check_item",
    "decide",
    "is_measurement_allowed",
    "requirements",
]
