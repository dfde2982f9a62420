"""How an oracle says no: a stable code each, in the order in which the checks are made (exchange, §3 step 5).

    Unsealed                      before anybody to answer is known: an HTTP status in the open
      x Malformed                 400 malformed
      x TooLarge                  413 too_large
      x SealedForOtherContext     422 sealed_for_other_context
      x NotReady                  503 not_ready
    Refusal                       after opening: sealed to the wallet, HTTP 200, all of one size
      x DealNotOpen … StoreUnavailable

The codes about credentials and queries are those of `panacea.credentials.refusals`, sealed as well.
"""

from panacea.primitives.rejected import Rejected


class Unsealed(Rejected, codespace="oracle-intake"):
    """An answer in the open, with the HTTP status `status`. It tells nothing of what was sealed."""

    status = 400


class Malformed(Unsealed, code=2, text="malformed"):
    """Bytes that are no offer."""


class TooLarge(Unsealed, code=3, text="too_large"):
    """More bytes than an offer may have."""

    status = 413


class SealedForOtherContext(Unsealed, code=4, text="sealed_for_other_context"):
    """The offer opens at another oracle, in another epoch, on another chain, for another deal or provider."""

    status = 422


class NotReady(Unsealed, code=5, text="not_ready"):
    """The oracle's keys do not stand on chain, or the chain cannot be verified now: no verdict about the record."""

    status = 503


class Refusal(Rejected, codespace="oracle"):
    """A sealed answer; its `text` is the code."""


class DealNotOpen(Refusal, code=30, text="deal_not_open"):
    """No such deal, or it is over."""


class DealFull(Refusal, code=31, text="deal_full"):
    """Every slot is sold or spoken for."""


class EpochOver(Refusal, code=32, text="epoch_over"):
    """The offer is for an epoch that does not run now."""


class NoCommittee(Refusal, code=33, text="no_committee"):
    """Nobody was drawn yet to hold the key's shares."""


class EnvelopeInvalid(Refusal, code=34, text="envelope_invalid"):
    """Not signed by its holder's DID over this context, or the context contradicts the deal."""


class EnvelopeExpired(Refusal, code=35, text="envelope_expired"):
    """The offer's time is over, or lies too far ahead."""


class TermsMissing(Refusal, code=36, text="terms_missing"):
    """A term without an answer, or a required one not agreed to."""


class AlreadySold(Refusal, code=37, text="already_sold"):
    """A consent stands for this record in this deal."""


class StoreUnavailable(Refusal, code=38, text="store_unavailable"):
    """None of the deal's stores took the object; worth another try."""
