"""One exchange split by step, and many at once: on a network of real processes, as `panacea demo` starts one.

Percentiles of each step over a number of records sold one after the other; then records per second when many are sold
from one account, with the CPU time that each kind of process spends on a record, which tells who holds up the others.

The reseal has no clock of its own outside the enclave: a witness's offer takes the same way without it, so it is the
difference of the two.
"""

import asyncio
import io
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from panacea.cli import network
from panacea.cli.issuing import status_lists, status_url
from panacea.cli.journey import Journey
from panacea.cli.network import MED, Network
from panacea.cli.processes import Supervisor
from panacea.cli.progress import Steps
from panacea.client.sender import Fees, Sender
from panacea.credentials import StatusEntry, for_observations, issue
from panacea.crypto.hpke import HPKEKey
from panacea.crypto.keys import Ed25519Key, Secp256k1Key
from panacea.exchange import offers
from panacea.exchange.door import Door
from panacea.exchange.holder import Holder
from panacea.exchange.offers import Match
from panacea.exchange.provider import Offered, Provider
from panacea.exchange.sponsor import allowance, grant_fees
from panacea.health.strict_json import parse_json
from panacea.primitives.coin import BASE_DENOM, Coins
from panacea.primitives.time import SystemRandom
from panacea.wire.contexts import DELIVER, WITNESS

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

RANDOM = SystemRandom()
ONE_BY_ONE = 20
AT_ONCE = (10, 100)
DAY = 86_400
CODE = "4548-4"
AGREED = {1: True}
FEES = Coins.of(10_000 * MED, BASE_DENOM)


