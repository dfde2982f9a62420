"""A network on this machine: its home, its genesis, and its processes: one node, five oracles, one store.

    home/node          the node's home; node/config/genesis.json is what every light client here trusts
    home/oracle-1…5    an operator's key each
    home/store         the object store
    home/platforms     four simulated vendors' families, of two vendors
    home/keyring-test  the people with coins: faucet, sponsor, consumer, issuer

Epochs are short, so that they pass while somebody watches, and the committee is as large as there are oracles.
"""

import asyncio
import contextlib
import hashlib
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panacea.cli.failure import CommandRefused
from panacea.cli.processes import Child, Supervisor
from panacea.client import places
from panacea.client.rpc import RPC
from panacea.client.sender import Sender
from panacea.client.view import ChainView
from panacea.crypto.keyring import Backend, Keyring
from panacea.crypto.keys import Secp256k1Key
from panacea.node.genesis import Genesis
from panacea.primitives.address import Address
from panacea.primitives.coin import BASE_DENOM, Coins
from panacea.primitives.time import Random, SystemClock, SystemRandom
from panacea.simulated import Platform

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.tx_pb2 import MsgPostCollateral

ORACLES = 5
BLOCK_SECONDS = 2
FAMILIES = (("simulated-a", 0x1), ("simulated-b", 0x1), ("simulated-a", 0x2), ("simulated-b", 0x2))
"""Vendors and their families: two seats a product line at most, so five seats need three lines."""
PEOPLE = ("faucet", "sponsor", "consumer", "issuer")
MED = 1_000_000
PERSON_UMED = 1_000_000 * MED
OPERATOR_UMED = 1_000_000 * MED
BOND_UMED = 10_000 * MED
COMMISSION = "0.01"
COMMITTEE_SECONDS = 60.0
EPOCH_BLOCKS, CERTIFICATE_TTL, RELEASE_WINDOW, RELEASE_MARGIN = 300, 100, 120, 10


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a network lie in its home."""

    home: Path

    @property
    def node(self) -> Path:
        """The node's home."""
        return self.home / "node"

    @property
    def genesis(self) -> Path:
        """The genesis document."""
        return self.node / "config" / "genesis.json"

    @property
    def store(self) -> Path:
        """The store's home."""
        return self.home / "store"

    def oracle(self, number: int) -> Path:
        """The home of the oracle of that number, from 1."""
        return self.home / f"oracle-{number}"

    def platform(self, number: int) -> Path:
        """The family that this oracle's machine belongs to."""
        return self.home / "platforms" / f"{number % len(FAMILIES)}.json"


@dataclass(frozen=True, slots=True)
class Network:
    """A network that runs."""

    layout: Layout
    genesis: Genesis
    node: Child
    store: Child
    oracles: tuple[Child, ...]

    def to_json(self) -> dict[str, Any]:  # Any: JSON
        """What others have to know of it."""
        children = (self.node, self.store, *self.oracles)
        return {
            "chain_id": self.genesis.chain_id,
            "node": self.node.url,
            "store": self.store.url,
            "oracles": [child.url for child in self.oracles],
            "pids": {child.name: child.pid for child in children},
        }


def measurement() -> bytes:
    """What the enclaves of this version measure as: the simulator's stand-in for a hash of their code."""
    return hashlib.sha256(f"panacea-oracle {version('panacea-chain')}".encode()).digest()


def create(home: Path, chain_id: str, random: Random | None = None) -> Genesis:
    """Make a network's home: keys, simulated vendors, and the genesis document. One that is there is taken as it is."""
    layout, random = Layout(home), random or SystemRandom()
    if layout.genesis.exists():
        return Genesis.load(layout.genesis)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    platforms = _make_platforms(layout, random)
    balances = {_make_key(home, name, random): Coins.of(PERSON_UMED, BASE_DENOM) for name in PEOPLE}
    for number in range(1, ORACLES + 1):
        balances[_make_key(layout.oracle(number), "operator", random)] = Coins.of(OPERATOR_UMED, BASE_DENOM)
    from panacea.node.home import initialize

    return initialize(layout.node, chain_id=chain_id, balances=balances, app_state=_app_state(platforms))


def _make_key(home: Path, name: str, random: Random) -> str:
    key = Secp256k1Key.generate(random)
    ring = Keyring.open(Backend.TEST, home)
    found = ring.find(name)
    entry = found or ring.add(name, key.secret)
    return str(entry.public_key.address())


def _make_platforms(layout: Layout, random: Random) -> list[Platform]:
    now = SystemClock().now_ns() // 1_000_000_000
    layout.platform(0).parent.mkdir(mode=0o700, exist_ok=True)
    platforms = []
    for number, (vendor, family) in enumerate(FAMILIES):
        code = hashlib.sha256(f"{vendor}/{family}".encode()).digest()[:6]
        platform = Platform.create(random, now, vendor, fmspc=code)
        layout.platform(number).unlink(missing_ok=True)
        platform.save(layout.platform(number))
        platforms.append(platform)
    return platforms


