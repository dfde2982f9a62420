"""A simulated vendor with its machines: genuine DCAP bytes under a root that no chain with real data lists.

Nothing here is secret enough to protect a patient: whoever holds the platform file can forge any evidence under its
root. What makes it honest is that the verifier is the real one, and that the root's kind is fixed in the chain's
policy.
"""

import json
import os
from collections.abc import Collection, Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from panacea.attestation.appraise import measure_td
from panacea.attestation.signed_json import join_envelope
from panacea.attestation.types import Evidence, Item, ItemKind
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random
from panacea.simulated import documents
from panacea.simulated.authority import Authority, pem
from panacea.simulated.quotes import Signers, write_quote

_FORMAT = "panacea-simulated-platform/1"
_BLOCK_TIME_LAG = 3600
_COLLATERAL_LIFETIME = 30 * 86400
_VERSIONS = {"sgx": 3, "tdx": 4}
_SIZES = {"sgx": 32, "tdx": 48}


class SimulatedRejected(Rejected, codespace="simulated"):
    """A request to the simulator was refused."""


class PlatformFileRefused(SimulatedRejected, code=2, text="platform file refused"):
    """The file is not a platform, or others than its owner may read it."""


class EnclaveRefused(SimulatedRejected, code=3, text="no such enclave"):
    """Kind, measurement or report data of another size than hardware would take."""


class Platform:
    """A vendor named `vendor` that makes one processor family; everything follows from its 32-byte seed."""

    def __init__(self, seed: bytes, vendor: str, fmspc: bytes, created: int) -> None:
        self._seed = seed
        self.vendor = vendor
        self.fmspc = fmspc
        self.created = created
        self._authority = Authority(seed, vendor, created)

    @classmethod
    def create(cls, random: Random, now: int, vendor: str = "simulated-a", *, fmspc: bytes | None = None) -> "Platform":
        """A new vendor at `now` (unix seconds); the family id of 6 bytes follows from the name unless given."""
        family = sha256(b"panacea/simulated/fmspc" + vendor.encode()).digest()[:6]
        return cls(random.token(32), vendor, family if fmspc is None else fmspc, now)

    @classmethod
    def load(cls, path: Path) -> "Platform":
        """The platform kept in this file. Raises `PlatformFileRefused`."""
        if path.stat().st_mode & 0o077:
            raise PlatformFileRefused("others than the owner may read it", path=path.name)
        try:
            kept = json.loads(path.read_bytes())
            if kept.pop("format") != _FORMAT:
                raise PlatformFileRefused("unknown format", path=path.name)
            seed, fmspc = bytes.fromhex(kept.pop("seed")), bytes.fromhex(kept.pop("fmspc"))
            return cls(seed, vendor=str(kept["vendor"]), fmspc=fmspc, created=int(kept["created"]))
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise PlatformFileRefused("not a platform", path=path.name) from wrong

    def save(self, path: Path) -> None:
        """Write it to a new file that only the owner may read."""
        kept = {
            "format": _FORMAT,
            "vendor": self.vendor,
            "fmspc": self.fmspc.hex(),
            "created": self.created,
            "seed": self._seed.hex(),
        }
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(kept, file, indent=1)

    @property
    def root_key_id(self) -> bytes:
        """What a policy lists to trust this vendor: SHA-384 of the root's uncompressed point."""
        return self._authority.root_key_id

    @property
    def root_certificate(self) -> bytes:
        """The root certificate, in DER."""
        return self._authority.root.public_bytes(Encoding.DER)

    def enclave(
        self, measurement: bytes, *, platform_seed: bytes, kind: str = "sgx", debug: bool = False
    ) -> "SimulatedEnclave":
        """Code with this MRENCLAVE (sgx) or MRTD (tdx) on the machine that `platform_seed` names.

        The same seed is the same machine, with the same platform id, in every process.
        """
        if len(measurement) != _SIZES.get(kind):
            raise EnclaveRefused("kind, or size of the measurement", kind=kind, size=len(measurement))
        return SimulatedEnclave(self._machine(platform_seed), kind, measurement, self._qe_signer(), debug=debug)

    def collateral_items(
        self,
        now: int,
        *,
        tcb_status: str = "UpToDate",
        advisories: Sequence[str] = (),
        revoked: Collection[int] = (),
    ) -> list[Item]:
        """What a chain must hold to appraise this vendor's quotes: fresh at `now`, good for 30 days.

        It is issued an hour back, since block time trails the clock. Status, advisories and revoked serial numbers
        let a network rehearse the fall of a platform.
        """
        issued, expires = now - _BLOCK_TIME_LAG, now + _COLLATERAL_LIFETIME
        authority = self._authority
        lists = (
            (ItemKind.PCK_CRL, b"processor", "PCK Processor CA", pem(authority.pck_authority, authority.root)),
            (ItemKind.ROOT_CRL, b"", "Root CA", pem(authority.root)),
        )
        items = [
            Item(self.root_key_id, kind, subject, authority.revocation_list(name, issued, expires, revoked), chain)
            for kind, subject, name, chain in lists
        ]
        for tee in _VERSIONS:
            body = documents.tcb_info(tee, self.fmspc, issued, expires, status=tcb_status, advisories=advisories)
            subject = f"{tee}/{self.fmspc.hex()}".encode()
            items.append(self._signed_item(ItemKind.TCB_INFO, subject, "tcbInfo", body))
            body = documents.qe_identity(tee, self._qe_signer(), issued, expires)
            items.append(self._signed_item(ItemKind.QE_IDENTITY, tee.encode(), "enclaveIdentity", body))
        return items

    def _signed_item(self, kind: ItemKind, subject: bytes, name: str, body: bytes) -> Item:
        signed = join_envelope(name, body, self._authority.sign("TCB Signing", body))
        return Item(self.root_key_id, kind, subject, signed, self._authority.signer_chain)

    def _qe_signer(self) -> bytes:
        return self._authority.token("quoting enclave signer", 32)

    def _machine(self, platform_seed: bytes) -> Signers:
        """The keys of one machine, with a PCK certificate of its own."""
        name = platform_seed.hex()
        ppid = self._authority.token(f"ppid/{name}", 16)
        extension = documents.sgx_extension(ppid, self.fmspc)
        leaf = self._authority.certify_platform(f"pck/{name}", extension)
        return Signers(
            pck=self._authority.key(f"pck/{name}"),
            attestation=self._authority.key(f"attestation/{name}"),
            chain=pem(leaf, self._authority.pck_authority, self._authority.root),
        )


