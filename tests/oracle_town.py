"""Everything around an oracle, in one process without sockets: chain, members, store, hospital, patient, consumer.

town = Town(tmp_path)
deal = town.market.create_deal(**town.terms())
offer = town.wallet(deal)                       # a genuine offer to the first oracle; its parts can be changed
reply = town.ask(offer)                         # what the oracle answers, opened
town.sell(offer, reply); town.follow()          # consent on chain; the committee releases

Blocks, evidence, headers, proofs, credentials and seals are genuine.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2
from chain_driver import START, address_of, key_of
from deal_market import GAS, Market, answer, did_of
from did_documents import create, document_of
from health_issuer import ASKED, DAY
from live_chain import SECOND, DirectRPC, LiveDriver
from oracle_network import (
    BOND,
    MEASUREMENT,
    PLENTY,
    oracle_balances,
    oracle_genesis,
    oracle_name,
    platform,
    post_collateral,
)

from panacea.chain.datadeal.messages import MsgSubmitConsent, MsgSubmitConsentResponse
from panacea.client.sender import Fees, Sender
from panacea.client.view import ChainView
from panacea.credentials import (
    IssuerKeys,
    StatusEntry,
    StatusList,
    consumer_view,
    create_status_credential,
    enclave_view,
    for_observations,
    issue,
)
from panacea.crypto import base58, hpke
from panacea.crypto.bbs import SHA256
from panacea.crypto.hpke import HPKEKey
from panacea.crypto.keys import Ed25519Key
from panacea.crypto.secret import SecretBytes
from panacea.exchange.formats import Body, Envelope, Offer, Reply
from panacea.health.strict_json import parse_json
from panacea.identity.did_key import did_key_method_id, encode_did_key
from panacea.oracle.daemon import Oracle
from panacea.oracle.intake import Intake
from panacea.oracle.keys import KeyShelf
from panacea.oracle.registration import Registrar, Terms
from panacea.oracle.release import Releaser
from panacea.primitives.coin import Coin
from panacea.primitives.numbers import Dec
from panacea.primitives.time import SystemRandom
from panacea.vault import frames, grants, objects
from panacea.vault.grants import Command
from panacea.vault.receipts import Receipt
from panacea.wire.contexts import DELIVER, OfferInfo, envelope_digest, reply_info
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate, SignedCertificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Agreement, Assurance, Deal, Store, Term
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import VerificationMethod, VerificationRelationship
else:
    Certificate, SignedCertificate = load("panacea.datadeal.v3", "Certificate", "SignedCertificate")
    Agreement, Assurance, Store, Term = load("panacea.datadeal.v3", "Agreement", "Assurance", "Store", "Term")
    VerificationMethod, VerificationRelationship = load(
        "panacea.did.v2", "VerificationMethod", "VerificationRelationship"
    )

T = TypeVar("T")

RANDOM = SystemRandom()
NOW = START // SECOND
QUERY = for_observations(["4548-4"])
LIST_URL = "https://hospital.example/status/1"
INDEX = 94_567
PATIENT = Ed25519Key(b"p" * 32)
HOLDER = encode_did_key(PATIENT.public_key)
STORE = Ed25519Key(b"s" * 32)
STORE_URL = "http://127.0.0.1:9"
REPLY = HPKEKey(hashlib.sha256(b"the wallet's reply key").digest())
SECRET_WORD = "Zz-unmistakable-Zz"
ISSUERS, SELLERS = ("issuer", "quack", "retired", "rotated"), ("alice", "bob", "carol")
FREE = Fees(gas=PLENTY, price=Dec.of(0))

LAB = f"""{{"resourceType":"Observation","status":"final",
 "code":{{"coding":[{{"system":"http://loinc.org","code":"4548-4"}}],"text":"{SECRET_WORD}"}},
 "subject":{{"reference":"Patient/p1"}},"effectiveDateTime":"2023-01-02",
 "valueQuantity":{{"value":7.90,"unit":"%"}},"note":[{{"text":"not asked for"}}]}}""".encode()


@cache
def issuer_keys(name: str = "issuer") -> IssuerKeys:
    """The keys of a named issuer, whose DID is that of the person."""
    seed = hashlib.sha256(f"bbs of {name}".encode()).digest()
    secret, did = SHA256.key_gen(seed), did_of(name)
    return IssuerKeys(
        did=did,
        bbs_secret=SecretBytes(secret),
        bbs_public=SHA256.public_key(secret),
        bbs_method_id=f"{did}#records",
        status_signer=Ed25519Key(seed),
        status_method_id=f"{did}#status",
        nullifier_secret=SecretBytes(hashlib.sha256(b"nullifier" + seed).digest()),
    )


def issuer_document(name: str = "issuer") -> Any:
    """An issuer's document on chain: its account's key authenticates, the two others make assertions."""
    keys, did = issuer_keys(name), did_of(name)
    document = document_of(key_of(name), did)
    for method, kind, raw in (
        (keys.bbs_method_id, "Bls12381G2Key2020", keys.bbs_public),
        (keys.status_method_id, "Ed25519VerificationKey2018", keys.status_signer.public_key.raw),
    ):
        listed = VerificationMethod(id=method, type=kind, controller=did, public_key_base58=base58.encode(raw))
        document.verification_methods.append(listed)
        document.assertion_methods.append(VerificationRelationship(verification_method_id=method))
    return document


@cache
def credential(reference: str = "lab.json#o1", issuer: str = "issuer", **changes: Any) -> bytes:
    """The laboratory value under a reference of its own, issued to the patient; `status=None` leaves the status out."""
    values: dict[str, Any] = {
        "keys": issuer_keys(issuer),
        "holder_did": HOLDER,
        "reference": reference,
        "valid_from": NOW - 10 * DAY,
        "valid_until": NOW + 365 * DAY,
        "status": StatusEntry(LIST_URL, INDEX),
    }
    resource = parse_json(changes.pop("record", LAB))
    assert isinstance(resource, dict)
    return issue(resource, **(values | changes))


@cache
def status_list(issuer: str = "issuer", *, at: int = NOW, revoked: bool = False) -> bytes:
    """The issuer's list, dated `at`."""
    bits, keys = StatusList(), issuer_keys(issuer)
    bits.set(INDEX, to=revoked)
    return create_status_credential(
        bits, url=LIST_URL, issuer=keys.did, signer=keys.status_signer, method_id=keys.status_method_id, valid_from=at
    )


