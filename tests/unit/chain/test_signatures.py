import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver, key_of

from panacea.chain.auth.messages import DEFAULT_PARAMS
from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coins
from panacea.chain.keys import MultisigKey, amino_bytes, leaves, pack_key, parse_key
from panacea.chain.rejections import InvalidPubKey, Unauthorized
from panacea.chain.results import TxResult
from panacea.chain.signatures import costs, set_bits, verify
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.primitives.coin import Coins
from panacea.primitives.rejected import Rejected
from panacea.wire.amino import sign_bytes_amino_json
from panacea.wire.any import PackedMessage
from panacea.wire.build import AMINO_JSON, DIRECT, build_auth_info, build_body, build_tx
from panacea.wire.pool import load
from panacea.wire.tx import decode_tx, sign_bytes_direct

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.crypto.multisig.v1beta1.multisig_pb2 import CompactBitArray, MultiSignature
    from panacea.wire.stubs.cosmos.tx.v1beta1.tx_pb2 import AuthInfo, ModeInfo, SignerInfo
else:
    CompactBitArray, MultiSignature = load("cosmos.crypto.multisig.v1beta1", "CompactBitArray", "MultiSignature")
    AuthInfo, ModeInfo, SignerInfo = load("cosmos.tx.v1beta1", "AuthInfo", "ModeInfo", "SignerInfo")

NAMES = ("one", "two", "three")
KEY = MultisigKey(2, tuple(key_of(name).public_key for name in NAMES))
ADDRESS = KEY.address()


