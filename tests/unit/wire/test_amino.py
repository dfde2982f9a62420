import hashlib
import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from sample_transactions import ALICE, ALICE_KEY, BOB, auth_info, send, tx_of

from panacea.wire.amino import BARE, amino_value, sign_bytes_adr036, sign_bytes_amino_json, typed
from panacea.wire.any import pack
from panacea.wire.build import build_body, build_tx, secp256k1_key
from panacea.wire.compact import compact_json
from panacea.wire.encode import encode
from panacea.wire.pool import load
from panacea.wire.tx import NotSignable, decode_tx

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.crypto.multisig.keys_pb2 import LegacyAminoPubKey
    from panacea.wire.stubs.cosmos.feegrant.v1beta1.feegrant_pb2 import AllowedMsgAllowance, BasicAllowance
    from panacea.wire.stubs.cosmos.feegrant.v1beta1.tx_pb2 import MsgGrantAllowance
    from panacea.wire.stubs.cosmos.tx.v1beta1.tx_pb2 import TxBody
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgCreateDeal, MsgSubmitConsent
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocument
    from panacea.wire.stubs.panacea.did.v2.genesis_pb2 import GenesisState
    from panacea.wire.stubs.panacea.did.v2.tx_pb2 import MsgCreateDID, MsgCreateDIDRequest
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Params
else:
    (LegacyAminoPubKey,) = load("cosmos.crypto.multisig", "LegacyAminoPubKey")
    AllowedMsgAllowance, BasicAllowance, MsgGrantAllowance = load(
        "cosmos.feegrant.v1beta1", "AllowedMsgAllowance", "BasicAllowance", "MsgGrantAllowance"
    )
    (TxBody,) = load("cosmos.tx.v1beta1", "TxBody")
    MsgCreateDeal, MsgSubmitConsent = load("panacea.datadeal.v3", "MsgCreateDeal", "MsgSubmitConsent")
    DIDDocument, GenesisState, MsgCreateDID, MsgCreateDIDRequest = load(
        "panacea.did.v2", "DIDDocument", "GenesisState", "MsgCreateDID", "MsgCreateDIDRequest"
    )
    (Params,) = load("panacea.oracle.v3", "Params")
(MsgTransfer,) = load("ibc.applications.transfer.v1", "MsgTransfer")
(MsgVoteWeighted,) = load("cosmos.gov.v1", "MsgVoteWeighted")
(StakeAuthorization,) = load("cosmos.staking.v1beta1", "StakeAuthorization")
(MsgEditValidator,) = load("cosmos.staking.v1beta1", "MsgEditValidator")
(ModuleAccount,) = load("cosmos.auth.v1beta1", "ModuleAccount")
(MsgCreateClient,) = load("ibc.core.client.v1", "MsgCreateClient")


def signed(raw: bytes, *, bare: bool = False) -> str:
    doc = sign_bytes_amino_json(decode_tx(raw), chain_id="panacea-3", account_number=7, sequence=12, bare=bare)
    return doc.decode()


def test_a_transfer_is_written_as_wallets_write_it() -> None:
    assert signed(tx_of(send(5))) == (
        '{"account_number":"7","chain_id":"panacea-3","fee":{"amount":[{"amount":"5000000","denom":"umed"}],'
        '"gas":"200000"},"memo":"","msgs":[{"type":"cosmos-sdk/MsgSend","value":{"amount":[{"amount":"5",'
        f'"denom":"umed"}}],"from_address":"{ALICE}","to_address":"{BOB}"}}}}],"sequence":"12"}}'
    )


def test_what_is_optional_appears_when_it_is_set() -> None:
    body = build_body([send()], memo="m", timeout_height=99)
    doc = json.loads(signed(build_tx(body, auth_info(payer=BOB, granter=ALICE), [])))
    assert (doc["timeout_height"], doc["memo"], doc["fee"]["payer"], doc["fee"]["granter"]) == ("99", "m", BOB, ALICE)


