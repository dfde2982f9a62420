"""Fees for those who own no coins: allowances that pay consents and nothing else (exchange, §4)."""

from collections.abc import Iterable, Sequence

from panacea.chain.datadeal.messages import MsgSubmitConsent
from panacea.chain.feegrant.messages import MsgGrantAllowance, write_allowance
from panacea.chain.feegrant.types import AllowedMsgAllowance, BasicAllowance
from panacea.client.sender import Sender
from panacea.client.types import Outcome
from panacea.exchange.market import NANO
from panacea.primitives.coin import Coins
from panacea.wire.any import type_url

CONSENTS = 3
LONGEST_SECONDS = 7 * 86_400
MESSAGES = (type_url(MsgSubmitConsent),)
AT_ONCE = 100
"""Allowances in one transaction."""


def allowance(*, spend_limit: Coins, expiration: int, messages: Sequence[str] = MESSAGES) -> AllowedMsgAllowance:
    """An allowance up to `spend_limit` until `expiration` (unix seconds), for these messages (type URLs) only."""
    return AllowedMsgAllowance(BasicAllowance(spend_limit, expiration * NANO), tuple(messages))


def consent_allowance(fee: Coins, *, now: int, seconds: int = LONGEST_SECONDS) -> AllowedMsgAllowance:
    """What one shown certificate is worth to a sponsor: three consents at `fee` each, at most 7 days from `now`."""
    if not 0 < seconds <= LONGEST_SECONDS:
        raise ValueError(f"an allowance of {seconds} seconds; at most {LONGEST_SECONDS}")
    limit = Coins()
    for _ in range(CONSENTS):
        limit = limit + fee
    return allowance(spend_limit=limit, expiration=now + seconds)


def grant_messages(granter: str, grantees: Iterable[str], granted: AllowedMsgAllowance) -> list[MsgGrantAllowance]:
    """One message a grantee; all addresses in bech32. A grantee without an account gets one."""
    packed = write_allowance(granted)
    return [MsgGrantAllowance(granter=granter, grantee=grantee, allowance=packed) for grantee in grantees]


async def grant_fees(sender: Sender, *grantees: str, granted: AllowedMsgAllowance) -> list[Outcome]:
    """Let these accounts (bech32) spend from the sender's: many in one transaction, in order.

    Raises:
        TxFailed: the chain refused, for one because a grantee has an allowance of this sender already; then none of
            that transaction's allowances stands.
    """
    messages = grant_messages(str(sender.address), grantees, granted)
    batches = [messages[at : at + AT_ONCE] for at in range(0, len(messages), AT_ONCE)]
    sent = [await sender.submit(*batch) for batch in batches]
    return [(await sender.wait(outcome.hash)).require() for outcome in sent]
