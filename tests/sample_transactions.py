"""Transactions for tests: one MsgSend between the two accounts of the published vectors, and parts to build others."""

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from panacea.primitives.coin import Coins
from panacea.wire.build import DIRECT, SignedBy, build_auth_info, build_body, build_tx, secp256k1_key
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1.tx_pb2 import MsgSend
    from panacea.wire.stubs.cosmos.base.v1beta1.coin_pb2 import Coin
    from panacea.wire.stubs.cosmos.tx.signing.v1beta1.signing_pb2 import SignMode
else:
    (MsgSend,) = load("cosmos.bank.v1beta1", "MsgSend")
    (Coin,) = load("cosmos.base.v1beta1", "Coin")

ALICE = "panacea1tp7fhly84qm6q4hhzmp0nh5frtdugmys39lnt2"
BOB = "panacea19esg5d50reh7vvpqldgw5y47cr4rsxqcaqm8ge"
ALICE_KEY = bytes.fromhex("0284bf7562262bbd6940085748f3be6afa52ae317155181ece31b66351ccffa4b0")
ALICE_SECRET = bytes(range(1, 33))


def send(amount: int = 7) -> MsgSend:
    return MsgSend(from_address=ALICE, to_address=BOB, amount=[Coin(denom="umed", amount=str(amount))])


def auth_info(*, payer: str = "", granter: str = "", mode: "SignMode.ValueType" = DIRECT, sequence: int = 12) -> bytes:
    signers = [SignedBy(secp256k1_key(ALICE_KEY), sequence, mode)]
    return build_auth_info(signers, fee=Coins.of(5_000_000), gas_limit=200_000, payer=payer, granter=granter)


def tx_of(*messages: Message, body_suffix: bytes = b"", auth_info_suffix: bytes = b"", memo: str = "") -> bytes:
    body = build_body(messages or [send()], memo=memo) + body_suffix
    return build_tx(body, auth_info() + auth_info_suffix, [b"\x07" * 64])
