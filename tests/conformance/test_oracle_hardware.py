"""A chain that trusts hardware only: it appraises real quotes, and refuses every simulated one."""

import hashlib
import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import SECOND, START, Driver
from oracle_network import (
    PLENTY,
    NetworkOracle,
    collateral_message,
    new_oracle,
    oracle_balances,
    oracle_genesis,
    oracle_name,
    registration,
)
from shared_files import shared

from panacea.attestation import Evidence, ItemKind, Requirements, requirements
from panacea.attestation.signed_json import join_envelope
from panacea.attestation.x509 import read_certificate
from panacea.chain.oracle import state
from panacea.chain.oracle.messages import MsgPostCollateral
from panacea.chain.results import TxResult
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Collateral, KeySubmission
else:
    (Collateral,) = load("panacea.oracle.v3", "Collateral")

FOLDER = shared("tee")
CASES = {case["id"]: case for case in json.loads((FOLDER / "index.json").read_text())["cases"]}
INTEL = read_certificate((FOLDER / "roots/intel_sgx_root_ca.der").read_bytes()).key_id
GENUINE = ["sgx_v3_phala", "tdx_v4_phala", "tdx_v4_gcp_cos113", "tdx_v5_google"]
END = b"-----END CERTIFICATE-----\n"


def hardware_chain(now: int = START // SECOND) -> Driver:
    """A chain with the parameters of the design, whose one root is Intel's, at this time."""
    policy = {
        "roots": [{"key_id": b64encode(INTEL).decode(), "kind": "ASSURANCE_KIND_HARDWARE", "vendor": "intel"}],
        "measurements": [{"id": b64encode(bytes(32)).decode()}],
        "tcb_statuses": ["UpToDate"],
    }
    part = {"params": {**oracle_genesis()["params"], "policy": policy}}
    chain = Driver(oracle_balances(2), chain_id="panacea-9", genesis={"oracle": part})
    chain.advance(now - chain.time_ns // SECOND)
    return chain


def submit(chain: Driver, oracle: NetworkOracle, keys: "KeySubmission") -> TxResult:
    return chain.tx(oracle.name, registration(chain, oracle, keys), gas=PLENTY)


def code(result: TxResult) -> str:
    return f"{result.codespace}/{result.code}"


def given(case: dict[str, Any]) -> Evidence:
    return Evidence(case["kind"], (FOLDER / case["quote"]).read_bytes())


def items_of(case: dict[str, Any]) -> list["Collateral"]:
    """The published collateral of a case, cut into the items of the chain."""
    kept: dict[str, str] = json.loads((FOLDER / case["collateral"]).read_text())
    needed: Requirements = requirements(given(case))
    chain_of_list = kept["pck_crl_issuer_chain"].encode()
    root = chain_of_list.split(END)[-2] + END

    def document(part: str, name: str) -> bytes:
        return join_envelope(name, kept[part].encode(), bytes.fromhex(kept[f"{part}_signature"]))

    found = {
        ItemKind.TCB_INFO: (document("tcb_info", "tcbInfo"), kept["tcb_info_issuer_chain"].encode()),
        ItemKind.QE_IDENTITY: (document("qe_identity", "enclaveIdentity"), kept["qe_identity_issuer_chain"].encode()),
        ItemKind.PCK_CRL: (bytes.fromhex(kept["pck_crl"]), chain_of_list),
        ItemKind.ROOT_CRL: (bytes.fromhex(kept["root_ca_crl"]), root),
    }
    return [
        Collateral(
            root_key_id=needed.root_key_id,
            kind=int(kind),  # type: ignore[arg-type] # the same numbers, as another type
            subject=subject,
            body=found[kind][0],
            issuer_chain=found[kind][1],
        )
        for kind, subject in needed.lookups()
    ]


def with_evidence(chain: Driver, oracle: NetworkOracle, evidence: Evidence) -> "KeySubmission":
    keys = oracle.submission(chain)
    keys.evidence.kind, keys.evidence.blob = evidence.kind, evidence.blob
    return keys


@pytest.mark.parametrize("name", GENUINE)
def test_real_evidence_is_believed_and_is_somebody_elses(name: str) -> None:
    """With real collateral posted the whole appraisal passes; only the keys are not those the quote binds."""
    case = CASES[name]
    chain = hardware_chain(case["now"])
    oracle = new_oracle(chain, 0)
    assert code(submit(chain, oracle, with_evidence(chain, oracle, given(case)))) == "oracle/12"
    message = MsgPostCollateral(sender=oracle.address, items=items_of(case))
    result = chain.tx(oracle.name, message, gas=PLENTY)
    assert result.code == 0, result.log
    assert len(dict(state.collateral.items(chain.ctx()))) == 4
    result = submit(chain, oracle, with_evidence(chain, oracle, given(case)))
    assert code(result) == "oracle/15", result.log
    blob = bytearray(given(case).blob)
    blob[100] ^= 1
    result = submit(chain, oracle, with_evidence(chain, oracle, Evidence(case["kind"], bytes(blob))))
    assert code(result) == "oracle/4", result.log


def test_every_simulated_vector_is_refused() -> None:
    simulated = [case for case in CASES.values() if case.get("root") == "roots/sim_root_ca.der"]
    assert len(simulated) > 10
    chain = hardware_chain(simulated[0]["now"])
    oracle = new_oracle(chain, 0)
    for case in simulated:
        assert code(submit(chain, oracle, with_evidence(chain, oracle, given(case)))) == "oracle/4", case["id"]


def test_every_simulated_platform_is_refused() -> None:
    chain = hardware_chain()
    for number in range(2):
        oracle = new_oracle(chain, number)
        posted = chain.tx(oracle.name, collateral_message(chain, oracle_name(number), number), gas=PLENTY)
        assert (code(posted), "root not listed" in posted.log) == ("oracle/11", True)
        machine = hashlib.sha256(b"machine").digest()
        for enclave in (oracle.enclave(), oracle.enclave(debug=True), oracle.enclave(measurement=machine)):
            result = submit(chain, oracle, oracle.submission(chain, enclave=enclave))
            assert (code(result), "root not listed" in result.log) == ("oracle/4", True)
    assert not dict(state.oracles.items(chain.ctx()))
