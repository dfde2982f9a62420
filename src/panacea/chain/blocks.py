"""Running transactions and blocks on a branch of the state.

run_tx      decode, checks, ante on a branch, messages on a branch of their own
run_block   begin, every transaction, end
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from panacea.chain.ante import Ante
from panacea.chain.consensus.state import max_gas
from panacea.chain.context import Context, Event, Mode
from panacea.chain.gas import GasMeter
from panacea.chain.module import Module, Step
from panacea.chain.rejections import OutOfGas
from panacea.chain.results import TxResult
from panacea.chain.router import MessageFailed, Router
from panacea.chain.transaction import read_transaction
from panacea.primitives.rejected import Rejected

UNDEFINED, BUG = "undefined", 111222
"""The codespace and code of a transaction that met a bug; clients of the SDK know them."""

UNLIMITED = 2**64 - 1
"""How a meter without a limit is reported."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Executor:
    """Runs transactions and blocks through the pipeline and the modules."""

    modules: Sequence[Module]
    router: Router
    ante: Ante

    def run_block(self, ctx: Context, txs: Sequence[bytes]) -> tuple[tuple[Event, ...], tuple[TxResult, ...]]:
        """Begin, run and end a block on `ctx`; the events outside of transactions, and the results of these.

        Whatever goes wrong at the beginning or the end of a block is raised: the node stops rather than fork.
        """
        _run_hooks(ctx, "BeginBlock", [module.begin_block for module in self.modules])
        block_gas = GasMeter(max_gas(ctx.view))
        results = tuple([self.run_tx(ctx, raw, block_gas) for raw in txs])
        _run_hooks(ctx, "EndBlock", [module.end_block for module in self.modules])
        return tuple(ctx.events), results

    def run_tx(self, block: Context, raw: bytes, block_gas: GasMeter) -> TxResult:
        """What becomes of one transaction in the mode of `block`, to which its effects are written.

        The fee, the keys and the sequences stay when its messages fail. While checking, no message runs.
        """
        if block_gas.limit is not None and block_gas.consumed >= block_gas.limit:
            return refusal(OutOfGas("no block gas left to run tx"))
        ctx = replace(block.branch(), gas=GasMeter(None))
        attempt: Context | None = None
        told: tuple[Event, ...] = ()
        try:
            tx = read_transaction(raw)
            self.router.check(tx)
            self.ante.run(ctx, tx)
            ctx.view.write()
            outcome = TxResult()
            if block.mode in (Mode.DELIVER, Mode.SIMULATE):
                told = tuple(ctx.events)
                attempt = replace(block.branch(), gas=ctx.gas)
                data = self.router.run(attempt, tx)
                outcome = TxResult(data=data, events=(*told, *attempt.events))
        except Exception as no:  # noqa: BLE001 - whatever a transaction meets fails that transaction only
            attempt, outcome = None, refusal(no, told)
        try:
            _charge_block(block_gas, ctx.gas)
        except OutOfGas as no:
            attempt, outcome = None, refusal(no, told)
        if attempt is not None:
            attempt.view.write()
        return replace(outcome, gas_wanted=_wanted(ctx), gas_used=ctx.gas.consumed)


def refusal(no: Exception, events: tuple[Event, ...] = ()) -> TxResult:
    """The result of a transaction that ended with `no`; a bug is logged whole, exhaustion is raised again."""
    match no:
        case MessageFailed():
            return TxResult(no.cause.code, no.cause.codespace, no.log, events=events)
        case Rejected():
            return TxResult(no.code, no.codespace, str(no), events=events)
        case MemoryError() | RecursionError():
            # How deep or how much one machine can go is not for the others to agree on.
            raise no
    log.error("a transaction met a bug", exc_info=no)
    return TxResult(BUG, UNDEFINED, f"recovered: {no!r}", events=events)


def _charge_block(block_gas: GasMeter, gas: GasMeter) -> None:
    """Count what a transaction used, as far as it may use it, for the block."""
    block_gas.charge(gas.consumed if gas.limit is None else min(gas.consumed, gas.limit), "block gas meter")


def _wanted(ctx: Context) -> int:
    if ctx.gas.limit is not None:
        return ctx.gas.limit
    return UNLIMITED if ctx.mode is Mode.SIMULATE else 0


def _run_hooks(ctx: Context, mode: str, hooks: Sequence[Step | None]) -> None:
    """Run the hooks in order, and mark their events as theirs."""
    before = len(ctx.events)
    for hook in hooks:
        if hook is not None:
            hook(ctx)
    marked = [Event(event.type, (*event.attributes, ("mode", mode))) for event in ctx.events[before:]]
    ctx.events[before:] = marked
