import pytest
from sample_transactions import send

from panacea.wire.any import (
    ACCOUNT,
    ALIASES,
    FEE_ALLOWANCE,
    MSG,
    PUBLIC_KEY,
    NotUnpackable,
    PackedMessage,
    class_at,
    implementations,
    pack,
    type_url,
    unpack,
)
from panacea.wire.encode import Undecodable
from panacea.wire.pool import message_class


def test_pack_names_the_type_without_a_host() -> None:
    packed = pack(send())
    assert packed.type_url == type_url(send()) == "/cosmos.bank.v1beta1.MsgSend"
    assert unpack(packed, MSG) == send()


@pytest.mark.parametrize(
    "url", ["", "/", "cosmos.bank.v1beta1.MsgSend", "x/cosmos.bank.v1beta1.MsgSend", "/cosmos.bank.v1beta1.MsgSteal"]
)
def test_a_type_url_is_a_slash_and_a_known_name(url: str) -> None:
    with pytest.raises(NotUnpackable):
        unpack(PackedMessage(type_url=url))


@pytest.mark.parametrize("interface", [ACCOUNT, FEE_ALLOWANCE, PUBLIC_KEY])
def test_a_type_must_implement_the_interface(interface: str) -> None:
    with pytest.raises(NotUnpackable):
        unpack(pack(send()), interface)


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(Undecodable):
        unpack(PackedMessage(type_url="/cosmos.crypto.secp256k1.PubKey", value=b"\x10\x01"), PUBLIC_KEY)


def test_what_implements_what() -> None:
    assert "/cosmos.auth.v1beta1.ModuleAccount" in implementations(ACCOUNT)
    assert "/cosmos.vesting.v1beta1.DelayedVestingAccount" in implementations(ACCOUNT)
    assert "/cosmos.feegrant.v1beta1.AllowedMsgAllowance" in implementations(FEE_ALLOWANCE)
    assert "/panacea.datadeal.v3.MsgSubmitConsent" in implementations(MSG)
    # A part of a message may name a signer without being a message.
    assert "/cosmos.bank.v1beta1.Input" not in implementations(MSG)
    for interface in (ACCOUNT, FEE_ALLOWANCE, MSG, PUBLIC_KEY):
        assert all(class_at(url, interface) for url in implementations(interface))


def test_aliases_have_the_fields_of_what_they_stand_for() -> None:
    for alias, name in ALIASES.items():
        old, new = (message_class(full_name).DESCRIPTOR for full_name in (alias, name))
        assert [(field.number, field.name, field.type) for field in old.fields] == [
            (field.number, field.name, field.type) for field in new.fields
        ]
        assert f"/{alias}" in implementations(MSG)
