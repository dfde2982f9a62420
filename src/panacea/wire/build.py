"""Transactions from values, for those who send them: body, auth info, and the whole with its signatures.

What is signed are the bytes of the first two, so build each once::

    body = build_body([message], memo="…")
    auth_info = build_auth_info([SignedBy(secp256k1_key(key), sequence)], fee=Coins.of(5_000_000), gas_limit=200_000)
    signature = key.sign(sign_bytes_direct(body, auth_info, chain_id=…, account_number=…))
    raw = build_tx(body, auth_info, [signature])
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.message import Message

from panacea.primitives.coin import Coins
from panacea.wire.any import pack
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.v1beta1.coin_pb2 import Coin
    from panacea.wire.stubs.cosmos.crypto.secp256k1.keys_pb2 import PubKey
    from panacea.wire.stubs.cosmos.tx.signing.v1beta1.signing_pb2 import SignMode
    from panacea.wire.stubs.cosmos.tx.v1beta1.tx_pb2 import AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw
else:
    (SignMode,) = load("cosmos.tx.signing.v1beta1", "SignMode")
    (Coin,) = load("cosmos.base.v1beta1", "Coin")
    (PubKey,) = load("cosmos.crypto.secp256k1", "PubKey")
    AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw = load(
        "cosmos.tx.v1beta1", "AuthInfo", "Fee", "ModeInfo", "SignerInfo", "TxBody", "TxRaw"
    )

DIRECT = SignMode.SIGN_MODE_DIRECT
"""SIGN_MODE_DIRECT: the bytes of body and auth info are signed."""
AMINO_JSON = SignMode.SIGN_MODE_LEGACY_AMINO_JSON
"""SIGN_MODE_LEGACY_AMINO_JSON: a JSON document of them is signed."""


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who signs, how, and with which sequence; no key where the account has shown one already."""

    public_key: Message | None
    sequence: int
    mode: "SignMode.ValueType" = DIRECT


def secp256k1_key(compressed: bytes) -> PubKey:
    """The wire form of a secp256k1 public key of 33 bytes."""
    return PubKey(key=compressed)


def build_body(messages: Iterable[Message], *, memo: str = "", timeout_height: int = 0) -> bytes:
    """An encoded TxBody."""
    packed = [pack(message) for message in messages]
    return encode(TxBody(messages=packed, memo=memo, timeout_height=timeout_height))


def build_auth_info(
    signers: Iterable[SignedBy], *, fee: Coins, gas_limit: int, payer: str = "", granter: str = ""
) -> bytes:
    """An encoded AuthInfo. `payer` signs too, after all others; `granter` has allowed its coins to be spent."""
    amount = [Coin(denom=coin.denom, amount=str(coin.amount)) for coin in fee]
    paid = Fee(amount=amount, gas_limit=gas_limit, payer=payer, granter=granter)
    return encode(AuthInfo(signer_infos=[_signer_info(signer) for signer in signers], fee=paid))


def build_tx(body: bytes, auth_info: bytes, signatures: Sequence[bytes]) -> bytes:
    """An encoded TxRaw: what is broadcast."""
    return encode(TxRaw(body_bytes=body, auth_info_bytes=auth_info, signatures=signatures))


def _signer_info(signer: SignedBy) -> SignerInfo:
    info = SignerInfo(mode_info=ModeInfo(single=ModeInfo.Single(mode=signer.mode)), sequence=signer.sequence)
    if signer.public_key is not None:
        info.public_key.CopyFrom(pack(signer.public_key))
    return info
