"""The ways this module says no."""

from panacea.primitives.rejected import Rejected


class InvalidBankState(Rejected):
    """Parameters or genesis do not hold together; the SDK registers no code for it."""


class BankRejected(Rejected, codespace="bank"): ...


class NoInputs(BankRejected, code=2, text="no inputs to send transaction"): ...


class NoOutputs(BankRejected, code=3, text="no outputs to send transaction"): ...


class SumsDiffer(BankRejected, code=4, text="sum inputs != sum outputs"): ...


class SendDisabled(BankRejected, code=5, text="send transactions are disabled"): ...


class ManySenders(BankRejected, code=9, text="multiple senders not allowed"): ...
