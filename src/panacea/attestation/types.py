"""The nouns of attestation, and the ways it says no."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from panacea.primitives.rejected import Rejected


class Refused(Rejected, codespace="attestation"):
    """Evidence, collateral or a platform was refused; the class names the check that failed."""


class UnsupportedEvidence(Refused, code=2, text="unsupported evidence kind"):
    """No verifier for this kind of evidence is built in."""


class MalformedQuote(Refused, code=3, text="malformed quote"):
    """The quote is not laid out as its version demands, or names something this verifier does not know."""


class MalformedCertificate(Refused, code=4, text="malformed certificate or revocation list"):
    """DER, PEM or X.509 outside the narrow profile that is read here."""


class ChainRefused(Refused, code=5, text="certificate chain refused"):
    """Names, roles or the order of a chain do not fit."""


class UntrustedRoot(Refused, code=6, text="chain does not end at the given root key"):
    """The chain ends at another key."""


class BadSignature(Refused, code=7, text="signature refused"):
    """An ECDSA signature does not verify."""


class OutsideValidity(Refused, code=8, text="not valid at this time"):
    """A certificate, revocation list or signed document is from the future, or expired."""


class CertificateRevoked(Refused, code=9, text="certificate revoked"):
    """The issuer has taken a certificate of the chain back."""


class AttestationKeyUnbound(Refused, code=10, text="attestation key not vouched for by the quoting enclave"):
    """The quoting enclave's report data is not the hash of the attestation key."""


class MalformedCollateral(Refused, code=11, text="malformed collateral"):
    """A signed document lacks a field, or carries one of the wrong shape."""


class CollateralMismatch(Refused, code=12, text="collateral is for something else"):
    """Genuine collateral of another platform family, TEE, version or issuer."""


class CollateralMissing(Refused, code=13, text="collateral missing"):
    """One of the items that an appraisal needs was not given."""


class QuotingEnclaveRefused(Refused, code=14, text="quoting enclave refused"):
    """The quote was signed by an enclave that is not the vendor's quoting enclave."""


class TDXModuleRefused(Refused, code=15, text="TDX module refused"):
    """The TDX module is not one the vendor has listed."""


class NoTCBLevel(Refused, code=16, text="no TCB level matches"):
    """The platform, quoting enclave or TDX module is older than every level on the list."""


class TCBRevoked(Refused, code=17, text="TCB level revoked"):
    """The vendor declares this level broken."""


class DebugEnabled(Refused, code=18, text="debug is enabled"):
    """A debugger may read this enclave or trust domain; debug is not part of the measurement."""


class AttributesRefused(Refused, code=19, text="attributes refused"):
    """An attribute that weakens isolation is set, or one that is required is clear."""


class UnknownRoot(Refused, code=30, text="root not listed in the policy"):
    """The policy does not trust this root key."""


class MeasurementNotAllowed(Refused, code=31, text="measurement not allowed at this height"):
    """The policy does not list this code at this height."""


class ProductDenied(Refused, code=32, text="product line denied"):
    """The policy has dropped this product line."""


class TCBStatusNotAllowed(Refused, code=33, text="TCB status not allowed"):
    """The policy does not accept platforms in this state of maintenance."""


class EvaluationTooOld(Refused, code=34, text="TCB evaluation number too low"):
    """The collateral is of an older evaluation than the policy demands."""


class AdvisoryRejected(Refused, code=35, text="platform is open to a rejected advisory"):
    """A security advisory that the policy rejects applies to the platform."""


class PlatformNotRegistered(Refused, code=36, text="platform not registered"):
    """The policy admits registered platforms only, and this is none of them."""


class Assurance(IntEnum):
    """What stands behind a root key; the numbers are those of `panacea.oracle.v3`."""

    HARDWARE = 1
    SIMULATED = 2


