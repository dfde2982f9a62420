"""A simulated vendor for tests, and the road from its quotes to claims."""

from collections.abc import Collection, Sequence

from panacea.attestation import Claims, Collateral, Evidence, Item, appraise, assemble, requirements
from panacea.simulated import Platform

NOW = 1_795_305_600
FMSPC = bytes.fromhex("10a06d000000")
PLATFORM = Platform(bytes(range(32)), "simulated-a", FMSPC, NOW)
REPORT_DATA = bytes(range(64))
MEASUREMENTS = {"sgx": bytes(range(32)), "tdx": bytes(range(48))}


def evidence(kind: str = "sgx", *, debug: bool = False, machine: bytes = b"machine") -> Evidence:
    """A quote of PLATFORM."""
    enclave = PLATFORM.enclave(MEASUREMENTS[kind], platform_seed=machine, kind=kind, debug=debug)
    return enclave.evidence(REPORT_DATA)


def select(items: Sequence[Item], wanted: Evidence) -> list[Item]:
    """The items that this quote needs."""
    found = {(item.kind, item.subject): item for item in items}
    return [found[lookup] for lookup in requirements(wanted).lookups()]


def collateral(
    kind: str = "sgx",
    *,
    now: int = NOW,
    tcb_status: str = "UpToDate",
    advisories: Sequence[str] = (),
    revoked: Collection[int] = (),
) -> Collateral:
    """What an appraisal of `evidence(kind)` needs."""
    items = PLATFORM.collateral_items(now, tcb_status=tcb_status, advisories=advisories, revoked=revoked)
    return assemble(select(items, evidence(kind)))


def claims(kind: str = "sgx") -> Claims:
    """What PLATFORM proves."""
    return appraise(evidence(kind), collateral(kind), NOW)