@dataclass(frozen=True)
class Draft:
    """An offer before it is sealed; `replace` changes any part of it."""

    info: OfferInfo
    to: bytes
    credential: bytes
    consumer_view: bytes
    enclave_view: bytes | None = None
    """Derived for this info, unless given."""
    fields: tuple[str, ...] = tuple(ASKED)
    status_lists: tuple[bytes, ...] = (status_list(),)
    schemas: tuple[bytes, ...] = ()
    agreements: tuple[tuple[int, bool], ...] = ((1, True), (2, False))
    holder: Ed25519Key = PATIENT
    did: str = HOLDER
    signed_info: bytes | None = None

    def with_info(self, **changes: Any) -> "Draft":
        """The same with another context."""
        return replace(self, info=replace(self.info, **changes))

    def body(self) -> Body:
        """What the holder signs."""
        view = self.enclave_view
        if view is None:
            view = enclave_view(self.credential, self.fields, self.info.encode())
        return Body(view, self.consumer_view, self.status_lists, self.schemas, self.agreements, REPLY.public_key)

    def plain(self) -> bytes:
        """What is sealed."""
        body = self.body().encode()
        digest = envelope_digest(self.signed_info or self.info.encode(), body)
        return Envelope(body, self.did, did_key_method_id(self.did), self.holder.sign(digest)).encode()

    def sealed(self, plain: bytes | None = None, *, info: bytes | None = None) -> bytes:
        """What is posted. `info` replaces the context in the open, not the one that it was sealed under."""
        file_key = RANDOM.token(16)
        body = objects.seal(self.plain() if plain is None else plain, file_key, RANDOM)
        key = hpke.seal(self.to, self.info.encode(), file_key)
        shown = self.info.encode() if info is None else info
        return Offer(shown, key, body.descriptor, tuple(body.leaves), tuple(body.groups)).encode()


@dataclass
class ObjectStore:
    """A store behind `httpx2`: takes what a genuine grant allows, and says so with a genuine receipt."""

    town: "Town"
    objects: dict[bytes, Any] = field(default_factory=dict)
    is_down: bool = False
    receipt_until: int | None = None

    def client(self, url: str, chain_id: str) -> httpx2.Client:
        """What `panacea.vault.reach.store_client` gives, with this store at the other end."""
        assert (url, chain_id) == (STORE_URL, self.town.chain.chain_id)
        return httpx2.Client(transport=httpx2.MockTransport(self._answer))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.is_down:
            raise httpx2.ConnectError("refused", request=request)
        oid, until = bytes.fromhex(request.url.path.rpartition("/")[2]), int(request.url.params["until"])
        grant = grants.verify(
            request.headers["authorization"].removeprefix("Bearer "),
            resolve_key=lambda found: self.town.by_address[found.issuer].signing_key(found.epoch),  # type: ignore[union-attr] # an oracle's grant
            now=self.town.chain.time_ns // SECOND,
            audience=grants.store_audience(STORE.public_key.raw),
            command=Command.PUT,
            oid=oid,
        )
        assert isinstance(grant, grants.OracleGrant)
        self.objects[oid] = frames.decode(request.read(), oid, max_bytes=objects.MAX_BYTES)
        kept = until if self.receipt_until is None else self.receipt_until
        receipt = Receipt.sign(STORE, oid=oid, deal_id=grant.deal_id, until=kept, height=self.town.chain.height)
        return httpx2.Response(201, content=receipt.encode())