def test_the_signs_that_go_escapes_are_escaped() -> None:
    memo = '<&>"\\/\n\t\b\f\r\x01\x7f é\u2028\u2029😀'
    escaped = '"memo":"\\u003c\\u0026\\u003e\\"\\\\/\\n\\t\\b\\f\\r\\u0001\x7f é\\u2028\\u2029😀"'
    assert escaped in signed(tx_of(memo=memo))


def test_what_the_mode_cannot_express_is_refused() -> None:
    extended = TxBody(messages=[pack(send())], non_critical_extension_options=[pack(send())])
    unknown = tx_of(body_suffix=bytes.fromhex("82400178"))
    for raw in (unknown, build_tx(build_body([send()]), b"", [])):
        with pytest.raises(NotSignable):
            signed(raw)
    tx = decode_tx(build_tx(encode(extended), auth_info(), []))
    with pytest.raises(NotSignable):
        sign_bytes_amino_json(tx, chain_id="", account_number=0, sequence=0)
    mapped = GenesisState()
    mapped.documents["did:x"].sequence = 1
    with pytest.raises(NotSignable):
        amino_value(mapped)


def document() -> DIDDocument:
    found = DIDDocument(id="did:panacea:x")
    found.contexts.values.append("https://www.w3.org/ns/did/v1")
    found.verification_methods.add(id="k", type="t", controller="c", public_key_base58="b")
    found.authentications.add(verification_method_id="k")
    found.authentications.add().verification_method.id = "e"
    return found


VALUE = {
    "did": "did:panacea:x",
    "document": {
        "authentications": ["k", {"id": "e"}],
        "contexts": "https://www.w3.org/ns/did/v1",
        "id": "did:panacea:x",
        "verification_methods": [{"controller": "c", "id": "k", "public_key_base58": "b", "type": "t"}],
    },
    "from_address": ALICE,
    "signature": "AQI=",
    "verification_method_id": "k",
}


@pytest.mark.parametrize("cls", [MsgCreateDIDRequest, MsgCreateDID])
def test_did_messages_have_a_bare_and_a_wrapped_form(cls: "type[MsgCreateDIDRequest]") -> None:
    message = cls(
        did="did:panacea:x",
        document=document(),
        verification_method_id="k",
        signature=b"\x01\x02",
        from_address=ALICE,
    )
    raw = tx_of(message, send())
    assert json.loads(signed(raw, bare=True))["msgs"] == [VALUE, typed(send())]
    assert json.loads(signed(raw))["msgs"] == [{"type": "did/CreateDID", "value": VALUE}, typed(send())]
    assert len(BARE) == 6


def test_two_contexts_are_a_list() -> None:
    found = document()
    found.contexts.values.append("x")
    assert amino_value(found)["contexts"] == ["https://www.w3.org/ns/did/v1", "x"]


def test_the_sign_document_of_the_chain_before_is_reproduced() -> None:
    # The vector's message belongs to a module that is not here; its form is that of any bare message.
    doc = {
        "account_number": "7",
        "chain_id": "panacea-3",
        "fee": {"gas": "200000", "amount": [{"denom": "umed", "amount": "1000000"}]},
        "memo": "",
        "msgs": [{"topic_name": "vital", "description": "d", "owner_address": ALICE}],
        "sequence": "11",
    }
    digest = hashlib.sha256(compact_json(doc, sort_keys=True).encode()).hexdigest()
    assert digest == "9f1698953414c5ea2ac6798e1454839e1fb20252fe157624b925e6972e6746f8"


# The rules of the encoder, one by one


def test_own_messages_have_their_names_and_write_what_may_not_be_omitted() -> None:
    assert typed(MsgCreateDeal(consumer=ALICE, query=b"{}", max_records=3)) == {
        "type": "datadeal/v3/CreateDeal",
        "value": {
            "assurance": {},
            "closes_at": "1970-01-01T00:00:00Z",
            "consumer": ALICE,
            "consumer_key": {},
            "max_records": "3",
            "price": {"amount": "0"},
            "query": "e30=",
        },
    }


