import hashlib
from typing import TYPE_CHECKING

import pytest
from sample_transactions import ALICE, ALICE_KEY, BOB, auth_info, send, tx_of

from panacea.primitives.address import Address, InvalidAddress
from panacea.primitives.coin import Coins
from panacea.wire.any import PackedMessage, pack
from panacea.wire.build import SignedBy, build_auth_info, build_body, build_tx, secp256k1_key
from panacea.wire.encode import encode
from panacea.wire.pool import load
from panacea.wire.tx import (
    NotSignable,
    TxParseError,
    decode_tx,
    message_signers,
    sign_bytes_direct,
    sign_bytes_direct_aux,
    signers,
)
from panacea.wire.unknown import MAX_DEPTH, MAX_OPENED

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1.bank_pb2 import Input, Params
    from panacea.wire.stubs.cosmos.bank.v1beta1.tx_pb2 import MsgMultiSend
    from panacea.wire.stubs.cosmos.tx.v1beta1.tx_pb2 import AuthInfo, SignDoc, SignDocDirectAux, TxBody, TxRaw
else:
    Input, MsgMultiSend, Params = load("cosmos.bank.v1beta1", "Input", "MsgMultiSend", "Params")
    AuthInfo, SignDoc, SignDocDirectAux, TxBody, TxRaw = load(
        "cosmos.tx.v1beta1", "AuthInfo", "SignDoc", "SignDocDirectAux", "TxBody", "TxRaw"
    )
(MsgExec,) = load("cosmos.authz.v1beta1", "MsgExec")
(MsgEditValidator,) = load("cosmos.staking.v1beta1", "MsgEditValidator")
(MsgUnjail,) = load("cosmos.slashing.v1beta1", "MsgUnjail")


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field; number below 16 and content below 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def test_a_transaction_is_taken_apart() -> None:
    raw = tx_of(send(1), send(2), memo="hi")
    tx = decode_tx(raw)
    assert tx.messages == (send(1), send(2))
    assert tx.public_keys == (secp256k1_key(ALICE_KEY),)
    assert (tx.body.memo, tx.auth_info.fee.gas_limit, tx.signatures) == ("hi", 200_000, (b"\x07" * 64,))
    assert tx.hash == hashlib.sha256(raw).digest()
    assert not tx.unknown_non_critical
    assert build_tx(tx.body_bytes, tx.auth_info_bytes, tx.signatures) == raw


def test_nothing_at_all_is_a_transaction_without_messages() -> None:
    assert decode_tx(b"").messages == ()


# ADR-027


@pytest.mark.parametrize(
    "raw",
    [
        field(2, b"") + field(1, b""),  # numbers decrease
        field(1, b"") + b"\x08\x01",  # no length
        b"\x0a\x80\x00",  # a length of two bytes for zero
        b"\x0a\x81\x00\x00",  # a length of two bytes for one
        b"\x0a\x05ab",  # shorter than it says
        b"\x0a",  # no length at all
        b"\x0a" + b"\xff" * 10 + b"\x01",  # a length of more than 64 bits
        b"\x0a" + b"\xff" * 9 + b"\x02",
        field(4, b""),  # a field that TxRaw does not have
        field(3, b"s") + field(4, b""),
        b"\x02\x00",  # field 0
    ],
)
def test_the_outer_message_has_one_form(raw: bytes) -> None:
    with pytest.raises(TxParseError) as refused:
        decode_tx(raw)
    assert (refused.value.codespace, refused.value.code) == ("sdk", 2)


def test_of_a_repeated_field_the_last_counts_and_a_long_tag_passes() -> None:
    body = build_body([send()])
    raw = field(1, b"") + b"\x8a\x00" + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body
    assert decode_tx(raw).body_bytes == body


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16_383, 16_384])
def test_lengths_at_the_border_of_a_byte_are_read(length: int) -> None:
    raw = TxRaw(signatures=[b"s" * length]).SerializeToString()
    assert decode_tx(raw).signatures == (b"s" * length,)


# Unknown fields

NON_CRITICAL = bytes.fromhex("8240") + b"\x01x"  # field 1024
CRITICAL = bytes.fromhex("f23f") + b"\x01x"  # field 1022


def test_the_fields_that_sdk_053_added_to_a_body_are_unknown() -> None:
    for suffix in (b"\x20\x01", field(5, b"\x08\x01")):
        with pytest.raises(TxParseError, match="unknown field"):
            decode_tx(tx_of(body_suffix=suffix))


