import pytest
from google.protobuf import descriptor_pool

from panacea.wire.pool import file_names, has_option, load, message_class, options, package, pool


def test_load_gives_classes_in_order() -> None:
    send, params = load("cosmos.bank.v1beta1", "MsgSend", "Params")
    assert (send.DESCRIPTOR.name, params.DESCRIPTOR.name) == ("MsgSend", "Params")
    assert send is message_class("cosmos.bank.v1beta1.MsgSend")


def test_load_gives_nested_classes_and_enums() -> None:
    (single,) = load("cosmos.tx.v1beta1", "ModeInfo.Single")
    (mode,) = load("cosmos.tx.signing.v1beta1", "SignMode")
    assert single.DESCRIPTOR.full_name == "cosmos.tx.v1beta1.ModeInfo.Single"
    assert mode.SIGN_MODE_LEGACY_AMINO_JSON == 127


def test_unknown_names_are_an_error() -> None:
    with pytest.raises(KeyError):
        load("cosmos.bank.v1beta1", "MsgSteal")
    with pytest.raises(AttributeError):
        _ = package("cosmos.bank.v1beta1").MsgSteal


def test_options_are_read_even_when_unset() -> None:
    send = message_class("cosmos.bank.v1beta1.MsgSend").DESCRIPTOR
    assert list(options(send, "cosmos.msg.v1.signer")) == ["from_address"]
    assert options(send, "amino.name") == "cosmos-sdk/MsgSend"
    assert not has_option(send, "amino.message_encoding")
    assert options(send, "amino.message_encoding") == ""


def test_rest_routes_are_read_from_the_descriptors() -> None:
    service = pool().FindServiceByName("panacea.datadeal.v3.Query")
    route = options(service.methods_by_name["ConsentByTag"], "google.api.http")
    assert route.get == "/panacea/datadeal/v3/deals/{deal_id}/tags/{tag}"


def test_every_file_of_the_set_is_in_the_pool_and_none_in_the_default_one() -> None:
    names = file_names()
    assert {"cosmos/bank/v1beta1/tx.proto", "cosmos/ics23/v1/proofs.proto", "tendermint/abci/types.proto"} <= {*names}
    for name in names:
        assert pool().FindFileByName(name).name == name
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindFileByName("cosmos/bank/v1beta1/tx.proto")
