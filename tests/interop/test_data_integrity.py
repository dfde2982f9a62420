"""Digital Bazaar's libraries for Node and ours: each issues, derives and verifies what the other made.

`make interop` installs theirs below build/interop. All is said over lines of JSON with node/data-integrity/bridge.mjs.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from health_issuer import ENTRY, HOLDER, ISSUED, credential, issuer_keys
from shared_files import ROOT, fhir

from panacea.credentials.rdf import Contexts
from panacea.credentials.records.model import build_document
from panacea.credentials.suites import bbs2023, ecdsa_sd_2023
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.proofs import Occasion, VerifiedProof, add_proof, verify_proofs
from panacea.crypto import base58
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Signer
from panacea.health.mapping import CONTEXT_URL, context_document, subject_form
from panacea.health.strict_json import parse_json, to_json, written
from panacea.identity.multikey import encode_multikey
from panacea.primitives.rejected import Rejected

BUILT = ROOT / "build" / "interop" / "data-integrity"
SCRIPT = Path(__file__).parent / "node" / "data-integrity" / "bridge.mjs"
NODE = shutil.which("node")
NOW = ISSUED + 30 * 86_400
NOW_TEXT = "2026-01-31T00:00:00Z"
CREATED = "2026-01-05T00:00:00Z"
HEADER = b"for one verifier, once"
UNDEFINED_TERMS = "https://www.w3.org/ns/credentials/undefined-terms/v2"
CONTEXTS = Contexts.bundled().with_extra({CONTEXT_URL: context_document()})

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not os.environ.get("PANACEA_INTEROP"), reason="make interop runs this"),
]

Document = dict[str, Any]  # Any: a JSON-LD document


class Refused(Exception):
    """Their library said no."""


class Bridge:
    """A Node process that answers one question at a time."""

    def __init__(self) -> None:
        assert NODE, "node is not there: Node 20 or later is needed"
        assert (BUILT / "node_modules").is_dir(), "the libraries are not there: run `make interop`"
        shutil.copyfile(SCRIPT, BUILT / SCRIPT.name)
        self._process = subprocess.Popen(
            [NODE, str(BUILT / SCRIPT.name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, **question: Any) -> Any:
        """What it answers; Refused."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(to_json(question) + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline(), parse_float=Decimal)
        if "ok" not in answer:
            raise Refused(answer["refused"])
        return answer["ok"]

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=10)


@pytest.fixture(scope="module")
def theirs() -> Iterator[Bridge]:
    """Their libraries."""
    bridge = Bridge()
    try:
        documents = json.dumps({url: CONTEXTS[url] for url in CONTEXTS}, default=float)
        bridge.ask(do="know", documents=json.loads(documents, parse_float=Decimal))
        yield bridge
    finally:
        bridge.close()


# Keys and documents


@dataclass(frozen=True)
class Key:
    """A key that both sides sign with, in the words of each."""

    public_key: PublicKey
    secret: bytes
    prefix: bytes
    signer: Signer | None = None

    @property
    def controller(self) -> str:
        return f"did:key:{encode_multikey(self.public_key)}"

    @property
    def method(self) -> str:
        return f"{self.controller}#{encode_multikey(self.public_key)}"

    def to_json(self) -> Document:
        """With the secret, as a Multikey."""
        public, secret = encode_multikey(self.public_key), "z" + base58.encode(self.prefix + self.secret)
        return {
            "id": self.method,
            "controller": self.controller,
            "publicKeyMultibase": public,
            "secretKeyMultibase": secret,
        }


def ed25519_key() -> Key:
    secret = b"e" * 32
    signer = Ed25519Key(secret)
    return Key(signer.public_key, secret, b"\x80\x26", signer)


def ecdsa_key(kind: KeyKind, prefix: bytes) -> Key:
    secret = b"p" * (32 if kind is KeyKind.P256 else 48)
    signer = ECDSAKey(kind, secret)
    return Key(signer.public_key, secret, prefix, signer)


