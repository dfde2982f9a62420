"""`panacea withdraw`: take a consent back, at any time and free of fee."""

from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.failure import UNAUTHORISED, CommandRefused
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.client.types import Outcome


EFFECTS = {
    1: "the sale is undone, and its price is back with the deal",
    2: "the key is no longer handed out; what was paid stays paid",
}
"""What taking back a consent does, by its status: pending or released. Any other is over."""


@click.command("withdraw", cls=Leaf)
@click.argument("deal_id", type=int)
@click.argument("number", type=int)
@reaching
def withdraw(reach: Reach, deal_id: int, number: int) -> Answer:
    """Take back the consent NUMBER to the deal DEAL_ID, with the key of the account that gave it.

    Before its release the sale is undone; afterwards the key is no longer handed out, and what was paid stays paid.
    Copies that were made cannot be recalled.
    """
    from panacea.client.plain import plain

    outcome, effect = plain(_withdraw(reach, deal_id, number))
    told = {"deal_id": deal_id, "consent": number, "height": outcome.height, "effect": effect}
    return Answer(told, f"consent {number} to deal {deal_id} was taken back in block {outcome.height}: {effect}")


async def _withdraw(reach: Reach, deal_id: int, number: int) -> "tuple[Outcome, str]":
    from panacea.chain.datadeal.messages import MsgWithdrawConsent
    from panacea.client import places
    from panacea.crypto.keys import KeyKind
    from panacea.exchange.provider import FREE

    async with reach.view() as view:
        consent = await view.get(places.consent(deal_id, number))
        if consent is None:
            raise CommandRefused("no such consent", hint="`panacea offer` told its number", number=number)
        if consent.status not in EFFECTS:
            raise CommandRefused("this consent is over", hint="there is nothing to take back", number=number)
        for entry in reach.keyring().list():
            key = entry.public_key
            if key.kind == KeyKind.SECP256K1 and str(key.address()) == consent.provider:
                message = MsgWithdrawConsent(provider=consent.provider, deal_id=deal_id, number=number)
                outcome = await reach.sender(view, entry.name).send(message, fees=FREE)
                await view.wait(outcome.height)
                return outcome, EFFECTS[consent.status]
        raise CommandRefused(
            "the account that gave this consent is not in the keyring",
            hint="choose another --home or --keyring",
            exit_code=UNAUTHORISED,
            account=consent.provider,
        )


COMMAND = withdraw
