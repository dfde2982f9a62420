"""What anyone may ask of this module. Imported by wallets too: no store here."""

from typing import TYPE_CHECKING

from panacea.chain.auth.types import InvalidAccounts
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.auth.v1beta1.auth_pb2 import Params
    from panacea.wire.stubs.cosmos.auth.v1beta1.tx_pb2 import MsgUpdateParams, MsgUpdateParamsResponse
else:
    MsgUpdateParams, MsgUpdateParamsResponse, Params = load(
        "cosmos.auth.v1beta1", "MsgUpdateParams", "MsgUpdateParamsResponse", "Params"
    )

DEFAULT_PARAMS = Params(
    max_memo_characters=256,
    tx_sig_limit=7,
    tx_size_cost_per_byte=10,
    sig_verify_cost_ed25519=590,
    sig_verify_cost_secp256k1=1000,
)


def check_update_params(msg: MsgUpdateParams) -> None:
    """Every parameter is positive. Raises InvalidAccounts."""
    require_params(msg.params)


def require_params(params: Params) -> None:
    """Refuse a parameter that is zero. Raises InvalidAccounts."""
    for field in Params.DESCRIPTOR.fields:
        if getattr(params, field.name) == 0:
            raise InvalidAccounts(f"invalid {field.name.replace('_', ' ')}: 0")
