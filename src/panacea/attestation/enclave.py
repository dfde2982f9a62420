"""What an oracle needs of the machine it runs on."""

from typing import Protocol

from panacea.attestation.types import Evidence


class Enclave(Protocol):
    """A place that can prove which code runs in it; `kind` is that of its evidence: sgx, tdx or snp."""

    @property
    def kind(self) -> str:
        """The kind of evidence it gives."""
        ...

    def evidence(self, report_data: bytes) -> Evidence:
        """Fresh evidence that carries these 64 bytes."""
        ...

    def measurement(self) -> bytes:
        """The measurement that an appraisal of its evidence claims."""
        ...
