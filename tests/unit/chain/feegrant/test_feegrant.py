from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver, address_of

from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coins
from panacea.chain.feegrant import state, transitions
from panacea.chain.feegrant.messages import (
    MsgGrantAllowance,
    MsgPruneAllowances,
    MsgRevokeAllowance,
    read_allowance,
    write_allowance,
)
from panacea.chain.feegrant.types import (
    Allowance,
    AllowanceExpired,
    AllowedMsgAllowance,
    BasicAllowance,
    LimitExceeded,
    PeriodicAllowance,
    Use,
)
from panacea.chain.results import TxResult
from panacea.chain.times import SECOND, sortable
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins
from panacea.wire.any import PackedMessage, pack
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.feegrant.v1beta1 import feegrant_pb2 as wire
    from panacea.wire.stubs.cosmos.feegrant.v1beta1 import query_pb2 as query
else:
    wire = query = package("cosmos.feegrant.v1beta1")

QUERY = "/cosmos.feegrant.v1beta1.Query/"
SEND = "/cosmos.bank.v1beta1.MsgSend"
NOW = 1_000 * SECOND


@pytest.fixture
def chain() -> Driver:
    return Driver({"sponsor": 1000, "patient": 0, "bob": 100})


def code(result: TxResult) -> str:
    return f"{result.codespace}/{result.code}"


def grant(chain: Driver, allowance: Allowance, to: str = "patient") -> MsgGrantAllowance:
    return MsgGrantAllowance(granter=chain["sponsor"], grantee=chain[to], allowance=write_allowance(allowance))


def nothing(chain: Driver, *, count: int = 1) -> list[MsgSend]:
    """A transfer of nothing much that the patient can always make."""
    return [
        MsgSend(from_address=chain["patient"], to_address=chain["patient"], amount=write_coins(Coins.of(1)))
    ] * count


def use(chain: Driver, fee: int, **options: Any) -> TxResult:
    revoke_nobody = MsgPruneAllowances(pruner=chain["patient"])
    return chain.tx("patient", revoke_nobody, fee=fee, granter="sponsor", **options)


def stored(chain: Driver, grantee: str = "patient") -> Allowance | None:
    found = state.grants.find(chain.ctx(), (address_of(grantee), address_of("sponsor")))
    return None if found is None else found.allowance


def test_a_sponsor_pays(chain: Driver) -> None:
    result = chain.ok("sponsor", grant(chain, BasicAllowance(Coins.of(30)), to="newcomer"))
    assert result.events[-1].type == "set_feegrant"
    assert chain.account("newcomer") == (4, 0), "the grantee got an account"
    result = chain.ok("newcomer", MsgPruneAllowances(pruner=chain["newcomer"]), fee=10, granter="sponsor")
    assert [event.type for event in result.events[:7]] == [
        "use_feegrant", "update_feegrant", "coin_spent", "coin_received", "transfer", "message", "tx",
    ]  # fmt: skip
    assert dict(result.events[6].attributes) == {"fee": "10umed", "fee_payer": chain["sponsor"]}
    assert (chain.balance("sponsor"), chain.balance("newcomer")) == (990, 0)
    assert stored(chain, "newcomer") == BasicAllowance(Coins.of(20))
    chain.check_invariants()


def test_a_grant_lies_under_the_keys_of_the_sdk(chain: Driver) -> None:
    ends = chain.time_ns + 100 * SECOND
    chain.ok("sponsor", grant(chain, BasicAllowance(None, ends)))
    kv, pair = chain.ctx().kv("feegrant"), b"\x14" + address_of("patient") + b"\x14" + address_of("sponsor")
    raw = kv.get(b"\x00" + pair)
    assert raw is not None
    assert wire.Grant.FromString(raw).allowance.type_url == "/cosmos.feegrant.v1beta1.BasicAllowance"
    assert kv.get(b"\x01" + sortable(ends) + pair) == b""
    assert sortable(ends) == b"2023-11-14T22:15:05.000000000"


def test_an_allowance_that_is_used_up_goes_away(chain: Driver) -> None:
    chain.ok("sponsor", grant(chain, BasicAllowance(Coins.of(10))))
    result = use(chain, 10)
    assert [event.type for event in result.events[:2]] == ["revoke_feegrant", "use_feegrant"]
    assert stored(chain) is None
    refused = use(chain, 1)
    assert (code(refused), refused.log) == (
        "sdk/38",
        f"{chain['sponsor']} does not allow to pay fees for {chain['patient']}: fee-grant not found: not found",
    )


