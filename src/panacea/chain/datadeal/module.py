"""How this module is wired: which message, query, genesis and block hook goes where."""

from functools import partial

from panacea.chain.datadeal import genesis, messages, settlement, transitions
from panacea.chain.datadeal.invariants import invariants
from panacea.chain.datadeal.ports import Bank, DIDs, Oracles
from panacea.chain.datadeal.queries import QUERIES
from panacea.chain.datadeal.release import release_shares
from panacea.chain.datadeal.types import NAME
from panacea.chain.module import Handler, Module

PATH = "/panacea.datadeal.v3."
ACCOUNTS: dict[str, tuple[str, ...]] = {NAME: ()}


def datadeal(bank: Bank, dids: DIDs, oracles: Oracles) -> Module:
    """The module, given its neighbours."""
    return Module(
        name=NAME,
        store=NAME,
        messages={
            PATH + "MsgCreateDeal": Handler(
                messages.check_create_deal, lambda ctx, msg: transitions.create_deal(ctx, bank, dids, msg)
            ),
            PATH + "MsgCloseDeal": Handler(
                messages.check_close_deal, lambda ctx, msg: transitions.close_deal(ctx, bank, msg)
            ),
            PATH + "MsgSubmitConsent": Handler(
                messages.check_submit_consent, lambda ctx, msg: transitions.submit_consent(ctx, dids, oracles, msg)
            ),
            PATH + "MsgReleaseShares": Handler(
                messages.check_release_shares, lambda ctx, msg: release_shares(ctx, bank, oracles, msg)
            ),
            PATH + "MsgWithdrawConsent": Handler(
                messages.check_withdraw_consent, lambda ctx, msg: transitions.withdraw_consent(ctx, bank, msg)
            ),
            PATH + "MsgUpdateParams": Handler(messages.check_update_params, transitions.update_params),
        },
        queries=QUERIES,
        accounts=ACCOUNTS,
        blocked=tuple(ACCOUNTS),
        default_genesis=genesis.default_genesis,
        init_genesis=lambda ctx, document: genesis.init_genesis(ctx, bank, document),
        export_genesis=genesis.export_genesis,
        end_block=partial(settlement.end_block, bank=bank, oracles=oracles),
        invariants=invariants(bank),
    )
