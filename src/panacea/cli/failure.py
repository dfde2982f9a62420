"""How a command fails: what happened and the value at fault, then a hint; as JSON where the answer would be JSON.

Exit codes: 1 refused by the chain or an oracle, 2 wrong usage, 3 not reachable, 4 not authorised, 70 a fault of ours,
130 interrupted.
"""

import json
import os
import re
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from panacea.primitives.rejected import Rejected, shorten

if TYPE_CHECKING:
    from panacea.client.types import Outcome

REFUSED, USAGE, UNREACHABLE, UNAUTHORISED, FAULT, INTERRUPTED = 1, 2, 3, 4, 70, 130


class CommandRefused(Rejected, codespace="cli", code=2, text="the command cannot do this"):
    """What a command itself refuses; `hint` says what to do, `exit_code` how it ends."""

    def __init__(self, detail: str, /, *, hint: str = "", exit_code: int = REFUSED, **values: object) -> None:
        """Say what happened, what to do, and how to end."""
        self.hint, self.exit_code = hint, exit_code
        super().__init__(detail, **values)

    def __str__(self) -> str:
        said = ", ".join(str(value) for value in self.values.values())
        return f"{self.detail}: {said}" if said else self.detail


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure, ready to be told."""

    codespace: str
    code: int
    message: str
    hint: str
    exit_code: int

    def text(self) -> str:
        """For people."""
        return f"error: {self.message}" + (f"\n\nhint: {self.hint}" if self.hint else "")

    def json(self) -> str:
        """For programs."""
        told = {"codespace": self.codespace, "code": self.code, "message": self.message, "hint": self.hint}
        return json.dumps({"error": told})


_HINTS = {
    ("client", 2): ("is the network up? `panacea net status` tells, `panacea net up` starts one", UNREACHABLE),
    ("client", 5): ("the node answers but makes no block: its log says why", UNREACHABLE),
    ("vault", 32): ("the store has no fresh view of the chain: is the network up?", UNREACHABLE),
    ("crypto", 9): ("the passphrase is wrong, or another keyring was meant: --keyring", UNAUTHORISED),
    ("crypto", 10): ("`panacea wallet show` lists the keys", UNAUTHORISED),
    ("crypto", 11): ("choose another name: a key is never overwritten", USAGE),
    ("sdk", 4): ("this account may not do that", UNAUTHORISED),
    ("sdk", 5): ("the account has too little: `panacea wallet show` tells its balance", REFUSED),
    ("datadeal", 5): ("only the account that made the deal may do that: --from", UNAUTHORISED),
    ("datadeal", 15): ("only the account that gave the consent may take it back: --from", UNAUTHORISED),
    ("datadeal", 3): ("`panacea deal list` shows the open ones", REFUSED),
    ("datadeal", 6): ("an issuer registers with `panacea did create KEY --issuer`, limits are parameters", REFUSED),
    ("datadeal", 7): ("a consumer registers with `panacea did create KEY`", REFUSED),
    ("datadeal", 9): ("this record was sold in this deal already", REFUSED),
    ("credentials", 218): ("a status list is given with --status-list, a DID document with --did-document", REFUSED),
    ("health", 6): ("pip install 'panacea-chain[tables]'", USAGE),
}
_SIMULATED = re.compile(r"(?:: |^)([a-z_]+) with gas used")
_FRAME = re.compile(r"failed to execute message; message index: \d+: | with gas used: .*$")
_WRONG_INPUT = {"health", "identity", "node"}


def failure_of(error: BaseException) -> Failure:
    """What an exception means to somebody at a command line; what nobody expected is written to a log that is named."""
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "panacea"
        return Failure("cli", 1, error.format_message(), f"`{command} --help` lists what it takes", USAGE)
    if isinstance(error, click.ClickException):
        return Failure("cli", 1, error.format_message(), "", USAGE)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return Failure("cli", 3, "interrupted", "", INTERRUPTED)
    if isinstance(error, CommandRefused):
        return Failure(error.codespace, error.code, str(error), error.hint, error.exit_code)
    if isinstance(error, Rejected):
        return _of_rejected(error)
    return _of_fault(error)


def _of_rejected(error: Rejected) -> Failure:
    outcome = getattr(error, "outcome", None)
    codespace, code = (error.codespace, error.code) if outcome is None else _cause(outcome)
    hint, exit_code = _HINTS.get((codespace, code), ("", USAGE if codespace in _WRONG_INPUT else REFUSED))
    said = _said(error) if outcome is None else f"the chain refused: {_FRAME.sub('', outcome.log)}"
    return Failure(codespace, code, said, hint, exit_code)


def _cause(outcome: "Outcome") -> tuple[str, int]:
    """Codespace and code of a refusal by the chain. A simulation tells only the text of either: it is looked up."""
    from panacea.chain.datadeal import types

    found = _SIMULATED.search(outcome.log) if outcome.codespace == "sdk" else None
    for kind in vars(types).values():
        if found and isinstance(kind, type) and issubclass(kind, types.DataDealRejected) and kind.text == found[1]:
            return kind.codespace, kind.code
    return outcome.codespace, outcome.code


def _said(error: Rejected) -> str:
    """What happened, then the values."""
    said = ", ".join(part for part in (error.detail, *map(shorten, error.values.values())) if part)
    return ": ".join(part for part in (error.text, said) if part) or type(error).__name__


def _of_fault(error: BaseException) -> Failure:
    told = "".join(traceback.format_exception(error))
    stamp = time.strftime("%Y%m%dT%H%M%S")
    handle, path = tempfile.mkstemp(prefix=f"panacea-{stamp}-", suffix=".log")
    with os.fdopen(handle, "w") as file:
        file.write(told)
    message = f"this should not happen: {type(error).__name__}: {error}"
    return Failure("cli", 4, message, f"please report it with the log: {path}", FAULT)


def tell_failure(error: BaseException, arguments: list[str]) -> int:
    """Tell a failure on standard error, in the form that the arguments ask for; the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else REFUSED
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        print(error.format_message(), file=sys.stderr)
        return USAGE
    failure = failure_of(error)
    print(failure.json() if _asks_for_json(arguments) else failure.text(), file=sys.stderr)
    return failure.exit_code


def _asks_for_json(arguments: list[str]) -> bool:
    """Read by eye: the arguments themselves may be what is wrong."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(
        (flag in ("-o", "--output") and value == "json") or flag in ("-ojson", "--output=json") for flag, value in pairs
    )