def test_a_refused_fee_leaves_the_allowance(chain: Driver) -> None:
    chain.ok("sponsor", grant(chain, BasicAllowance(Coins.of(10))))
    refused = use(chain, 11)
    assert (code(refused), "basic allowance: fee limit exceeded" in refused.log) == ("feegrant/2", True)
    assert stored(chain) == BasicAllowance(Coins.of(10))
    wrong = use(chain, 5, ahead=1)
    assert code(wrong) == "sdk/32"
    assert stored(chain) == BasicAllowance(Coins.of(10)), "the ante failed later, and took nothing"


def test_only_some_messages_are_paid_for(chain: Driver) -> None:
    chain.ok("sponsor", grant(chain, AllowedMsgAllowance(BasicAllowance(Coins.of(50)), (SEND,))))
    refused = use(chain, 5)
    assert (code(refused), "does not exist in allowed messages" in refused.log) == ("feegrant/7", True)
    chain.ok("bob", MsgSend(from_address=chain["bob"], to_address=chain["patient"], amount=write_coins(Coins.of(1))))
    sends = nothing(chain, count=2)
    assert code(chain.tx("patient", *sends, fee=5, granter="sponsor")) == "/0"
    assert stored(chain) == AllowedMsgAllowance(BasicAllowance(Coins.of(45)), (SEND,))
    mixed = chain.tx("patient", sends[0], MsgPruneAllowances(pruner=chain["patient"]), fee=5, granter="sponsor")
    assert code(mixed) == "feegrant/7"


def test_naming_oneself_as_granter_is_paying(chain: Driver) -> None:
    chain.ok("bob", MsgPruneAllowances(pruner=chain["bob"]), fee=5, granter="bob")
    assert chain.balance("bob") == 95


def test_a_periodic_allowance_refills(chain: Driver) -> None:
    periodic = PeriodicAllowance(BasicAllowance(Coins.of(25)), 100 * SECOND, Coins.of(10), Coins.of(10), 0)
    chain.ok("sponsor", grant(chain, periodic))
    assert [code(use(chain, fee)) for fee in (8, 3, 2)] == ["/0", "feegrant/2", "/0"]
    left = stored(chain)
    assert isinstance(left, PeriodicAllowance)
    assert (left.basic.spend_limit, left.can_spend) == (Coins.of(15), Coins())
    chain.advance(100)
    assert code(use(chain, 10)) == "/0"
    chain.advance(100)
    assert [code(use(chain, fee)) for fee in (6, 5)] == ["feegrant/2", "/0"], "no more than is left in all"
    assert stored(chain) is None


def paying(time_ns: int, fee: int) -> Use:
    return Use(time_ns, Coins.of(fee) if fee else Coins(), [SEND], lambda _amount, _what: None)


def test_when_periods_begin() -> None:
    of = PeriodicAllowance(BasicAllowance(), 10 * SECOND, Coins.of(10), Coins.of(3), NOW)

    def reset_after(time_ns: int) -> int:
        left = of.pay(paying(time_ns, 1))
        assert left is not None
        return left.reset

    assert reset_after(NOW - 1) == NOW
    assert reset_after(NOW) == NOW + 10 * SECOND
    assert reset_after(NOW + 10 * SECOND) == NOW + 20 * SECOND - 10 * SECOND
    assert reset_after(NOW + 10 * SECOND + 1) == NOW + 20 * SECOND + 1
    with pytest.raises(LimitExceeded, match="period limit"):
        of.pay(paying(NOW - 1, 4))


def test_the_last_moment_counts() -> None:
    basic = BasicAllowance(Coins.of(5), NOW)
    assert basic.pay(paying(NOW, 0)) == basic
    with pytest.raises(AllowanceExpired, match="basic allowance: fee allowance expired"):
        basic.pay(paying(NOW + 1, 0))
    with pytest.raises(AllowanceExpired, match="absolute limit"):
        PeriodicAllowance(basic, 1, Coins.of(1), Coins.of(1), 0).pay(paying(NOW + 1, 0))
    assert BasicAllowance().pay(paying(NOW, 100)) == BasicAllowance()


def test_each_listed_and_each_sent_message_costs_gas() -> None:
    charged: list[tuple[int, str]] = []
    allowance = AllowedMsgAllowance(BasicAllowance(), (SEND, "/x.Other"))
    allowance.pay(Use(NOW, Coins(), [SEND, SEND], lambda amount, what: charged.append((amount, what))))
    assert charged == [(20, "check msg"), (10, "check msg"), (10, "check msg")]


