"""`panacea wallet`: keys, their accounts, and what these own."""

import sys
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, group
from panacea.cli.progress import table
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.crypto.keyring import KeyEntry

COMMAND = group("wallet", "Keys and balances.")


@COMMAND.command()
@click.argument("name")
@click.option("--words", type=click.Choice(["12", "15", "18", "21", "24"]), default="24", help="of the recovery phrase")
@click.option("--recover", is_flag=True, help="read a recovery phrase from standard input instead of making one")
@click.option("--show-secret", is_flag=True, help="print the recovery phrase, this once")
@reaching
def new(reach: Reach, name: str, words: str, recover: bool, show_secret: bool) -> Answer:
    """Make the key NAME, at m/44'/371'/0'/0/0 of a recovery phrase."""
    from panacea.crypto.hd import Mnemonic, derive_key
    from panacea.primitives.time import SystemRandom

    ring = reach.keyring()
    phrase = Mnemonic.parse(_read_phrase()) if recover else Mnemonic.generate(SystemRandom(), words=int(words))
    entry = ring.add(name, derive_key(phrase.seed()).secret)
    told = {"name": name, "address": str(entry.public_key.address()), "public_key": entry.public_key.raw.hex()}
    text = f"{name}  {told['address']}"
    if show_secret:
        told["recovery_phrase"] = phrase.phrase
        text += f"\n\n{phrase.phrase}\n\nWrite these words down: they are the key, and are not shown again."
    elif not recover:
        click.echo("note: the recovery phrase was not shown; --show-secret shows it when a key is made", err=True)
    return Answer(told, text)


def _read_phrase() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("recovery phrase", hide_input=True, err=True))
    return sys.stdin.readline(4096)


@COMMAND.command()
@click.argument("name", required=False)
@click.option("--show-secret", is_flag=True, help="print the private key of NAME in hex")
@click.option("--offline", is_flag=True, help="leave balances out")
@reaching
def show(reach: Reach, name: str | None, show_secret: bool, offline: bool) -> Answer:
    """Show the keys, or NAME alone, with proven balances."""
    from panacea.client.plain import plain
    from panacea.crypto.keyring import KeyNotFound
    from panacea.crypto.keys import KeyKind

    ring = reach.keyring()
    entries = [
        entry for entry in ring.list() if name in (None, entry.name) and entry.public_key.kind == KeyKind.SECP256K1
    ]
    if name is not None and not entries:
        raise KeyNotFound(name=name)
    if show_secret and name is None:
        raise click.UsageError("--show-secret takes the name of one key")
    balances = {} if offline else plain(_balances(reach, entries))
    told = [
        {"name": entry.name, "address": str(entry.public_key.address()), "balance_umed": balances.get(entry.name)}
        for entry in entries
    ]
    if show_secret and name is not None:
        told[0]["secret"] = ring.export(name).reveal().hex()
        return Answer(told, f"{told[0]['secret']}")
    rows = [(str(one["name"]), str(one["address"]), _written(one["balance_umed"])) for one in told]
    return Answer(told, table(rows, ("name", "address", "umed")) if rows else "no keys here")


def _written(balance: object) -> str:
    return "" if balance is None else str(balance)


async def _balances(reach: Reach, entries: "list[KeyEntry]") -> dict[str, int]:
    from panacea.client import places
    from panacea.primitives.coin import BASE_DENOM

    async with reach.view() as view:
        return {
            entry.name: await view.get(places.balance(entry.public_key.address(), BASE_DENOM)) or 0 for entry in entries
        }
