"""Each check of a certificate by its name, every attack on one, and the order of the checks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from deal_market import Market, sealed_shares, sha256
from oracle_network import network_oracle, oracle_balances, oracle_genesis

from panacea.chain.datadeal.messages import MsgSubmitConsent
from panacea.chain.oracle import state as oracle_state
from panacea.chain.oracle.messages import MsgLeaveOracle, MsgRefreshOracle
from panacea.crypto.keys import Secp256k1Key
from panacea.primitives.address import Address
from panacea.primitives.numbers import Dec
from panacea.wire.contexts import shares_root
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import SignedCertificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Assurance
else:
    SignedCertificate, Assurance = load("panacea.datadeal.v3", "SignedCertificate", "Assurance")

Edit = Callable[[Any], object]


def setting(**values: Any) -> Edit:
    """An edit that sets fields."""

    def edit(message: Any) -> None:
        for name, value in values.items():
            setattr(message, name, value)

    return edit


def delivering(**values: Any) -> Edit:
    """An edit that sets fields of the delivery."""
    return lambda certificate: setting(**values)(certificate.delivery)


def check_of(refusal: str) -> str:
    """The name of the check that refused a certificate."""
    number, _, log = refusal.partition(": ")
    assert number == "datadeal/8", refusal
    assert log.endswith("certificate_invalid")
    return log.split(":")[0]


def test_a_good_certificate_is_taken() -> None:
    market = Market()
    assert market.sell(market.create_deal(), "alice") == 1


# Altered by the oracle itself, so that the signature holds: replay to another chain, deal, provider, epoch, and more.
ALTERED: list[tuple[str, Edit]] = [
    ("decode", setting(tag=bytes(31))),
    ("decode", setting(data_commitment=b"")),
    ("chain", setting(chain_id="test-2")),
    ("chain", setting(chain_id="")),
    ("deal", setting(deal_id=7)),
    ("oracle", setting(oracle="panacea1nobody")),
    ("oracle", lambda certificate: setting(oracle=certificate.oracle.upper())(certificate)),
    ("oracle", setting(oracle=str(Address(bytes(20))))),
    ("epoch", setting(epoch=1)),
    ("epoch", setting(issued_at_height=200)),
    ("epoch", setting(issued_at_height=-1)),
    ("measurement", setting(measurement=sha256("another program"))),
    ("measurement", setting(measurement=b"")),
    ("assurance", setting(assurance=1)),
    ("assurance", setting(assurance=0)),
    ("query", setting(query_hash=sha256("another query"))),
    ("commission", setting(commission_rate=Dec.parse("0.01").to_wire())),
    ("height", setting(issued_at_height=0)),
    ("height", lambda certificate: setting(issued_at_height=certificate.issued_at_height + 1)(certificate)),
    ("height", lambda certificate: setting(expires_at_height=certificate.expires_at_height + 1)(certificate)),
    ("height", lambda certificate: setting(expires_at_height=certificate.issued_at_height - 1)(certificate)),
    ("expired", lambda certificate: setting(expires_at_height=certificate.issued_at_height)(certificate)),
    ("count", lambda certificate: certificate.ClearField("delivery")),
    ("shares", delivering(shares_root=sha256("other shares"))),
    ("shares", delivering(object_id=b"short")),
    ("shares", setting(issued_at_height=2, expires_at_height=20)),  # before the committee was drawn
]


@pytest.mark.parametrize(("check", "edit"), ALTERED, ids=[f"{check}-{at}" for at, (check, _) in enumerate(ALTERED)])
def test_what_the_oracle_may_not_say(check: str, edit: Edit) -> None:
    market = Market()
    deal = market.create_deal()
    assert check_of(market.refused(market.consent(deal, "alice", edit=edit))) == check
    assert market.book(deal).pending == 0


def test_another_providers_certificate() -> None:
    market = Market()
    deal = market.create_deal()
    stolen = market.consent(deal, "alice")
    stolen.provider = market.chain["bob"]
    assert check_of(market.refused(stolen, "bob")) == "provider"


def test_another_deals_certificate() -> None:
    market = Market()
    first, second = market.create_deal(), market.create_deal()
    stolen = market.consent(first, "alice")
    stolen.deal_id = second
    assert check_of(market.refused(stolen)) == "deal"


def test_another_chains_certificate() -> None:
    here, there = Market(), Market(chain_id="test-2")
    here_deal, there_deal = here.create_deal(), there.create_deal()
    assert here_deal == there_deal
    assert check_of(here.refused(there.consent(there_deal, "alice"))) == "chain"


def test_another_oracles_signature() -> None:
    market = Market()
    deal = market.create_deal()
    one, other = market.members[:2]
    shares = sealed_shares("record", 5)
    forged = market.signed(market.certificate(deal, "alice", "record", one, shares=shares), other)
    assert check_of(market.refused(market.consent(deal, "alice", certificates=[forged]))) == "signature"


def test_a_forged_certificate() -> None:
    """By a key of the attacker's own, in the name of a registered oracle."""
    market = Market()
    deal = market.create_deal()
    message = market.consent(deal, "alice")
    key = Secp256k1Key(sha256("the attacker's"))
    message.certificates[0].signature = key.sign(sha256("anything"))
    assert check_of(market.refused(message)) == "signature"


