"""What most commands need: a home with keys, a node to talk to, and the genesis document that says whom to trust."""

import functools
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panacea.cli.command import home_option
from panacea.cli.failure import UNAUTHORISED, USAGE, CommandRefused

if TYPE_CHECKING:
    from panacea.client.sender import Sender
    from panacea.client.view import ChainView
    from panacea.crypto.keyring import Keyring
    from panacea.crypto.keys import Signer
    from panacea.exchange.holder import Holder
    from panacea.node.genesis import Genesis
    from panacea.primitives.address import Address
    from panacea.primitives.coin import Coin

DEFAULT_NODE = "http://127.0.0.1:26657"
MAX_PASSPHRASE = 1024
MED = 1_000_000


@dataclass(frozen=True, slots=True)
class Reach:
    """Home, node, trust and keyring of one command; what is None follows from the home."""

    home: Path
    node: str | None = None
    genesis_file: Path | None = None
    keyring_kind: str | None = None
    passphrase: Callable[[], str] = field(default_factory=lambda: functools.cache(ask_passphrase), repr=False)

    def genesis(self) -> "Genesis":
        """The document whose validators are trusted. Raises CommandRefused where there is none."""
        from panacea.node.genesis import Genesis

        path = self.genesis_file or self.home / "node" / "config" / "genesis.json"
        if not path.is_file():
            hint = "`panacea net up` makes a local network; for another chain, --genesis FILE"
            raise CommandRefused("no genesis document", hint=hint, exit_code=USAGE, path=path)
        return Genesis.load(path)

    def network(self) -> "dict[str, Any]":  # Any: JSON
        """The home's own network, which runs. Raises CommandRefused."""
        from panacea.cli.net import require_network

        return require_network(self.home)

    @contextmanager
    def holder(self, name: str, *, is_new: bool = False) -> "Iterator[Holder]":
        """A holder with the vault open; one who `is_new` gets key and vault. Raises CommandRefused for a stranger."""
        from panacea.cli.people import find_holder, holder_of, open_vault

        ring = self.keyring()
        who = holder_of(ring, name) if is_new else find_holder(ring, name)
        if who is None:
            hint = "`panacea issue RECORDS --holder NAME` gives somebody a vault"
            raise CommandRefused("no holder of this name", hint=hint, exit_code=UNAUTHORISED, name=name)
        with open_vault(self.home, name, self.kind(), self.passphrase) as vault:
            yield holder_of(ring, name, vault)

    def node_url(self) -> str:
        """The node that was named, or the one of the home's own network."""
        from panacea.cli.net import find_network

        found = None if self.node else find_network(self.home)
        return self.node or (str(found["node"]) if found else DEFAULT_NODE)

    def keyring(self) -> "Keyring":
        """The keyring: in the clear on a home for tests, under a passphrase elsewhere, unless one is named."""
        from panacea.crypto.keyring import Backend, Keyring

        return Keyring.open(Backend(self.kind()), self.home, self.passphrase)

    def kind(self) -> str:
        """The kind of keyring."""
        return self.keyring_kind or ("test" if (self.home / "keyring-test").is_dir() else "file")

    def signer(self, name: str) -> "Signer":
        """A key that signs. Raises KeyNotFound, KeyNotOpened."""
        return self.keyring().get(name)

    def address(self, name: str) -> "Address":
        """The account of a key, or an account by its bech32 text."""
        from panacea.primitives.address import Address

        if name.startswith("panacea1"):
            return Address.parse(name)
        entry = self.keyring().find(name)
        if entry is None:
            raise CommandRefused(
                "no key of this name", hint="`panacea wallet show` lists them", exit_code=UNAUTHORISED, name=name
            )
        return entry.public_key.address()

    @asynccontextmanager
    async def view(self) -> "AsyncIterator[ChainView]":
        """Proven reads, trusting the genesis document's validators. Raises Unreachable, NotProven."""
        from panacea.client.rpc import RPC
        from panacea.client.view import ChainView

        genesis = self.genesis()
        rpc = RPC(self.node_url())
        try:
            view = await ChainView.from_genesis(rpc, genesis.chain_id, genesis.validators)
            await view.update()
            yield view
        finally:
            await rpc.close()

    def sender(self, view: "ChainView", name: str) -> "Sender":
        """Somebody who sends transactions."""
        from panacea.client.sender import Sender

        return Sender(view.rpc, self.signer(name), view.chain_id)


def reaching(command: Callable[..., object]) -> Callable[..., object]:
    """Give a command `--home`, `--node`, `--genesis` and `--keyring`, as its first argument, a `Reach`."""

    @home_option
    @click.option("--node", envvar="PANACEA_NODE", help="URL of a node's RPC  [default: the home's own]")
    @click.option("--genesis", type=click.Path(path_type=Path), help="the genesis document to trust")
    @click.option(
        "--keyring", type=click.Choice(["file", "os", "test"]), envvar="PANACEA_KEYRING", help="where keys lie"
    )
    @functools.wraps(command)
    def run(
        *,
        home: Path,
        node: str | None,
        genesis: Path | None,
        keyring: str | None,
        **others: Any,  # Any: the command's
    ) -> object:
        # What was logged on the way to an answer would stand between a program and the error on standard error.
        logging.getLogger("panacea").addHandler(logging.NullHandler())
        return command(Reach(home, node, genesis, keyring), **others)

    return run


def ask_passphrase() -> str:
    """The keyring's passphrase: asked on a terminal without echo, otherwise the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("passphrase", hide_input=True, err=True))
    return sys.stdin.readline(MAX_PASSPHRASE).rstrip("\n")


def parse_coin(text: str) -> "Coin":
    """A coin such as `5umed` or `0.5MED`, the millionfold; a usage error for anything else."""
    from panacea.primitives.coin import BASE_DENOM, Coin
    from panacea.primitives.numbers import Dec
    from panacea.primitives.rejected import Rejected

    try:
        if text.endswith(("MED", "med")) and not text.endswith(BASE_DENOM):
            return Coin(BASE_DENOM, Dec.parse(text[:-3].strip()).times(MED).floor())
        return Coin.parse(text)
    except Rejected as no:
        raise click.BadParameter(str(no)) from no
