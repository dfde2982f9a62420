"""Signatures of transactions: what verifying them costs, and whether they hold (spec/sdk/tx.md §6, ante.md 10, 11)."""

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from panacea.chain.keys import AccountKey, MultisigKey
from panacea.chain.rejections import InvalidPubKey, Unauthorized
from panacea.crypto.keys import KeyKind, PublicKey, SignatureRejected
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.chain.auth.messages import Params
    from panacea.wire.stubs.cosmos.crypto.multisig.v1beta1.multisig_pb2 import CompactBitArray, MultiSignature
    from panacea.wire.stubs.cosmos.tx.v1beta1.tx_pb2 import ModeInfo
else:
    (MultiSignature,) = load("cosmos.crypto.multisig.v1beta1", "MultiSignature")

DIRECT, DIRECT_AUX, AMINO_JSON = 1, 3, 127

Payload = Callable[[int], Iterator[bytes]]
"""The bytes that are signed in a mode; where a mode has more than one form, any of them will do."""


def verify(key: AccountKey, mode: "ModeInfo", signature: bytes, payload: Payload) -> None:
    """Accept the signature of one signer, which for a multisig is made of several.

    Raises:
        Rejected: it does not hold, or its shape is not that of the key.
    """
    if isinstance(key, PublicKey):
        if mode.WhichOneof("sum") != "single":
            raise Unauthorized("a single key signs with a single signature")
        _verify_any(key, payload(mode.single.mode), signature)
        return
    if mode.WhichOneof("sum") != "multi":
        raise Unauthorized("a multisig key signs with several signatures")
    signed = set_bits(mode.multi.bitarray)
    signatures = decode(MultiSignature, signature).signatures
    if _size(mode.multi.bitarray) != len(key.keys):
        raise Unauthorized(f"bit array size is incorrect, expecting: {len(key.keys)}")
    if not max(key.threshold, 1) <= len(signatures) <= len(key.keys) or len(signed) < key.threshold:
        raise Unauthorized(f"not enough signatures set, have {len(signed)}, expected {key.threshold}")
    if len(signed) != len(signatures) or len(signed) != len(mode.multi.mode_infos):
        raise Unauthorized("signatures and set bits differ in number")
    for index, one, one_mode in zip(signed, signatures, mode.multi.mode_infos, strict=True):
        verify(key.keys[index], one_mode, one, payload)


def _verify_any(key: PublicKey, forms: Iterator[bytes], signature: bytes) -> None:
    for form in forms:
        try:
            key.verify(hashlib.sha256(form).digest(), signature)
        except SignatureRejected:
            continue
        return
    raise SignatureRejected


def costs(key: AccountKey, mode: "ModeInfo", params: "Params") -> Iterator[tuple[int, str]]:
    """The gas of verifying one signer's signature, piece by piece, each with its description.

    Raises:
        InvalidPubKey: the key is of a kind that accounts may not have; its gas was named before.
    """
    if isinstance(key, MultisigKey):
        signed = set_bits(mode.multi.bitarray) or range(min(key.threshold, len(key.keys)))
        infos = list(mode.multi.mode_infos)
        for place, index in enumerate(signed):
            if index < len(key.keys):
                yield from costs(key.keys[index], infos[place] if place < len(infos) else mode, params)
    elif key.kind is KeyKind.SECP256K1:
        yield params.sig_verify_cost_secp256k1, "ante verify: secp256k1"
    else:
        yield params.sig_verify_cost_ed25519, "ante verify: ed25519"
        raise InvalidPubKey("ED25519 public keys are unsupported")


def is_amino(mode: "ModeInfo") -> bool:
    """Whether all signatures of a signer are in the amino JSON mode."""
    if mode.WhichOneof("sum") == "multi":
        return all(map(is_amino, mode.multi.mode_infos))
    return mode.single.mode == AMINO_JSON


def flatten(mode: "ModeInfo", signature: bytes) -> Iterator[bytes]:
    """The single signatures within a signature, depth first, and after those of a multisig itself."""
    if mode.WhichOneof("sum") == "multi":
        for one_mode, one in zip(mode.multi.mode_infos, decode(MultiSignature, signature).signatures, strict=False):
            yield from flatten(one_mode, one)
    yield signature


def set_bits(bits: "CompactBitArray") -> list[int]:
    """The places of the bits that are set, ascending."""
    return [index for index in range(_size(bits)) if bits.elems[index >> 3] & (0x80 >> (index & 7))]


def _size(bits: "CompactBitArray") -> int:
    whole, extra = len(bits.elems), bits.extra_bits_stored
    if extra > 7 or (extra and not whole):
        raise Unauthorized("malformed bit array")
    return 8 * (whole - 1) + extra if extra else 8 * whole
