"""Allowances for those who own no coins: for consents only, for three of them, for a week."""

import pytest
from chain_driver import SECOND, START, Driver

from panacea.chain.datadeal.messages import MsgSubmitConsent, MsgWithdrawConsent
from panacea.chain.feegrant.types import AllowedMsgAllowance, BasicAllowance, PeriodicAllowance
from panacea.exchange.fees import covers
from panacea.exchange.sponsor import LONGEST_SECONDS, MESSAGES, allowance, consent_allowance, grant_messages
from panacea.primitives.coin import Coins

NOW = START // SECOND
FEE = Coins.of(2_000_000)


def test_a_certificate_is_worth_three_consents_and_a_week() -> None:
    granted = consent_allowance(FEE, now=NOW)
    assert granted == AllowedMsgAllowance(
        BasicAllowance(Coins.of(6_000_000), (NOW + LONGEST_SECONDS) * SECOND),
        ("/panacea.datadeal.v3.MsgSubmitConsent",),
    )
    for seconds in (0, LONGEST_SECONDS + 1):
        with pytest.raises(ValueError, match="seconds"):
            consent_allowance(FEE, now=NOW, seconds=seconds)


def test_many_grants_in_one_transaction_and_nothing_but_consents() -> None:
    chain = Driver({"sponsor": 10_000_000, "thief": 0})
    granted = consent_allowance(FEE, now=NOW)
    grantees = [chain["newcomer"], chain["thief"]]
    chain.ok("sponsor", *grant_messages(chain["sponsor"], grantees, granted))
    consent = MsgSubmitConsent(provider=chain["newcomer"], deal_id=1)
    withdrawal = MsgWithdrawConsent(provider=chain["thief"], deal_id=1, number=1)
    # The fee of a consent is taken from the sponsor, whatever becomes of the consent itself.
    chain.tx("newcomer", consent, fee=FEE, granter="sponsor")
    refused = chain.tx("thief", withdrawal, fee=FEE, granter="sponsor")
    assert (refused.codespace, refused.code) == ("feegrant", 7)
    again = chain.tx("sponsor", *grant_messages(chain["sponsor"], grantees, granted))
    assert again.code != 0


def test_what_covers_a_consent() -> None:
    good = allowance(spend_limit=FEE, expiration=NOW)
    at = NOW * SECOND
    assert covers(good, 2_000_000, now_ns=at)
    assert not covers(good, 2_000_001, now_ns=at)
    assert not covers(good, 1, now_ns=at + 1)
    assert not covers(AllowedMsgAllowance(BasicAllowance(), ("/other.Msg",)), 1, now_ns=at)
    assert covers(AllowedMsgAllowance(BasicAllowance(), MESSAGES), 10**12, now_ns=at)
    assert covers(BasicAllowance(), 10**12, now_ns=at)
    periodic = PeriodicAllowance(BasicAllowance(FEE), SECOND, FEE, FEE, at)
    assert covers(periodic, 2_000_000, now_ns=at)
    assert not covers(periodic, 2_000_001, now_ns=at)