@pytest.mark.parametrize("at", [0, 5, 60, -1])
def test_a_flipped_bit_anywhere(at: int) -> None:
    market = Market()
    deal = market.create_deal()
    message = market.consent(deal, "alice")
    body = bytearray(message.certificates[0].body)
    body[at] ^= 1
    message.certificates[0].body = bytes(body)
    assert check_of(market.refused(message)) in {"decode", "chain", "deal", "provider", "signature", "oracle"}


def test_bytes_that_are_no_certificate() -> None:
    market = Market()
    deal = market.create_deal()
    oracle = market.members[0]
    body = encode(market.certificate(deal, "alice", "record", oracle, shares=sealed_shares("record", 5)))
    for spoiled in (b"\xff", body + b"\x7a\x00", body[:-1]):
        message = market.consent(deal, "alice", certificates=[SignedCertificate(body=spoiled, signature=bytes(64))])
        assert check_of(market.refused(message)) == "decode"


def test_an_oracle_that_is_not_registered_jailed_or_leaving() -> None:
    market = Market(balances=oracle_balances(6))
    deal = market.create_deal()
    stranger = network_oracle(5, market.chain["oracle-5"], 0)
    certificate = market.certificate(deal, "alice", "record", stranger, shares=sealed_shares("record", 5))
    message = market.consent(deal, "alice", certificates=[market.signed(certificate, stranger)])
    assert check_of(market.refused(message)) == "oracle"

    leaver = market.members[0]
    message = market.consent(deal, "alice")
    market.chain.ok(leaver.name, MsgLeaveOracle(operator=leaver.address))
    assert check_of(market.refused(message)) == "oracle"

    number = market.sell(deal, "alice", "another record", by=(2,))
    market.chain.advance(0, blocks=61)  # Nobody releases: all members are jailed.
    assert market.sale(deal, number).status == 3
    assert check_of(market.refused(market.consent(deal, "alice", by=(3,)))) == "oracle"


def test_a_key_that_was_replaced() -> None:
    """A restarted oracle has new keys; certificates under the old ones are void."""
    market = Market()
    deal = market.create_deal()
    message = market.consent(deal, "alice")
    member = market.members[0]
    restarted = network_oracle(member.number + 10, member.address, member.epoch)
    keys = member.submission(market.chain)
    keys.signing_key = restarted.signing_key.public_key.raw
    member.attest(market.chain, keys, member.enclave())
    market.chain.ok(member.name, MsgRefreshOracle(operator=member.address, keys=keys), gas=20_000_000)
    assert check_of(market.refused(message)) == "signature"


def test_a_measurement_that_is_no_longer_allowed() -> None:
    policy = oracle_genesis()["params"]["policy"]
    policy["measurements"][0]["to_height"] = "8"
    market = Market(oracle_params={"policy": policy})
    deal = market.create_deal()
    while market.chain.height < 9:
        market.chain.block()
    assert check_of(market.refused(market.consent(deal, "alice"))) == "measurement"


def test_simulation_passes_only_where_the_deal_says_so() -> None:
    market = Market()
    deal = market.create_deal(assurance=Assurance(min_certificates=1, min_vendors=1))
    assert check_of(market.refused(market.consent(deal, "alice"))) == "assurance"


def test_vendors() -> None:
    market = Market()
    key_of = {place: _vendor(market, place) for place in range(1, 6)}
    one = next(iter(key_of.values()))
    allowed = [place for place, vendor in key_of.items() if vendor == one]
    other = next(place for place, vendor in key_of.items() if vendor != one)
    assurance = Assurance(min_certificates=1, min_vendors=1, allow_simulated=True, vendors_allowed=[one])
    deal = market.create_deal(assurance=assurance)
    assert check_of(market.refused(market.consent(deal, "alice", by=(other,)))) == "vendor"
    market.sell(deal, "alice", by=allowed[:1])

    both = Assurance(min_certificates=2, min_vendors=2, allow_simulated=True)
    deal = market.create_deal(assurance=both)
    assert check_of(market.refused(market.consent(deal, "alice", by=allowed[:2]))) == "vendor"
    market.sell(deal, "alice", by=(allowed[0], other))


