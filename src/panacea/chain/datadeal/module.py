"""How this module is wired: which message, query, genesis and block hook goes where."""

from panacea.chain.context import Context
from panacea.chain.datadeal import genesis, messages, settlement, transitions
from panacea.chain.datadeal.invariants import invariants
from panacea.chain.datadeal.ports import Bank, DIDs, Oracles
from panacea.chain.datadeal.queries import QUERIES
from panacea.chain.datadeal.release import release_shares
from panacea.chain.datadeal.types import NAME
from panacea.chain.module import Handler, Module, given

PATH = "/panacea.datadeal.v3."
ACCOUNTS: dict[str, tuple[str, ...]] = {NAME: ()}


def datadeal(bank: Bank, dids: DIDs, oracles: Oracles) -> Module:
    """The module, given its neighbours."""

    def end_block(ctx: Context) -> None:
        settlement.end_block(ctx, bank, oracles)

    return Module(
        name=NAME,
        store=NAME,
        messages={
            PATH + "MsgCreateDeal": Handler(messages.check_create_deal, given(transitions.create_deal, bank, dids)),
            PATH + "MsgCloseDeal": Handler(messages.check_close_deal, given(transitions.close_deal, bank)),
            PATH + "MsgSubmitConsent": Handler(
                messages.check_submit_consent, given(transitions.submit_consent, dids, oracles)
            ),
            PATH + "MsgReleaseShares": Handler(messages.check_release_shares, given(release_shares, bank, oracles)),
            PATH + "MsgWithdrawConsent": Handler(
                messages.check_withdraw_consent, given(transitions.withdraw_consent, bank)
            ),
            PATH + "MsgUpdateParams": Handler(messages.check_update_params, transitions.update_params),
        },
        queries=QUERIES,
        accounts=ACCOUNTS,
        blocked=tuple(ACCOUNTS),
        default_genesis=genesis.default_genesis,
        init_genesis=given(genesis.init_genesis, bank),
        export_genesis=genesis.export_genesis,
        end_block=end_block,
        invariants=invariants(bank),
    )