def test_allowances_end(chain: Driver) -> None:
    for place, seconds in enumerate((7, 12, 1000)):
        chain.ok("sponsor", grant(chain, BasicAllowance(None, chain.time_ns + seconds * SECOND), to=f"p{place}"))
    left = [key for key, _ in state.queue.items(chain.ctx())]
    assert len(left) == 2, "the first ended within the blocks made meanwhile"
    assert stored(chain, "p0") is None
    chain.advance(20)
    assert (stored(chain, "p1"), stored(chain, "p2") is not None) == (None, True)
    chain.check_invariants()


def test_so_many_end_in_one_block(chain: Driver) -> None:
    ctx = chain.ctx()
    for place in range(205):
        ended = state.Grant(address_of("sponsor"), Address(bytes([1, place])), BasicAllowance(None, ctx.time_ns))
        state.save(ctx, ended)
    transitions.end_block(ctx)
    assert len(list(state.grants.items(ctx))) == 5
    transitions.prune_allowances(ctx, MsgPruneAllowances(pruner=chain["bob"]))
    assert not list(state.grants.items(ctx))
    assert not list(state.queue.items(ctx))
    assert ctx.events[-1].type == "prune_feegrant"


def test_a_grant_is_taken_back_whole(chain: Driver) -> None:
    """A new grant between the same two is not ended by the queue's entry of an old one (see the README)."""
    first, second = (BasicAllowance(None, chain.time_ns + seconds * SECOND) for seconds in (40, 900))
    chain.ok("sponsor", grant(chain, first))
    revoke = MsgRevokeAllowance(granter=chain["sponsor"], grantee=chain["patient"])
    assert chain.ok("sponsor", revoke).events[-1].type == "revoke_feegrant"
    assert code(chain.tx("sponsor", revoke)) == "sdk/38"
    chain.ok("sponsor", grant(chain, second))
    chain.advance(100)
    assert stored(chain) == second


def periodic_of(**changes: Any) -> PackedMessage:
    message = wire.PeriodicAllowance(
        period_spend_limit=write_coins(Coins.of(1)), period_can_spend=write_coins(Coins.of(1)), **changes
    )
    message.period.SetInParent()
    return pack(message)


REFUSED: list[tuple[PackedMessage, str]] = [
    (pack(MsgSend()), "sdk/2"),
    (pack(wire.AllowedMsgAllowance()), "feegrant/5"),
    (pack(wire.AllowedMsgAllowance(allowance=pack(wire.BasicAllowance()))), "feegrant/6"),
    (pack(wire.BasicAllowance(spend_limit=write_coins(Coins.of(1)) * 2)), "sdk/10"),
    (write_allowance(BasicAllowance(None, -1)), "feegrant/4"),
    (write_allowance(BasicAllowance(None, 1)), "sdk/18"),
    (write_allowance(PeriodicAllowance(BasicAllowance(), 1, Coins(), Coins(), 0)), "sdk/10"),
    (write_allowance(PeriodicAllowance(BasicAllowance(Coins.of(9, "other")), 1, Coins.of(1), Coins(), 0)), "sdk/10"),
]


@pytest.mark.parametrize(("allowance", "expected"), REFUSED)
def test_grants_that_are_refused(chain: Driver, allowance: PackedMessage, expected: str) -> None:
    msg = MsgGrantAllowance(granter=chain["sponsor"], grantee=chain["patient"], allowance=allowance)
    result = chain.tx("sponsor", msg)
    assert code(result) == expected, result.log
    assert stored(chain) is None


def test_times_that_are_none(chain: Driver) -> None:
    negative = wire.PeriodicAllowance(period_spend_limit=write_coins(Coins.of(1)))
    negative.period.seconds = -5
    mixed = wire.PeriodicAllowance()
    mixed.period.seconds, mixed.period.nanos = 5, -1
    late = wire.BasicAllowance()
    late.expiration.seconds = 2**60
    unsorted = wire.PeriodicAllowance(period_can_spend=write_coins(Coins.of(1)) * 2)
    for message, expected in ((negative, "feegrant/4"), (mixed, "sdk/18"), (late, "sdk/18"), (unsorted, "sdk/10")):
        msg = MsgGrantAllowance(granter=chain["sponsor"], grantee=chain["patient"], allowance=pack(message))
        assert code(chain.tx("sponsor", msg)) == expected


