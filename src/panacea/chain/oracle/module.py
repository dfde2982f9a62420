"""How this module is wired: which message, query, genesis and block hook goes where."""

from panacea.chain.context import Context
from panacea.chain.module import Handler, Module, given
from panacea.chain.oracle import bonds, collateral, committee, genesis, messages, transitions
from panacea.chain.oracle.invariants import invariants
from panacea.chain.oracle.ports import Bank
from panacea.chain.oracle.queries import QUERIES
from panacea.chain.oracle.types import NAME

PATH = "/panacea.oracle.v3."
ACCOUNTS: dict[str, tuple[str, ...]] = {NAME: ()}


def oracle(bank: Bank) -> Module:
    """The module, given its neighbour."""
    return Module(
        name=NAME,
        store=NAME,
        messages={
            PATH + "MsgPostCollateral": Handler(messages.check_post_collateral, collateral.post_collateral),
            PATH + "MsgRegisterOracle": Handler(
                messages.check_register_oracle, given(transitions.register_oracle, bank)
            ),
            PATH + "MsgRefreshOracle": Handler(messages.check_refresh_oracle, transitions.refresh_oracle),
            PATH + "MsgAddBond": Handler(messages.check_add_bond, given(transitions.add_bond, bank)),
            PATH + "MsgLeaveOracle": Handler(messages.check_leave_oracle, transitions.leave_oracle),
            PATH + "MsgUpdateParams": Handler(messages.check_update_params, transitions.update_params),
        },
        queries=QUERIES,
        accounts=ACCOUNTS,
        blocked=tuple(ACCOUNTS),
        default_genesis=genesis.default_genesis,
        init_genesis=given(genesis.init_genesis, bank),
        export_genesis=genesis.export_genesis,
        begin_block=committee.forget_epochs,
        end_block=lambda ctx: end_block(ctx, bank),
        invariants=invariants(bank),
    )


def end_block(ctx: Context, bank: Bank) -> None:
    """Return bonds whose time has come, draw the committee this epoch lacks, remember this block."""
    bonds.return_bonds(ctx, bank)
    committee.draw_committee(ctx)
    committee.remember_block(ctx)
