"""The ways this room says no; `formats` has two more, for bytes that are not what they should be.

ExchangeRejected
  x OfferRefused          an oracle's answer about a record: `refusal` is the stable code of the design's table
  x OracleUnavailable     no answer, or none that could be judged; another oracle may do better
  x CertificateInvalid    an oracle signed something else than what was asked of it
  x SaleEnded             the consent was undone or taken back before its release
  x StillPending          the consent waits longer than its caller would
  x DealNotFound          no such deal, proven
  x DeliveryRejected      one bought record cannot be had now, or is not what was certified
    + KeyNotJoined        no set of the released shares gives the key of the object
    + ObjectUnavailable   none of the deal's stores gave the object
    + ViewRejected        the decrypted view is not the one that was certified, or its proof does not hold
  x IdentityNotFound      no such live DID, proven
  x StoreNotStarted       a store's home or arguments cannot be used
"""

from panacea.primitives.rejected import Rejected


class ExchangeRejected(Rejected, codespace="exchange"):
    """Something on the way from a record to a delivery did not go well."""


class OfferRefused(ExchangeRejected, code=4, text="the offer was refused"):
    """An oracle said no; `refusal` is its stable code, such as `proof_invalid`."""

    def __init__(self, refusal: str, detail: str = "") -> None:
        """Keep the code, and read as code and detail."""
        self.refusal = refusal
        super().__init__(f"{refusal} ({detail})" if detail else refusal)


class OracleUnavailable(ExchangeRejected, code=5, text="no oracle can certify now"):
    """An oracle is busy, down, out of reach, or answers what nobody can read."""


class CertificateInvalid(ExchangeRejected, code=6, text="certificate_invalid"):
    """A certificate does not say what was asked for, or is not signed by the registered key; the check is named."""


class SaleEnded(ExchangeRejected, code=7, text="the consent ended without a release"): ...


class StillPending(ExchangeRejected, code=8, text="the consent still waits for its release"): ...


class DealNotFound(ExchangeRejected, code=9, text="no such deal"): ...


class DeliveryRejected(ExchangeRejected, code=10, text="not delivered"): ...


class KeyNotJoined(DeliveryRejected, code=11, text="key_not_joined"): ...


class ObjectUnavailable(DeliveryRejected, code=12, text="object_unavailable"): ...


class ViewRejected(DeliveryRejected, code=13, text="view_invalid"): ...


class IdentityNotFound(ExchangeRejected, code=14, text="no such live DID"): ...


class StoreNotStarted(ExchangeRejected, code=15, text="the store cannot start"): ...
