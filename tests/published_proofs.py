"""The published Data Integrity vectors, found by their shape: keys, signed documents and the steps between them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from shared_files import shared

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.crypto import base58
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Signer
from panacea.identity.multikey import decode_multikey

SECRETS: dict[bytes, Callable[[bytes], Signer]] = {
    b"\x80\x26": Ed25519Key,
    b"\x86\x26": partial(ECDSAKey, KeyKind.P256),
    b"\x87\x26": partial(ECDSAKey, KeyKind.P384),
}
"""Multicodec prefixes of secret keys."""


def read(path: Path) -> Any:  # Any: JSON of the vectors
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


@cache
def contexts() -> Contexts:
    known = Contexts.bundled()
    index = read(shared("contexts/index.json"))
    folder = shared("contexts")
    return known.with_extra({url: read(folder / file) for url, file in index.items() if url not in known})


def signers(root: Path) -> dict[str, Signer]:
    """Every key pair of a folder, by its public Multikey."""
    found: dict[str, Signer] = {}
    for path in root.rglob("*.json"):
        for pair in _pairs(read(path)):
            raw = base58.decode((pair.get("privateKeyMultibase") or pair["secretKeyMultibase"])[1:])
            found[pair["publicKeyMultibase"]] = SECRETS[raw[:2]](raw[2:])
    return found


def _pairs(value: Any) -> Iterator[dict[str, str]]:  # Any: JSON of the vectors
    if isinstance(value, dict):
        if "publicKeyMultibase" in value and {"privateKeyMultibase", "secretKeyMultibase"} & value.keys():
            yield value
        for inner in value.values():
            yield from _pairs(inner)


def key_of(options: ProofOptions) -> PublicKey:
    """The key that a did:key verification method spells."""
    return decode_multikey(options.verification_method.partition("#")[2])


@dataclass(frozen=True)
class Signed:
    """A signed document of the vectors, and the files of its intermediate values, which share its suffix."""

    path: Path
    document: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.path.relative_to(shared("")))

    @property
    def proofs(self) -> list[dict[str, Any]]:
        proof = self.document["proof"]
        return proof if isinstance(proof, list) else [proof]

    def step(self, name: str) -> str:
        """The text of an intermediate file beside the document, such as canonDoc or docHash."""
        return self._beside(name).read_text(encoding="utf-8")

    @property
    def has_steps(self) -> bool:
        """Whether intermediate values are published for this document."""
        return self._beside("canonDoc").exists()

    def _beside(self, name: str) -> Path:
        suffix = self.path.stem.removeprefix("signed")
        return self.path.with_name(f"{name}{suffix}.txt")


def signed_documents(folder: str) -> list[Signed]:
    """Every document with finished proofs below a folder of the vectors."""
    found = []
    for path in sorted(shared(folder).rglob("*.json")):
        value = read(path)
        if isinstance(value, dict) and "proof" in value:
            signed = Signed(path, value)
            if all("proofValue" in proof for proof in signed.proofs):
                found.append(signed)
    return found
