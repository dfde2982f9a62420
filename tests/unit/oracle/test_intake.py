"""Opening and answering: what opens where, what a lying node achieves, and what answers give away."""

import asyncio
import base64
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_town import HOLDER, LIST_URL, SECRET_WORD, Draft, Town, credential, open_reply

from panacea.crypto.hpke import OVERHEAD
from panacea.exchange import formats
from panacea.exchange.formats import Envelope, Offer
from panacea.oracle import intake
from panacea.oracle.types import Malformed, NotReady, SealedForOtherContext, TooLarge, Unsealed
from panacea.wire import cbor
from panacea.wire.contexts import WITNESS
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Assurance
else:
    (Assurance,) = load("panacea.datadeal.v3", "Assurance")


def answer(town: Town, raw: bytes, to: int = 0) -> bytes:
    return town.run(town.members[to].oracle.intake.answer(raw))


# Opening.


@pytest.mark.parametrize(
    "changes",
    [
        {"deal_id": 999},
        {"provider": "panacea1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"},
        {"oracle": "panacea1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"},
        {"epoch": 1},
        {"chain_id": "test-2"},
        {"hpke_key_hash": bytes(32)},
        {"measurement": bytes(32)},
        {"query_hash": bytes(32)},
        {"role": WITNESS},
        {"nonce": bytes(16)},
        {"expires_at": 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_sealed_for_another_context(town: Town, changes: dict[str, Any]) -> None:
    """A replay under any other context does not open."""
    draft = town.wallet(town.deal())
    moved = replace(draft.info, **changes).encode()
    with pytest.raises(SealedForOtherContext):
        answer(town, draft.sealed(info=moved))


def test_replay_to_another_oracle(town: Town) -> None:
    draft = town.wallet(town.deal())
    with pytest.raises(SealedForOtherContext):
        answer(town, draft.sealed(), to=1)
    theirs = town.wallet(town.deal(), to=1).info
    renamed = replace(draft.info, oracle=theirs.oracle, hpke_key_hash=theirs.hpke_key_hash)
    with pytest.raises(SealedForOtherContext):
        answer(town, draft.sealed(info=renamed.encode()), to=1)


def test_envelope_sealed_again_by_somebody_else(town: Town) -> None:
    """Who opens an envelope cannot use it: the holder signed its context."""
    draft = town.wallet(town.deal())
    bobs = draft.with_info(provider=town.chain["bob"])
    assert open_reply(bobs, answer(town, bobs.sealed(draft.plain()))).code == "envelope_invalid"


def test_short_offers(town: Town) -> None:
    """The old daemon crashed on fewer than 12 bytes of ciphertext (spec, oracle §13.1)."""
    raw = town.wallet(town.deal()).sealed()
    offer = Offer.decode(raw)
    for size in range(65):
        for short in (
            raw[:size],
            bytes(size),
            replace(offer, sealed_key=offer.sealed_key[:size]).encode(),
            replace(offer, groups=(offer.groups[0][:size],)).encode(),
            replace(offer, descriptor=offer.descriptor[:size]).encode(),
            replace(offer, leaves=(offer.leaves[0][: size % 32],)).encode(),
        ):
            with pytest.raises((Malformed, SealedForOtherContext)):
                answer(town, short)


@pytest.mark.parametrize("plain", [b"", b"\x00", cbor.encode([b"body", "did", "vm", b""]), bytes(64)])
def test_sealed_noise(town: Town, plain: bytes) -> None:
    with pytest.raises(Malformed):
        answer(town, town.wallet(town.deal()).sealed(plain))


def test_reply_key_that_nothing_can_be_sealed_to(town: Town) -> None:
    draft = town.wallet(town.deal())
    envelope = Envelope.decode(draft.plain())
    fields = cbor.decode(envelope.body, max_bytes=1 << 24)
    fields[5] = bytes(1216)
    with pytest.raises(Malformed, match="no envelope"):
        answer(town, draft.sealed(replace(envelope, body=cbor.encode(fields)).encode()))


def test_groups_of_another_object(town: Town) -> None:
    draft = town.wallet(town.deal())
    one, two = Offer.decode(draft.sealed()), Offer.decode(draft.sealed())
    with pytest.raises(Malformed):
        answer(town, replace(one, groups=two.groups).encode())
    whole = replace(one, descriptor=two.descriptor, leaves=two.leaves, groups=two.groups)
    with pytest.raises(SealedForOtherContext):
        answer(town, whole.encode())


def test_too_large(town: Town) -> None:
    with pytest.raises(TooLarge, match=str(formats.MAX_OFFER)):
        answer(town, bytes(formats.MAX_OFFER + 1))


# Answering.


def test_an_answer_does_not_tell_by_its_size(town: Town) -> None:
    deal = town.deal()
    accepted = answer(town, town.wallet(deal, credential("sizes")).sealed())
    refused = answer(town, replace(town.wallet(deal), status_lists=()).sealed())
    witness = answer(town, town.wallet(deal, credential("sizes"), role=WITNESS).sealed())
    assert {len(accepted), len(refused), len(witness)} == {formats.REPLY_SIZE + OVERHEAD}


def test_logs_tell_nothing(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    deal = town.deal()
    good = town.wallet(deal, credential("logged"))
    bad = replace(good, enclave_view=good.body().enclave_view.replace(b"7.90", b"7.91"))
    assert town.code(good) == "ok"
    before = len(caplog.records)
    assert town.code(bad) == "proof_invalid"
    with pytest.raises(Malformed):
        answer(town, good.sealed(b"\x84" + good.plain()))
    assert "answered an offer" in caplog.text
    ours = [record.getMessage() for record in caplog.records[before:] if record.name.startswith("panacea.oracle")]
    assert ours == [f"answered an offer for deal {deal.id}"]
    for secret in (SECRET_WORD, HOLDER, LIST_URL, "7.9", "proof_invalid", "4548-4"):
        assert secret not in caplog.text


def test_refusals_name_places_not_values(town: Town) -> None:
    draft = town.wallet(town.deal(), credential("detail"))
    reply = town.ask(replace(draft, agreements=()))
    assert reply.detail == "one agreement a term is needed: terms=[1, 2]"


def test_same_offer_same_answer(town: Town) -> None:
    raw = town.wallet(town.deal(), credential("repeated")).sealed()
    kept = len(town.store.objects)
    first = answer(town, raw)
    assert answer(town, raw) == first
    assert len(town.store.objects) == kept + 1


def test_same_offer_twice_at_once(town: Town) -> None:
    raw = town.wallet(town.deal(), credential("at once")).sealed()
    kept = len(town.store.objects)

    async def both() -> tuple[bytes, bytes]:
        desk = town.members[0].oracle.intake
        return await asyncio.gather(desk.answer(raw), desk.answer(raw))

    first, second = town.run(both())
    assert first == second
    assert len(town.store.objects) == kept + 1


def test_answers_are_forgotten_in_time(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "REMEMBERED", 1)
    town.members[0].oracle.intake._answers.clear()
    deal = town.deal()
    one, two = (town.wallet(deal, credential(name)).sealed() for name in ("forgotten", "kept"))
    first = answer(town, one)
    assert answer(town, two) == answer(town, two)
    assert answer(town, one) != first


def test_witness_delivers_nothing(town: Town) -> None:
    draft = town.wallet(town.deal(), credential("witnessed"), role=WITNESS)
    kept = len(town.store.objects)
    reply = town.ask(draft)
    assert not town.certificate(reply).HasField("delivery")
    assert reply.sealed_shares == ()
    assert len(town.store.objects) == kept


# Stores.


@pytest.fixture
def store_down(town: Town) -> Any:
    town.store.is_down = True
    yield
    town.store.is_down = False


def test_store_that_does_not_answer(town: Town, store_down: None) -> None:
    raw_draft = town.wallet(town.deal(), credential("to be stored"))
    raw = raw_draft.sealed()
    assert town.ask(raw_draft, raw=raw).code == "store_unavailable"
    town.store.is_down = False
    assert town.ask(raw_draft, raw=raw).code == "ok"


@pytest.mark.parametrize("until", [0, 100_000])
def test_store_that_promises_too_little(town: Town, until: int) -> None:
    town.store.receipt_until = until
    try:
        code = town.code(town.wallet(town.deal(), credential(f"until {until}")))
    finally:
        town.store.receipt_until = None
    assert code == ("ok" if until else "store_unavailable")


def test_store_at_a_private_address(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deal whose store would have the enclave knock inside its own network."""
    from panacea.vault import reach

    monkeypatch.setattr("panacea.oracle.reseal.store_client", reach.store_client)
    draft = town.wallet(town.deal(), credential("inside"))
    assert town.code(draft) == "store_unavailable"


# A node that lies, and a chain that moved on.


def spoil_value(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


def lie_value(method: str, params: Any, result: Any) -> Any:
    if method == "abci_query" and result["response"]["value"]:
        value = base64.b64decode(result["response"]["value"])
        changed = base64.b64encode(spoil_value(value)).decode()
        return {"response": {**result["response"], "value": changed}}
    return result


def lie_absent(method: str, params: Any, result: Any) -> Any:
    return {"response": {**result["response"], "value": None}} if method == "abci_query" else result


def lie_without_proof(method: str, params: Any, result: Any) -> Any:
    return {"response": {**result["response"], "proofOps": None}} if method == "abci_query" else result


def lie_refusal(method: str, params: Any, result: Any) -> Any:
    return {"response": {**result["response"], "code": 1}} if method == "abci_query" else result


def lie_header(method: str, params: Any, result: Any) -> Any:
    if method != "commit":
        return result
    signed = result["signed_header"]
    return {**result, "signed_header": {**signed, "header": {**signed["header"], "app_hash": "00" * 32}}}


def lie_shape(method: str, params: Any, result: Any) -> Any:
    return {"response": 7} if method == "abci_query" else result


def lie_noise(method: str, params: Any, result: Any) -> Any:
    return [] if method == "commit" else result


LIES: list[Callable[[str, Any, Any], Any]] = [
    lie_value, lie_absent, lie_without_proof, lie_refusal, lie_header, lie_shape, lie_noise,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lying_node_gets_no_verdict(town: Town, lie: Callable[[str, Any, Any], Any]) -> None:
    draft = town.wallet(town.deal(), credential("lied about"))
    town.chain.proceed()
    with town.lying(lie), pytest.raises(NotReady):
        answer(town, draft.sealed())
    assert town.code(draft) == "ok"


def test_a_node_that_lies_about_the_holder(town: Town) -> None:
    """A holder with a did:panacea: that his document cannot be read is not his fault."""

    def lie(method: str, params: Any, result: Any) -> Any:
        return lie_value(method, params, result) if "/did/" in str(params.get("path")) else result

    draft = replace(town.wallet(town.deal()), did="did:panacea:2222222222222222222222222222222222222222222")
    town.chain.proceed()
    with town.lying(lie_without_proof), pytest.raises(NotReady):
        answer(town, draft.sealed())
    with town.lying(lie):
        assert town.code(draft) == "envelope_invalid"


def test_a_node_that_keeps_news_back(town: Town) -> None:
    """An eclipsed enclave certifies at its own head; the certificate does not live long enough to do harm."""
    member = town.members[0]
    town.run(member.view.update())
    stale = {name: town.run(member.rpc.call(name)) for name in ("commit", "validators")}
    head = member.view.head.height

    def lie(method: str, params: Any, result: Any) -> Any:
        return stale.get(method, result)

    deal = town.deal()
    for _ in range(11):
        town.chain.proceed()
    town.follow(*town.members[1:])
    draft = town.wallet(deal, credential("eclipsed"))
    with town.lying(lie):
        assert town.code(draft) == "deal_not_open"
    assert member.view.head.height == head
    assert town.ask(draft, raw=draft.sealed()).code == "ok"


def test_a_node_that_is_gone(town: Town) -> None:
    draft = town.wallet(town.deal(), credential("alone"))
    town.members[0].rpc.is_down = True
    try:
        with pytest.raises(NotReady):
            answer(town, draft.sealed())
    finally:
        town.members[0].rpc.is_down = False
    assert town.code(draft) == "ok"


# What counts on chain.


def test_certificates_are_taken_by_the_chain(town: Town) -> None:
    deal = town.deal(assurance=Assurance(min_certificates=2, min_vendors=2, allow_simulated=True))
    draft = town.wallet(deal, credential("both"))
    witness = replace(town.wallet(deal, credential("both"), to=1, role=WITNESS), consumer_view=draft.consumer_view)
    replies = town.ask(draft), town.ask(witness, to=1)
    number = town.sell(draft, *replies)
    town.follow()
    assert town.market.sale(deal.id, number).released


def test_an_offer_is_judged_with_few_questions(town: Town) -> None:
    """What is proven at one height is asked for once: a second offer in the same block costs one tag."""
    deal = town.deal()
    first, second = (town.wallet(deal, credential(name)).sealed() for name in ("first", "second"))
    calls = town.members[0].rpc.calls
    answer(town, first)
    before = calls.count("abci_query")
    answer(town, second)
    assert calls.count("abci_query") - before == 1


def test_secrets_do_not_show(town: Town) -> None:
    draft: Draft = town.wallet(town.deal(), credential("unseen"))
    opened, _ = town.members[0].oracle.intake.open(draft.sealed())
    assert opened.info == draft.info
    with pytest.raises(Unsealed) as refusal:
        town.members[0].oracle.intake.open(draft.sealed(b"\x41" + SECRET_WORD.encode()))
    assert SECRET_WORD not in str(refusal.value)
    assert refusal.value.__cause__ is None


@given(data=st.data())
@settings(max_examples=60)
def test_changed_offers_are_refused_in_the_open(town: Town, genuine: bytes, data: st.DataObject) -> None:
    """Wherever a byte differs, the answer is one of the three that need no opening."""
    raw = bytearray(genuine)
    spot = data.draw(st.integers(0, len(raw) - 1))
    raw[spot] ^= data.draw(st.integers(1, 255))
    with pytest.raises((Malformed, SealedForOtherContext, TooLarge)):
        answer(town, bytes(raw))


@pytest.fixture(scope="module")
def genuine(town: Town) -> bytes:
    return town.wallet(town.deal()).sealed()
