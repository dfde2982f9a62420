"""Committee members post shares; the one that brings the t-th pays (exchange, §3 step 9)."""

from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.datadeal.certificates import SIGNATURE_GAS, decode_certificate
from panacea.chain.datadeal.messages import MAX_SEALED_SHARE, MsgReleaseSharesResponse, require
from panacea.chain.datadeal.ports import Bank, Oracles
from panacea.chain.datadeal.settlement import settle, undeliver
from panacea.chain.datadeal.state import ReleasedShare, consents, set_consent, shares
from panacea.chain.datadeal.types import PENDING, RELEASED, ReleaseInvalid
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.primitives.rejected import Rejected
from panacea.wire.contexts import releases_digest
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent, Release, ReleaseBatch
    from panacea.wire.stubs.panacea.datadeal.v3.events_pb2 import EventReleaseSkipped, EventShareReleased
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgReleaseShares
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Committee, OracleKey
else:
    (ReleaseBatch,) = load("panacea.datadeal.v3", "ReleaseBatch")
    EventShareReleased, EventReleaseSkipped = load("panacea.datadeal.v3", "EventShareReleased", "EventReleaseSkipped")

MAX_RELEASES = 32


def release_shares(ctx: Context, bank: Bank, oracles: Oracles, msg: "MsgReleaseShares") -> MsgReleaseSharesResponse:
    """Take each share of a member's batch; one that is not wanted is skipped and named, never failing the rest."""
    batch, key = require_batch(ctx, oracles, msg)
    for release in batch.releases:
        try:
            consent, committee = require_wanted(ctx, oracles, key, release)
        except ReleaseInvalid as no:
            skip(ctx, release, str(no))
            continue
        if release.bad:
            note_bad(ctx, bank, oracles, consent=consent, committee=committee, release=release)
        else:
            take(ctx, bank, consent, committee, release)
    return MsgReleaseSharesResponse()


def require_batch(ctx: Context, oracles: Oracles, msg: "MsgReleaseShares") -> "tuple[ReleaseBatch, OracleKey]":
    """The batch that the operator's enclave signed with its key of that epoch."""
    try:
        batch: ReleaseBatch = decode(ReleaseBatch, msg.batch)
    except Rejected as no:
        raise ReleaseInvalid("decode", because=no) from no
    require(batch.chain_id == ctx.chain_id, ReleaseInvalid, "chain", chain_id=batch.chain_id)
    require(batch.oracle == msg.operator, ReleaseInvalid, "oracle", oracle=batch.oracle)
    require(1 <= len(batch.releases) <= MAX_RELEASES, ReleaseInvalid, "1 to 32 releases", given=len(batch.releases))
    key = oracles.find_key(ctx, batch.oracle, batch.epoch)
    if key is None:
        raise ReleaseInvalid("epoch", epoch=batch.epoch)
    ctx.gas.charge(SIGNATURE_GAS, "releases verify: secp256k1")
    try:
        PublicKey(KeyKind.SECP256K1, key.signing_key).verify(releases_digest(msg.batch), msg.signature)
    except Rejected as no:
        raise ReleaseInvalid("signature", oracle=batch.oracle) from no
    return batch, key


def require_wanted(ctx: Context, oracles: Oracles, key: "OracleKey", release: "Release") -> "tuple[Consent, Committee]":
    """The consent this share is for, if it waits for an answer of this member."""
    consent = consents.find(ctx, (release.deal_id, release.number))
    if consent is None:
        raise ReleaseInvalid("no such consent", number=release.number)
    require(consent.status in (PENDING, RELEASED), ReleaseInvalid, "consent is not live")
    certificate = decode_certificate(consent.certificates[0].body)
    require(certificate.epoch == key.epoch, ReleaseInvalid, "another epoch", epoch=key.epoch)
    require(ctx.height <= consent.release_by, ReleaseInvalid, "too late", release_by=consent.release_by)
    committee = oracles.find_committee(ctx, key.epoch)
    if committee is None or not 1 <= release.index <= len(committee.members):
        raise ReleaseInvalid("no such place", index=release.index)
    require(committee.members[release.index - 1] == key.oracle, ReleaseInvalid, "another's place", index=release.index)
    answered = release.index in consent.released or release.index in consent.bad
    require(not answered, ReleaseInvalid, "answered before", index=release.index)
    if release.bad:
        # A member that made new keys after the certificate cannot blame the certificate for what it cannot open.
        may_blame = consent.status == PENDING and key.height <= certificate.issued_at_height
        require(may_blame and not release.sealed_share, ReleaseInvalid, "bad is not open to it")
    else:
        require(1 <= len(release.sealed_share) <= MAX_SEALED_SHARE, ReleaseInvalid, "a share's size")
    return consent, committee


def take(ctx: Context, bank: Bank, consent: "Consent", committee: "Committee", release: "Release") -> None:
    """Keep a member's share; the one that completes the key pays."""
    place, member = release.index, committee.members[release.index - 1]
    consent.released.append(place)
    share = ReleasedShare(index=place, member=member, sealed_share=release.sealed_share, height=ctx.height)
    shares.set(ctx, (consent.deal_id, consent.number, place), share)
    set_consent(ctx, consent)
    ctx.emit_typed(EventShareReleased(deal_id=release.deal_id, number=release.number, index=place))
    if consent.status == PENDING and len(consent.released) == committee.threshold:
        settle(ctx, bank, consent, committee)


def note_bad(
    ctx: Context, bank: Bank, oracles: Oracles, *, consent: "Consent", committee: "Committee", release: "Release"
) -> None:
    """Keep a member's word that its share does not open; too many of them undo the sale and jail who certified it."""
    consent.bad.append(release.index)
    set_consent(ctx, consent)
    skip(ctx, release, "bad")
    if len(consent.bad) > len(committee.members) - committee.threshold:
        undeliver(ctx, bank, consent)
        oracles.jail(ctx, decode_certificate(consent.certificates[0].body).oracle)


def skip(ctx: Context, release: "Release", reason: str) -> None:
    """Say that a release was not taken as a share, and why."""
    ctx.emit_typed(
        EventReleaseSkipped(deal_id=release.deal_id, number=release.number, index=release.index, reason=reason)
    )
