"""The messages between wallet, enclave and consumer: strict, bounded, and of one size where sizes would tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.exchange import formats
from panacea.exchange.formats import Body, Envelope, Malformed, Offer, Parcel, Reply, TooLarge
from panacea.wire import cbor

OFFER = Offer(b"info", b"key", b"descriptor", (b"leaf",), (b"group",))
BODY = Body(b"enclave", b"consumer", (b"list",), (b"schema",), ((1, True), (2, False)), b"reply key")
ENVELOPE = Envelope(b"body", "did:key:z6Mk", "did:key:z6Mk#z6Mk", b"signature")
REPLY = Reply("ok", "", b"certificate", (b"a", b"b"))
PARCEL = Parcel(b"view", bytes(32), bytes(32), 7)
KINDS = {"offer": OFFER, "body": BODY, "envelope": ENVELOPE, "parcel": PARCEL}


@pytest.mark.parametrize("value", [*KINDS.values(), REPLY], ids=[*KINDS, "reply"])
def test_round_trip(value: Offer | Body | Envelope | Parcel | Reply) -> None:
    assert type(value).decode(value.encode()) == value


@pytest.mark.parametrize("value", KINDS.values(), ids=KINDS)
def test_each_field_has_its_type(value: Offer | Body | Envelope | Parcel) -> None:
    fields = cbor.decode(value.encode(), max_depth=4)
    for place in range(len(fields)):
        spoiled = [*fields]
        spoiled[place] = None
        with pytest.raises(Malformed):
            type(value).decode(cbor.encode(spoiled))
    with pytest.raises(Malformed):
        type(value).decode(cbor.encode([*fields, 0]))


@given(st.binary(max_size=80))
def test_noise_is_malformed(raw: bytes) -> None:
    for kind in (Offer, Body, Envelope, Reply, Parcel):
        with pytest.raises(Malformed):
            kind.decode(raw)


def test_offer_of_another_version() -> None:
    fields = cbor.decode(OFFER.encode())
    with pytest.raises(Malformed, match="version 3"):
        Offer.decode(cbor.encode([2, *fields[1:]]))


def test_offer_over_the_limit() -> None:
    with pytest.raises(TooLarge, match=str(formats.MAX_OFFER)):
        Offer.decode(bytes(formats.MAX_OFFER + 1))


def test_true_is_no_term() -> None:
    fields = cbor.decode(BODY.encode(), max_depth=4)
    fields[4] = [[True, True]]
    with pytest.raises(Malformed):
        Body.decode(cbor.encode(fields))


@given(st.text(max_size=30), st.text(max_size=600), st.lists(st.binary(max_size=1200), max_size=5))
def test_every_reply_has_one_size(code: str, detail: str, shares: list[bytes]) -> None:
    assert len(Reply(code, detail, b"", tuple(shares)).encode()) == formats.REPLY_SIZE


def test_reply_with_something_behind_its_answer() -> None:
    raw = bytearray(REPLY.encode())
    raw[-1] = 1
    with pytest.raises(Malformed):
        Reply.decode(bytes(raw))


def test_reply_that_does_not_fit_is_a_bug() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Reply("ok", "", bytes(formats.REPLY_SIZE)).encode()


def test_parcel_hashes_have_their_length() -> None:
    with pytest.raises(Malformed):
        Parcel.decode(cbor.encode([b"view", bytes(31), bytes(32), 7]))
