"""What holds after every message and every block."""

from collections.abc import Mapping

from panacea.chain.context import Context, Step
from panacea.chain.oracle import state
from panacea.chain.oracle.ports import Bank
from panacea.chain.oracle.types import ACTIVE, JAILED, LEAVING, NAME
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins


def require_bonds(ctx: Context, bank: Bank) -> None:
    """The module's account holds exactly what all oracles have locked.

    Raises:
        AssertionError: it does not.
    """
    locked = Coins(state.bond_of(oracle) for _, oracle in state.oracles.items(ctx))
    held = bank.balances(ctx, Address.module(NAME))
    assert held == locked, f"oracle: the module holds {held}, the bonds are {locked}"


def require_indexes(ctx: Context) -> None:
    """Platforms and the queue lead to their oracles; keys and members have their one spelling.

    Raises:
        AssertionError: saying which does not.
    """
    oracles = dict(state.oracles.items(ctx))
    platforms = {oracle.platform_id: address for address, oracle in oracles.items()}
    assert platforms == dict(state.platforms.items(ctx)), "oracle: platforms and their index differ"
    leaving = {(oracle.leaves_at, address) for address, oracle in oracles.items() if oracle.status == LEAVING}
    assert leaving == {key for key, _ in state.leaving.items(ctx)}, "oracle: the queue of those who leave"
    for address, oracle in oracles.items():
        assert oracle.status in (ACTIVE, JAILED, LEAVING), f"oracle {oracle.address}: status"
        assert state.find_account(oracle.address) == address, f"oracle {oracle.address}: kept under another address"
    for place, key in state.keys.items(ctx):
        assert (state.find_account(key.oracle), key.epoch) == place, f"oracle key {key.oracle}/{key.epoch}"
        assert key.epoch <= state.epoch_of(ctx) + 1, f"oracle key {key.oracle}/{key.epoch}: of a later epoch"
    for epoch, committee in state.committees.items(ctx):
        members = list(committee.members)
        assert committee.epoch == epoch, f"committee {epoch}: kept under another epoch"
        assert 1 <= committee.threshold <= len(members) == len(set(members)), f"committee {epoch}: members"
        assert all(map(state.find_account, members)), f"committee {epoch}: a member's address"


def invariants(bank: Bank) -> Mapping[str, Step]:
    """The invariants by name."""
    return {"bonds": lambda ctx: require_bonds(ctx, bank), "indexes": require_indexes}
