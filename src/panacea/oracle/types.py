"""How an oracle says no: a stable code each, in the order in which the checks are made (exchange, §3 step 5).

A refusal after opening is sealed to the wallet; those before it are HTTP answers, because nobody to answer is known.
The codes about credentials are those of `panacea.credentials.refusals`.
"""

from panacea.primitives.rejected import Rejected


class Unsealed(Rejected, codespace="oracle-intake"):
    """An answer in the open, with the HTTP status `status`."""

    status = 400


class Malformed(Unsealed, code=2, text="malformed"):
    """Bytes that are no offer."""


class TooLarge(Unsealed, code=3, text="too_large"):
    """More bytes than an offer may have."""

    status = 413


class SealedForOtherContext(Unsealed, code=4, text="sealed_for_other_context"):
    """The offer opens at another oracle, in another epoch, on another chain, for another deal or provider."""

    status = 422


class TooManyAtOnce(Unsealed, code=5, text="busy"):
    """More offers at once than this oracle checks."""

    status = 429


class NotReady(Unsealed, code=6, text="not_ready"):
    """The oracle has no registered key, or cannot verify the chain right now."""

    status = 503


class Refusal(Rejected, codespace="oracle"):
    """A sealed answer; its `text` is the code."""


class DealNotOpen(Refusal, code=30, text="deal_not_open"): ...


class DealFull(Refusal, code=31, text="deal_full"): ...


class DealUnusable(Refusal, code=32, text="deal_unusable"): ...


class EpochOver(Refusal, code=33, text="epoch_over"): ...


class NoCommittee(Refusal, code=34, text="no_committee"): ...


class EnvelopeInvalid(Refusal, code=35, text="envelope_invalid"): ...


class EnvelopeExpired(Refusal, code=36, text="envelope_expired"): ...


class TermsMissing(Refusal, code=37, text="terms_missing"): ...


class AlreadySold(Refusal, code=38, text="already_sold"): ...


class StoreUnavailable(Refusal, code=39, text="store_unavailable"): ...
