"""A network of real processes for tests, started as the command line starts one; each is killed or paused by its name.

with LiveNetwork(tmp_path) as live:
    deal, alice = live.create_deal(), live.seller()
    number = live.sell(alice, deal, live.record(alice, "o1"))
    live.kill("oracle-2")
    (found,) = live.pull(deal)

Sellers own no MED: the network's sponsor grants them their fees. Windows are short, and empty blocks come by
themselves, so that deadlines pass while a test waits.
"""

import hashlib
import io
import json
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from health_issuer import DAY, lab

from panacea.cli import network
from panacea.cli.journey import Journey
from panacea.cli.network import MED, Layout, Network, create
from panacea.cli.processes import Child, Supervisor
from panacea.cli.progress import Steps
from panacea.cli.sums import Sums, read_sums
from panacea.client import places
from panacea.client.places import Place
from panacea.client.plain import Loop
from panacea.client.sender import Fees, Sender
from panacea.client.view import ChainView
from panacea.credentials import StatusEntry, StatusList, create_status_credential, for_observations, issue
from panacea.crypto.keys import Ed25519Key, Secp256k1Key
from panacea.exchange.consumer import Consumer, Undelivered
from panacea.exchange.holder import Holder
from panacea.exchange.market import ACTIVE
from panacea.exchange.offers import Match
from panacea.exchange.provider import Offered, Provider
from panacea.exchange.sponsor import allowance, grant_fees
from panacea.health.tables import Delivered
from panacea.primitives.address import Address
from panacea.primitives.coin import BASE_DENOM, Coins
from panacea.primitives.time import SystemRandom
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate, Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
else:
    (Certificate,) = load("panacea.datadeal.v3", "Certificate")

T = TypeVar("T")

RANDOM = SystemRandom()
CODE = "4548-4"
STATUS_URL = "https://hospital.example/status/1"
ORACLES = tuple(f"oracle-{number}" for number in range(1, network.ORACLES + 1))
NAMES = ("node", "store", *ORACLES)
PORTS = {"node": "--port", "store": "--port"} | dict.fromkeys(ORACLES, "--endpoint-port")
WINDOWS = {"epoch_blocks": 240, "certificate_ttl": 60, "release_window": 90, "release_margin": 5, "jail_blocks": 10}
INTERVAL = 0.15
"""Seconds between empty blocks: a release window lasts about 14 seconds, enough for a busy machine."""
FEES_UMED = 1_000 * MED
AGREED = {1: True}


class _Watched(Supervisor):
    """Remembers how each process was started."""

    def __init__(self, node_arguments: tuple[str, ...]) -> None:
        super().__init__()
        self._node_arguments = node_arguments
        self.commands: dict[str, tuple[Path, str, tuple[str, ...]]] = {}

    def start(self, name: str, home: Path, module: str, *arguments: str) -> Child:
        if name == "node":
            arguments += self._node_arguments
        self.commands.setdefault(name, (home, module, arguments))
        return super().start(name, home, module, *arguments)


@dataclass(frozen=True, slots=True)
class Seller:
    """A patient: records, and an account without coins of its own."""

    holder: Holder
    provider: Provider

    @property
    def sender(self) -> Sender:
        return self.provider.sender


