"""What anyone may ask of this module. Imported by wallets too: no store here."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from panacea.chain.bank.types import InvalidBankState, ManySenders, NoInputs, NoOutputs, SumsDiffer
from panacea.chain.coins import read_some_coins
from panacea.chain.rejections import InvalidRequest
from panacea.primitives.address import Address, InvalidAddress
from panacea.primitives.coin import Coins, InvalidCoins, require_denom
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1.bank_pb2 import Input, Output, Params, SendEnabled
    from panacea.wire.stubs.cosmos.bank.v1beta1.tx_pb2 import (
        MsgMultiSend,
        MsgMultiSendResponse,
        MsgSend,
        MsgSendResponse,
        MsgSetSendEnabled,
        MsgSetSendEnabledResponse,
        MsgUpdateParams,
        MsgUpdateParamsResponse,
    )
else:
    Input, Output, Params, SendEnabled = load("cosmos.bank.v1beta1", "Input", "Output", "Params", "SendEnabled")
    MsgSend, MsgSendResponse, MsgMultiSend, MsgMultiSendResponse = load(
        "cosmos.bank.v1beta1", "MsgSend", "MsgSendResponse", "MsgMultiSend", "MsgMultiSendResponse"
    )
    MsgSetSendEnabled, MsgSetSendEnabledResponse, MsgUpdateParams, MsgUpdateParamsResponse = load(
        "cosmos.bank.v1beta1",
        "MsgSetSendEnabled",
        "MsgSetSendEnabledResponse",
        "MsgUpdateParams",
        "MsgUpdateParamsResponse",
    )

DEFAULT_PARAMS = Params(default_send_enabled=True)


def check_send(msg: MsgSend) -> None:
    """Both addresses are addresses, and some coins are named. Raises InvalidAddress, InvalidCoins."""
    parse_party(msg.from_address, "from")
    parse_party(msg.to_address, "to")
    read_some_coins(msg.amount)


def check_multi_send(msg: MsgMultiSend) -> None:
    """One input, some outputs, and equal sums. Raises what is wrong first."""
    if not msg.inputs:
        raise NoInputs
    if len(msg.inputs) > 1:
        raise ManySenders
    if not msg.outputs:
        raise NoOutputs
    spent = _party(msg.inputs[0], "input")
    if sum_of(_party(output, "output") for output in msg.outputs) != spent:
        raise SumsDiffer


def check_update_params(msg: MsgUpdateParams) -> None:
    """The deprecated list is empty. Raises InvalidBankState."""
    require_params(msg.params)


def check_set_send_enabled(msg: MsgSetSendEnabled) -> None:
    """Each denomination is one, and is named once. Raises InvalidRequest."""
    for denoms in ([entry.denom for entry in msg.send_enabled], list(msg.use_default_for)):
        for index, denom in enumerate(denoms):
            if denom in denoms[:index]:
                raise InvalidRequest("duplicate denom entries found", denom=denom)
            try:
                require_denom(denom)
            except InvalidCoins as no:
                raise InvalidRequest("invalid denom", denom=denom) from no


def require_params(params: Params) -> None:
    """Refuse the deprecated list of send-enabled entries. Raises InvalidBankState."""
    if params.send_enabled:
        raise InvalidBankState("use of send_enabled in params is no longer supported")


def parse_party(text: str, role: str) -> Address:
    """The address of one side of a transfer. Raises InvalidAddress that names the side."""
    try:
        return Address.parse(text)
    except InvalidAddress as no:
        raise InvalidAddress(f"invalid {role} address: {no}") from no


def sum_of(amounts: Iterable[Coins]) -> Coins:
    """All of them together."""
    return Coins(coin for amount in amounts for coin in amount)


def _party(party: Input | Output, role: str) -> Coins:
    parse_party(party.address, role)
    return read_some_coins(party.coins)
