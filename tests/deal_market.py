"""A market on a chain in memory: a consumer and an issuer with DIDs, oracles with a committee, deals, sales.

market = Market()
deal = market.create_deal(price=1000)
number = market.sell(deal, "alice", "record 1")        # consent to a certificate by the committee's first member
market.release(deal, number, places=(1, 2, 3))         # each member in a transaction of its own; the third one pays

Objects and shares are opaque bytes made from the record's name: the chain looks at nothing but their hashes.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from chain_driver import SECOND, Amount, Driver, key_of
from did_documents import create, document_of
from google.protobuf.message import Message
from oracle_network import (
    MEASUREMENT,
    NetworkOracle,
    committee_of,
    current_epoch,
    oracle_balances,
    oracle_genesis,
    refresh_oracles,
    register_oracles,
)

from panacea.chain.datadeal import state
from panacea.chain.datadeal.messages import MsgCreateDeal, MsgReleaseShares, MsgSubmitConsent, MsgWithdrawConsent
from panacea.chain.datadeal.types import Book
from panacea.chain.oracle import state as oracle_state
from panacea.chain.results import TxResult
from panacea.crypto.hpke import HPKEKey
from panacea.identity.did_panacea import panacea_did
from panacea.primitives.numbers import Dec
from panacea.wire.contexts import certificate_digest, deal_digest, deal_tag, releases_digest, shares_root
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.abci.v1beta1.abci_pb2 import TxMsgData
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import (
        Certificate,
        Consent,
        Release,
        ReleaseBatch,
        SignedCertificate,
    )
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Agreement, Assurance, Deal, Schema, Store, Term
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgCreateDealResponse, MsgSubmitConsentResponse
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import AssuranceKind
else:
    (AssuranceKind,) = load("panacea.oracle.v3", "AssuranceKind")
    (TxMsgData,) = load("cosmos.base.abci.v1beta1", "TxMsgData")
    Certificate, Release, ReleaseBatch, SignedCertificate = load(
        "panacea.datadeal.v3", "Certificate", "Release", "ReleaseBatch", "SignedCertificate"
    )
    Agreement, Assurance, Schema, Store, Term = load(
        "panacea.datadeal.v3", "Agreement", "Assurance", "Schema", "Store", "Term"
    )
    MsgCreateDealResponse, MsgSubmitConsentResponse = load(
        "panacea.datadeal.v3", "MsgCreateDealResponse", "MsgSubmitConsentResponse"
    )

SIMULATED = AssuranceKind.ASSURANCE_KIND_SIMULATED

FEE = 1_000_000
"""What a deal costs with default parameters."""
RICH = 100 * FEE
GAS = 2_000_000
PEOPLE = ("alice", "bob", "carol")
QUERY = b'{"credentials":[{"format":"ldp_vc","id":"lab"}]}'

M = TypeVar("M", bound=Message)
Edit = Callable[["Certificate"], object]


def code(result: TxResult) -> str:
    """A result's codespace and code."""
    return f"{result.codespace}/{result.code}"


def answer(cls: type[M], result: TxResult) -> M:
    """The response to a transaction's only message."""
    (response,) = decode(TxMsgData, result.data).msg_responses
    return decode(cls, response.value)


def sha256(text: str) -> bytes:
    """32 bytes that differ for each text."""
    return hashlib.sha256(text.encode()).digest()


def did_of(name: str) -> str:
    """The DID of a named person."""
    return panacea_did(key_of(name).public_key)


@cache
def consumer_key() -> HPKEKey:
    """What the shares of all deals are sealed to."""
    return HPKEKey(sha256("consumer key"))


def sealed_shares(record: str, count: int) -> list[bytes]:
    """A record's shares, as opaque as the chain finds them."""
    return [sha256(f"{record}/share {place}") for place in range(1, count + 1)]


