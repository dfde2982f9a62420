"""`panacea demo`: a network, a hospital, patients without coins, a researcher: sale after sale, then refusals."""

import contextlib
import secrets
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.failure import REFUSED, CommandRefused
from panacea.cli.progress import Steps, table

if TYPE_CHECKING:
    from panacea.cli.journey import Outcome, Plan
    from panacea.cli.network import Network
    from panacea.cli.refusals import Shown

PATIENTS = 5
LOG = "demo.log"


@dataclass(frozen=True, slots=True)
class Told:
    """What a run came to, refusals included."""

    chain_id: str
    outcome: "Outcome"
    refusals: "list[Shown]"
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether everything that fits was sold and decrypted, and everything bad refused."""
        done = self.outcome
        assert done.sums is not None
        assert done.written is not None
        whole = done.offers == done.issued.eligible == done.sums.sold == done.written.rows
        return whole and not done.written.missing and all(shown.is_refused for shown in self.refusals)

    def to_json(self) -> dict[str, Any]:  # Any: JSON
        """The summary."""
        done = self.outcome
        assert done.sums is not None
        assert done.written is not None
        refused = Counter(shown.answer for shown in self.refusals if shown.is_refused) + done.issued.refused
        return {
            "chain_id": self.chain_id,
            "height": done.height,
            "records_seen": done.issued.seen,
            "credentials_issued": done.issued.issued,
            "offers": done.offers,
            "sold": done.sums.sold,
            "refused": dict(sorted(refused.items())),
            "paid_umed": done.sums.paid,
            "oracle_fees_umed": done.sums.fees,
            "refunded_umed": done.sums.refunded,
            "held_umed": done.sums.held,
            "escrow_left_umed": done.sums.escrow,
            "output": str(done.written.path),
            "rows": done.written.rows,
            "seconds": round(self.seconds, 1),
        }


@click.command(cls=Leaf)
@click.option("--records", type=click.Path(path_type=Path, exists=True), help="FHIR R4 JSON: a file or a folder")
@click.option("--codes", help="LOINC codes that the deal asks for, with commas between them")
@click.option(
    "--patients",
    type=click.IntRange(1, 100_000),
    default=PATIENTS,
    show_default=True,
    help="how many share the records",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="of the made-up patients  [default: a new one]")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="a folder for keys, logs and the table")
@click.option("--keep", is_flag=True, help="keep the home")
def demo(
    *, records: Path | None, codes: str | None, patients: int, seed: int | None, home: Path | None, keep: bool
) -> Answer:
    """Sell one record after the other, end to end, on this machine; then show what is refused."""
    from panacea.health.loinc import DEFAULT_LABORATORY_CODES

    started, steps = time.monotonic(), Steps()
    asked = tuple(code.strip() for code in codes.split(",") if code.strip()) if codes else ()
    if records is None and not asked:
        asked = tuple(DEFAULT_LABORATORY_CODES)
    place, output_folder = _make_home(home)
    try:
        with _ended_by_signals():
            source = records or _make_patients(place, patients, seed, steps)
            told = _run(place, _plan(source, asked, patients, output_folder), steps, started)
    except KeyboardInterrupt:
        if not keep:
            _clear(place)
        raise
    if keep:
        steps.done(f"kept: {place}")
    elif told.is_good:
        _clear(place)
    else:
        click.echo(f"hint: not everything went as it should; the logs are kept below {place}", err=True)
    return Answer(told.to_json(), _text(told), 0 if told.is_good else REFUSED)


COMMAND = demo


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A SIGTERM or SIGHUP ends the demo as Ctrl-C does: with everything it started."""

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _make_home(home: Path | None) -> tuple[Path, Path]:
    """The home of this run, and where its table goes: into a home that was named, else into the working directory."""
    if home is not None and home.exists() and any(home.iterdir()):
        raise CommandRefused("the home is not empty", hint="choose a new folder", home=home)
    place = Path(tempfile.mkdtemp(prefix="panacea-demo-")) if home is None else home.resolve()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place, Path.cwd() if home is None else place


