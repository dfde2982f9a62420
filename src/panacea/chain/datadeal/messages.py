"""What anyone may ask of this module, and what can be said of it without the state. Wallets import this too."""

import re
from typing import TYPE_CHECKING

from panacea.chain.coins import read_coin
from panacea.chain.datadeal.types import (
    CertificateInvalid,
    DataDealRejected,
    InvalidDeal,
    InvalidParams,
    NetTooLow,
    ReleaseInvalid,
    TermsMissing,
)
from panacea.crypto.hpke import PUBLIC_KEY_SIZE, SUITE
from panacea.identity.did_panacea import is_panacea_did
from panacea.primitives.address import Address
from panacea.primitives.chain_id import is_test_chain
from panacea.primitives.numbers import Dec, parse_int
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Assurance, Params, Schema, Store, Term
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import (
        MsgCloseDeal,
        MsgCloseDealResponse,
        MsgCreateDeal,
        MsgCreateDealResponse,
        MsgReleaseShares,
        MsgReleaseSharesResponse,
        MsgSubmitConsent,
        MsgSubmitConsentResponse,
        MsgUpdateParams,
        MsgUpdateParamsResponse,
        MsgWithdrawConsent,
        MsgWithdrawConsentResponse,
    )
else:
    MsgCreateDeal, MsgCloseDeal, MsgSubmitConsent, MsgReleaseShares, MsgWithdrawConsent, MsgUpdateParams = load(
        "panacea.datadeal.v3",
        *("MsgCreateDeal", "MsgCloseDeal", "MsgSubmitConsent"),
        *("MsgReleaseShares", "MsgWithdrawConsent", "MsgUpdateParams"),
    )
    MsgCreateDealResponse, MsgCloseDealResponse, MsgSubmitConsentResponse = load(
        "panacea.datadeal.v3", "MsgCreateDealResponse", "MsgCloseDealResponse", "MsgSubmitConsentResponse"
    )
    MsgReleaseSharesResponse, MsgWithdrawConsentResponse, MsgUpdateParamsResponse = load(
        "panacea.datadeal.v3", "MsgReleaseSharesResponse", "MsgWithdrawConsentResponse", "MsgUpdateParamsResponse"
    )

MAX_CERTIFICATES = 5
MAX_SEALED_SHARE = 2048
MAX_BATCH = 32 * (MAX_SEALED_SHARE + 64) + 256
MAX_STATUS_AGE = 604_800
MAX_RETENTION_DAYS = 36_500
MAX_BLOCKS = 1_000_000_000
"""No span of blocks is longer, so that no height computed from one leaves 63 bits."""
_HTTPS = re.compile(r"https://[a-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?")


def require(holds: bool, refusal: type[DataDealRejected], what: str, **values: object) -> None:
    """Refuse unless `holds`, saying what was expected."""
    if not holds:
        raise refusal(what, **values)


def is_store_url(url: str, chain_id: str) -> bool:
    """Whether a store may stand at this address: https, or loopback on a chain for tests."""
    return bool(_HTTPS.fullmatch(url) or (is_test_chain(chain_id) and _LOOPBACK.fullmatch(url)))


def check_create_deal(msg: "MsgCreateDeal") -> None:
    """Every limit of a deal that needs no state (exchange, §9)."""
    Address.parse(msg.consumer)
    require(is_panacea_did(msg.consumer_did), InvalidDeal, "consumer_did is no did:panacea", did=msg.consumer_did)
    require(1 <= len(msg.title.encode()) <= 200, InvalidDeal, "title takes 1 to 200 bytes", title=msg.title)
    require(1 <= len(msg.purpose.encode()) <= 64, InvalidDeal, "purpose takes 1 to 64 bytes", purpose=msg.purpose)
    require(msg.query_language in (1, 2), InvalidDeal, "unknown query language", query_language=msg.query_language)
    require(bool(msg.query), InvalidDeal, "query is empty")
    _check_schemas(list(msg.schemas))
    issuers = list(msg.trusted_issuers)
    require(1 <= len(issuers) <= 64 and len(set(issuers)) == len(issuers), InvalidDeal, "1 to 64 different issuers")
    require(all(map(is_panacea_did, issuers)), InvalidDeal, "each issuer is a did:panacea")
    require(read_coin(msg.price).amount > 0, InvalidDeal, "price is zero")
    require(msg.max_records > 0, InvalidDeal, "max_records is zero")
    _check_terms(list(msg.terms))
    _check_assurance(msg.assurance)
    _check_stores(list(msg.stores))
    key = msg.consumer_key
    is_suite = key.suite == SUITE and len(key.public_key) == PUBLIC_KEY_SIZE
    require(is_suite, InvalidDeal, "consumer_key is of suite 1", suite=key.suite, size=len(key.public_key))
    require(msg.status_max_age <= MAX_STATUS_AGE, InvalidDeal, "status_max_age", seconds=msg.status_max_age)
    require(msg.closes_at.nanos == 0 and msg.closes_at.seconds > 0, InvalidDeal, "closes_at takes whole seconds")
    require(1 <= msg.retention_days <= MAX_RETENTION_DAYS, InvalidDeal, "retention_days", days=msg.retention_days)
    require(1 <= len(msg.verification_method_id) <= 256, InvalidDeal, "verification_method_id is missing")
    require(len(msg.did_signature) == 64, InvalidDeal, "did_signature takes 64 bytes")


