"""Coins are neither made nor lost, whatever is sent, granted or refused; fees land with their collector."""

from chain_driver import Driver
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from panacea.chain.bank.messages import Input, MsgMultiSend, MsgSend, Output
from panacea.chain.coins import write_coins
from panacea.chain.feegrant.messages import MsgGrantAllowance, MsgRevokeAllowance, write_allowance
from panacea.chain.feegrant.types import BasicAllowance
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins

PEOPLE = ("ann", "ben", "cat")
people = st.sampled_from(PEOPLE)
fees = st.integers(0, 30)
amounts = st.integers(1, 700)


class Supply(RuleBasedStateMachine):
    """A chain beside a model that knows only balances, allowances and sequences."""

    def __init__(self) -> None:
        super().__init__()
        self.chain = Driver(dict.fromkeys(PEOPLE, 1000))
        self.held = dict.fromkeys(PEOPLE, 1000)
        self.sequence = dict.fromkeys(PEOPLE, 0)
        self.limits: dict[tuple[str, str], int] = {}
        self.fees = 0

    def _pay(self, payer: str, fee: int, granter: str) -> bool:
        """What the ante does in the model; whether it lets pass."""
        charged = payer if granter in ("", payer) else granter
        if charged != payer:
            limit = self.limits.get((charged, payer))
            if limit is None or limit < fee:
                return False
        if self.held[charged] < fee:
            return False
        if charged != payer:
            self.limits[charged, payer] -= fee
            if not self.limits[charged, payer]:
                del self.limits[charged, payer]
        self.held[charged] -= fee
        self.fees += fee
        self.sequence[payer] += 1
        return True

    @rule(sender=people, recipient=people, amount=amounts, fee=fees, granter=st.sampled_from(("", *PEOPLE)))
    def send(self, sender: str, recipient: str, amount: int, fee: int, granter: str) -> None:
        message = MsgSend(
            from_address=self.chain[sender], to_address=self.chain[recipient], amount=write_coins(Coins.of(amount))
        )
        result = self.chain.tx(sender, message, fee=fee, granter=granter)
        passes = self._pay(sender, fee, granter)
        works = passes and self.held[sender] >= amount
        assert (result.code == 0) == works, result.log
        if works:
            self.held[sender] -= amount
            self.held[recipient] += amount

    @rule(sender=people, parts=st.lists(st.tuples(people, amounts), min_size=1, max_size=3), fee=fees)
    def multi_send(self, sender: str, parts: list[tuple[str, int]], fee: int) -> None:
        total = sum(amount for _, amount in parts)
        outputs = [Output(address=self.chain[name], coins=write_coins(Coins.of(amount))) for name, amount in parts]
        inputs = [Input(address=self.chain[sender], coins=write_coins(Coins.of(total)))]
        result = self.chain.tx(sender, MsgMultiSend(inputs=inputs, outputs=outputs), fee=fee)
        works = self._pay(sender, fee, "") and self.held[sender] >= total
        assert (result.code == 0) == works, result.log
        if works:
            self.held[sender] -= total
            for name, amount in parts:
                self.held[name] += amount

    @rule(granter=people, grantee=people, limit=st.integers(1, 60))
    def grant(self, granter: str, grantee: str, limit: int) -> None:
        allowance = write_allowance(BasicAllowance(Coins.of(limit)))
        message = MsgGrantAllowance(granter=self.chain[granter], grantee=self.chain[grantee], allowance=allowance)
        result = self.chain.tx(granter, message)
        if granter != grantee:
            self._pay(granter, 0, "")
        works = granter != grantee and (granter, grantee) not in self.limits
        assert (result.code == 0) == works, result.log
        if works:
            self.limits[granter, grantee] = limit

    @rule(granter=people, grantee=people)
    def revoke(self, granter: str, grantee: str) -> None:
        message = MsgRevokeAllowance(granter=self.chain[granter], grantee=self.chain[grantee])
        result = self.chain.tx(granter, message)
        if granter != grantee:
            self._pay(granter, 0, "")
        assert (result.code == 0) == (self.limits.pop((granter, grantee), None) is not None), result.log

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        self.chain.check_invariants()
        assert self.chain.wiring.bank.supply(self.chain.ctx(), "umed") == 1000 * len(PEOPLE)
        assert {name: self.chain.balance(name) for name in PEOPLE} == self.held
        assert {name: self.chain.account(name)[1] for name in PEOPLE} == self.sequence
        assert self.chain.balance(Address.module("fee_collector")) == self.fees


TestSupply = Supply.TestCase
TestSupply.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