class ItemKind(IntEnum):
    """Kinds of collateral; the numbers are those of `panacea.oracle.v3`."""

    TCB_INFO = 1
    QE_IDENTITY = 2
    PCK_CRL = 3
    ROOT_CRL = 4
    CERT_CHAIN = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a platform says about one enclave: `kind` is sgx, tdx or snp, `blob` the quote, at most 16 KiB."""

    kind: str
    blob: bytes
    certificates: bytes = b""


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of collateral, as it is posted and stored.

    | kind | subject | body | issuer_chain (PEM) |
    | --- | --- | --- | --- |
    | TCB_INFO | `sgx/` or `tdx/` and the FMSPC in lower hex | `{"tcbInfo":…,"signature":"…"}` | signer, root |
    | QE_IDENTITY | `sgx` or `tdx` | `{"enclaveIdentity":…,"signature":"…"}` | signer, root |
    | PCK_CRL | `processor` or `platform` | DER | PCK CA, root |
    | ROOT_CRL | empty | DER | root |

    Bodies are what Intel's provisioning certification service (API v4) answers, byte for byte.
    """

    root_key_id: bytes
    kind: ItemKind
    subject: bytes
    body: bytes
    issuer_chain: bytes


@dataclass(frozen=True, slots=True)
class ItemDates:
    """When an item was issued and when it expires, in unix seconds, as its signed body says."""

    issued: int
    expires: int


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """JSON as signed, the 64-byte ECDSA signature (r ‖ s) and the PEM chain of its signer."""

    body: bytes
    signature: bytes
    issuer_chain: bytes


@dataclass(frozen=True, slots=True)
class Collateral:
    """Everything besides the evidence that an appraisal needs; revocation lists are DER."""

    root_key_id: bytes
    tcb_info: SignedDocument
    qe_identity: SignedDocument
    pck_crl: bytes
    root_crl: bytes


@dataclass(frozen=True, slots=True)
class Requirements:
    """Which collateral a quote needs, read from its own unverified PCK chain; `ca` is processor or platform."""

    kind: str
    root_key_id: bytes
    fmspc: bytes
    ca: str

    def lookups(self) -> tuple[tuple[ItemKind, bytes], ...]:
        """The (kind, subject) of the four items, under `root_key_id`."""
        return (
            (ItemKind.TCB_INFO, f"{self.kind}/{self.fmspc.hex()}".encode()),
            (ItemKind.QE_IDENTITY, self.kind.encode()),
            (ItemKind.PCK_CRL, self.ca.encode()),
            (ItemKind.ROOT_CRL, b""),
        )


@dataclass(frozen=True, slots=True)
class Claims:
    """What genuine evidence states; whether that is good enough is the policy's question.

    `measurement` is MRENCLAVE, or SHA-256 over MRTD and RTMR0 to RTMR3. `root_key_id` is SHA-384 of the root's
    uncompressed EC point. `platform_id` is a hash of root and PPID, one per machine. `product_line` is the processor
    model in hex (extended model and family of CPUID, from the FMSPC). `vendor` is the organisation the root names
    itself; trust comes from `root_key_id` alone. `earliest_expiry` is in unix seconds. `fields` are the values of the
    report body by the names of the DCAP specification.
    """

    kind: str
    measurement: bytes
    mr_signer: bytes
    report_data: bytes
    tcb_status: str
    advisory_ids: tuple[str, ...]
    tcb_evaluation: int
    fmspc: bytes
    platform_id: bytes
    root_key_id: bytes
    product_line: str
    vendor: str
    debug: bool
    isv_prod_id: int
    isv_svn: int
    earliest_expiry: int
    fields: Mapping[str, bytes | int]


@dataclass(frozen=True, slots=True)
class Root:
    """What a policy says of a root key."""

    kind: Assurance
    vendor: str


@dataclass(frozen=True, slots=True)
class MeasurementRule:
    """Code that is allowed from one height to another, both included; `to_height` 0 leaves it open."""

    id: bytes
    from_height: int = 0
    to_height: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """What a chain accepts; mirrors `AttestationPolicy` of `panacea.oracle.v3`.

    `roots` are by root key id. `products_denied` names product lines as decisions write them: `vendor/model`.
    """

    roots: Mapping[bytes, Root]
    measurements: tuple[MeasurementRule, ...]
    products_denied: frozenset[str] = frozenset()
    tcb_statuses: frozenset[str] = frozenset({"UpToDate", "SWHardeningNeeded"})
    min_tcb_evaluation: int = 0
    advisories_rejected: frozenset[str] = frozenset()
    registry_required: bool = False
    platforms: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """An accepted enclave, in the policy's words: `product_line` is `vendor/model`."""

    kind: Assurance
    vendor: str
    product_line: str
    measurement: bytes
    platform_id: bytes