def bbs_key() -> Key:
    keys = issuer_keys()
    return Key(PublicKey(KeyKind.BLS12381G2, keys.bbs_public), keys.bbs_secret.reveal(), b"\x8a\x26")


ED25519, BBS = ed25519_key(), bbs_key()
P256, P384 = ecdsa_key(KeyKind.P256, b"\x86\x26"), ecdsa_key(KeyKind.P384, b"\x87\x26")
WHOLE = {
    "eddsa-rdfc-2022": ("eddsa-rdfc-2022", ED25519),
    "eddsa-jcs-2022": ("eddsa-jcs-2022", ED25519),
    "ecdsa-rdfc-2019 P-256": ("ecdsa-rdfc-2019", P256),
    "ecdsa-rdfc-2019 P-384": ("ecdsa-rdfc-2019", P384),
    "ecdsa-jcs-2019 P-256": ("ecdsa-jcs-2019", P256),
    "ecdsa-jcs-2019 P-384": ("ecdsa-jcs-2019", P384),
}
SELECTIVE = {"bbs-2023": BBS, "ecdsa-sd-2023": P256}


@cache
def resources() -> dict[str, Document]:
    """FHIR resources, by file: the smallest of each type, and some that are known for their arrays and decimals."""
    smallest: dict[str, Path] = {}
    for path in sorted(fhir().glob("*.json"), key=lambda path: path.stat().st_size):
        smallest.setdefault(path.name.partition("-")[0], path)
    chosen = {*smallest.values(), fhir("Observation-decimal.json"), fhir("Observation-example.json")}
    found = {path.stem: parse_json(path.read_bytes()) for path in sorted(chosen) if path.exists()}
    return {name: without_exponents(resource) for name, resource in found.items() if isinstance(resource, dict)}


