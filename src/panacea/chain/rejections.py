"""The codespace `sdk`: refusals that every module and every client of the Cosmos SDK knows (spec/sdk/README.md)."""

from panacea.primitives.rejected import Rejected


class SDKRejected(Rejected, codespace="sdk"):
    """A refusal of the frame rather than of one module."""


class Unauthorized(SDKRejected, code=4, text="unauthorized"): ...


class UnknownRequest(SDKRejected, code=6, text="unknown request"): ...


class InvalidPubKey(SDKRejected, code=8, text="invalid pubkey"): ...


class UnknownAddress(SDKRejected, code=9, text="unknown address"): ...


class OutOfGas(SDKRejected, code=11, text="out of gas"): ...


class MemoTooLarge(SDKRejected, code=12, text="memo too large"): ...


class InsufficientFee(SDKRejected, code=13, text="insufficient fee"): ...


class TooManySignatures(SDKRejected, code=14, text="maximum number of signatures exceeded"): ...


class NoSignatures(SDKRejected, code=15, text="no signatures supplied"): ...


class InvalidRequest(SDKRejected, code=18, text="invalid request"): ...


class KeyNotFound(SDKRejected, code=22, text="key not found"): ...


class InvalidHeight(SDKRejected, code=26, text="invalid height"): ...


class TxTimeoutHeight(SDKRejected, code=30, text="tx timeout height"): ...


class UnknownExtensionOptions(SDKRejected, code=31, text="unknown extension options"): ...


class WrongSequence(SDKRejected, code=32, text="incorrect account sequence"): ...


class NotFound(SDKRejected, code=38, text="not found"): ...


class InvalidGasLimit(SDKRejected, code=41, text="invalid gas limit"): ...