def test_a_body_may_hold_unknown_fields_that_are_not_critical() -> None:
    assert decode_tx(tx_of(body_suffix=NON_CRITICAL)).unknown_non_critical
    with pytest.raises(TxParseError):
        decode_tx(tx_of(body_suffix=CRITICAL))


def test_so_may_a_message_and_what_is_inside() -> None:
    inside = PackedMessage(type_url="/cosmos.bank.v1beta1.MsgSend", value=encode(send()) + NON_CRITICAL)
    raw = build_tx(encode(TxBody(messages=[inside])), auth_info(), [])
    assert decode_tx(raw).unknown_non_critical
    bad_coin = b"\x1a" + bytes([len(CRITICAL)]) + CRITICAL
    inside.value = encode(send()) + bad_coin
    with pytest.raises(TxParseError, match="unknown field"):
        decode_tx(build_tx(encode(TxBody(messages=[inside])), auth_info(), []))


def test_auth_info_may_not() -> None:
    for suffix in (NON_CRITICAL, CRITICAL):
        with pytest.raises(TxParseError, match="unknown field"):
            decode_tx(tx_of(auth_info_suffix=suffix))


def test_a_known_field_of_another_wire_type_is_refused() -> None:
    # Field 1023 is not critical by its number, but it is known: extension_options.
    with pytest.raises(TxParseError, match="unknown field"):
        decode_tx(tx_of(body_suffix=bytes.fromhex("f83f01")))


def nested_mode(depth: int, inmost: bytes) -> bytes:
    mode = inmost
    for _ in range(depth):
        mode = b"\x12" + varint(len(multi := b"\x12" + varint(len(mode)) + mode)) + multi
    return b"\x0a" + varint(len(info := b"\x12" + varint(len(mode)) + mode)) + info


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80]) + varint(number >> 7)


@pytest.mark.parametrize("depth", [0, 1, 10, 30, 31, 32, 40, 45])
def test_an_unknown_field_is_found_however_deep(depth: int) -> None:
    assert decode_tx(build_tx(b"", nested_mode(depth, b"\x0a\x02\x08\x01"), [])).auth_info.signer_infos
    with pytest.raises(TxParseError, match="unknown field"):
        decode_tx(build_tx(b"", nested_mode(depth, b"\x0a\x02\x08\x01" + CRITICAL), []))


def test_bottomless_nesting_is_refused() -> None:
    with pytest.raises(TxParseError):
        decode_tx(build_tx(b"", nested_mode(5_000, b""), []))


# What Any may hold


@pytest.mark.parametrize("message", [Params(), Input(address=ALICE), secp256k1_key(ALICE_KEY)])
def test_only_messages_are_messages(message: "Params") -> None:
    with pytest.raises(TxParseError):
        decode_tx(tx_of(message))


def test_unknown_types_and_extensions_are_refused() -> None:
    for body in (
        TxBody(messages=[PackedMessage(type_url="/cosmos.bank.v1beta1.MsgSteal")]),
        TxBody(messages=[PackedMessage()]),
        TxBody(extension_options=[PackedMessage(type_url="/x.Y")]),
        TxBody(non_critical_extension_options=[PackedMessage(type_url="/x.Y")]),
    ):
        with pytest.raises(TxParseError):
            decode_tx(build_tx(encode(body), auth_info(), []))


def test_a_public_key_is_one() -> None:
    info = AuthInfo()
    info.signer_infos.add().public_key.CopyFrom(pack(send()))
    with pytest.raises(TxParseError):
        decode_tx(build_tx(b"", encode(info), []))


def wrapped(depth: int) -> bytes:
    message = send()
    for _ in range(depth - 1):
        message = MsgExec(grantee=ALICE, msgs=[pack(message)])
    return tx_of(message)


def test_messages_nest_ten_deep_and_no_deeper() -> None:
    assert decode_tx(wrapped(MAX_DEPTH)).messages
    with pytest.raises(TxParseError, match="nested Any"):
        decode_tx(wrapped(MAX_DEPTH + 1))


