"""The published fixtures of IETF BBS, both ciphersuites: every file of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.crypto.bbs import SHA256, SHAKE256, BBSRejected, Suite
from panacea.crypto.hazmat.bls12381 import scalar_modulo_order

FOLDERS = {"bls12-381-sha-256": SHA256, "bls12-381-shake-256": SHAKE256}
SUITES = list(FOLDERS.items())


def read(path: Path) -> Any:  # Any: JSON of the fixtures
    return json.loads(path.read_text())


def octets(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


@dataclass(frozen=True)
class MockedScalars:
    """The random source of the fixtures: one seed, expanded to the length asked for."""

    suite: Suite
    seed: bytes
    dst: bytes

    def token(self, size: int) -> bytes:
        return self.suite.expand(self.seed, self.dst, size)


def mocked(folder: str) -> MockedScalars:
    rng = read(shared(f"bbs/{folder}/mockedRng.json"))
    return MockedScalars(FOLDERS[folder], bytes.fromhex(rng["seed"]), bytes.fromhex(rng["dst"]))


def cases(kind: str) -> list[tuple[str, str]]:
    root = shared("bbs")
    return [(folder, path.name) for folder in FOLDERS for path in sorted((root / folder / kind).glob("*.json"))]


@pytest.mark.parametrize(("folder", "suite"), SUITES)
def test_mocked_scalars(folder: str, suite: Suite) -> None:
    rng = read(shared(f"bbs/{folder}/mockedRng.json"))
    drawn = mocked(folder).token(48 * rng["count"])
    scalars = [scalar_modulo_order(drawn[at : at + 48]).to_be_bytes().hex() for at in range(0, len(drawn), 48)]
    assert scalars == rng["mockedScalars"]


@pytest.mark.parametrize(("folder", "suite"), SUITES)
def test_key_pair(folder: str, suite: Suite) -> None:
    case = read(shared(f"bbs/{folder}/keypair.json"))
    material, info = bytes.fromhex(case["keyMaterial"]), bytes.fromhex(case["keyInfo"])
    secret = suite.key_gen(material, info, bytes.fromhex(case["keyDst"]))
    assert secret.hex() == case["keyPair"]["secretKey"]
    assert suite.key_gen(material, info) == secret
    assert suite.public_key(secret).hex() == case["keyPair"]["publicKey"]


@pytest.mark.parametrize(("folder", "suite"), SUITES)
def test_generators(folder: str, suite: Suite) -> None:
    case = read(shared(f"bbs/{folder}/generators.json"))
    assert suite.generators.base.to_compressed_bytes().hex() == case["P1"]
    expected = [case["Q1"], *case["MsgGenerators"]]
    assert [point.to_compressed_bytes().hex() for point in suite.generators.first(len(expected))] == expected


@pytest.mark.parametrize(("folder", "suite"), SUITES)
def test_hash_to_scalar(folder: str, suite: Suite) -> None:
    case = read(shared(f"bbs/{folder}/h2s.json"))
    uniform = suite.expand(bytes.fromhex(case["message"]), bytes.fromhex(case["dst"]), 48)
    assert scalar_modulo_order(uniform).to_be_bytes().hex() == case["scalar"]


@pytest.mark.parametrize(("folder", "suite"), SUITES)
def test_messages_to_scalars(folder: str, suite: Suite) -> None:
    fixture = read(shared(f"bbs/{folder}/MapMessageToScalarAsHash.json"))
    dst = bytes.fromhex(fixture["dst"])
    assert dst == suite.api_id + b"MAP_MSG_TO_SCALAR_AS_HASH_"
    for case in fixture["cases"]:
        uniform = suite.expand(bytes.fromhex(case["message"]), dst, 48)
        assert scalar_modulo_order(uniform).to_be_bytes().hex() == case["scalar"]


@pytest.mark.parametrize(("folder", "name"), cases("signature"))
def test_signature(folder: str, name: str) -> None:
    suite, case = FOLDERS[folder], read(shared(f"bbs/{folder}/signature/{name}"))
    pair, header, messages = case["signerKeyPair"], bytes.fromhex(case["header"]), octets(case["messages"])
    public, signature = bytes.fromhex(pair["publicKey"]), bytes.fromhex(case["signature"])
    if case["result"]["valid"]:
        assert suite.sign(bytes.fromhex(pair["secretKey"]), public, header, messages) == signature
        suite.verify(public, signature, header, messages)
    else:
        with pytest.raises(BBSRejected):
            suite.verify(public, signature, header, messages)


@pytest.mark.parametrize(("folder", "name"), cases("proof"))
def test_proof(folder: str, name: str) -> None:
    suite, case = FOLDERS[folder], read(shared(f"bbs/{folder}/proof/{name}"))
    header, shown_header = bytes.fromhex(case["header"]), bytes.fromhex(case["presentationHeader"])
    public, messages, indexes = (
        bytes.fromhex(case["signerPublicKey"]),
        octets(case["messages"]),
        case["disclosedIndexes"],
    )
    proof = bytes.fromhex(case["proof"])
    disclosed = {index: messages[index] for index in indexes}
    if case["result"]["valid"]:
        signature = bytes.fromhex(case["signature"])
        made = suite.prove(public, signature, header, shown_header, messages, disclosed=indexes, random=mocked(folder))
        assert made == proof
        suite.check(public, proof, header, shown_header, disclosed)
    else:
        with pytest.raises(BBSRejected):
            suite.check(public, proof, header, shown_header, disclosed)
