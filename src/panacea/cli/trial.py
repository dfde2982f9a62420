"""Setting the stage for refusals: trial deals of the same consumer, a clinic that closed, two people with coins."""

import hashlib
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coin
from panacea.cli.crafted import Claimant
from panacea.cli.journey import Journey
from panacea.cli.network import MED
from panacea.cli.people import holder_of, issuer_of
from panacea.cli.stage import Person, Stage
from panacea.client.sender import Sender
from panacea.credentials import for_observations
from panacea.crypto.keyring import Backend, Keyring
from panacea.crypto.keys import Secp256k1Key
from panacea.exchange.identities import create_did, deactivate_did, issuer_document
from panacea.exchange.market import Market
from panacea.primitives.coin import BASE_DENOM, Coin
from panacea.primitives.time import SystemRandom

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

POCKET_UMED = 2_000 * MED
STATUS_URL = "https://trial.example/status/1"
NOWHERE = "http://127.0.0.1:1"
SCHEMA = b'{"type":"object","required":["status","code"],"properties":{"resourceType":{"const":"Observation"}}}'


async def set_stage(journey: Journey, code: str) -> Stage:
    """Trial deals for Observations with the LOINC `code`, and everybody who tries something there."""
    ring = Keyring.open(Backend.MEMORY, journey.network.layout.home)
    for name in ("alice", "bob", "clinic", "stranger"):
        ring.add(name, Secp256k1Key.generate(SystemRandom()).secret)
    alice, bob, clinic = (_sender(journey, ring, name) for name in ("alice", "bob", "clinic"))
    await _give_coins(journey, alice, bob, clinic)
    closed, closed_keys = issuer_of(ring, "clinic")
    await create_did(clinic, closed, issuer_document(closed, closed_keys))
    deals = await _make_deals(journey, code, closed.did)
    await deactivate_did(journey.view, clinic, closed)
    roster = await Market(journey.view).roster()
    return Stage(
        view=journey.view,
        oracles=roster.keys,
        deal=deals[0],
        one_slot=deals[1],
        brief=deals[2],
        storeless=deals[3],
        schema=SCHEMA,
        hospital=journey.hospital[1],
        closed=closed_keys,
        stranger=issuer_of(ring, "stranger")[1],
        alice=_person(ring, "alice", alice),
        bob=_person(ring, "bob", bob),
        consumer=journey.consumer.sender,
        pause_oracles=lambda: _signal(journey, signal.SIGSTOP),
        resume_oracles=lambda: _signal(journey, signal.SIGCONT),
        status_url=STATUS_URL,
        code=code,
    )


def _signal(journey: Journey, number: signal.Signals) -> None:
    for oracle in journey.network.oracles:
        oracle.process.send_signal(number)


def _sender(journey: Journey, ring: Keyring, name: str) -> Sender:
    return Sender(journey.view.rpc, ring.get(name), journey.view.chain_id)


def _person(ring: Keyring, name: str, sender: Sender) -> Person:
    holder = holder_of(ring, name)
    return Person(Claimant(holder.did, holder.method_id, holder.sign), sender)


async def _give_coins(journey: Journey, *people: Sender) -> None:
    faucet = journey.sender("faucet")
    coin = write_coin(Coin(BASE_DENOM, POCKET_UMED))
    sends = [
        MsgSend(from_address=str(faucet.address), to_address=str(person.address), amount=[coin]) for person in people
    ]
    await journey.view.wait((await faucet.send(*sends)).height)


async def _make_deals(journey: Journey, code: str, clinic: str) -> "tuple[Deal, ...]":
    base = await journey.deal_terms(for_observations([code]), 10, title="Trial")
    base = replace(
        base,
        trusted_issuers=[*base.trusted_issuers, clinic],
        schemas=[("https://trial.example/observation.json", hashlib.sha256(SCHEMA).digest())],
    )
    nowhere = [(NOWHERE, base.stores[0][1])]
    variants = [base, replace(base, max_records=1), base, replace(base, stores=nowhere)]
    return tuple([await journey.make_deal(terms) for terms in variants])