def test_an_allowance_nested_too_deep(chain: Driver) -> None:
    allowance: Allowance = BasicAllowance()
    for _ in range(4):
        allowance = AllowedMsgAllowance(allowance, (SEND,))
    assert code(chain.tx("sponsor", grant(chain, allowance))) == "feegrant/5"


def test_parties_that_do_not_fit(chain: Driver) -> None:
    basic = BasicAllowance()
    assert code(chain.tx("sponsor", grant(chain, basic, to="sponsor"))) == "sdk/7"
    chain.ok("sponsor", grant(chain, basic))
    assert code(chain.tx("sponsor", grant(chain, basic))) == "sdk/18"
    same = MsgRevokeAllowance(granter=chain["sponsor"], grantee=chain["sponsor"])
    assert code(chain.tx("sponsor", same)) == "sdk/7"
    bad = MsgGrantAllowance(granter=chain["sponsor"], grantee="x", allowance=write_allowance(basic))
    assert code(chain.tx("sponsor", bad)) == "sdk/7"
    blocked = MsgGrantAllowance(
        granter=chain["sponsor"], grantee=str(Address.module("oracle")), allowance=write_allowance(basic)
    )
    assert code(chain.tx("sponsor", blocked)) == "sdk/4"
    empty = MsgGrantAllowance(granter=chain["sponsor"], grantee=chain["bob"])
    assert code(chain.tx("sponsor", empty)) == "feegrant/5"


def test_allowances_come_back_from_their_wire_form() -> None:
    coins = Coins((Coin("aother", 1), Coin("umed", 2)))
    basic = BasicAllowance(coins, NOW + 7)
    periodic = PeriodicAllowance(basic, 3 * SECOND, Coins.of(1), Coins(), NOW)
    for allowance in (BasicAllowance(), basic, periodic, AllowedMsgAllowance(periodic, (SEND, "/x.Y"))):
        assert read_allowance(write_allowance(allowance)) == allowance
    assert read_allowance(periodic_of()) == PeriodicAllowance(
        BasicAllowance(), 0, Coins.of(1), Coins.of(1), -62_135_596_800 * SECOND
    )


def test_questions(chain: Driver) -> None:
    chain.ok("sponsor", grant(chain, BasicAllowance()), grant(chain, BasicAllowance(), to="bob"))
    asked = query.QueryAllowanceRequest(granter=chain["sponsor"], grantee=chain["bob"])
    found = chain.query(QUERY + "Allowance", asked).allowance
    assert (found.granter, found.grantee) == (chain["sponsor"], chain["bob"])
    missing = chain.ask(QUERY + "Allowance", query.QueryAllowanceRequest(granter=chain["bob"], grantee=chain["bob"]))
    assert missing.log.startswith("rpc error: code = Internal desc = fee-grant not found: not found")
    own = chain.query(QUERY + "Allowances", query.QueryAllowancesRequest(grantee=chain["bob"]))
    assert list(own.allowances) == [found]
    issued = query.QueryAllowancesByGranterRequest(granter=chain["sponsor"])
    assert len(chain.query(QUERY + "AllowancesByGranter", issued).allowances) == 2
    other = query.QueryAllowancesByGranterRequest(granter=chain["bob"])
    assert not chain.query(QUERY + "AllowancesByGranter", other).allowances


def test_a_genesis_with_an_allowance_that_makes_no_sense() -> None:
    entry = {
        "granter": str(address_of("a")),
        "grantee": str(address_of("b")),
        "allowance": {
            "@type": "/cosmos.feegrant.v1beta1.BasicAllowance",
            "spend_limit": [],
            "expiration": "2001-01-01T00:00:00Z",
        },
    }
    with pytest.raises(Exception, match="expiration is before"):
        Driver({}, genesis={"feegrant": {"allowances": [entry]}})


def test_the_invariant_sees_a_lost_entry(chain: Driver) -> None:
    chain.ok("sponsor", grant(chain, BasicAllowance(None, chain.time_ns + 900 * SECOND)))
    ctx = chain.ctx()
    entry, _ = next(iter(state.queue.items(ctx)))
    state.queue.delete(ctx, entry)
    with pytest.raises(AssertionError, match="queue"):
        next(module for module in chain.wiring.modules if module.name == "feegrant").invariants["queue"](ctx)