class Market:
    """A chain with a consumer, an issuer and oracles; `balances` adds people to it."""

    def __init__(
        self,
        *,
        oracles: int = 5,
        balances: Mapping[str, Amount] | None = None,
        params: Mapping[str, Any] | None = None,
        oracle_params: Mapping[str, Any] | None = None,
        commission: str = "0.02",
        **driver: Any,
    ) -> None:
        people = {"consumer": RICH, "issuer": 0, **dict.fromkeys(PEOPLE, 0), **(balances or {})}
        self.chain = Driver(
            {**oracle_balances(oracles), **people},
            genesis={"oracle": oracle_genesis(**(oracle_params or {})), "datadeal": {"params": dict(params or {})}},
            **driver,
        )
        txs = [self.chain.sign(name, self.registered_did(name)) for name in ("consumer", "issuer")]
        assert [result.code for result in self.chain.block(*txs).tx_results] == [0, 0]
        self.oracles = register_oracles(self.chain, oracles, commission=commission)

    def registered_did(self, name: str) -> Any:
        """The message that puts a person's DID on chain."""
        return create(self.chain[name], document_of(key_of(name), did_of(name)), key_of(name))

    @property
    def members(self) -> list[NetworkOracle]:
        """The committee of the epoch that the next block belongs to, by place; new keys where the epoch is new."""
        epoch = current_epoch(self.chain)
        if self.oracles[0].epoch != epoch:
            self.oracles = refresh_oracles(self.chain, self.oracles)
        return committee_of(self.chain, self.oracles, epoch)

    # Deals.

    def deal_message(self, **changes: Any) -> MsgCreateDeal:
        """A signed deal for ten records at 1000umed; `price` may be an amount or text such as 5uatom."""
        price = str(changes.pop("price", 1000))
        amount = price.rstrip("abcdefghijklmnopqrstuvwxyz")
        values: dict[str, Any] = {
            "consumer": self.chain["consumer"],
            "consumer_did": did_of("consumer"),
            "title": "HbA1c",
            "purpose": "DUO:0000007",
            "query_language": 2,
            "query": QUERY,
            "schemas": [Schema(uri="https://schemas.example/lab", sha256=sha256("schema"))],
            "trusted_issuers": [did_of("issuer")],
            "max_records": 10,
            "terms": [
                Term(id=1, title="Research only", sha256=sha256("term 1"), required=True),
                Term(id=2, title="May be asked again", sha256=sha256("term 2")),
            ],
            "assurance": Assurance(min_certificates=1, min_vendors=1, allow_simulated=True),
            "stores": [Store(url="https://store.example", public_key=sha256("store"))],
            "retention_days": 30,
            "verification_method_id": f"{did_of('consumer')}#key1",
            **changes,
        }
        closes_in = values.pop("closes_in", 86_400)
        message = MsgCreateDeal(**values)
        message.price.denom, message.price.amount = price[len(amount) :] or "umed", amount
        if not message.HasField("consumer_key"):
            message.consumer_key.suite, message.consumer_key.public_key = 1, consumer_key().public_key
        if not message.HasField("closes_at"):
            message.closes_at.seconds = self.chain.time_ns // SECOND + closes_in
        return self.signed_deal(message)

    def signed_deal(self, message: MsgCreateDeal, *, name: str = "consumer", chain_id: str = "") -> MsgCreateDeal:
        """The same deal with a person's DID signature."""
        message.did_signature = b""
        message.did_signature = key_of(name).sign(deal_digest(chain_id or self.chain.chain_id, encode(message)))
        return message

    def create_deal(self, **changes: Any) -> int:
        """Put a deal on chain, and answer its id."""
        result = self.chain.ok("consumer", self.deal_message(**changes), gas=GAS)
        return answer(MsgCreateDealResponse, result).deal_id

    def deal(self, deal_id: int) -> "tuple[Deal, Book]":
        """A deal and its account."""
        return state.get_deal(self.chain.ctx(), deal_id)

    def book(self, deal_id: int) -> Book:
        """A deal's account."""
        return self.deal(deal_id)[1]

    # Sales.

    def tag(self, deal_id: int, record: str) -> bytes:
        """The duplicate tag of a record in a deal."""
        return deal_tag(sha256(record), self.chain.chain_id, deal_id)

    def certificate(
        self, deal_id: int, provider: str, record: str, oracle: NetworkOracle, *, shares: Sequence[bytes] = ()
    ) -> "Certificate":
        """What an oracle says of a record that a person offers; with the shares of its key unless it is a witness."""
        certificate = Certificate(
            chain_id=self.chain.chain_id,
            deal_id=deal_id,
            provider=self.chain[provider],
            oracle=oracle.address,
            epoch=oracle.epoch,
            measurement=MEASUREMENT,
            assurance=SIMULATED,
            data_commitment=sha256(f"{record}/commitment"),
            tag=self.tag(deal_id, record),
            query_hash=hashlib.sha256(QUERY).digest(),
            commission_rate=Dec.parse("0.02").to_wire(),
            issued_at_height=self.chain.height,
            expires_at_height=self.chain.height + oracle_state.params.get(self.chain.ctx()).certificate_ttl,
        )
        if shares:
            certificate.delivery.object_id = hashlib.sha256(b"".join(shares)).digest()
            certificate.delivery.object_size = 4096
            certificate.delivery.shares_root = shares_root(shares)
        return certificate

    def signed(self, certificate: "Certificate", oracle: NetworkOracle) -> "SignedCertificate":
        """The certificate with an oracle's signature."""
        body = encode(certificate)
        return SignedCertificate(body=body, signature=oracle.signing_key.sign(certificate_digest(body)))

    def consent(
        self,
        deal_id: int,
        provider: str,
        record: str = "record",
        *,
        by: Sequence[int] = (1,),
        edit: Edit | None = None,
        attempt: str = "",
        members: Sequence[NetworkOracle] = (),
        **changes: Any,
    ) -> MsgSubmitConsent:
        """A consent with certificates by the members at these places; `edit` changes the first before it is signed.

        Another `attempt` is another object, with other shares of another key; `members` are another committee.
        """
        members = members or self.members
        shares = sealed_shares(record + attempt, len(members))
        certificates = []
        for order, place in enumerate(by):
            oracle = members[place - 1]
            certificate = self.certificate(deal_id, provider, record, oracle, shares=() if order else shares)
            if edit is not None and not order:
                edit(certificate)
            certificates.append(self.signed(certificate, oracle))
        values: dict[str, Any] = {
            "certificates": certificates,
            "sealed_shares": shares,
            "agreements": [Agreement(term_id=1, agreed=True), Agreement(term_id=2, agreed=False)],
            "min_net": "0",
            **changes,
        }
        return MsgSubmitConsent(provider=self.chain[provider], deal_id=deal_id, **values)

    def sell(self, deal_id: int, provider: str, record: str = "record", **options: Any) -> int:
        """Put a consent on chain, and answer its number."""
        result = self.chain.ok(provider, self.consent(deal_id, provider, record, **options), gas=GAS)
        return answer(MsgSubmitConsentResponse, result).number

    def refused(self, message: MsgSubmitConsent, provider: str = "alice") -> str:
        """The code and the log of a consent that is refused."""
        result = self.chain.tx(provider, message, gas=GAS)
        assert result.code, "the consent was accepted"
        return f"{code(result)}: {result.log.partition('message index: 0: ')[2]}"

    def sale(self, deal_id: int, number: int) -> "Consent":
        """A consent."""
        return state.get_consent(self.chain.ctx(), deal_id, number)

    def withdrawal(self, deal_id: int, number: int, provider: str) -> MsgWithdrawConsent:
        """The message that takes a consent back."""
        return MsgWithdrawConsent(provider=self.chain[provider], deal_id=deal_id, number=number)

    # Releases.

    def share(self, deal_id: int, number: int, place: int, **changes: Any) -> "Release":
        """The answer of the member at a place: its share, opaque, or with bad=True that it does not open."""
        share = b"" if changes.get("bad") else sha256(f"released {deal_id}/{number}/{place}")
        return Release(**{"deal_id": deal_id, "number": number, "index": place, "sealed_share": share, **changes})

    def batch(self, member: NetworkOracle, *releases: "Release", **changes: Any) -> MsgReleaseShares:
        """Answers of one member, signed with its key of the epoch."""
        values = {"chain_id": self.chain.chain_id, "oracle": member.address, "epoch": member.epoch, **changes}
        batch = encode(ReleaseBatch(releases=releases, **values))
        signature = member.signing_key.sign(releases_digest(batch))
        return MsgReleaseShares(operator=member.address, batch=batch, signature=signature)

    def release(self, deal_id: int, number: int, places: Sequence[int], **changes: Any) -> list[TxResult]:
        """Let the members at these places answer, one block for all, each transaction in this order."""
        members = self.members
        txs = []
        for place in places:
            member = members[place - 1]
            message = self.batch(member, self.share(deal_id, number, place, **changes))
            txs.append(self.chain.sign(member.name, message, gas=GAS))
        results = list(self.chain.block(*txs).tx_results)
        assert not any(result.code for result in results), results
        return results

    def shares(self, deal_id: int, number: int) -> list[int]:
        """The places whose released shares stand in the state."""
        ctx = self.chain.ctx()
        return [place for (_, _, place), _ in state.shares.items(ctx, state.pack(deal_id, number))]