class LiveNetwork:
    """A network, its people, and power over its processes; use it in a `with` block."""

    def __init__(self, home: Path, *, interval: float | None = INTERVAL, **windows: int) -> None:
        self._home = home
        self._windows = WINDOWS | windows
        self._supervisor = _Watched(("--interval", str(interval)) if interval else ())
        self._loop = Loop()
        self._paused: set[str] = set()
        self._running: dict[str, Child] = {}
        self._closing: list[Callable[[], Coroutine[Any, Any, None]]] = []  # Any: as in Loop.run

    def __enter__(self) -> Self:
        create(self._home, "test-live")
        _set_windows(Layout(self._home).genesis, self._windows)
        self._loop.__enter__()
        try:
            self.network: Network = network.start(self._supervisor, self._home)
            children = (self.network.node, self.network.store, *self.network.oracles)
            self._running = {child.name: child for child in children}
            self.journey = self.run(Journey.begin(self.network, Steps(io.StringIO())))
            self._closing.append(self.view.rpc.close)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.resume(*self._paused)
        for close in self._closing:
            self.run(close())
        self._loop.__exit__(None, None, None)
        self._supervisor.stop()

    def run(self, work: "Coroutine[Any, Any, T]") -> T:
        return self._loop.run(work)

    # Processes.

    def kill(self, *names: str) -> None:
        """kill -9, all of them before any is waited for."""
        children = [self._running.pop(name) for name in names]
        for child in children:
            child.process.kill()
        self._supervisor.stop(*children)

    def restart(self, *names: str) -> None:
        """Start killed processes again, each where it was reached before."""
        started = []
        for name in names:
            home, module, arguments = self._supervisor.commands[name]
            port = (PORTS[name], self._url(name).rpartition(":")[2])
            started.append(self._supervisor.start(name, home, module, *arguments, *port))
        self._supervisor.wait(started)
        self._running |= {child.name: child for child in started}

    def pause(self, *names: str) -> None:
        """Stop processes without ending them."""
        self._signal(signal.SIGSTOP, names)
        self._paused |= set(names)

    def resume(self, *names: str) -> None:
        """Let paused processes go on."""
        self._signal(signal.SIGCONT, names)
        self._paused -= set(names)

    def _signal(self, number: signal.Signals, names: tuple[str, ...]) -> None:
        for name in names:
            if name in self._running:
                self._running[name].process.send_signal(number)

    def _url(self, name: str) -> str:
        children = (self.network.node, self.network.store, *self.network.oracles)
        return next(child.url for child in children if child.name == name)

    def operator(self, name: str) -> str:
        """An oracle's address, by its process's name."""
        return str(network.address_of(self._home / name, "operator"))

    # People.

    @property
    def view(self) -> ChainView:
        return self.journey.view

    def seller(self, *, fees_umed: int = FEES_UMED) -> Seller:
        """Somebody new, whose consents the sponsor pays."""
        account = Secp256k1Key.generate(RANDOM)
        holder = Holder(Ed25519Key.generate(RANDOM))
        holder.learn_status_list(self.status_list())
        granted = allowance(spend_limit=Coins.of(fees_umed, BASE_DENOM), expiration=self.journey.now + DAY)
        sender = Sender(self.view.rpc, account, self.view.chain_id)
        sponsor = self.journey.sender("sponsor")
        (outcome,) = self.run(grant_fees(sponsor, str(sender.address), granted=granted))
        # What the account earns stays its owner's, so that a balance is exactly what was paid.
        sender.fees = Fees(granter=str(sponsor.address))
        self.run(self.view.wait(outcome.height))
        provider = Provider(self.view, sender, holder)
        self._closing.append(provider.close)
        return Seller(holder, provider)

    def status_list(self) -> bytes:
        """The hospital's list, in which nothing was taken back."""
        keys = self.journey.hospital[1]
        return create_status_credential(
            StatusList(),
            url=STATUS_URL,
            issuer=keys.did,
            signer=keys.status_signer,
            method_id=keys.status_method_id,
            valid_from=self.journey.now - 60,
        )

    def record(self, seller: Seller, name: str) -> bytes:
        """A laboratory value of the seller's, signed by the hospital; the name makes it another record."""
        return issue(
            lab() | {"id": name},
            keys=self.journey.hospital[1],
            holder_did=seller.holder.did,
            reference=f"live#Observation/{name}",
            valid_from=self.journey.now - 60,
            valid_until=self.journey.now + 30 * DAY,
            status=StatusEntry(STATUS_URL, int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big")),
        )

    # Trade.

    def create_deal(self, max_records: int = 20, **changes: Any) -> "Deal":
        """A deal for the laboratory value, with a term to agree to."""
        return self.run(self._create_deal(max_records, changes))

    async def _create_deal(self, max_records: int, changes: dict[str, Any]) -> "Deal":
        terms = await self.journey.deal_terms(for_observations([CODE]), max_records)
        return await self.journey.make_deal(replace(terms, **changes))

    def match(self, seller: Seller, deal: "Deal", credential: bytes) -> Match:
        found = seller.provider.match(deal, credential)
        assert isinstance(found, Match), found
        return found

    def sell(self, seller: Seller, deal: "Deal", credential: bytes, **how: Any) -> int:
        """Sell a record; the consent's number."""
        return self.run(seller.provider.sell(deal, self.match(seller, deal, credential), agreements=AGREED, **how))

    def offer(self, seller: Seller, deal: "Deal", credential: bytes) -> Offered:
        """A record certified, not yet sold."""
        return self.run(seller.provider.offer(deal, self.match(seller, deal, credential), agreements=AGREED))

    def withdraw(self, seller: Seller, deal: "Deal", number: int) -> None:
        """Take a consent back; returns when that can be read."""
        self.run(self.view.wait(self.run(seller.provider.withdraw(deal.id, number)).height))

    # What is proven.

    def find(self, place: Place[T]) -> T | None:
        """What stands at a place now."""

        async def read() -> T | None:
            return await self.view.get(place, height=await self.view.update())

        return self.run(read())

    def prove(self, place: Place[T]) -> T:
        """What stands at a place, which must not be empty."""
        found = self.find(place)
        assert found is not None
        return found

    def consent(self, deal: "Deal", number: int) -> "Consent":
        return self.prove(places.consent(deal.id, number))

    def object_id(self, consent: "Consent") -> bytes:
        """The object that a consent delivers."""
        return decode(Certificate, consent.certificates[0].body).delivery.object_id

    def wait_blocks(self, count: int) -> None:
        """Return when so many more blocks can be read."""
        self.run(self.view.wait(self.view.height + max(count, 0)))

    def wait_active(self) -> None:
        """Return when every oracle serves again."""
        oracles = [places.oracle(Address.parse(self.operator(name))) for name in ORACLES]
        while any(self.prove(place).status != ACTIVE for place in oracles):
            self.wait_blocks(1)

    def sums(self, deal: "Deal") -> Sums:
        """Where the deal's money is, proven and added up."""
        return self.run(read_sums(self.view, deal.id))

    def balance(self, owner: "Seller | Consumer") -> int:
        """What somebody owns, in umed."""
        return self.find(places.balance(owner.sender.address, BASE_DENOM)) or 0

    def pull(self, deal: "Deal") -> list[Delivered | Undelivered]:
        """What the consumer gets."""

        async def all_of_it() -> list[Delivered | Undelivered]:
            return [found async for found in self.journey.consumer.pull(deal.id)]

        return self.run(all_of_it())


def _set_windows(path: Path, windows: dict[str, int]) -> None:
    document = json.loads(path.read_bytes())
    params = document["app_state"]["oracle"]["params"]
    params |= {name: str(value) for name, value in windows.items()}
    # An oracle that was cut serves again when its time in jail is over.
    params["min_bond"]["amount"] = "1"
    path.write_text(json.dumps(document))