def test_decimals_show_their_places_where_they_are_scaled() -> None:
    value = amino_value(Params(max_commission_rate="200000000000000000", max_undelivered_slash="100"))
    assert (value["max_commission_rate"], value["max_undelivered_slash"]) == ("0.200000000000000000", "100")
    # Here the text is the decimal itself.
    vote = MsgVoteWeighted(options=[{"option": 1, "weight": "0.5"}])
    assert amino_value(vote)["options"] == [{"option": 1, "weight": "0.5"}]


def test_small_integers_are_numbers_and_lists_keep_their_order() -> None:
    consent = MsgSubmitConsent(sealed_shares=[b"\x02", b"\x01"], min_net="9")
    consent.agreements.add(term_id=3, agreed=True)
    value = amino_value(consent)
    assert value["agreements"] == [{"agreed": True, "term_id": 3}]
    assert (value["sealed_shares"], value["min_net"]) == (["Ag==", "AQ=="], "9")


def test_any_is_written_with_the_name_of_what_it_holds() -> None:
    basic = BasicAllowance()
    basic.expiration.seconds, basic.expiration.nanos = 1, 120_000_000
    limited = AllowedMsgAllowance(allowance=pack(basic), allowed_messages=["/x"])
    assert typed(MsgGrantAllowance(allowance=pack(limited))) == {
        "type": "cosmos-sdk/MsgGrantAllowance",
        "value": {
            "allowance": {
                "type": "cosmos-sdk/AllowedMsgAllowance",
                "value": {
                    "allowance": {
                        "type": "cosmos-sdk/BasicAllowance",
                        "value": {"expiration": "1970-01-01T00:00:01.12Z", "spend_limit": []},
                    },
                    "allowed_messages": ["/x"],
                },
            }
        },
    }


def test_a_message_without_a_name_has_its_url() -> None:
    assert typed(MsgCreateClient())["type"] == "/ibc.core.client.v1.MsgCreateClient"


def test_an_absent_height_is_written_as_its_default() -> None:
    assert amino_value(MsgTransfer())["timeout_height"] == {}


def test_oneofs_carry_the_name_of_their_member() -> None:
    chosen = StakeAuthorization(allow_list={"address": ["v"]})
    assert amino_value(chosen)["Validators"] == {
        "type": "cosmos-sdk/StakeAuthorization/AllowList",
        "value": {"allow_list": {"address": ["v"]}},
    }
    assert amino_value(StakeAuthorization())["Validators"] is None


def test_keys_are_their_bytes() -> None:
    key = {"type": "tendermint/PubKeySecp256k1", "value": b64encode(ALICE_KEY).decode()}
    assert typed(secp256k1_key(ALICE_KEY)) == key
    assert amino_value(secp256k1_key(b"")) is None
    both = LegacyAminoPubKey(threshold=2, public_keys=[pack(secp256k1_key(ALICE_KEY))])
    assert typed(both) == {
        "type": "tendermint/PubKeyMultisigThreshold",
        "value": {"pubkeys": [key], "threshold": "2"},
    }


def test_module_accounts_are_flat() -> None:
    account = ModuleAccount(name="gov", permissions=["burner"])
    account.base_account.account_number = 5
    assert amino_value(account) == {
        "account_number": 5,
        "address": "",
        "name": "gov",
        "permissions": ["burner"],
        "public_key": "",
        "sequence": 0,
    }


def test_unset_numbers_that_may_be_left_out_are() -> None:
    assert "min_self_delegation" not in amino_value(MsgEditValidator())


def test_adr_036() -> None:
    assert sign_bytes_adr036(ALICE, b"hello <you>").decode() == (
        '{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":'
        f'"sign/MsgSignData","value":{{"data":"aGVsbG8gPHlvdT4=","signer":"{ALICE}"}}}}],"sequence":"0"}}'
    )
