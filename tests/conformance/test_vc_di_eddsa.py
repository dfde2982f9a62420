"""The published vectors of W3C vc-di-eddsa for eddsa-rdfc-2022, with their intermediate values."""

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.rdf import Contexts, canonicalize, to_quads
from panacea.credentials.suites import eddsa_rdfc_2022
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.types import UnknownCryptosuite
from panacea.crypto import base58
from panacea.crypto.keys import Ed25519Key
from panacea.identity.multikey import decode_multikey, encode_multikey


def read(name: str) -> Any:  # Any: JSON of the vectors
    return json.loads(shared(name).read_text(), parse_float=Decimal)


def contexts() -> Contexts:
    known = Contexts.bundled()
    index = read("contexts/index.json")
    return known.with_extra({url: read(f"contexts/{file}") for url, file in index.items() if url not in known})


def test_every_step() -> None:
    folder, known = "vc-di-eddsa/eddsa-rdfc-2022", contexts()
    document, signed = read("vc-di-eddsa/unsigned.json"), read(f"{folder}/signedDataInt.json")
    pair = read("vc-di-eddsa/keyPair.json")
    canonical = canonicalize(to_quads(document, known)).text
    assert canonical == shared(f"{folder}/canonDocDataInt.txt").read_text()
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    assert digest == shared(f"{folder}/docHashDataInt.txt").read_text().strip()
    proof = signed["proof"]
    options = ProofOptions(proof["cryptosuite"], proof["verificationMethod"], proof["created"])
    combined = options.digest(document, known).hex() + digest
    assert combined == shared(f"{folder}/combinedHashDataInt.txt").read_text().strip()
    key = Ed25519Key(base58.decode(pair["privateKeyMultibase"][1:])[2:])
    assert encode_multikey(key.public_key) == pair["publicKeyMultibase"]
    made = eddsa_rdfc_2022.sign(
        document,
        signer=key.sign,
        verification_method=proof["verificationMethod"],
        created=proof["created"],
        contexts=known,
    )
    assert made == signed
    public = decode_multikey(pair["publicKeyMultibase"]).raw
    found = eddsa_rdfc_2022.verify(signed, public_key=public, contexts=known)
    assert found.statements == canonical.count("\n")


@pytest.mark.parametrize("name", ["eddsa-jcs-2022/signedJCS.json", "Ed25519Signature2020/signedEdSig.json"])
def test_other_suites_are_refused_by_name(name: str) -> None:
    with pytest.raises(UnknownCryptosuite):
        eddsa_rdfc_2022.verify(read(f"vc-di-eddsa/{name}"), public_key=bytes(32), contexts=contexts())