def bits_of(places: Sequence[int], size: int = 3) -> CompactBitArray:
    raw = bytearray(-(-size // 8))
    for place in places:
        raw[place >> 3] |= 0x80 >> (place & 7)
    return CompactBitArray(extra_bits_stored=size % 8, elems=bytes(raw))


def mode_of(places: Sequence[int], *, mode: Any = AMINO_JSON, size: int = 3) -> ModeInfo:
    single = ModeInfo(single=ModeInfo.Single(mode=mode))
    return ModeInfo(multi=ModeInfo.Multi(bitarray=bits_of(places, size), mode_infos=[single] * len(places)))


@pytest.fixture
def chain() -> Driver:
    chain = Driver({"rich": 1000})
    to_multisig = MsgSend(from_address=chain["rich"], to_address=str(ADDRESS), amount=write_coins(Coins.of(500)))
    chain.ok("rich", to_multisig)
    return chain


def spend(chain: Driver, signers: Sequence[str], places: Sequence[int], *, amino: bool = True) -> TxResult:
    account = chain.wiring.accounts.get(chain.ctx(), ADDRESS)
    where: Any = {"chain_id": chain.chain_id, "account_number": account.number}
    message = MsgSend(from_address=str(ADDRESS), to_address=chain["rich"], amount=write_coins(Coins.of(1)))
    body = build_body([message])
    auth = AuthInfo.FromString(build_auth_info([], fee=Coins.of(1), gas_limit=200_000))
    mode: Any = AMINO_JSON if amino else 1
    auth.signer_infos.append(
        SignerInfo(
            public_key=PackedMessage.FromString(pack_key(KEY)),
            mode_info=mode_of(places, mode=mode),
            sequence=account.sequence,
        )
    )
    auth_info = auth.SerializeToString(deterministic=True)
    if amino:
        payload = sign_bytes_amino_json(decode_tx(build_tx(body, auth_info, [])), sequence=account.sequence, **where)
    else:
        payload = sign_bytes_direct(body, auth_info, **where)
    signatures = [key_of(name).sign(hashlib.sha256(payload).digest()) for name in signers]
    both = MultiSignature(signatures=signatures).SerializeToString(deterministic=True)
    return chain.block(build_tx(body, auth_info, [both])).tx_results[0]


@pytest.mark.parametrize("places", [(0, 1), (0, 2), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("amino", [True, False])
def test_any_enough_of_a_multisig_sign(chain: Driver, places: tuple[int, ...], amino: bool) -> None:
    result = spend(chain, [NAMES[place] for place in places], places, amino=amino)
    assert result.code == 0, result.log
    assert spend(chain, ["one", "three"], (0, 2)).code == 0, "the next sequence works as well"


@pytest.mark.parametrize(
    ("signers", "places"),
    [
        (["one"], (0,)),
        (["two", "one"], (0, 1)),
        (["one", "two"], (0, 2)),
        (["one", "two", "three"], (0, 1)),
        (["one"], (0, 1)),
        (["one", "one"], (0, 1)),
    ],
)
def test_too_few_or_in_the_wrong_places(chain: Driver, signers: list[str], places: tuple[int, ...]) -> None:
    assert (spend(chain, signers, places).codespace, spend(chain, signers, places).code) == ("sdk", 4)
    assert chain.balance(ADDRESS) == 500


def test_a_multisig_pays_for_each_key_that_signs() -> None:
    assert sum(cost for cost, _ in costs(KEY, mode_of((0, 2)), DEFAULT_PARAMS)) == 2000
    assert sum(cost for cost, _ in costs(KEY, mode_of((0, 1, 2)), DEFAULT_PARAMS)) == 3000
    assert sum(cost for cost, _ in costs(KEY, ModeInfo(), DEFAULT_PARAMS)) == 2000, "simulated: the threshold"
    assert leaves(KEY) == 3


def test_an_ed25519_key_pays_and_is_refused() -> None:
    paid: list[tuple[int, str]] = []
    with pytest.raises(InvalidPubKey, match="unsupported"):
        paid.extend(costs(PublicKey(KeyKind.ED25519, b"\x01" * 32), ModeInfo(), DEFAULT_PARAMS))
    assert paid == [(590, "ante verify: ed25519")]


def test_keys_come_back_from_their_wire_form() -> None:
    nested = MultisigKey(1, (KEY, key_of("four").public_key, PublicKey(KeyKind.ED25519, b"\x01" * 32)))
    for key in (KEY, nested, key_of("one").public_key):
        assert parse_key(pack_key(key)) == key
    assert amino_bytes(KEY)[:6].hex() == "22c1f7e20802"
    assert amino_bytes(nested).count(bytes.fromhex("1624de6420")) == 1
    with pytest.raises(InvalidPubKey, match="bytes"):
        parse_key(pack_key(MultisigKey(1, (KEY,) * 100)))
    deep = KEY
    for _ in range(5):
        deep = MultisigKey(1, (deep,))
    with pytest.raises(InvalidPubKey):
        parse_key(pack_key(deep))
    with pytest.raises(InvalidPubKey):
        parse_key(PackedMessage(type_url="/cosmos.crypto.secp256k1.PubKey", value=b"").SerializeToString())


def test_shapes_that_do_not_fit() -> None:
    def payload(_mode: int) -> Any:
        return iter([b"payload"])

    single = ModeInfo(single=ModeInfo.Single(mode=DIRECT))
    with pytest.raises(Unauthorized, match="single"):
        verify(key_of("one").public_key, mode_of((0,)), b"", payload)
    with pytest.raises(Unauthorized, match="several"):
        verify(KEY, single, b"", payload)
    with pytest.raises(Unauthorized, match="bit array size"):
        verify(KEY, mode_of((0, 1), size=8), b"", payload)
    with pytest.raises(Rejected):
        verify(KEY, mode_of((0, 1)), b"\xff", payload)
    with pytest.raises(Unauthorized, match="malformed"):
        set_bits(CompactBitArray(extra_bits_stored=8, elems=b"\x00"))
    with pytest.raises(Unauthorized, match="malformed"):
        set_bits(CompactBitArray(extra_bits_stored=3))
    assert set_bits(bits_of((0, 8, 9), 10)) == [0, 8, 9]
