"""What the chain does about each message."""

from panacea.chain.authority import require_authority
from panacea.chain.bank import state
from panacea.chain.bank.ledger import Ledger
from panacea.chain.bank.messages import (
    MsgMultiSend,
    MsgMultiSendResponse,
    MsgSend,
    MsgSendResponse,
    MsgSetSendEnabled,
    MsgSetSendEnabledResponse,
    MsgUpdateParams,
    MsgUpdateParamsResponse,
)
from panacea.chain.coins import read_coins
from panacea.chain.context import Context
from panacea.primitives.address import Address


def send(ctx: Context, ledger: Ledger, msg: MsgSend) -> MsgSendResponse:
    """Move coins from the signer to anybody who may receive them."""
    sender, recipient = Address.parse(msg.from_address), Address.parse(msg.to_address)
    amount = read_coins(msg.amount)
    ledger.require_send_enabled(ctx, amount)
    ledger.require_not_blocked(recipient)
    ledger.send(ctx, sender, recipient, amount)
    return MsgSendResponse()


def multi_send(ctx: Context, ledger: Ledger, msg: MsgMultiSend) -> MsgMultiSendResponse:
    """Move coins from the signer to several recipients."""
    sender, spent = Address.parse(msg.inputs[0].address), read_coins(msg.inputs[0].coins)
    outputs = [(Address.parse(output.address), read_coins(output.coins)) for output in msg.outputs]
    ledger.require_send_enabled(ctx, spent)
    for recipient, _ in outputs:
        ledger.require_not_blocked(recipient)
    ledger.subtract(ctx, sender, spent)
    ctx.emit("message", sender=str(sender))
    for recipient, amount in outputs:
        ledger.add(ctx, recipient, amount)
        ctx.emit("transfer", recipient=str(recipient), sender=str(sender), amount=str(amount))
        ledger.accounts.ensure(ctx, recipient)
    return MsgMultiSendResponse()


def update_params(ctx: Context, msg: MsgUpdateParams) -> MsgUpdateParamsResponse:
    """Replace the parameters, by a decision of governance."""
    require_authority(msg.authority)
    state.params.set(ctx, msg.params)
    return MsgUpdateParamsResponse()


def set_send_enabled(ctx: Context, msg: MsgSetSendEnabled) -> MsgSetSendEnabledResponse:
    """Say of single denominations whether they may be sent, by a decision of governance."""
    require_authority(msg.authority)
    for entry in msg.send_enabled:
        state.send_enabled.set(ctx, entry.denom, entry.enabled)
    for denom in msg.use_default_for:
        state.send_enabled.delete(ctx, denom)
    return MsgSetSendEnabledResponse()