def test_several_certificates() -> None:
    market = Market()
    assurance = Assurance(min_certificates=2, min_vendors=1, allow_simulated=True)
    deal = market.create_deal(assurance=assurance)
    assert check_of(market.refused(market.consent(deal, "alice", by=(1, 1)))) == "operators"
    for edit in (setting(tag=sha256("another tag")), setting(data_commitment=sha256("another view"))):
        assert check_of(market.refused(market.consent(deal, "alice", by=(1, 2), edit=edit))) == "disagree"
    assert check_of(market.refused(market.consent(deal, "alice", by=(1,)))) == "count"
    assert check_of(market.refused(market.consent(deal, "alice", by=(1, 2, 3)))) == "count"
    good = market.consent(deal, "alice", by=(1, 2))
    swapped = list(reversed(good.certificates))
    assert check_of(market.refused(market.consent(deal, "alice", certificates=swapped))) == "count"
    shares = sealed_shares("record", 5)
    two = [market.certificate(deal, "alice", "record", oracle, shares=shares) for oracle in market.members[:2]]
    both = [market.signed(each, oracle) for each, oracle in zip(two, market.members, strict=False)]
    assert check_of(market.refused(market.consent(deal, "alice", certificates=both))) == "count"
    market.chain.ok("alice", good, gas=2_000_000)
    assert [payout.amount for payout in market.sale(deal, 1).commissions] == ["20", "20"]


@pytest.mark.parametrize("count", [4, 6])
def test_a_share_for_each_member(count: int) -> None:
    market = Market()
    deal = market.create_deal()
    shares = sealed_shares("record", count)
    message = market.consent(deal, "alice", edit=delivering(shares_root=shares_root(shares)), sealed_shares=shares)
    assert check_of(market.refused(message)) == "shares"


def test_swapped_shares() -> None:
    market = Market()
    deal = market.create_deal()
    shares = sealed_shares("record", 5)
    for spoiled in ([shares[1], shares[0], *shares[2:]], [*shares[:4], b"another"]):
        assert check_of(market.refused(market.consent(deal, "alice", sealed_shares=spoiled))) == "shares"


def test_an_epoch_without_a_committee() -> None:
    market = Market(oracles=4)
    deal = market.create_deal()
    oracle = market.oracles[0]
    shares = sealed_shares("record", 5)
    signed = market.signed(market.certificate(deal, "alice", "record", oracle, shares=shares), oracle)
    consent = MsgSubmitConsent(
        provider=market.chain["alice"], deal_id=deal, certificates=[signed], sealed_shares=shares
    )
    assert check_of(market.refused(consent)) == "shares"


def test_a_certificate_outlives_its_epoch_but_not_its_time() -> None:
    market = Market(oracle_params={"epoch_blocks": "80", "unbonding_blocks": "160"})
    deal = market.create_deal()
    while market.chain.height < 75:
        market.chain.block()
    late, later = market.consent(deal, "alice"), market.consent(deal, "bob", "another")
    while market.chain.height < 94:
        market.chain.block()
    market.chain.ok("alice", late, gas=2_000_000)  # At height 95, the last that it is good for.
    assert check_of(market.refused(later, "bob")) == "expired"


def test_the_first_check_that_fails_is_the_answer() -> None:
    """Certificates with every later fault as well, each mended in turn."""
    market = Market()
    deal = market.create_deal()
    faults: list[tuple[str, Edit]] = [
        ("decode", setting(tag=b"")),
        ("chain", setting(chain_id="test-2")),
        ("deal", setting(deal_id=9)),
        ("provider", setting(provider=market.chain["bob"])),
        ("oracle", setting(oracle=str(Address(bytes(20))))),
        ("epoch", setting(epoch=1)),
        ("measurement", setting(measurement=b"")),
        ("assurance", setting(assurance=1)),
        ("signature", setting()),
        ("query", setting(query_hash=b"")),
        ("commission", setting(commission_rate="1")),
        ("height", setting(expires_at_height=10**6)),
        ("expired", lambda certificate: setting(expires_at_height=certificate.issued_at_height)(certificate)),
        ("shares", delivering(shares_root=b"")),
    ]
    for at, (name, _) in enumerate(faults):

        def edit(certificate: Any, first: int = at) -> None:
            for _, fault in reversed(faults[first:]):
                fault(certificate)

        message = market.consent(deal, "alice", edit=edit)
        if at <= [fault for fault, _ in faults].index("signature"):
            message.certificates[0].signature = bytes(64)
        assert check_of(market.refused(message)) == name


def _vendor(market: Market, place: int) -> str:
    key = oracle_state.keys.find(market.chain.ctx(), (Address.parse(market.members[place - 1].address), 0))
    assert key is not None
    return key.vendor
