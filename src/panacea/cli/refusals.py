"""The answers of the exchange's table of refusals (exchange, §5), each provoked for real.

A case does what somebody might try, and returns the code that came back. Cases run in their order; those that sell,
fill or close something come last.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from panacea.cli.crafted import open_answer, post_raw
from panacea.cli.stage import FIELDS, REVOKED, Stage, altered, bare, claiming, sent
from panacea.credentials.records.views import derive_view
from panacea.exchange.formats import MAX_OFFER
from panacea.exchange.market import UNDELIVERED
from panacea.wire.contexts import enclave_view_header
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgCloseDeal, MsgWithdrawConsent
else:
    MsgCloseDeal, MsgWithdrawConsent = load("panacea.datadeal.v3", "MsgCloseDeal", "MsgWithdrawConsent")

Attempt = Callable[[Stage], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Case:
    """Something to try, and the answer it has to get."""

    code: str
    title: str
    run: Attempt


@dataclass(frozen=True, slots=True)
class Shown:
    """A case that was tried."""

    case: Case
    answer: str

    @property
    def is_refused(self) -> bool:
        """Whether it got the answer that it should."""
        return self.answer == self.case.code


CASES: list[Case] = []


def case(code: str, title: str) -> Callable[[Attempt], Attempt]:
    """Add an attempt to the cases."""

    def add(run: Attempt) -> Attempt:
        CASES.append(Case(code, title, run))
        return run

    return add


async def show_refusals(stage: Stage) -> AsyncIterator[Shown]:
    """Try every case, in order."""
    for one in CASES:
        yield Shown(one, await one.run(stage))


# What is no offer at all, or not for this oracle: told in the open.


@case("malformed", "no bytes at all")
async def _empty(stage: Stage) -> str:
    return open_answer((await post_raw(stage.oracles[0].endpoint, b""))[1]).code


@case("malformed", "bytes that are no offer")
async def _garbage(stage: Stage) -> str:
    return open_answer((await post_raw(stage.oracles[0].endpoint, b"\x83\x00\xffpanacea"))[1]).code


@case("too_large", "more bytes than an offer may have")
async def _too_large(stage: Stage) -> str:
    return open_answer((await post_raw(stage.oracles[0].endpoint, bytes(MAX_OFFER + 1)))[1]).code


@case("sealed_for_other_context", "an envelope of another deal")
async def _other_deal(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await offer.post(claimed=claiming(offer, deal_id=stage.one_slot.id))).code


@case("sealed_for_other_context", "an envelope of another provider")
async def _other_provider(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await offer.post(claimed=claiming(offer, provider=stage.bob.address))).code


@case("sealed_for_other_context", "an envelope of another epoch")
async def _other_epoch(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await offer.post(claimed=claiming(offer, epoch=offer.info.epoch + 7))).code


@case("sealed_for_other_context", "an envelope of another chain")
async def _other_chain(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await offer.post(claimed=claiming(offer, chain_id="sim-other"))).code


@case("sealed_for_other_context", "an envelope of another oracle")
async def _other_oracle(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    other = replace(offer, oracle=stage.oracles[1])
    claimed = claiming(offer, oracle=other.oracle.oracle, hpke_key_hash=b"\x00" * 32)
    return (await other.post(claimed=claimed)).code


# What the enclave refuses, in the order of its checks.


@case("deal_not_open", "a deal that does not exist")
async def _no_deal(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await replace(offer, info=claiming(offer, deal_id=1_000_000)).post()).code


@case("envelope_invalid", "an envelope signed with another key")
async def _other_key(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    forged = replace(stage.alice.holder, sign=stage.bob.holder.sign)
    return (await replace(offer, holder=forged).post()).code


@case("envelope_expired", "an envelope from an hour ago")
async def _old_envelope(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await replace(offer, info=claiming(offer, expires_at=stage.now - 3600)).post()).code


@case("issuer_not_trusted", "a record without a credential")
async def _no_credential(stage: Stage) -> str:
    record = bare(stage.record("a"))
    return (await stage.offer(stage.credential("a")).without(enclave_view=record, consumer_view=record).post()).code


@case("issuer_not_trusted", "a record signed by somebody the deal does not name")
async def _stranger(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a", issuer=stage.stranger)).post()).code


@case("issuer_inactive", "a record signed by a clinic whose DID was ended")
async def _closed(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a", issuer=stage.closed), issuer=stage.closed).post()).code


@case("proof_invalid", "one changed digit in the enclave's view")
async def _changed_enclave_view(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await offer.without(enclave_view=altered(offer.enclave_view)).post()).code


@case("proof_invalid", "one changed digit in the consumer's view")
async def _changed_consumer_view(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await offer.without(consumer_view=altered(offer.consumer_view)).post()).code


@case("holder_mismatch", "another person's credential")
async def _stolen(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a", holder=stage.bob)).post()).code


@case("view_mismatch", "two views of different records")
async def _two_records(stage: Stage) -> str:
    offer, other = stage.offer(stage.credential("a")), stage.offer(stage.credential("b"))
    return (await offer.without(consumer_view=other.consumer_view).post()).code


@case("disclosure_excess", "a field that the query does not ask")
async def _too_much(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a"), fields=(*FIELDS, "/note")).post()).code


@case("disclosure_missing", "the nullifier hidden")
async def _hidden_nullifier(stage: Stage) -> str:
    return await _hiding(stage, nullifier=False)


@case("disclosure_missing", "the status hidden")
async def _hidden_status(stage: Stage) -> str:
    return await _hiding(stage, status=False)


async def _hiding(stage: Stage, *, nullifier: bool = True, status: bool = True) -> str:
    credential = stage.credential("a")
    offer = stage.offer(credential)
    header = enclave_view_header(offer.info.encode())
    hiding = derive_view(
        credential, fields=FIELDS, presentation_header=header, holder=True, nullifier=nullifier, status=status
    )
    return (await offer.without(enclave_view=hiding).post()).code


@case("credential_expired", "a credential that ended yesterday")
async def _expired(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a", days=(-9, -1))).post()).code


@case("credential_not_yet_valid", "a credential that begins tomorrow")
async def _early(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a", days=(2, 9))).post()).code


@case("credential_revoked", "a credential that its issuer took back")
async def _revoked(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a", status=REVOKED)).post()).code


@case("status_stale", "a status list three days old")
async def _stale(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await replace(offer, status_lists=(stage.status_list(age_days=3),)).post()).code


@case("status_stale", "a status list by another issuer")
async def _foreign_list(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await replace(offer, status_lists=(stage.status_list(issuer=stage.stranger),)).post()).code


@case("query_not_satisfied", "the value itself left out")
async def _no_value(stage: Stage) -> str:
    fields = [field for field in FIELDS if field != "/valueQuantity"]
    return (await stage.offer(stage.credential("a"), fields=fields).post()).code


@case("schema_mismatch", "schema bytes of another hash")
async def _other_schema(stage: Stage) -> str:
    return (await replace(stage.offer(stage.credential("a")), schemas=(b"{}",)).post()).code


@case("terms_missing", "a required term not agreed")
async def _not_agreed(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    return (await replace(offer, agreements=tuple((term, False) for term, _ in offer.agreements)).post()).code


@case("store_unavailable", "no store of the deal answers")
async def _no_store(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a"), deal=stage.storeless).post()).code


# What the chain refuses after a certificate was had honestly.


@case("certificate_invalid", "a certificate with one changed byte")
async def _changed_certificate(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    consent = stage.consent(offer, await stage.certified(offer))
    body = consent.certificates[0].body
    consent.certificates[0].body = body[:-1] + bytes([body[-1] ^ 1])
    return await stage.submit(consent)


@case("certificate_invalid", "a certificate of another account")
async def _copied_certificate(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    reply = await stage.certified(offer)
    return await stage.submit(stage.consent(offer, reply, stage.bob), stage.bob.sender)


@case("certificate_invalid", "two members' shares swapped")
async def _swapped_shares(stage: Stage) -> str:
    offer = stage.offer(stage.credential("a"))
    reply = await stage.certified(offer)
    first, second, *others = reply.sealed_shares
    return await stage.submit(stage.consent(offer, replace(reply, sealed_shares=(second, first, *others))))


@case("already_sold", "one record certified twice, consented twice")
async def _certified_twice(stage: Stage) -> str:
    offers = [stage.offer(stage.credential("a"), oracle=number) for number in (0, 1)]
    replies = [await stage.certified(offer) for offer in offers]
    first = await stage.submit(stage.consent(offers[0], replies[0]))
    return await stage.submit(stage.consent(offers[1], replies[1])) if first == "ok" else first


@case("already_sold", "the same record again, at another oracle")
async def _again_elsewhere(stage: Stage) -> str:
    return (await stage.offer(stage.credential("a"), oracle=2).post()).code


@case("already_sold", "the same record again, issued to another person")
async def _again_by_another(stage: Stage) -> str:
    credential = stage.credential("a", holder=stage.bob)
    return (await stage.offer(credential, person=stage.bob).post()).code


@case("already_sold", "a consent withdrawn in the moment it was given")
async def _withdrawn(stage: Stage) -> str:
    offer = stage.offer(stage.credential("w"))
    consent = stage.consent(offer, await stage.certified(offer))
    number = await stage.next_number(offer.info.deal_id)
    withdrawal = MsgWithdrawConsent(provider=stage.alice.address, deal_id=offer.info.deal_id, number=number)
    answer = await sent(stage.alice.sender, consent, withdrawal, view=stage.view)
    return (await stage.offer(stage.credential("w")).post()).code if answer == "ok" else answer


@case("deal_full", "two certificates for the last slot")
async def _last_slot(stage: Stage) -> str:
    offers = [stage.offer(stage.credential(name), deal=stage.one_slot) for name in ("x", "y")]
    replies = [await stage.certified(offer) for offer in offers]
    first = await stage.submit(stage.consent(offers[0], replies[0]))
    return await stage.submit(stage.consent(offers[1], replies[1])) if first == "ok" else first


@case("deal_not_open", "a deal closed between validation and consent")
async def _closed_between(stage: Stage) -> str:
    offer = stage.offer(stage.credential("z"), deal=stage.brief)
    reply = await stage.certified(offer)
    closing = MsgCloseDeal(consumer=str(stage.consumer.address), deal_id=stage.brief.id)
    answer = await sent(stage.consumer, closing, view=stage.view)
    return await stage.submit(stage.consent(offer, reply)) if answer == "ok" else answer


@case("undelivered", "a committee that stays silent until the deadline")
async def _silent(stage: Stage) -> str:
    offer = stage.offer(stage.credential("s"))
    consent = stage.consent(offer, await stage.certified(offer))
    before = await stage.escrow(stage.deal.id)
    number = await stage.next_number(stage.deal.id)
    stage.pause_oracles()
    try:
        answer = await stage.submit(consent)
        if answer != "ok":
            return answer
        status = await stage.pass_deadline(stage.deal.id, number)
    finally:
        stage.resume_oracles()
    if status != UNDELIVERED or await stage.escrow(stage.deal.id) != before:
        return "delivered"
    return "undelivered"
