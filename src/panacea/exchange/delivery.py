"""From a released consent to a verified record: pure functions of what the chain and a store gave.

open_shares    each released share that opens under the consumer's key
join_key       any set of them that gives the key to which the object's descriptor commits
open_parcel    the object, which must be the certified one
check_view     the view inside: its commitment, its issuer's proof, its deal
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, islice
from typing import TYPE_CHECKING

from panacea.credentials import Checked, CredentialRejected, verify_view
from panacea.crypto.hpke import HPKEKey, SealRejected
from panacea.crypto.shamir import InvalidShares, join
from panacea.exchange.formats import Malformed, Parcel
from panacea.exchange.types import KeyNotJoined, ViewRejected
from panacea.health.tables import Delivered
from panacea.vault import objects
from panacea.vault.objects import Descriptor, Sealed
from panacea.vault.types import ObjectRejected
from panacea.wire.cbor import NotCanonical
from panacea.wire.contexts import ReleaseInfo, certificate_digest, consumer_view_header, data_commitment
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate, Consent, ReleasedShare
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
else:
    (Certificate,) = load("panacea.datadeal.v3", "Certificate")

MOST_SETS = 1024
"""Sets of shares that are tried: all there are with up to ten, and enough to pass over two bad ones among sixteen."""
ASSURANCE = {1: "HARDWARE", 2: "SIMULATED"}


@dataclass(frozen=True, slots=True)
class Bought:
    """A released consent with the deal it belongs to and the certificate that delivers; all proven."""

    deal: "Deal"
    consent: "Consent"
    certificate: "Certificate"

    @classmethod
    def of(cls, deal: "Deal", consent: "Consent") -> "Bought":
        """Read the certificate out of a consent that the chain accepted."""
        return cls(deal, consent, decode(Certificate, consent.certificates[0].body))

    @property
    def object_id(self) -> bytes:
        """The object to fetch."""
        return self.certificate.delivery.object_id


def open_shares(
    bought: Bought, shares: "Iterable[ReleasedShare]", key: HPKEKey, chain_id: str
) -> tuple[dict[int, bytes], list[int]]:
    """The shares that open, by place, and the places of those that do not."""
    opened: dict[int, bytes] = {}
    spoiled = []
    for share in shares:
        info = ReleaseInfo(
            chain_id=chain_id,
            deal_id=bought.deal.id,
            number=bought.consent.number,
            tag=bought.consent.tag,
            object_id=bought.object_id,
            index=share.index,
            member=share.member,
        )
        try:
            plain = key.open(info.encode(), share.sealed_share)
        except SealRejected:
            spoiled.append(share.index)
            continue
        if len(plain) == objects.KEY_BYTES:
            opened[share.index] = plain
        else:
            spoiled.append(share.index)
    return opened, spoiled


def join_key(shares: Mapping[int, bytes], threshold: int, descriptor: Descriptor) -> bytes:
    """The key that some of these shares give and the descriptor commits to.

    Sets of `threshold` shares come first; then larger and smaller ones, because a parameter may have changed.

    Raises:
        KeyNotJoined: no set gives it: too few shares, or too many bad ones.
    """
    for places in islice(_sets(sorted(shares), threshold), MOST_SETS):
        try:
            key = join({place: shares[place] for place in places})
        except InvalidShares:
            continue
        if hmac.compare_digest(objects.key_commitment(key, descriptor.nonce), descriptor.commitment):
            return key
    raise KeyNotJoined("no set of shares gives the key", shares=len(shares), threshold=threshold)


def _sets(places: Sequence[int], threshold: int) -> Iterator[tuple[int, ...]]:
    sizes = sorted(range(1, len(places) + 1), key=lambda size: (size < threshold, abs(size - threshold)))
    for size in sizes:
        yield from combinations(places, size)


def open_parcel(bought: Bought, sealed: Sealed, file_key: bytes) -> Parcel:
    """What the object holds, if it is the one that was certified for this deal.

    Raises:
        ViewRejected: another object, tag, deal or commitment.
    """
    try:
        plain = objects.open(sealed.descriptor, sealed.leaves, sealed.groups, file_key, oid=bought.object_id)
        parcel = Parcel.decode(plain)
    except (ObjectRejected, NotCanonical, Malformed) as no:
        raise ViewRejected(str(no), check="object") from no
    certificate = bought.certificate
    holds = {
        "deal": parcel.deal_id == bought.deal.id == certificate.deal_id,
        "tag": parcel.tag == bought.consent.tag == certificate.tag,
        "query": certificate.query_hash == bought.deal.query_hash == hashlib.sha256(bought.deal.query).digest(),
        "commitment": data_commitment(parcel.salt, parcel.consumer_view) == certificate.data_commitment,
    }
    for check, is_so in holds.items():
        if not is_so:
            raise ViewRejected(check=check)
    return parcel


def check_view(bought: Bought, parcel: Parcel, issuer_key: bytes, chain_id: str) -> Checked:
    """The view, whose every statement the issuer signed, shown for this deal and query.

    Raises:
        ViewRejected: it is not.
    """
    header = consumer_view_header(chain_id, bought.deal.id, bought.deal.query_hash)
    try:
        checked = verify_view(parcel.consumer_view, header=header, issuer_key=issuer_key)
    except CredentialRejected as no:
        raise ViewRejected(str(no), check=no.text) from no
    if checked.issuer not in bought.deal.trusted_issuers:
        raise ViewRejected(check="issuer_not_trusted", issuer=checked.issuer)
    return checked


def delivered(bought: Bought, checked: Checked, *, is_current: bool) -> Delivered:
    """The record with its origin: who signed it, who agreed, who certified, and where on chain that stands."""
    consent, certificate = bought.consent, bought.certificate
    return Delivered(
        checked.resource,
        {
            "deal_id": consent.deal_id,
            "consent": consent.number,
            "consent_height": consent.height,
            "settled_height": consent.settled_height,
            "provider": consent.provider,
            "issuer": checked.issuer,
            "issuer_method": checked.method_id,
            "issuer_key_current": "yes" if is_current else "no",
            "valid_from": _day(checked.valid_from),
            "valid_until": _day(checked.valid_until),
            "purpose": bought.deal.purpose,
            "query_sha256": bought.deal.query_hash.hex(),
            "oracles": " ".join(_oracles(consent)),
            "epoch": certificate.epoch,
            "measurement": certificate.measurement.hex(),
            "assurance": ASSURANCE.get(certificate.assurance, ""),
            "certificate_sha256": certificate_digest(consent.certificates[0].body).hex(),
            "data_commitment": certificate.data_commitment.hex(),
            "object_id": certificate.delivery.object_id.hex(),
        },
    )


def _oracles(consent: "Consent") -> list[str]:
    return [decode(Certificate, each.body).oracle for each in consent.certificates]


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
