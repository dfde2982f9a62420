"""Every limit that a message meets before the state is looked at."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import address_of
from deal_market import consumer_key, did_of

from panacea.chain.datadeal import messages
from panacea.chain.datadeal.genesis import default_params
from panacea.chain.datadeal.messages import (
    MsgCloseDeal,
    MsgCreateDeal,
    MsgReleaseShares,
    MsgSubmitConsent,
    MsgUpdateParams,
    MsgWithdrawConsent,
)
from panacea.primitives.numbers import Dec
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import SignedCertificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Agreement, Assurance, Schema, Store, Term
else:
    SignedCertificate, Agreement, Assurance, Schema, Store, Term = load(
        "panacea.datadeal.v3", "SignedCertificate", "Agreement", "Assurance", "Schema", "Store", "Term"
    )

ALICE = str(address_of("alice"))
HASH = bytes(32)
Change = Callable[[Any], object]


def refusal(check: Callable[[Any], None], message: Any) -> str:
    with pytest.raises(Rejected) as no:
        check(message)
    return f"{no.value.codespace}/{no.value.code}"


def deal(**changes: Any) -> MsgCreateDeal:
    values: dict[str, Any] = {
        "consumer": ALICE,
        "consumer_did": did_of("alice"),
        "title": "t",
        "purpose": "p",
        "query_language": 1,
        "query": b"{}",
        "trusted_issuers": [did_of("issuer")],
        "max_records": 1,
        "assurance": Assurance(min_certificates=1, min_vendors=1),
        "stores": [Store(url="https://store.example", public_key=HASH)],
        "retention_days": 1,
        "verification_method_id": f"{did_of('alice')}#key1",
        "did_signature": bytes(64),
        **changes,
    }
    message = MsgCreateDeal(**values)
    message.price.denom, message.price.amount = "umed", "1"
    message.consumer_key.suite, message.consumer_key.public_key = 1, consumer_key().public_key
    message.closes_at.seconds = 1
    return message


def price(denom: str, amount: str) -> Change:
    def change(message: MsgCreateDeal) -> None:
        message.price.denom, message.price.amount = denom, amount

    return change


def sealing(suite: int, size: int) -> Change:
    def change(message: MsgCreateDeal) -> None:
        message.consumer_key.suite, message.consumer_key.public_key = suite, bytes(size)

    return change


def closing(seconds: int, nanos: int) -> Change:
    def change(message: MsgCreateDeal) -> None:
        message.closes_at.seconds, message.closes_at.nanos = seconds, nanos

    return change


def dids(count: int) -> list[str]:
    return [did_of(f"issuer {number}") for number in range(count)]


GOOD_DEALS: list[dict[str, Any]] = [
    {},
    {"title": "é" * 100, "purpose": "p" * 64, "query_language": 2},
    {"trusted_issuers": dids(64)},
    {"schemas": [Schema(uri="u" * 512, sha256=HASH)] * 16},
    {"terms": [Term(id=number, title="t" * 200, sha256=HASH) for number in range(32)]},
    {"assurance": Assurance(min_certificates=5, min_vendors=5)},
    {"assurance": Assurance(min_certificates=2, min_vendors=2, vendors_allowed=["intel", "amd"])},
    {"stores": [Store(url=f"https://s{number}.example:8443/v1", public_key=HASH) for number in range(4)]},
    {"status_max_age": 604_800, "retention_days": 36_500},
]


@pytest.mark.parametrize("changes", GOOD_DEALS)
def test_deals_within_the_limits(changes: dict[str, Any]) -> None:
    messages.check_create_deal(deal(**changes))


BAD_DEALS: list[dict[str, Any]] = [
    {"consumer_did": "did:key:z6Mk"},
    {"consumer_did": ""},
    {"title": ""},
    {"title": "é" * 101},
    {"purpose": ""},
    {"purpose": "p" * 65},
    {"query_language": 0},
    {"query_language": 3},
    {"query": b""},
    {"schemas": [Schema(uri="u", sha256=HASH)] * 17},
    {"schemas": [Schema(uri="", sha256=HASH)]},
    {"schemas": [Schema(uri="u" * 513, sha256=HASH)]},
    {"schemas": [Schema(uri="u", sha256=bytes(31))]},
    {"trusted_issuers": []},
    {"trusted_issuers": dids(65)},
    {"trusted_issuers": dids(1) * 2},
    {"trusted_issuers": ["did:web:clinic.example"]},
    {"max_records": 0},
    {"terms": [Term(id=number, title="t", sha256=HASH) for number in range(33)]},
    {"terms": [Term(id=1, title="t", sha256=HASH)] * 2},
    {"terms": [Term(id=1, title="", sha256=HASH)]},
    {"terms": [Term(id=1, title="t" * 201, sha256=HASH)]},
    {"terms": [Term(id=1, title="t", sha256=bytes(33))]},
    {"assurance": Assurance(min_certificates=0, min_vendors=0)},
    {"assurance": Assurance(min_certificates=6, min_vendors=1)},
    {"assurance": Assurance(min_certificates=1, min_vendors=0)},
    {"assurance": Assurance(min_certificates=1, min_vendors=2)},
    {"assurance": Assurance(min_certificates=1, min_vendors=1, vendors_allowed=["intel"] * 2)},
    {"assurance": Assurance(min_certificates=1, min_vendors=1, vendors_allowed=[""])},
    {"assurance": Assurance(min_certificates=1, min_vendors=1, vendors_allowed=["v" * 65])},
    {"assurance": Assurance(min_certificates=1, min_vendors=1, vendors_allowed=[f"v{n}" for n in range(17)])},
    {"assurance": Assurance(min_certificates=2, min_vendors=2, vendors_allowed=["intel"])},
    {"stores": []},
    {"stores": [Store(url=f"https://s{number}.example", public_key=HASH) for number in range(5)]},
    {"stores": [Store(url="https://s.example", public_key=HASH)] * 2},
    {"stores": [Store(url="https://" + "s" * 505, public_key=HASH)]},
    {"stores": [Store(url="https://s.example", public_key=bytes(31))]},
    {"status_max_age": 604_801},
    {"retention_days": 0},
    {"retention_days": 36_501},
    {"verification_method_id": ""},
    {"verification_method_id": "k" * 257},
    {"did_signature": bytes(63)},
]


@pytest.mark.parametrize("changes", BAD_DEALS, ids=",".join)
def test_deals_beyond_them(changes: dict[str, Any]) -> None:
    assert refusal(messages.check_create_deal, deal(**changes)) == "datadeal/6"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (price("umed", "0"), "datadeal/6"),
        (price("umed", "-1"), "sdk/10"),
        (price("umed", ""), "sdk/10"),
        (price("!", "1"), "sdk/10"),
        (price("umed", str(2**256)), "sdk/10"),
        (sealing(1, 1215), "datadeal/6"),
        (sealing(1, 0), "datadeal/6"),
        (sealing(2, 1216), "datadeal/6"),
        (closing(0, 0), "datadeal/6"),
        (closing(-5, 0), "datadeal/6"),
        (closing(9, 1), "datadeal/6"),
    ],
)
def test_prices_keys_and_times(change: Change, code: str) -> None:
    message = deal()
    change(message)
    assert refusal(messages.check_create_deal, message) == code


@pytest.mark.parametrize(
    ("url", "everywhere", "in_tests"),
    [
        ("https://store.example", True, True),
        ("https://store.example:9000/a/b", True, True),
        ("http://store.example", False, False),
        ("http://127.0.0.1:8080", False, True),
        ("http://[::1]:8080/x", False, True),
        ("http://localhost", False, True),
        ("http://127.0.0.1.example", False, False),
        ("https://user@store.example", False, False),
        ("https://store.example?q=1", False, False),
        ("ftp://store.example", False, False),
        ("https://store.example\n", False, False),
        ("", False, False),
    ],
)
def test_where_stores_may_stand(url: str, everywhere: bool, in_tests: bool) -> None:
    assert messages.is_store_url(url, "panacea-3") == everywhere
    assert messages.is_store_url(url, "test-1") == messages.is_store_url(url, "sim-1") == in_tests


def consent(**changes: Any) -> MsgSubmitConsent:
    values: dict[str, Any] = {
        "provider": ALICE,
        "certificates": [SignedCertificate(body=b"c", signature=bytes(64))],
        "sealed_shares": [b"s"],
        **changes,
    }
    return MsgSubmitConsent(**values)


def test_consents_within_the_limits() -> None:
    messages.check_submit_consent(consent())
    whole = SignedCertificate(body=bytes(1024), signature=bytes(64))
    messages.check_submit_consent(
        consent(
            certificates=[whole] * 5,
            sealed_shares=[bytes(2048)] * 16,
            agreements=[Agreement(term_id=number) for number in range(32)],
            min_net=str(2**256 - 1),
        )
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"certificates": []}, "datadeal/8"),
        ({"certificates": [SignedCertificate(body=b"c", signature=bytes(64))] * 6}, "datadeal/8"),
        ({"certificates": [SignedCertificate(body=b"", signature=bytes(64))]}, "datadeal/8"),
        ({"certificates": [SignedCertificate(body=bytes(1025), signature=bytes(64))]}, "datadeal/8"),
        ({"certificates": [SignedCertificate(body=b"c", signature=bytes(65))]}, "datadeal/8"),
        ({"sealed_shares": []}, "datadeal/8"),
        ({"sealed_shares": [b"s"] * 17}, "datadeal/8"),
        ({"sealed_shares": [b""]}, "datadeal/8"),
        ({"sealed_shares": [bytes(2049)]}, "datadeal/8"),
        ({"agreements": [Agreement(term_id=number) for number in range(33)]}, "datadeal/10"),
        ({"min_net": "-1"}, "datadeal/11"),
        ({"min_net": "much"}, "sdk/18"),
        ({"min_net": str(2**256)}, "sdk/18"),
    ],
)
def test_consents_beyond_them(changes: dict[str, Any], code: str) -> None:
    assert refusal(messages.check_submit_consent, consent(**changes)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"batch": b""}, "datadeal/14"),
        ({"batch": bytes(messages.MAX_BATCH + 1)}, "datadeal/14"),
        ({"signature": bytes(63)}, "datadeal/14"),
        ({"operator": "panacea1"}, "sdk/7"),
    ],
)
def test_releases(changes: dict[str, Any], code: str) -> None:
    values: dict[str, Any] = {"operator": ALICE, "batch": b"b", "signature": bytes(64)}
    messages.check_release_shares(MsgReleaseShares(**values))
    assert refusal(messages.check_release_shares, MsgReleaseShares(**{**values, **changes})) == code


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (messages.check_create_deal, deal(consumer="alice")),
        (messages.check_close_deal, MsgCloseDeal(consumer="alice")),
        (messages.check_submit_consent, consent(provider="alice")),
        (messages.check_withdraw_consent, MsgWithdrawConsent(provider="alice")),
        (messages.check_update_params, MsgUpdateParams(authority="alice", params=default_params())),
    ],
)
def test_addresses(check: Callable[[Any], None], message: Any) -> None:
    assert refusal(check, message) == "sdk/7"


@pytest.mark.parametrize(
    "changes",
    [
        {"release_rate": Dec.parse("-0.01").to_wire()},
        {"release_rate": Dec.parse("0.31").to_wire()},
        {"release_rate": "0.02"},
        {"max_cost_rate": Dec.parse("1.01").to_wire()},
        {"share_retention_blocks": 0},
        {"share_retention_blocks": 1_000_000_001},
        {"max_query_bytes": 0},
        {"max_query_bytes": (1 << 20) + 1},
        {"max_records_limit": 0},
        {"max_deal_days": 0},
        {"max_deal_days": 36_501},
    ],
)
def test_parameters(changes: dict[str, Any]) -> None:
    messages.check_params(default_params())
    params = default_params()
    for name, value in changes.items():
        setattr(params, name, value)
    assert refusal(messages.check_params, params) == "datadeal/16"


def test_the_fee_of_a_deal_is_a_coin_or_nothing() -> None:
    params = default_params()
    params.deal_fee.amount = "0"
    messages.check_params(params)
    params.deal_fee.denom = ""
    assert refusal(messages.check_params, params) == "datadeal/16"