def _app_state(platforms: list[Platform]) -> dict[str, Any]:  # Any: JSON
    """Short epochs, and a policy that believes these simulated vendors and this version's enclave."""
    from panacea.chain.oracle.genesis import default_genesis

    state = default_genesis()
    state["params"] |= {
        "epoch_blocks": str(EPOCH_BLOCKS),
        "unbonding_blocks": str(2 * EPOCH_BLOCKS),
        "jail_blocks": str(EPOCH_BLOCKS),
        "min_bond": {"denom": BASE_DENOM, "amount": str(BOND_UMED)},
        "certificate_ttl": str(CERTIFICATE_TTL),
        "release_window": str(RELEASE_WINDOW),
        "release_margin": str(RELEASE_MARGIN),
    }
    state["params"]["policy"] |= {
        "roots": [
            {
                "key_id": b64encode(platform.root_key_id).decode(),
                "kind": "ASSURANCE_KIND_SIMULATED",
                "vendor": platform.vendor,
            }
            for platform in platforms
        ],
        "measurements": [{"id": b64encode(measurement()).decode()}],
    }
    return {"oracle": state}


def start(
    supervisor: Supervisor, home: Path, *, node_port: int = 0, told: Callable[[str], None] = lambda _: None
) -> Network:
    """Start the processes of a network's home and return when its committee can certify.

    Raises:
        CommandRefused: a process failed, and its log is named; or the port is taken.
    """
    layout = Layout(home)
    genesis = Genesis.load(layout.genesis)
    _require_free(node_port)
    # Empty blocks keep the time of the chain true while nobody sends, and let deadlines counted in blocks come.
    pace = ("--interval", str(BLOCK_SECONDS))
    at = ("--home", str(layout.node), "--port", str(node_port))
    node = supervisor.start("node", layout.node, "panacea.node", *at, *pace)
    supervisor.wait([node])
    told(f"node up · chain {genesis.chain_id} at {node.url}")
    asyncio.run(_post_collateral(layout, node.url, genesis))
    store = start_store(supervisor, layout, node.url)
    oracles = tuple(start_oracle(supervisor, layout, node.url, number) for number in range(1, ORACLES + 1))
    supervisor.wait([store, *oracles])
    told("five oracles attested · one store")
    network = Network(layout, genesis, node, store, oracles)
    try:
        asyncio.run(wait_for_committee(node.url, genesis))
    except TimeoutError:
        raise oracles[0].failed("no committee was drawn in time") from None
    told("committee drawn")
    return network


def _require_free(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        raise CommandRefused(
            "the node's port is taken", hint="end what listens there, or choose another: --port", port=port
        ) from None


def start_oracle(supervisor: Supervisor, layout: Layout, node_url: str, number: int) -> Child:
    """Start the oracle of that number; `supervisor.wait` tells when it answers."""
    home, name = layout.oracle(number), f"oracle-{number}"
    return supervisor.start(
        name,
        home,
        "panacea.cli.oracle_process",
        *("--name", name, "--home", str(home), "--node", node_url, "--genesis", str(layout.genesis)),
        *("--platform", str(layout.platform(number)), "--measurement", measurement().hex()),
        # Twice what is asked for: an oracle that was cut once may serve again when its time in jail is over.
        *("--commission", COMMISSION, "--bond", str(2 * BOND_UMED)),
    )


def start_store(supervisor: Supervisor, layout: Layout, node_url: str) -> Child:
    """Start the store; `supervisor.wait` tells when it answers."""
    arguments = ("--home", str(layout.store), "--node", node_url, "--genesis", str(layout.genesis))
    return supervisor.start("store", layout.store, "panacea.exchange.store", *arguments)


async def _post_collateral(layout: Layout, url: str, genesis: Genesis) -> None:
    """Put on chain what the vendors publish: without it no evidence can be appraised."""
    faucet = Keyring.open(Backend.TEST, layout.home).get("faucet")
    # Before its first block a node knows no accounts.
    view = await ChainView.from_genesis(RPC(url), genesis.chain_id, genesis.validators)
    sender = Sender(view.rpc, faucet, genesis.chain_id)
    sent = [await sender.submit(message) for message in _collateral(layout, str(sender.address))]
    for outcome in sent:
        (await sender.wait(outcome.hash)).require()
    await sender.rpc.close()


def _collateral(layout: Layout, sender: str) -> "Iterator[MsgPostCollateral]":
    from panacea.chain.oracle.messages import MsgPostCollateral

    now = SystemClock().now_ns() // 1_000_000_000
    for number in range(len(FAMILIES)):
        message = MsgPostCollateral(sender=sender)
        for item in Platform.load(layout.platform(number)).collateral_items(now):
            message.items.add(
                root_key_id=item.root_key_id,
                kind=int(item.kind),
                subject=item.subject,
                body=item.body,
                issuer_chain=item.issuer_chain,
            )
        yield message


async def wait_for_committee(url: str, genesis: Genesis) -> None:
    """Return when the epoch of the next block has a committee, proven. Raises TimeoutError."""
    rpc = RPC(url)
    view = await ChainView.from_genesis(rpc, genesis.chain_id, genesis.validators)
    async with asyncio.timeout(COMMITTEE_SECONDS), contextlib.aclosing(view.heights()) as heights:
        async for height in heights:
            params = await view.require(places.oracle_params(), height=height)
            if await view.get(places.committee((height + 1) // params.epoch_blocks), height=height) is not None:
                break
    await rpc.close()


async def store_key(url: str) -> bytes:
    """The receipt key that a store names; a deal fixes it."""
    import httpx2

    async with httpx2.AsyncClient(trust_env=False) as client:
        return bytes.fromhex((await client.get(f"{url}/v1/info")).json()["key"])


def address_of(home: Path, name: str) -> Address:
    """The account of a person of the network."""
    entry = Keyring.open(Backend.TEST, home).find(name)
    assert entry is not None
    return entry.public_key.address()