@dataclass
class Member:
    """One oracle with its own light client."""

    name: str
    rpc: DirectRPC
    view: ChainView
    sender: Sender
    oracle: Oracle

    @property
    def address(self) -> str:
        """Its account."""
        return str(self.sender.address)

    @property
    def shelf(self) -> KeyShelf:
        """The keys it holds."""
        return self.oracle.intake.shelf

    def signing_key(self, epoch: int) -> Any:
        """The public key that it signs with in an epoch."""
        keys = self.shelf.find(epoch)
        assert keys is not None
        return keys.fresh.signing.public_key


class LiveMarket(Market):
    """The market of `deal_market` over a chain that stands already, with oracles of flesh and blood."""

    def __init__(self, chain: LiveDriver) -> None:
        self.chain = chain


class Town:
    """Five registered oracles, a store, an issuer and a consumer with DIDs; people: alice, bob, carol sell."""

    def __init__(self, path: Path, *, members: int = 5, epoch_blocks: int = 10_000, **oracle_params: Any) -> None:
        params = {"epoch_blocks": str(epoch_blocks), "unbonding_blocks": str(4 * epoch_blocks), **oracle_params}
        people = dict.fromkeys(("consumer", *ISSUERS, *SELLERS), 1_000_000_000)
        self.chain = LiveDriver(
            {**oracle_balances(members), **people}, path=path, genesis={"oracle": oracle_genesis(**params)}
        )
        self.epoch_blocks = epoch_blocks
        self.runner = asyncio.Runner()
        self.market = LiveMarket(self.chain)
        self.store = ObjectStore(self)
        post_collateral(self.chain, oracle_name(0))
        for name in ISSUERS:
            self.chain.ok(name, create(self.chain[name], issuer_document(name), key_of(name)))
        self.chain.ok(
            "consumer",
            create(self.chain["consumer"], document_of(key_of("consumer"), did_of("consumer")), key_of("consumer")),
        )
        self.members = [self.member(number) for number in range(members)]
        self.by_address = {member.address: member for member in self.members}
        self.ensure()
        self.follow()

    def close(self) -> None:
        """End connections and loop."""
        for member in self.members:
            self.run(member.rpc.close())
        self.runner.close()

    def run(self, work: Awaitable[T]) -> T:
        """The result of a coroutine."""

        async def waited() -> T:
            return await work

        return self.runner.run(waited())

    def member(self, number: int) -> Member:
        """The oracle of that number as a new process: same account and machine, no keys."""
        rpc = DirectRPC(self.chain)
        view = self.run(ChainView.from_genesis(rpc, self.chain.chain_id, self.chain.engine.validators, self.chain))
        name = oracle_name(number)
        sender = Sender(rpc, key_of(name), self.chain.chain_id, FREE)
        enclave = platform(number).enclave(MEASUREMENT, platform_seed=f"machine of {name}".encode())
        shelf, terms = KeyShelf(), Terms(f"http://127.0.0.1:{7000 + number}", Dec.parse("0.02"), Coin("umed", BOND))
        oracle = Oracle(
            view=view,
            intake=Intake(str(sender.address), view, shelf, RANDOM),
            registrar=Registrar(view, sender, enclave, shelf, terms, RANDOM),
            releaser=Releaser(str(sender.address), view, shelf, sender),
        )
        return Member(name, rpc, view, sender, oracle)

    def restart(self, number: int) -> Member:
        """The oracle of that number after a restart: all it held in memory is gone."""
        self.members[number] = self.member(number)
        self.by_address[self.members[number].address] = self.members[number]
        return self.members[number]

    def ensure(self) -> None:
        """Let every oracle see to its registration."""
        for member in self.members:
            self.run(member.oracle.registrar.ensure())

    def follow(self, *members: Member) -> None:
        """Let these oracles, or all, catch up with the chain and release."""
        for member in members or self.members:
            self.run(self._caught_up(member))

    async def _caught_up(self, member: Member) -> None:
        await member.oracle.releaser.follow(await member.view.update())

    @property
    def epoch(self) -> int:
        """The epoch of the next block."""
        return (self.chain.height + 1) // self.epoch_blocks

    # The wallet.

    def terms(self, **changes: Any) -> dict[str, Any]:
        """What a deal for the laboratory value says."""
        return {
            "query_language": 1,
            "query": QUERY,
            "schemas": [],
            "trusted_issuers": [did_of("issuer")],
            "terms": [
                Term(id=1, title="Research only", sha256=bytes(32), required=True),
                Term(id=2, title="May be asked again", sha256=bytes(32)),
            ],
            "assurance": Assurance(min_certificates=1, min_vendors=1, allow_simulated=True),
            "stores": [Store(url=STORE_URL, public_key=STORE.public_key.raw)],
            **changes,
        }

    def deal(self, **changes: Any) -> "Deal":
        """A new deal on chain."""
        return self.market.deal(self.market.create_deal(**self.terms(**changes)))[0]

    def wallet(
        self, deal: "Deal", record: bytes | None = None, *, to: int = 0, seller: str = "alice", role: int = DELIVER
    ) -> Draft:
        """A genuine offer of a credential to the oracle of that number."""
        member = self.members[to]
        keys = member.shelf.find(self.epoch)
        assert keys is not None
        mine = credential() if record is None else record
        info = OfferInfo(
            chain_id=self.chain.chain_id,
            deal_id=deal.id,
            provider=self.chain[seller],
            oracle=member.address,
            epoch=keys.epoch,
            hpke_key_hash=hashlib.sha256(keys.fresh.sealing.public_key).digest(),
            measurement=MEASUREMENT,
            query_hash=deal.query_hash,
            role=role,
            nonce=RANDOM.token(16),
            expires_at=self.chain.time_ns // SECOND + 300,
        )
        view = consumer_view(mine, ASKED, self.chain.chain_id, deal.id, deal.query_hash)
        fresh = status_list(at=self.chain.time_ns // SECOND // 600 * 600)
        return Draft(info, keys.fresh.sealing.public_key, mine, view, status_lists=(fresh,))

    def ask(self, draft: Draft, *, raw: bytes | None = None, to: int = 0) -> Reply:
        """The oracle's answer, opened as the wallet does."""
        sealed = self.run(self.members[to].oracle.intake.answer(draft.sealed() if raw is None else raw))
        return open_reply(draft, sealed)

    def code(self, draft: Draft, *, to: int = 0) -> str:
        """The code of the oracle's answer."""
        return self.ask(draft, to=to).code

    def certificate(self, reply: Reply) -> "Certificate":
        """What an oracle certified."""
        assert reply.code == "ok", reply
        return decode(Certificate, decode(SignedCertificate, reply.certificate).body)

    def consent(self, draft: Draft, *replies: Reply, shares: tuple[bytes, ...] | None = None) -> MsgSubmitConsent:
        """The message that sells what these answers certify."""
        return MsgSubmitConsent(
            provider=draft.info.provider,
            deal_id=draft.info.deal_id,
            certificates=[decode(SignedCertificate, reply.certificate) for reply in replies],
            sealed_shares=replies[0].sealed_shares if shares is None else shares,
            agreements=[Agreement(term_id=term, agreed=agreed) for term, agreed in draft.agreements],
            min_net="0",
        )

    def sell(self, draft: Draft, *replies: Reply) -> int:
        """Put the consent on chain, and answer its number."""
        result = self.chain.ok(self.seller_of(draft), self.consent(draft, *replies), gas=GAS)
        return answer(MsgSubmitConsentResponse, result).number

    def sold(self, draft: Draft) -> int:
        """Have an offer certified, sell it, and let the committee release it."""
        number = self.sell(draft, self.ask(draft))
        self.follow()
        return number

    def seller_of(self, draft: Draft) -> str:
        """Who offers."""
        return next(name for name in SELLERS if str(address_of(name)) == draft.info.provider)

    @contextmanager
    def lying(self, lie: Any, to: int = 0) -> Iterator[None]:
        """While open, the node of the oracle of that number lies."""
        self.members[to].rpc.lies.append(lie)
        try:
            yield
        finally:
            self.members[to].rpc.lies.remove(lie)


def open_reply(draft: Draft, sealed: bytes) -> Reply:
    """A sealed answer, opened as the wallet does."""
    return Reply.decode(REPLY.open(reply_info(draft.info.encode()), sealed))