def test_one_message_holds_at_most_a_hundred_but_there_may_be_many() -> None:
    full = MsgExec(grantee=ALICE, msgs=[pack(send())] * (MAX_OPENED - 1))
    assert len(decode_tx(tx_of(full, full)).messages) == 2
    full.msgs.append(pack(send()))
    with pytest.raises(TxParseError, match="nested Any"):
        decode_tx(tx_of(full))
    assert len(decode_tx(tx_of(*[send()] * 150)).messages) == 150


def test_an_unknown_field_inside_a_wrapped_message_is_found() -> None:
    inside = PackedMessage(type_url="/cosmos.bank.v1beta1.MsgSend", value=encode(send()) + CRITICAL)
    with pytest.raises(TxParseError, match="unknown field"):
        decode_tx(tx_of(MsgExec(grantee=ALICE, msgs=[inside])))


# Numbers


@pytest.mark.parametrize("amount", ["", "0", "5", "1" * 77, "0x1f", "010", "+5", "-5", str(2**256 - 1)])
def test_numbers_are_read_as_the_sdk_reads_them(amount: str) -> None:
    message = send()
    message.amount[0].amount = amount
    assert decode_tx(tx_of(message)).messages


@pytest.mark.parametrize("amount", ["x", "1.5", "08", " 5", "5 ", "٣", "1e3", str(2**256), "9" * 5_000])
def test_what_is_no_number_is_refused(amount: str) -> None:
    message = send()
    message.amount[0].amount = amount
    for raw in (tx_of(message), tx_of(MsgExec(grantee=ALICE, msgs=[pack(message)]))):
        with pytest.raises(TxParseError, match="not a number"):
            decode_tx(raw)


def test_what_is_no_decimal_is_refused() -> None:
    for rate in ("0.5", "x", "9" * 101):
        with pytest.raises(TxParseError, match="not a number"):
            decode_tx(tx_of(MsgEditValidator(commission_rate=rate)))
    assert decode_tx(tx_of(MsgEditValidator(commission_rate="-500000000000000000"))).messages


# Who signs


def test_signers_come_in_the_order_of_their_messages() -> None:
    both = MsgMultiSend(inputs=[Input(address=BOB), Input(address=ALICE), Input(address=BOB)])
    assert message_signers(both) == [Address.parse(BOB), Address.parse(ALICE), Address.parse(BOB)]
    assert signers(decode_tx(tx_of(both, send()))) == (Address.parse(BOB), Address.parse(ALICE))


def test_the_payer_of_the_fee_signs_last() -> None:
    for payer, expected in ((BOB, [ALICE, BOB]), (ALICE, [ALICE])):
        raw = build_tx(build_body([send()]), auth_info(payer=payer), [])
        assert [str(address) for address in signers(decode_tx(raw))] == expected


def test_an_operator_signs_as_the_account_of_the_same_bytes() -> None:
    operator = Address.parse(ALICE).text("panaceavaloper")
    assert message_signers(MsgUnjail(validator_addr=operator)) == [Address.parse(ALICE)]
    with pytest.raises(InvalidAddress):
        message_signers(MsgUnjail(validator_addr=ALICE))


def test_who_is_no_signer() -> None:
    with pytest.raises(NotSignable):
        message_signers(Params())
    nobody = send()
    nobody.from_address = ""
    with pytest.raises(InvalidAddress):
        message_signers(nobody)


# What is signed


def test_direct_mode_signs_the_bytes_received() -> None:
    signed = SignDoc.FromString(sign_bytes_direct(b"body", b"auth", chain_id="panacea-3", account_number=7))
    assert (signed.body_bytes, signed.auth_info_bytes) == (b"body", b"auth")
    assert (signed.chain_id, signed.account_number) == ("panacea-3", 7)
    assert sign_bytes_direct(b"", b"", chain_id="p", account_number=0).hex() == "1a0170"


def test_aux_mode_leaves_the_fee_out() -> None:
    cheap, dear = (
        build_auth_info([SignedBy(secp256k1_key(ALICE_KEY), 3)], fee=Coins.of(amount), gas_limit=1) for amount in (1, 2)
    )
    one, other = (
        sign_bytes_direct_aux(decode_tx(build_tx(b"", info, [])), 0, chain_id="p", account_number=7)
        for info in (cheap, dear)
    )
    signed = SignDocDirectAux.FromString(one)
    assert one == other
    assert (signed.sequence, signed.account_number, signed.chain_id) == (3, 7, "p")
    assert signed.public_key == pack(secp256k1_key(ALICE_KEY))