class Laps:
    """Milliseconds by step."""

    def __init__(self) -> None:
        self._taken: dict[str, list[float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done in the block."""
        started = time.perf_counter()
        yield
        self._taken.setdefault(name, []).append((time.perf_counter() - started) * 1000)

    def subtract(self, name: str, less: str, result: str) -> None:
        """Call the difference of two steps a step of its own."""
        pairs = zip(self._taken.pop(name), self._taken[less], strict=True)
        self._taken[result] = [max(0.0, whole - part) for whole, part in pairs]

    def report(self, order: Sequence[str]) -> None:
        """A line a step."""
        whole = sum(statistics.median(self._taken[name]) for name in order)
        for name in order:
            median, p90 = statistics.median(self._taken[name]), statistics.quantiles(self._taken[name], n=10)[-1]
            print(f"{name:<34} p50 {median:7.1f} ms   p90 {p90:7.1f} ms   {median / whole:6.1%}")
        print(f"{'one exchange':<34} p50 {whole:7.1f} ms")


class Bench:
    """The people of the benchmark, over a network that runs."""

    def __init__(self, running: Network, journey: Journey) -> None:
        self.network, self.journey = running, journey
        self.lists = status_lists(journey.hospital[1], 1, journey.now)
        self._issued = 0

    async def deal(self, max_records: int) -> "Deal":
        """A deal for laboratory values."""
        return await self.journey.make_deal(await self.journey.deal_terms(for_observations([CODE]), max_records))

    async def seller(self) -> Provider:
        """A patient without coins, whose fees the sponsor pays."""
        view, holder = self.journey.view, Holder(Ed25519Key.generate(RANDOM))
        for each in self.lists:
            holder.learn_status_list(each)
        sender = Sender(view.rpc, Secp256k1Key.generate(RANDOM), view.chain_id)
        sponsor = self.journey.sender("sponsor")
        granted = allowance(spend_limit=FEES, expiration=self.journey.now + DAY)
        (outcome,) = await grant_fees(sponsor, str(sender.address), granted=granted)
        await view.wait(outcome.height)
        sender.fees = Fees(granter=str(sponsor.address))
        return Provider(view, sender, holder)

    def matches(self, seller: Provider, deal: "Deal", count: int) -> list[Match]:
        """So many records, signed and found to fit."""
        found = [seller.match(deal, self._credential(seller.holder)) for _ in range(count)]
        return [each for each in found if isinstance(each, Match)]

    def _credential(self, holder: Holder) -> bytes:
        self._issued += 1
        keys = self.journey.hospital[1]
        return issue(
            _observation(self._issued),
            keys=keys,
            holder_did=holder.did,
            reference=f"bench#{self._issued}",
            valid_from=self.journey.now - DAY,
            valid_until=self.journey.now + 30 * DAY,
            status=StatusEntry(status_url(keys.did, 0), self._issued),
        )


def _observation(number: int) -> dict[str, object]:
    text = f"""{{"resourceType":"Observation","id":"o{number}","status":"final",
        "code":{{"coding":[{{"system":"http://loinc.org","code":"{CODE}","display":"Hemoglobin A1c"}}]}},
        "subject":{{"reference":"Patient/1"}},"effectiveDateTime":"2026-01-02T08:00:00Z",
        "valueQuantity":{{"value":7.90,"unit":"%","system":"http://unitsofmeasure.org","code":"%"}}}}"""
    found: dict[str, object] = parse_json(text.encode())
    return found


# One after the other.

STEPS = (
    "derive the consumer's view",
    "derive the enclave's view, seal",
    "open, validate, certify",
    "reseal and store",
    "check the certificate",
    "consent in a block, proven",
    "release to the t-th share",
    "pull, decrypt, verify",
)


async def one_by_one(bench: Bench) -> None:
    """Sell records one after the other, step by step."""
    laps, deal, seller = Laps(), await bench.deal(ONE_BY_ONE + 2), await bench.seller()
    door = Door(bench.journey.view.chain_id)
    for found in bench.matches(seller, deal, ONE_BY_ONE + 1):
        await _sell(laps, seller, deal, found, door=door)
    await door.close()
    pulled = aiter(bench.journey.consumer.pull(deal.id, at_once=1))
    for _ in range(ONE_BY_ONE):
        with laps.step("pull, decrypt, verify"):
            await anext(pulled)
    await seller.close()
    laps.subtract("deliver", "open, validate, certify", "reseal and store")
    laps.report(STEPS)


async def _sell(laps: Laps, seller: Provider, deal: "Deal", found: Match, *, door: Door) -> None:
    view, roster = seller.view, await seller.market.roster()
    with laps.step("derive the consumer's view"):
        draft = offers.draft_offer(
            deal,
            found,
            chain_id=view.chain_id,
            agreements=AGREED,
            status_lists=seller.holder.status_lists_for(found.credential),
            schemas=(),
            random=RANDOM,
        )
    key = roster.keys[0]
    for role, offering, asking in ((WITNESS, "witness's", "open, validate, certify"), (DELIVER, STEPS[1], "deliver")):
        info = offers.offer_info(
            draft,
            key,
            chain_id=view.chain_id,
            provider=str(seller.sender.address),
            role=role,
            now=seller.market.now,
            random=RANDOM,
        )
        reply_key = HPKEKey.generate(RANDOM)
        with laps.step(offering):
            offer = offers.seal_offer(
                draft,
                info,
                seller.holder,
                sealing_key=key.hpke_key.public_key,
                reply_key=reply_key.public_key,
                random=RANDOM,
            )
        with laps.step(asking):
            answer = await door.post(key.endpoint, offer.encode())
    with laps.step("check the certificate"):
        reply = offers.open_reply(answer, offer.info, reply_key)
        certified = offers.require_certified(reply, draft, info, key=key, roster=roster)
    offered = Offered(
        deal_id=deal.id,
        tag=certified.certificate.tag,
        net=offers.net_of(deal, [key], roster),
        certificates=(certified.signed,),
        sealed_shares=certified.sealed_shares,
        oracles=(key.oracle,),
        expires_at_height=certified.certificate.expires_at_height,
    )
    with laps.step("consent in a block, proven"):
        number = await seller.consent(deal, offered, agreements=AGREED)
    with laps.step("release to the t-th share"):
        await seller.wait_released(deal.id, number)


# Many at once.


async def many(bench: Bench, count: int) -> None:
    """Sell records side by side, and count the records a second until the last is paid."""
    deal, seller = await bench.deal(count + 1), await bench.seller()
    matches = bench.matches(seller, deal, count)
    before, started = _cpu(bench.network), time.perf_counter()
    sold = [sale.number async for sale in seller.sell_many(deal, matches, agreements=AGREED) if sale.number]
    offered = time.perf_counter() - started
    for number in sold:
        await seller.wait_released(deal.id, number)
    taken = time.perf_counter() - started
    after = _cpu(bench.network)
    await seller.close()
    spent = "   ".join(f"{name} {(after[name] - before[name]) / count * 1000:.0f}" for name in after)
    rate, share = len(sold) / taken, offered / taken
    print(f"{count:4} at once: {len(sold)} sold, {rate:.2f} records/s, consents in {share:.0%} of the time")
    print(f"     CPU ms a record: {spent}")


def _cpu(running: Network) -> dict[str, float]:
    """Seconds of CPU that each kind of process has used, where the system tells."""
    pids = {
        "wallet": [os.getpid()],
        "node": [running.node.pid],
        "store": [running.store.pid],
        "oracles": [child.pid for child in running.oracles],
    }
    return {name: sum(map(_seconds, those)) for name, those in pids.items()} if Path("/proc/self/stat").exists() else {}


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def _journey(running: Network) -> AsyncIterator[Bench]:
    journey = await Journey.begin(running, Steps(io.StringIO()))
    yield Bench(running, journey)
    await journey.view.rpc.close()


async def _measure(running: Network) -> None:
    async with _journey(running) as bench:
        await one_by_one(bench)
        for count in AT_ONCE:
            await many(bench, count)


def run() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder, Supervisor() as supervisor:
        home = Path(folder) / "network"
        network.create(home, "sim-bench")
        asyncio.run(_measure(network.start(supervisor, home)))


if __name__ == "__main__":
    run()
