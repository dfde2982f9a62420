import click
import pytest

from panacea.chain.datadeal.types import NotConsumer
from panacea.cli.failure import CommandRefused, failure_of
from panacea.client.types import Outcome, TxFailed, Unreachable
from panacea.crypto.keyring import KeyNotFound
from panacea.crypto.sealing import KeyNotOpened
from panacea.health.types import JSONRejected
from panacea.primitives.rejected import Rejected


def failed(codespace: str, code: int) -> TxFailed:
    return TxFailed(Outcome(b"", 7, code, codespace, "why", b"", gas_wanted=0, gas_used=0, events=()))


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (failed("datadeal", 9), 1),
        (failed("sdk", 5), 1),
        (failed("sdk", 4), 4),
        (failed(NotConsumer.codespace, NotConsumer.code), 4),
        (Unreachable("status at http://127.0.0.1:1: ConnectError"), 3),
        (KeyNotFound(name="alice"), 4),
        (KeyNotOpened(name="alice"), 4),
        (JSONRejected("NaN"), 2),
        (click.UsageError("no such option"), 2),
        (click.Abort(), 130),
        (CommandRefused("a port is taken", hint="choose another", port=1), 1),
    ],
)
def test_exit_codes(error: BaseException, exit_code: int) -> None:
    assert failure_of(error).exit_code == exit_code


def test_what_happened_then_the_value_then_what_to_do() -> None:
    told = failure_of(KeyNotFound(name="alice")).text()
    assert told == "error: key not found: alice\n\nhint: `panacea wallet show` lists the keys"


def test_a_refusal_of_the_chain_keeps_its_codespace() -> None:
    failure = failure_of(failed("datadeal", 9))
    assert (failure.codespace, failure.code) == ("datadeal", 9)
    assert "why" in failure.message


def test_a_refusal_without_any_text_still_has_a_name() -> None:
    assert failure_of(Rejected()).message == "Rejected"