class SimulatedEnclave:
    """An `Enclave` of a simulated machine: evidence is a real quote, of version 3 for sgx and 4 for tdx."""

    def __init__(self, signers: Signers, kind: str, measurement: bytes, qe_signer: bytes, *, debug: bool) -> None:
        self.kind = kind
        self._signers = signers
        self._qe_report = {
            "attributes": documents.QE_ATTRIBUTES,
            "mr_signer": qe_signer,
            "isv_prod_id": documents.QE_PRODUCTS[kind].to_bytes(2, "little"),
            "isv_svn": documents.QE_SVN.to_bytes(2, "little"),
        }
        self._body = _sgx_body(measurement, debug) if kind == "sgx" else _td_body(measurement, debug)

    def evidence(self, report_data: bytes) -> Evidence:
        """A quote that carries these 64 bytes."""
        if len(report_data) != 64:
            raise EnclaveRefused("report data must be 64 bytes", size=len(report_data))
        body = {**self._body, "report_data": report_data}
        blob = write_quote(self._signers, self.kind, _VERSIONS[self.kind], body, self._qe_report)
        return Evidence(self.kind, blob)

    def measurement(self) -> bytes:
        """MRENCLAVE, or the hash over MRTD and runtime registers."""
        return self._body["mr_enclave"] if self.kind == "sgx" else measure_td(self._body)


def _sgx_body(measurement: bytes, debug: bool) -> dict[str, bytes]:
    attributes = bytes([0x07 if debug else 0x05]) + bytes(7) + b"\x03" + bytes(7)
    return {"attributes": attributes, "mr_enclave": measurement, "mr_signer": sha256(b"signer").digest()}


def _td_body(measurement: bytes, debug: bool) -> dict[str, bytes]:
    svns = bytes([documents.MODULE_SVN, documents.MODULE_VERSION] + [documents.COMPONENT_SVN] * 14)
    attributes = bytes([1 if debug else 0, 0, 0, 0x10]) + bytes(4)
    registers = {f"rt_mr{place}": bytes(48) for place in range(4)}
    return {"tee_tcb_svn": svns, "td_attributes": attributes, "mr_td": measurement, **registers}
