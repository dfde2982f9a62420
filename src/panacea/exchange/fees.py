"""Who pays for a consent: the account itself, or whoever granted it an allowance (exchange, §4)."""

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from panacea.chain.datadeal.messages import MsgSubmitConsent
from panacea.chain.feegrant.messages import read_allowance
from panacea.chain.feegrant.types import Allowance, AllowedMsgAllowance, BasicAllowance
from panacea.client.sender import Fees, Sender
from panacea.exchange.market import NANO, Market
from panacea.primitives.coin import BASE_DENOM
from panacea.wire.any import type_url
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1.query_pb2 import QueryBalanceRequest, QueryBalanceResponse
    from panacea.wire.stubs.cosmos.feegrant.v1beta1.query_pb2 import QueryAllowancesRequest, QueryAllowancesResponse
else:
    QueryBalanceRequest, QueryBalanceResponse = load(
        "cosmos.bank.v1beta1", "QueryBalanceRequest", "QueryBalanceResponse"
    )
    QueryAllowancesRequest, QueryAllowancesResponse = load(
        "cosmos.feegrant.v1beta1", "QueryAllowancesRequest", "QueryAllowancesResponse"
    )

CONSENT_GAS = 400_000
"""What a consent may cost before the first one was simulated."""


class Purse:
    """The fees of one account's consents, several of which may be under way."""

    def __init__(self, market: Market, sender: Sender) -> None:
        """Pay for `sender`; a granter that it was made with is taken as it is."""
        self._market, self._sender = market, sender
        self.learned_gas = 0
        self._ahead = 0

    def learn_gas(self, wanted: int) -> None:
        """Ask for no less gas than this from now on, instead of simulating each consent."""
        self.learned_gas = max(wanted, self.learned_gas)

    @contextlib.asynccontextmanager
    async def paying(self) -> AsyncIterator[Fees]:
        """How to pay one consent; its fee is set aside until the block is left, best when the chain shows it."""
        own = self._sender.fees
        gas = own.gas or self.learned_gas or None
        most = own.price.times(gas or CONSENT_GAS).ceil()
        self._ahead += most
        try:
            yield Fees(gas, own.price, own.granter or await self._granter(most))
        finally:
            self._ahead -= most

    async def _granter(self, fee: int) -> str:
        """Nobody, where the account can pay what is under way by itself; else whoever covers it, or at least this."""
        # Before any reading: a fee that the state to be read does not show yet must still count.
        needed = self._ahead
        if await self._held() >= needed:
            return ""
        return await self.find_granter(needed) or await self.find_granter(fee) or ""

    async def _held(self) -> int:
        """What the account holds, by the node's word, as in `find_granter`."""
        request = QueryBalanceRequest(address=str(self._sender.address), denom=BASE_DENOM)
        answer = await self._market.view.rpc.query("/cosmos.bank.v1beta1.Query/Balance", encode(request))
        return 0 if answer.code else int(decode(QueryBalanceResponse, answer.value).balance.amount)

    async def find_granter(self, amount: int) -> str | None:
        """The first whose allowance covers `amount` umed now, or None.

        The node's word; a wrong one only fails the transaction.
        """
        request = QueryAllowancesRequest(grantee=str(self._sender.address))
        answer = await self._market.view.rpc.query("/cosmos.feegrant.v1beta1.Query/Allowances", encode(request))
        if answer.code:
            return None
        for grant in decode(QueryAllowancesResponse, answer.value).allowances:
            if covers(read_allowance(grant.allowance), amount, now_ns=self._market.now * NANO):
                return grant.granter
        return None


def covers(allowance: Allowance, amount: int, *, now_ns: int) -> bool:
    """Whether an allowance pays consents' fees of `amount` umed at `now_ns`; periods are not counted through."""
    match allowance:
        case AllowedMsgAllowance():
            is_meant = type_url(MsgSubmitConsent) in allowance.messages
            return is_meant and covers(allowance.allowance, amount, now_ns=now_ns)
        case BasicAllowance():
            is_live = allowance.expiration is None or now_ns <= allowance.expiration
            limit = allowance.spend_limit
            return is_live and (limit is None or limit.amount_of(BASE_DENOM) >= amount)
    return covers(allowance.basic, amount, now_ns=now_ns)
