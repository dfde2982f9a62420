"""How the fixtures of blind BBS and its pseudonyms are read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared_files import shared

from panacea.crypto.bbs import SHA256, SHAKE256, Suite
from panacea.crypto.bbs.experimental.commitment import Interface
from panacea.crypto.hazmat.bls12381 import scalar_modulo_order
from panacea.crypto.secret import SecretBytes

FOLDERS = {"bls12-381-sha-256": SHA256, "bls12-381-shake-256": SHAKE256}

Case = dict[str, Any]  # Any: JSON of the fixtures


def cases(root: str, kind: str) -> list[tuple[str, str]]:
    """Folder and file of every case there is."""
    top = shared(root)
    return [(folder, path.name) for folder in FOLDERS for path in sorted((top / folder / kind).glob("*.json"))]


def read(root: str, folder: str, kind: str, name: str) -> Case:
    case: Case = json.loads((shared(root) / folder / kind / name).read_text())
    return case


def octets(value: str | None) -> bytes:
    return bytes.fromhex(value or "")


def many(values: list[str] | None) -> list[bytes]:
    return [bytes.fromhex(value) for value in values or []]


def secrets(values: list[str]) -> list[SecretBytes]:
    return [SecretBytes(value) for value in many(values)]


def secret(value: str | None) -> SecretBytes | None:
    return None if value is None else SecretBytes(bytes.fromhex(value))


def by_index(values: Mapping[str, str] | None) -> dict[int, bytes]:
    return {int(index): bytes.fromhex(value) for index, value in (values or {}).items()}


@dataclass(frozen=True)
class MockedScalars:
    """The random source of a fixture: its seed as text, expanded under the tag of an operation."""

    suite: Suite
    seed: bytes
    dst: bytes

    @classmethod
    def of(cls, folder: str, case: Case, operation: str) -> "MockedScalars":
        mocked = case["mockRngParameters"]
        return cls(FOLDERS[folder], mocked["SEED"].encode(), mocked[operation]["DST"].encode())

    def token(self, size: int) -> bytes:
        return self.suite.expand(self.seed, self.dst, size)


def require_trace(case: Case, random: MockedScalars, names: list[str]) -> None:
    """The mocked draws are those that the fixture shows, where it does: some proofs trace nothing."""
    traced = case.get("trace", {}).get("random_scalars")
    if traced is None:
        return
    shown = {name.lower(): value for name, value in traced.items()}
    count = len(names) + len(next(value for value in shown.values() if isinstance(value, list)))
    drawn = random.token(48 * count)
    scalars = [scalar_modulo_order(drawn[at : at + 48]).to_be_bytes().hex() for at in range(0, len(drawn), 48)]
    assert scalars[: len(names)] == [case["proverBlind"] if name == "" else shown[name] for name in names]
    assert scalars[len(names) :] in shown.values()


PROOF_DRAWS = ["r1", "r2", "e_tilde", "r1_tilde", "r3_tilde"]


def require_generators(of: Interface, fixture: Case) -> None:
    """Both lists of generators are those of the fixture."""
    for name, found in (("generators", of.suite.generators), ("blindGenerators", of.blind)):
        case = fixture[name]
        assert found.api_id.decode() == case["api_id"]
        assert found.base.to_compressed_bytes().hex() == case["P1"]
        expected = [case["Q1"], *case["MsgGenerators"]]
        assert [point.to_compressed_bytes().hex() for point in found.first(len(expected))] == expected
