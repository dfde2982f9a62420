"""Where refusals are shown: trial deals, a record made for them, and everybody who may try something."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coin
from panacea.cli.crafted import Claimant, Crafted
from panacea.client import places
from panacea.client.sender import Fees, Sender
from panacea.client.types import TxFailed
from panacea.client.view import ChainView
from panacea.credentials.records.issue import IssuerKeys, issue
from panacea.credentials.status.bitstring import StatusEntry, StatusList, create_status_credential
from panacea.exchange.formats import Reply
from panacea.exchange.reasons import reason_of
from panacea.health.loinc import LOINC
from panacea.health.strict_json import parse_json, to_json
from panacea.primitives.coin import BASE_DENOM, Coin
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import SignedCertificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Agreement, Deal
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgSubmitConsent
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleKey
else:
    Agreement, MsgSubmitConsent, SignedCertificate = load(
        "panacea.datadeal.v3", "Agreement", "MsgSubmitConsent", "SignedCertificate"
    )

DAY = 86_400
LIVE, REVOKED = 0, 1
"""Places in the trial's status list."""

ENOUGH_GAS, SMALL_GAS = 2_000_000, 150_000
WRITTEN_VALUE = "7.90"
FIELDS = ("/resourceType", "/status", "/code", "/valueQuantity", "/effectiveDateTime")


@dataclass(frozen=True, slots=True)
class Person:
    """A provider: the DID that holds the records, and the account that is paid."""

    holder: Claimant
    sender: Sender

    @property
    def address(self) -> str:
        """The account."""
        return str(self.sender.address)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a case may use. `deal` is open and trusts `hospital` and the `closed` clinic."""

    view: ChainView
    oracles: "tuple[OracleKey, ...]"
    deal: "Deal"
    one_slot: "Deal"
    brief: "Deal"
    storeless: "Deal"
    schema: bytes
    hospital: IssuerKeys
    closed: IssuerKeys
    stranger: IssuerKeys
    alice: Person
    bob: Person
    consumer: Sender
    pause_oracles: Callable[[], None]
    resume_oracles: Callable[[], None]
    status_url: str
    code: str

    @property
    def now(self) -> int:
        """The time that enclaves know, unix seconds."""
        return self.view.head.time_ns // 1_000_000_000

    def record(self, name: str) -> dict[str, Any]:  # Any: FHIR JSON
        """A laboratory value that fits the deal, with a note that nobody asks for."""
        text = f"""{{"resourceType":"Observation","id":"{name}","status":"final",
            "code":{{"coding":[{{"system":"{LOINC}","code":"{self.code}"}}]}},"effectiveDateTime":"2026-01-02",
            "valueQuantity":{{"value":{WRITTEN_VALUE},"unit":"%"}},"note":[{{"text":"private"}}]}}"""
        found = parse_json(text.encode())
        assert isinstance(found, dict)
        return found

    def credential(
        self,
        name: str,
        *,
        issuer: IssuerKeys | None = None,
        holder: Person | None = None,
        days: tuple[int, int] = (-1, 30),
        status: int = LIVE,
    ) -> bytes:
        """That record, signed for somebody; `days` from now bound its validity."""
        return issue(
            self.record(name),
            keys=issuer or self.hospital,
            holder_did=(holder or self.alice).holder.did,
            reference=f"trial#Observation/{name}",
            valid_from=self.now + days[0] * DAY,
            valid_until=self.now + days[1] * DAY,
            status=StatusEntry(self.status_url, status),
        )

    def status_list(self, *, age_days: int = 0, issuer: IssuerKeys | None = None) -> bytes:
        """The issuer's list, with one credential taken back."""
        keys, bits = issuer or self.hospital, StatusList()
        bits.set(REVOKED)
        return create_status_credential(
            bits,
            url=self.status_url,
            issuer=keys.did,
            signer=keys.status_signer,
            method_id=keys.status_method_id,
            valid_from=self.now - age_days * DAY,
        )

    def offer(
        self,
        credential: bytes,
        *,
        deal: "Deal | None" = None,
        person: Person | None = None,
        fields: Sequence[str] = FIELDS,
        oracle: int = 0,
        issuer: IssuerKeys | None = None,
    ) -> Crafted:
        """An offer with which nothing is wrong but what its parts bring along."""
        who = person or self.alice
        return Crafted.of(
            self.view,
            deal or self.deal,
            self.oracles[oracle],
            credential,
            fields,
            provider=who.address,
            holder=who.holder,
            status_lists=[self.status_list(issuer=issuer)],
            schemas=[self.schema],
        )

    def consent(self, offer: Crafted, reply: Reply, provider: Person | None = None) -> "MsgSubmitConsent":
        """The message that a provider signs for a certificate."""
        return MsgSubmitConsent(
            provider=(provider or self.alice).address,
            deal_id=offer.info.deal_id,
            certificates=[decode(SignedCertificate, reply.certificate)],
            sealed_shares=reply.sealed_shares,
            agreements=[Agreement(term_id=term, agreed=agreed) for term, agreed in offer.agreements],
            min_net="0",
        )

    async def certified(self, offer: Crafted) -> Reply:
        """The reply to an offer that must pass."""
        reply = await offer.post()
        if reply.code != "ok":
            raise AssertionError(f"a sound offer was refused: {reply.code} {reply.detail}")
        return reply

    async def submit(self, consent: "MsgSubmitConsent", sender: Sender | None = None) -> str:
        """What the chain makes of a consent: `ok`, or the name of its refusal."""
        return await sent(sender or self.alice.sender, consent, view=self.view)

    async def next_number(self, deal_id: int) -> int:
        """The number that the next consent to a deal will have."""
        return (await self.view.require(places.deal_state(deal_id))).next_number

    async def escrow(self, deal_id: int) -> tuple[int, int]:
        """What a deal has in escrow, and how much of it is spoken for."""
        state = await self.view.require(places.deal_state(deal_id))
        return int(state.escrow), int(state.held)

    async def pass_deadline(self, deal_id: int, number: int) -> int:
        """Let blocks go by until a consent's deadline is over; its status then."""
        coin = write_coin(Coin(BASE_DENOM, 1))
        to_self = MsgSend(from_address=self.alice.address, to_address=self.alice.address, amount=[coin])
        consent = await self.view.require(places.consent(deal_id, number))
        while await self.view.update() <= consent.release_by:
            await self.alice.sender.send(to_self, fees=Fees(gas=SMALL_GAS))
        return (await self.view.require(places.consent(deal_id, number))).status


async def sent(sender: Sender, *messages: Any, view: ChainView) -> str:  # Any: wire messages
    """`ok`, or the name of the chain's refusal: the text of its class, as the design lists it."""
    try:
        # Without simulating: the transaction shall stand in a block and fail there.
        outcome = await sender.send(*messages, fees=Fees(gas=ENOUGH_GAS))
    except TxFailed as no:
        return reason_of(no)
    await view.wait(outcome.height)
    return "ok"


def altered(view: bytes) -> bytes:
    """A view with one digit of its value changed."""
    found = view.replace(f'"{WRITTEN_VALUE}"'.encode(), b'"6.90"')
    assert found != view
    return found


def bare(record: dict[str, Any]) -> bytes:  # Any: FHIR JSON
    """A record without any credential."""
    return to_json(record)


def claiming(offer: Crafted, **changes: Any) -> Any:  # Any: fields of OfferInfo
    """The context of an offer with other values."""
    return replace(offer.info, **changes)