def _check_schemas(schemas: "list[Schema]") -> None:
    require(len(schemas) <= 16, InvalidDeal, "at most 16 schemas", schemas=len(schemas))
    for schema in schemas:
        require(1 <= len(schema.uri.encode()) <= 512, InvalidDeal, "a schema's uri takes 1 to 512 bytes")
        require(len(schema.sha256) == 32, InvalidDeal, "a schema's sha256 takes 32 bytes", uri=schema.uri)


def _check_terms(terms: "list[Term]") -> None:
    require(len(terms) <= 32, InvalidDeal, "at most 32 terms", terms=len(terms))
    require(len({term.id for term in terms}) == len(terms), InvalidDeal, "terms share an id")
    for term in terms:
        require(1 <= len(term.title.encode()) <= 200, InvalidDeal, "a term's title takes 1 to 200 bytes", id=term.id)
        require(len(term.sha256) == 32, InvalidDeal, "a term's sha256 takes 32 bytes", id=term.id)


def _check_assurance(assurance: "Assurance") -> None:
    certificates, vendors = assurance.min_certificates, assurance.min_vendors
    require(1 <= certificates <= MAX_CERTIFICATES, InvalidDeal, "min_certificates", min_certificates=certificates)
    require(1 <= vendors <= certificates, InvalidDeal, "min_vendors", min_vendors=vendors)
    allowed = list(assurance.vendors_allowed)
    require(len(allowed) <= 16 and len(set(allowed)) == len(allowed), InvalidDeal, "vendors_allowed")
    require(all(1 <= len(vendor.encode()) <= 64 for vendor in allowed), InvalidDeal, "vendors_allowed")
    require(not allowed or len(allowed) >= vendors, InvalidDeal, "fewer vendors are allowed than are demanded")


def _check_stores(stores: "list[Store]") -> None:
    require(1 <= len(stores) <= 4, InvalidDeal, "1 to 4 stores", stores=len(stores))
    require(len({store.url for store in stores}) == len(stores), InvalidDeal, "stores share a url")
    for store in stores:
        require(len(store.url) <= 512, InvalidDeal, "a store's url takes at most 512 bytes")
        require(len(store.public_key) == 32, InvalidDeal, "a store's key takes 32 bytes", url=store.url)


def check_close_deal(msg: "MsgCloseDeal") -> None:
    """The address is one."""
    Address.parse(msg.consumer)


def check_submit_consent(msg: "MsgSubmitConsent") -> None:
    """Counts and sizes, so that nothing large reaches the state machine."""
    Address.parse(msg.provider)
    require(1 <= len(msg.certificates) <= MAX_CERTIFICATES, CertificateInvalid, "count", given=len(msg.certificates))
    for certificate in msg.certificates:
        require(1 <= len(certificate.body) <= 1024, CertificateInvalid, "decode: 1 to 1024 bytes")
        require(len(certificate.signature) == 64, CertificateInvalid, "signature: 64 bytes")
    require(1 <= len(msg.sealed_shares) <= 16, CertificateInvalid, "shares", given=len(msg.sealed_shares))
    for share in msg.sealed_shares:
        require(
            1 <= len(share) <= MAX_SEALED_SHARE, CertificateInvalid, "shares: a sealed share's size", size=len(share)
        )
    require(len(msg.agreements) <= 32, TermsMissing, "at most 32 agreements", given=len(msg.agreements))
    require(parse_int(msg.min_net or "0") >= 0, NetTooLow, "min_net is negative", min_net=msg.min_net)


def check_release_shares(msg: "MsgReleaseShares") -> None:
    """The batch is bounded; what it holds is read by the transition."""
    Address.parse(msg.operator)
    require(1 <= len(msg.batch) <= MAX_BATCH, ReleaseInvalid, "batch size", size=len(msg.batch), limit=MAX_BATCH)
    require(len(msg.signature) == 64, ReleaseInvalid, "signature takes 64 bytes")


def check_withdraw_consent(msg: "MsgWithdrawConsent") -> None:
    """The address is one."""
    Address.parse(msg.provider)


def check_update_params(msg: "MsgUpdateParams") -> None:
    """The parameters are in range."""
    Address.parse(msg.authority)
    check_params(msg.params)


def check_params(params: "Params") -> None:
    """Rates between 0 and 1, limits above 0.

    Raises:
        InvalidParams: naming the parameter.
    """
    try:
        read_coin(params.deal_fee)
        release, most = Dec.from_wire(params.release_rate), Dec.from_wire(params.max_cost_rate)
    except Rejected as no:
        raise InvalidParams(str(no)) from no
    zero, one = Dec.of(0), Dec.of(1)
    require(zero <= release <= most <= one, InvalidParams, "0 <= release_rate <= max_cost_rate <= 1")
    require(0 < params.share_retention_blocks <= MAX_BLOCKS, InvalidParams, "share_retention_blocks")
    require(0 < params.max_query_bytes <= 1 << 20, InvalidParams, "max_query_bytes")
    require(params.max_records_limit > 0, InvalidParams, "max_records_limit")
    require(0 < params.max_deal_days <= MAX_RETENTION_DAYS, InvalidParams, "max_deal_days")
