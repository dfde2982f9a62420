"""`panacea data`: what was bought, verified and decrypted."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, group
from panacea.cli.deal import FROM, consumer_of
from panacea.cli.failure import REFUSED, UNAUTHORISED, CommandRefused
from panacea.cli.progress import table
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.exchange.consumer import Written

COMMAND = group("data", "What was bought.")


@COMMAND.command()
@click.argument("deal_id", type=int)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="the table, .parquet or .ndjson  [default: deal-DEAL_ID, here]",
)
@FROM
@reaching
def pull(reach: Reach, deal_id: int, out: Path | None, key: str) -> Answer:
    """Fetch what was sold in the deal DEAL_ID into one table, which is written anew; reading again is free."""
    from panacea.client.plain import plain

    path = out or Path(f"deal-{deal_id}.{table_suffix()}")

    async def write() -> "Written":
        async with reach.view() as view:
            consumer = consumer_of(reach, view, key)
            deal = (await consumer.market.listing(deal_id)).deal
            if deal.consumer_did != consumer.identity.did:
                hint = "`--from` names the key of the consumer who made it"
                raise CommandRefused("this deal is another's", hint=hint, exit_code=UNAUTHORISED, of=deal.consumer_did)
            return await consumer.write(deal_id, path)

    done = plain(write())
    missing = [{"consent": one.number, "reason": one.reason, "detail": one.detail} for one in done.missing]
    told = {"deal_id": deal_id, "output": str(done.path), "rows": done.rows, "missing": missing}
    text = f"{done.rows} records\n{done.path}"
    if missing:
        rows = [(str(one["consent"]), str(one["reason"])) for one in missing]
        text = f"{table(rows, ('not delivered', 'why'))}\n\n{text}"
    return Answer(told, text, REFUSED if missing else 0)


def table_suffix() -> str:
    """`parquet`, or `ndjson` with a hint where pyarrow is not installed."""
    from importlib.util import find_spec

    if find_spec("pyarrow"):
        return "parquet"
    click.echo("hint: for a Parquet table, pip install 'panacea-chain[tables]'", err=True)
    return "ndjson"
