"""What the chain does about each message."""

from panacea.chain.auth import state
from panacea.chain.auth.messages import MsgUpdateParams, MsgUpdateParamsResponse
from panacea.chain.auth.types import InvalidAccounts
from panacea.chain.authority import AUTHORITY
from panacea.chain.context import Context


def update_params(ctx: Context, msg: MsgUpdateParams) -> MsgUpdateParamsResponse:
    """Replace the parameters. Raises InvalidAccounts when the sender is not governance."""
    if msg.authority != str(AUTHORITY):
        raise InvalidAccounts(f"invalid authority; expected {AUTHORITY}, got {msg.authority}")
    state.params.set(ctx, msg.params)
    return MsgUpdateParamsResponse()
