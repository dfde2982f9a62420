"""The examples and vectors of Token Status List: every block is found in the files, none is named here.

A block is read by what it is: a JWT, a JWT taken apart, a COSE_Sign1, CBOR in hex, CBOR with a diagnosis, JSON. The
vectors in prose say which entries are set; the block that they include must hold these and no others.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.formats import base64url, cose, jose
from panacea.credentials.formats.issuer_keys import GivenKey
from panacea.credentials.formats.jwk import read_jwk
from panacea.credentials.status.token import StatusReference, TokenStatusList, read_cwt, read_jwt

FOLDER = shared("status-list")
SIZE = 1 << 20
"""Entries of the lists in the vectors, as their text says."""

KEY = read_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo",
        "y": "6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M",
    }
)
"""The public key that the draft's examples are signed with (its repository, src/util.py)."""

NOW = 1_686_920_170
"""The second in which they were made."""

EXCEPTIONS: dict[str, str] = {}
"""Block -> why it is not held against us. There is none."""


def blocks() -> dict[str, str]:
    """All blocks of all files of examples, by file and name."""
    return {
        f"{path.stem}/{name}": text
        for path in sorted(FOLDER.glob("*.json"))
        for name, text in json.loads(path.read_bytes()).items()
        if isinstance(text, str) and "token_status" in path.stem
    }


BLOCKS = blocks()
INCLUDE = re.compile(r"\{::include (?:[\w./-]*/)?([\w-]+)\.md\}")
ENTRY = re.compile(r"status\[(\d+)\]\s*=\s*0b([01]+)")


def vectors() -> list[tuple[str, dict[int, int]]]:
    """Each block that a vector in prose includes, with the entries that are set before it."""
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        for section in re.split(r"^## ", path.read_text(), flags=re.MULTILINE)[1:]:
            entries = {int(index): int(status, 2) for index, status in ENTRY.findall(section)}
            found += [(f"{path.stem}>{name}", entries) for name in INCLUDE.findall(section)]
    return found


VECTORS = vectors()


def find_block(name: str) -> str | None:
    """The text of a block, by the name that the prose includes."""
    return next((text for key, text in BLOCKS.items() if key.rpartition("/")[2] == name), None)


def octets_of(text: str) -> bytes:
    """The bytes of a block of hex: what stands left of a diagnosis, or the lines that are nothing but hex."""
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return bytes.fromhex("".join(line for line in lines if re.fullmatch(r"[0-9a-f ]+", line)))


def pieces_of(text: str) -> list[Any]:
    """The JSON values of a block, parted by full stops; lines of base64 are wrapped inside of a string."""
    return [json.loads(re.sub(r"\s*\n\s*", "", part)) for part in re.split(r"^\.$", text, flags=re.MULTILINE)]


@cache
def list_of(name: str) -> TokenStatusList:
    """The status list in a block of JSON or CBOR."""
    text = BLOCKS[name]
    if text.lstrip().startswith("{"):
        return TokenStatusList.from_json(pieces_of(text)[0])
    return TokenStatusList.from_cbor(cose.decode(octets_of(text)))


def kind_of(text: str) -> str:
    compact = "".join(text.split())
    if re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", compact, re.ASCII):
        return "jwt"
    if text.lstrip().startswith("{"):
        return "parts" if len(pieces_of(text)) > 1 else "json"
    return "sign1" if octets_of(text)[:1] == b"\xd2" else "cbor"


@pytest.mark.parametrize("name", BLOCKS)
def test_block(name: str) -> None:
    if name in EXCEPTIONS:
        pytest.skip(EXCEPTIONS[name])
    text = BLOCKS[name]
    match kind_of(text):
        case "jwt":
            check_jwt("".join(text.split()))
        case "parts":
            header, claims = pieces_of(text)
            check_claims(header, claims)
        case "sign1":
            check_sign1(octets_of(text))
        case "json":
            value = pieces_of(text)[0]
            check_list(name) if "lst" in value else check_reference(value)
        case _:
            check_list(name)


def check_jwt(token: str) -> None:
    unverified = jose.read(token)
    unverified.verify(KEY, algorithms={"ES256"})
    if "status_list" in unverified.peek():
        found = read_jwt(token, keys=GivenKey(KEY), now=NOW)
        assert found.uri.startswith("https://")
        assert found.fresh_until(NOW) == NOW + (found.ttl or 0)
    else:
        assert StatusReference.from_claims(unverified.peek())


def check_claims(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    if "status_list" in claims:
        jose.require_type(header, {"statuslist+jwt"})
        entries = TokenStatusList.from_json(claims["status_list"])
        assert len(base64url.decode(claims["status_list"]["lst"])) > 0
        assert any(entries.get(index) for index in range(len(entries)))
    else:
        assert StatusReference.from_claims(claims)


def check_sign1(octets: bytes) -> None:
    signed = cose.read(octets)
    claims = cose.read_claims(signed.verify(KEY, algorithms=(-7,)))
    assert signed.kid == b"12"
    if cose.TYP in signed.protected:
        found = read_cwt(octets, keys=GivenKey(KEY), now=NOW)
        assert found.uri == claims[cose.SUB]
        assert found.ttl == 43_200
    else:
        reference = StatusReference.from_cwt(claims)
        assert reference is not None
        assert reference.uri.startswith("https://")


def check_list(name: str) -> None:
    """The block decodes, and what we make of its entries has the same bytes."""
    found = list_of(name)
    text = BLOCKS[name]
    if text.lstrip().startswith("{"):
        assert found.to_json() == pieces_of(text)[0]
    else:
        assert cose.encode(found.to_cbor()) == octets_of(text)
    stated = re.search(r"byte_array = \[(.*)\]", text)
    if stated:
        octets = bytes(int(one, 16) for one in stated[1].split(","))
        assert [found.get(index) for index in range(len(found))] == [
            octet >> shift & (1 << found.bits) - 1 for octet in octets for shift in range(0, 8, found.bits)
        ]


def check_reference(value: Mapping[str, Any]) -> None:
    assert StatusReference.from_claims(value)


@pytest.mark.parametrize(("name", "entries"), VECTORS, ids=[name for name, _ in VECTORS])
def test_vector(name: str, entries: dict[int, int]) -> None:
    """What the prose says is set, and nothing else, is in the block that it includes; and we make its very bytes."""
    block = name.partition(">")[2]
    text = find_block(block)
    if text is None:
        other = block.replace("_json", "_cbor") if block.endswith("_json") else block.replace("_cbor", "_json")
        text = find_block(other)
        if text is None:
            pytest.skip("neither this block nor its twin is in the files")
        block = other
    found = list_of(next(key for key in BLOCKS if key.rpartition("/")[2] == block))
    assert len(found) == SIZE
    made = TokenStatusList(SIZE, bits=found.bits)
    for index, status in entries.items():
        assert found.get(index) == status
        made.set(index, status)
    assert made.compressed() == found.compressed()
    if text.lstrip().startswith("{"):
        assert made.to_json() == pieces_of(text)[0]
    else:
        assert cose.encode(made.to_cbor()) == octets_of(text)


def test_the_files_were_found() -> None:
    assert BLOCKS
    assert VECTORS