def _clear(home: Path) -> None:
    """Remove what the run put into its home, and the home itself unless the table lies there."""
    for part in home.iterdir():
        if part.is_dir():
            shutil.rmtree(part)
    (home / LOG).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        home.rmdir()


def _make_patients(home: Path, patients: int, seed: int | None, steps: Steps) -> Path:
    from panacea.cli.patients import make_patients

    chosen = secrets.randbelow(2**31) if seed is None else seed
    folder = make_patients(home / "records", patients, chosen)
    steps.done(f"{patients} patients made up · seed {chosen}")
    return folder


def _plan(records: Path, codes: tuple[str, ...], patients: int, folder: Path) -> "Plan":
    from panacea.cli.journey import Plan
    from panacea.cli.pull import table_suffix

    return Plan(records, codes, patients, folder / f"deal-1.{table_suffix()}")


def _run(home: Path, plan: "Plan", steps: Steps, started: float) -> Told:
    import asyncio

    from panacea.cli.network import create, start
    from panacea.cli.processes import Supervisor
    from panacea.vault.serve import log_to

    log_to(home / LOG)
    create(home, f"sim-demo-{secrets.token_hex(3)}")
    with Supervisor() as supervisor:
        network = start(supervisor, home, told=steps.done)
        outcome, refusals = asyncio.run(_exchange(network, plan, steps))
        supervisor.require_alive()
    return Told(network.genesis.chain_id, outcome, refusals, time.monotonic() - started)


async def _exchange(network: "Network", plan: "Plan", steps: Steps) -> "tuple[Outcome, list[Shown]]":
    from panacea.cli.journey import Journey
    from panacea.cli.refusals import CASES, show_refusals
    from panacea.cli.trial import set_stage
    from panacea.health.loinc import DEFAULT_LABORATORY_CODES

    journey = await Journey.begin(network, steps)
    outcome = await journey.sell(plan)
    steps.begin("refusals")
    code = plan.codes[0] if plan.codes else next(iter(DEFAULT_LABORATORY_CODES))
    stage = await set_stage(journey, code)
    refusals = []
    async for shown in show_refusals(stage):
        refusals.append(shown)
        steps.advance(len(refusals), len(CASES))
    for deal in (stage.deal, stage.one_slot, stage.brief, stage.storeless):
        await journey.close(deal.id)
    right = sum(shown.is_refused for shown in refusals)
    steps.done(f"{right} of {len(refusals)} bad attempts refused")
    await journey.settle(outcome)
    await journey.view.rpc.close()
    return outcome, refusals


def _text(told: Told) -> str:
    """The run for people: what was refused, what does not fit, the sums, and where the table lies."""
    done, summary = told.outcome, told.to_json()
    shown = [
        (one.case.title, one.answer if one.is_refused else f"{one.answer}, not {one.case.code}")
        for one in told.refusals
    ]
    parts = [table(shown, ("tried", "answer"))]
    if done.issued.unfit:
        unfit = [(kind, why, str(count)) for (kind, why), count in sorted(done.issued.unfit.items())]
        parts.append(table(unfit, ("not asked for", "why", "records")))
    if done.issued.failed:
        failed = [(one.reference[-60:], one.reason[:80]) for one in done.issued.failed]
        parts.append(table(failed, ("gave no credential", "why")))
    if done.written is not None and done.written.missing:
        missing = [(str(one.number), one.reason, one.detail[:80]) for one in done.written.missing]
        parts.append(table(missing, ("consent not delivered", "why", "")))
    if done.unsold:
        parts.append("not sold: " + "; ".join(done.unsold))
    sums = [(key.replace("_", " "), str(summary[key])) for key in summary if key not in ("refused", "output")]
    parts += [table(sums, ("in sum", "")), str(summary["output"])]
    return "\n\n".join(parts)