def without_exponents(value: Any) -> Any:  # Any: FHIR JSON
    """The same, but for numbers with an exponent: see `test_a_number_with_an_exponent_is_theirs_to_mend`."""
    if isinstance(value, dict):
        return {name: without_exponents(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_exponents(inner) for inner in value]
    return Decimal("1.50") if isinstance(value, Decimal) and "E" in written(value).upper() else value


def plain(name: str, issuer: str) -> Document:
    """An unsigned credential: a FHIR resource, or one with arrays, numbers and nested nodes as JSON has them."""
    if name != "plain JSON":
        return build_document(
            issuer=issuer,
            validity=("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            status=ENTRY,
            holder=HOLDER,
            nullifier=bytes(32),
            subject=subject_form(resources()[name]),
        )
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", UNDEFINED_TERMS],
        "type": ["VerifiableCredential", "LabCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "name": "Größe, “quoted” \\ and\ttabbed",
        "credentialSubject": {
            "id": HOLDER,
            "values": [7, -3, Decimal("7.9"), Decimal("0.001"), True, "7.90"],
            "results": [
                {"code": "a", "value": Decimal("1.5"), "parts": [{"code": "x"}, {"code": "y"}]},
                {"code": "b", "value": 2, "parts": [{"code": "x"}]},
            ],
        },
    }


@cache
def names() -> tuple[str, ...]:
    return ("plain JSON", *resources())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every document for each test that takes one."""
    if "name" in metafunc.fixturenames:
        run = bool(os.environ.get("PANACEA_INTEROP"))
        metafunc.parametrize("name", names() if run else ("every document",))


def chosen(document: Document) -> list[str]:
    """JSON pointers to every other member of the record, and to two deep ones."""
    if isinstance(document["credentialSubject"], dict):
        return ["/credentialSubject/results/1", "/credentialSubject/values/2", "/credentialSubject/values/5"]
    resource = document["credentialSubject"][1]["resource"]
    members = sorted(name for name in resource if name not in {"type", "@type"})[::2]
    deep = [
        f"{member}/{inner}"
        for member in sorted(resource)
        if isinstance(resource[member], dict) and "@value" not in resource[member]
        for inner in sorted(resource[member])[:1]
    ][:2]
    return [f"/credentialSubject/1/resource/{pointer}" for pointer in (*members, *deep)]


# Ours


def accept(document: Document, key: Key) -> VerifiedProof:
    [verified] = verify_proofs(
        document,
        keys=lambda _: key.public_key,
        occasion=Occasion("assertionMethod", NOW),
        contexts=CONTEXTS,
    )
    return verified


def our_base(suite: str, document: Document, key: Key, mandatory: list[str]) -> Document:
    if suite == "bbs-2023":
        return bbs2023.create_base(
            document,
            secret_key=key.secret,
            public_key=key.public_key.raw,
            verification_method=key.method,
            mandatory_pointers=mandatory,
            contexts=CONTEXTS,
            created=CREATED,
        )
    assert key.signer
    options = ProofOptions(suite, key.method, CREATED)
    return ecdsa_sd_2023.create_base(
        document, signer=key.signer, options=options, mandatory_pointers=mandatory, contexts=CONTEXTS
    )


def our_receipt(suite: str, base: Document, key: Key) -> None:
    """The holder's own check of a base proof."""
    if suite == "bbs-2023":
        bbs2023.verify_base(base, public_key=key.public_key.raw, contexts=CONTEXTS)
    else:
        ecdsa_sd_2023.verify_base(base, public_key=key.public_key, contexts=CONTEXTS)


def our_view(suite: str, base: Document, key: Key, pointers: list[str]) -> Document:
    if suite == "bbs-2023":
        return bbs2023.derive(
            base,
            selective_pointers=pointers,
            presentation_header=HEADER,
            public_key=key.public_key.raw,
            contexts=CONTEXTS,
        )
    return ecdsa_sd_2023.derive(base, selective_pointers=pointers, contexts=CONTEXTS)


def our_verdict(suite: str, view: Document, key: Key) -> None:
    verified = accept(view, key)
    assert verified.cryptosuite == suite
    if suite == "bbs-2023":
        assert verified.presentation_header == HEADER


# Whole documents


@pytest.mark.parametrize("suite", WHOLE)
def test_whole_documents(theirs: Bridge, suite: str, name: str) -> None:
    cryptosuite, key = WHOLE[suite]
    assert key.signer
    document = plain(name, key.controller)
    options = ProofOptions(cryptosuite, key.method, CREATED)
    ours = add_proof(document, signer=key.signer, options=options, contexts=CONTEXTS)
    verify = partial(theirs.ask, do="verify", suite=cryptosuite, key=key.to_json(), now=NOW_TEXT)
    issued = theirs.ask(
        do="issue", suite=cryptosuite, key=key.to_json(), credential=document, created=CREATED, now=NOW_TEXT
    )
    for signed in (ours, issued):
        assert verify(credential=signed) is True
        assert accept(signed, key).cryptosuite == cryptosuite
        for tampered in tamperings(signed):
            refused_by_both(tampered, lambda it: verify(credential=it), partial(accept, key=key))
    if key is ED25519:
        assert issued["proof"]["proofValue"] == ours["proof"]["proofValue"]


# Selective disclosure


@pytest.mark.parametrize("suite", SELECTIVE)
def test_selective_disclosure(theirs: Bridge, suite: str, name: str) -> None:
    key = SELECTIVE[suite]
    document = plain(name, key.controller)
    mandatory, pointers = ["/issuer", "/type", "/validFrom"], chosen(document)
    ours = our_base(suite, document, key, mandatory)
    issued = theirs.ask(
        do="issue", suite=suite, key=key.to_json(), credential=document, mandatory=mandatory, created=CREATED,
        now=NOW_TEXT,
    )  # fmt: skip
    verify = partial(theirs.ask, do="verify", suite=suite, key=key.to_json(), header=HEADER.hex(), now=NOW_TEXT)
    shown = []
    for base in (ours, issued):
        our_receipt(suite, base, key)
        derived = theirs.ask(do="derive", suite=suite, credential=base, pointers=pointers, header=HEADER.hex())
        for view in (our_view(suite, base, key, pointers), derived):
            assert verify(credential=view) is True
            our_verdict(suite, view, key)
            shown.append({member: value for member, value in view.items() if member != "proof"})
            for tampered in tamperings(view):
                refused_by_both(tampered, lambda it: verify(credential=it), partial(accept, key=key))
    assert all(sorted_json(view) == sorted_json(shown[0]) for view in shown)
    assert sorted_json(shown[0]) != sorted_json(document)


def test_health_records_as_the_exchange_trades_them(theirs: Bridge) -> None:
    keys = issuer_keys()
    key = {
        "id": keys.bbs_method_id,
        "controller": keys.did,
        "publicKeyMultibase": encode_multikey(PublicKey(KeyKind.BLS12381G2, keys.bbs_public)),
    }
    for resource in resources().values():
        issued = parse_json(credential(resource))
        assert isinstance(issued, dict)
        view = bbs2023.derive(
            issued,
            selective_pointers=chosen(issued),
            presentation_header=HEADER,
            public_key=keys.bbs_public,
            contexts=CONTEXTS,
        )
        asked = {"do": "verify", "suite": "bbs-2023", "key": key, "now": NOW_TEXT}
        assert theirs.ask(credential=view, header=HEADER.hex(), **asked) is True
        with pytest.raises(Refused):
            theirs.ask(credential=view, header=b"another".hex(), **asked)


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "bbs-2023"])
def test_a_number_with_an_exponent_is_theirs_to_mend(theirs: Bridge, suite: str) -> None:
    """jsonld.js rewrites the text of an xsd:double (7E2 becomes 7.0E2); JSON-LD has it so for JSON numbers alone."""
    key = {"eddsa-rdfc-2022": ED25519, "bbs-2023": BBS}[suite]
    verify = partial(theirs.ask, do="verify", suite=suite, key=key.to_json(), header=HEADER.hex(), now=NOW_TEXT)
    for text, agreed in (("7.0E2", True), ("7E2", False), ("7e2", False)):
        document = plain("Observation-example", key.controller)
        resource = {"resourceType": "Observation", "valueQuantity": {"value": parse_json(text.encode())}}
        document["credentialSubject"][1]["resource"] = subject_form(resource)
        if key.signer:
            options = ProofOptions(suite, key.method, CREATED)
            signed = add_proof(document, signer=key.signer, options=options, contexts=CONTEXTS)
        else:
            base = our_base(suite, document, key, ["/issuer"])
            signed = our_view(suite, base, key, ["/credentialSubject/1/resource/valueQuantity"])
        accept(signed, key)
        if agreed:
            assert verify(credential=signed) is True
        else:
            with pytest.raises(Refused):
                verify(credential=signed)


def tamperings(signed: Document) -> list[Document]:
    """A signed document with one value changed, one left out, one added, and its proof changed."""
    proof = signed["proof"]
    subject = signed["credentialSubject"]
    added = {**subject, "name": "x"} if isinstance(subject, dict) else [*subject, {"id": "did:example:other"}]
    value = proof["proofValue"]
    middle = len(value) // 2
    letter = "A" if value[middle] != "A" else "B"
    return [
        {**signed, "validFrom": "2026-01-02T00:00:00Z"},
        {**signed, "type": "VerifiableCredential", "name": "another"},
        {**signed, "credentialSubject": added},
        {**signed, "proof": {**proof, "proofValue": value[:middle] + letter + value[middle + 1 :]}},
        {**signed, "proof": {**proof, "created": "2026-01-06T00:00:00Z"}},
    ]


def refused_by_both(document: Document, verify: Callable[[Document], object], accept: Callable[..., object]) -> None:
    with pytest.raises(Refused):
        verify(document)
    with pytest.raises(Rejected):
        accept(document)


def sorted_json(document: Document) -> str:
    return json.dumps(document, sort_keys=True, default=str)
