"""What other modules may ask about oracles, and do to them."""

from dataclasses import dataclass

from panacea.chain.context import Context
from panacea.chain.oracle import bonds, committee, state
from panacea.chain.oracle.params import policy_of
from panacea.chain.oracle.ports import Bank
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins


@dataclass(frozen=True, slots=True)
class Roster:
    """The oracles as a neighbour of this module sees them."""

    bank: Bank

    def params(self, ctx: Context) -> state.Params:
        """The parameters."""
        return state.params.get(ctx)

    def find_oracle(self, ctx: Context, address: str) -> state.Oracle | None:
        """A registered oracle, by the canonical text of its address."""
        account = state.find_account(address)
        return None if account is None else state.oracles.find(ctx, account)

    def find_key(self, ctx: Context, address: str, epoch: int) -> state.OracleKey | None:
        """An oracle's key of one epoch."""
        account = state.find_account(address)
        return None if account is None else state.keys.find(ctx, (account, epoch))

    def find_committee(self, ctx: Context, epoch: int) -> state.Committee | None:
        """The committee drawn for an epoch, while it is kept."""
        return state.committees.find(ctx, epoch)

    def is_allowed(self, ctx: Context, key: state.OracleKey) -> bool:
        """Whether the policy of this height still admits the key."""
        limits = state.params.get(ctx)
        return committee.is_allowed(limits, policy_of(limits), key, ctx.height)

    def punish(self, ctx: Context, member: str, price: Coins, deal_id: int, number: int) -> None:
        """Cut the bond of a member that did not answer for a consent, and jail it."""
        bonds.punish(ctx, self.bank, Address.parse(member), price, deal_id=deal_id, number=number)

    def jail(self, ctx: Context, oracle: str) -> None:
        """Jail an oracle whose certificate proved undeliverable."""
        bonds.jail(ctx, Address.parse(oracle))
