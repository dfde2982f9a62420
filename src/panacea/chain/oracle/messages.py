"""What anyone may ask of this module, and what can be said of it without the state. Wallets import this too."""

import re
from typing import TYPE_CHECKING

from panacea.attestation import ItemKind
from panacea.chain.coins import read_coin
from panacea.chain.oracle.params import check_params
from panacea.chain.oracle.types import BondTooLow, CollateralRefused, EvidenceRefused, InvalidKey, OracleRejected
from panacea.crypto.hpke import PUBLIC_KEY_SIZE, SUITE
from panacea.crypto.keys import PUBLIC_SIZES, KeyKind
from panacea.primitives.address import Address
from panacea.primitives.chain_id import is_test_chain
from panacea.primitives.numbers import Dec
from panacea.wire.contexts import ReportContext
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import KeySubmission
    from panacea.wire.stubs.panacea.oracle.v3.tx_pb2 import (
        MsgAddBond,
        MsgAddBondResponse,
        MsgLeaveOracle,
        MsgLeaveOracleResponse,
        MsgPostCollateral,
        MsgPostCollateralResponse,
        MsgRefreshOracle,
        MsgRefreshOracleResponse,
        MsgRegisterOracle,
        MsgRegisterOracleResponse,
        MsgUpdateParams,
        MsgUpdateParamsResponse,
    )
else:
    MsgPostCollateral, MsgRegisterOracle, MsgRefreshOracle, MsgAddBond, MsgLeaveOracle, MsgUpdateParams = load(
        "panacea.oracle.v3",
        *("MsgPostCollateral", "MsgRegisterOracle", "MsgRefreshOracle"),
        *("MsgAddBond", "MsgLeaveOracle", "MsgUpdateParams"),
    )
    MsgPostCollateralResponse, MsgRegisterOracleResponse, MsgRefreshOracleResponse = load(
        "panacea.oracle.v3", "MsgPostCollateralResponse", "MsgRegisterOracleResponse", "MsgRefreshOracleResponse"
    )
    MsgAddBondResponse, MsgLeaveOracleResponse, MsgUpdateParamsResponse = load(
        "panacea.oracle.v3", "MsgAddBondResponse", "MsgLeaveOracleResponse", "MsgUpdateParamsResponse"
    )

MAX_ITEMS = 16
MAX_BODY = 64 * 1024
MAX_EVIDENCE = 16 * 1024
MAX_SUBJECT = 64
_ENDPOINT = re.compile(r"(https?)://[A-Za-z0-9.\[\]:_-]{1,200}(/[A-Za-z0-9._~/-]{0,200})?")


def require(holds: bool, refusal: type[OracleRejected], what: str, **values: object) -> None:
    """Refuse unless `holds`, saying what was expected."""
    if not holds:
        raise refusal(what, **values)


def is_endpoint(url: str, chain_id: str) -> bool:
    """Whether an oracle may be reached there: by https, on a test chain by http too."""
    found = _ENDPOINT.fullmatch(url)
    return found is not None and (found[1] == "https" or is_test_chain(chain_id))


def report_context(chain_id: str, operator: str, keys: "KeySubmission") -> ReportContext:
    """What the evidence of these keys has to bind."""
    return ReportContext(
        chain_id=chain_id,
        operator=operator,
        epoch=keys.epoch,
        signing_key=keys.signing_key,
        suite=keys.hpke_key.suite,
        hpke_key=keys.hpke_key.public_key,
        endpoint=keys.endpoint,
        trusted_height=keys.trusted_height,
        trusted_hash=keys.trusted_hash,
    )


def check_post_collateral(msg: MsgPostCollateral) -> None:
    """Counts and sizes."""
    Address.parse(msg.sender)
    require(1 <= len(msg.items) <= MAX_ITEMS, CollateralRefused, "1 to 16 items", given=len(msg.items))
    for item in msg.items:
        require(int(item.kind) in list(ItemKind), CollateralRefused, "unknown kind", kind=item.kind)
        require(1 <= len(item.body) <= MAX_BODY, CollateralRefused, "a body takes 1 byte to 64 KiB")
        require(len(item.issuer_chain) <= MAX_EVIDENCE, CollateralRefused, "a chain takes at most 16 KiB")
        require(len(item.subject) <= MAX_SUBJECT, CollateralRefused, "a subject takes at most 64 bytes")


def check_register_oracle(msg: MsgRegisterOracle) -> None:
    """A bond, and keys of the right shape."""
    Address.parse(msg.operator)
    require(read_coin(msg.bond).amount > 0, BondTooLow, "no bond")
    _check_keys(msg.keys)


def check_refresh_oracle(msg: MsgRefreshOracle) -> None:
    """Keys of the right shape."""
    Address.parse(msg.operator)
    _check_keys(msg.keys)


def _check_keys(keys: "KeySubmission") -> None:
    signing, sealing = keys.signing_key, keys.hpke_key
    is_point = len(signing) == PUBLIC_SIZES[KeyKind.SECP256K1] and signing[0] in (2, 3)
    require(is_point, InvalidKey, "signing_key is a compressed secp256k1 key", size=len(signing))
    is_suite = sealing.suite == SUITE and len(sealing.public_key) == PUBLIC_KEY_SIZE
    require(is_suite, InvalidKey, "hpke_key is of suite 1", suite=sealing.suite, size=len(sealing.public_key))
    require(_ENDPOINT.fullmatch(keys.endpoint) is not None, InvalidKey, "endpoint is a URL", endpoint=keys.endpoint)
    Dec.from_wire(keys.commission_rate)
    evidence = keys.evidence
    require(1 <= len(evidence.blob) <= MAX_EVIDENCE, EvidenceRefused, "evidence takes 1 byte to 16 KiB")
    require(len(evidence.certificates) <= MAX_EVIDENCE, EvidenceRefused, "certificates take at most 16 KiB")
    require(len(evidence.kind) <= 16, EvidenceRefused, "unknown kind", kind=evidence.kind)


def check_add_bond(msg: MsgAddBond) -> None:
    """More than nothing."""
    Address.parse(msg.operator)
    require(read_coin(msg.amount).amount > 0, BondTooLow, "nothing to add")


def check_leave_oracle(msg: MsgLeaveOracle) -> None:
    """The address is one."""
    Address.parse(msg.operator)


def check_update_params(msg: MsgUpdateParams) -> None:
    """The parameters are in range."""
    Address.parse(msg.authority)
    check_params(msg.params)
