from collections.abc import Iterator, Sequence
from typing import Any

import click
import pytest

from panacea.cli.failure import CommandRefused
from panacea.cli.offer import Bargain, _agree, _least_net
from panacea.exchange.market import SIMULATED, Roster
from panacea.exchange.types import OracleUnavailable
from panacea.primitives.numbers import Dec
from panacea.wire.pool import load

Deal, Term, Assurance = load("panacea.datadeal.v3", "Deal", "Term", "Assurance")
(OracleKey,) = load("panacea.oracle.v3", "OracleKey")
TERMS = [Term(id=1, title="For research only", required=True), Term(id=2, title="Ask me again")]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> "Iterator[Asked]":
    found = Asked()
    monkeypatch.setattr(click, "confirm", found)
    yield found
    assert not found.answers


class Asked:
    """Somebody at a keyboard; what they are asked is kept, and that no answer is suggested to them."""

    def __init__(self) -> None:
        self.answers: list[bool | BaseException] = []
        self.questions: list[str] = []

    def __call__(self, question: str, *, default: bool | None, err: bool) -> bool:
        assert (default, err) == (None, True)
        self.questions.append(question)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def bargain(terms: Sequence[Any] = TERMS, records: int = 1) -> Bargain:
    return Bargain(Deal(id=7, terms=terms), ((None, None),) * records, 9)  # type: ignore[arg-type] # only counted


def test_every_term_and_the_sale_are_asked_about(asked: Asked) -> None:
    asked.answers = [True, False, True]
    assert _agree(bargain(records=2), (), yes=False) == {1: True, 2: False}
    assert asked.questions == [
        "Do you agree to term 1, “For research only”?",
        "Do you agree to term 2, “Ask me again”?",
        "Sell 2 records?",
    ]


def test_what_was_agreed_to_is_not_asked_again(asked: Asked) -> None:
    asked.answers = [False, True]
    assert _agree(bargain(), (1,), yes=False) == {1: True, 2: False}
    assert len(asked.questions) == 2


def test_yes_agrees_to_the_sale_and_to_no_term(asked: Asked) -> None:
    assert _agree(bargain(), (1,), yes=True) == {1: True, 2: False}
    with pytest.raises(CommandRefused, match="must be agreed to: 1: For research only") as refused:
        _agree(bargain(), (2,), yes=True)
    assert refused.value.hint == "agree with --agree 1"
    assert asked.questions == []


def test_no_is_taken_for_an_answer(asked: Asked) -> None:
    asked.answers = [False]
    with pytest.raises(CommandRefused, match="nobody agreed"):
        _agree(bargain([]), (), yes=False)
    asked.answers = [False, True]
    with pytest.raises(CommandRefused, match="must be agreed to"):
        _agree(bargain(), (), yes=False)


def test_silence_is_no_consent(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.answers = [click.Abort()]
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(CommandRefused, match="nobody was there to agree"):
        _agree(bargain([]), (), yes=False)


def test_a_term_that_is_not_there_cannot_be_agreed_to() -> None:
    with pytest.raises(CommandRefused, match="no such term: 3"):
        _agree(bargain(), (1, 3), yes=True)


def roster(*rates: str) -> Roster:
    keys = tuple(
        OracleKey(oracle=f"o{number}", kind=SIMULATED, commission_rate=Dec.parse(rate).to_wire())
        for number, rate in enumerate(rates)
    )
    return Roster(
        epoch=1,
        keys=keys,
        seats=5,
        threshold=3,
        epoch_blocks=100,
        certificate_ttl=10,
        release_rate=Dec.parse("0.02"),
    )


def test_the_least_is_what_the_dearest_oracles_leave() -> None:
    deal = Deal(
        price={"denom": "umed", "amount": "1000000"}, assurance=Assurance(min_certificates=2, allow_simulated=True)
    )
    release_fee = 3 * (20_000 // 3)
    assert _least_net(deal, roster("0.01", "0.05", "0.03")) == 1_000_000 - 50_000 - 30_000 - release_fee
    with pytest.raises(OracleUnavailable):
        _least_net(deal, roster("0.01"))


def test_an_oracle_that_the_deal_does_not_accept_does_not_count() -> None:
    deal = Deal(price={"denom": "umed", "amount": "1000000"}, assurance=Assurance(min_certificates=1))
    with pytest.raises(OracleUnavailable):
        _least_net(deal, roster("0.01"))
