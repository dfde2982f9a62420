"""The published vectors are what the code makes, and hold when read from the file alone."""

import json
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from predicate_town import Seeded
from predicate_vectors import FILE, PROOFS, build, text_of

from panacea.credentials.predicates import (
    DealPseudonym,
    Equal,
    PredicateRejected,
    Range,
    Source,
    basis,
    issue_companion,
    predicate_contexts,
    prove,
    record_secret,
    verify,
    verify_companion,
)
from panacea.credentials.predicates.companion import Companion
from panacea.credentials.predicates.encodings import Bound, Day, Moment, Text, from_wire
from panacea.credentials.predicates.statement import Predicate
from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023
from panacea.crypto.secret import SecretBytes

Vectors = dict[str, Any]  # Any: JSON of the vectors

CASES = sorted(PROOFS)


@cache
def vectors() -> Vectors:
    found: Vectors = json.loads(FILE.read_bytes(), parse_float=Decimal)
    return found


@cache
def contexts() -> Contexts:
    extra = {url: document for url, document in vectors()["contexts"].items() if "predicates" not in url}
    return predicate_contexts(Contexts.bundled().with_extra(extra))


def credential(name: str) -> Vectors:
    found: Vectors = vectors()["credentials"][name]
    return found


def source(name: str) -> Source:
    found = credential(name)
    octets = [bytes.fromhex(found[key]) for key in ("companion", "publicKey")]
    return Source(found["credential"], octets[0], octets[1], tuple(found["selectivePointers"]))


def predicate(case: Vectors, headers: list[Companion]) -> Predicate:
    match case:
        case {"equal": [left, right]}:
            return Equal((left[0], left[1]), (right[0], right[1]))
        case {"pseudonym": named}:
            return DealPseudonym(named["chainId"], named["dealId"], named["credential"])
        case {"range": {"credential": number, "pointer": pointer, **bounds}}:
            positions = headers[number].header.positions
            [encoding] = [each.encoding for each in positions if each.pointer == pointer]

            def read(text: Any) -> Bound | None:  # Any: JSON of the vectors
                if text is None:
                    return None
                if isinstance(encoding, Day):
                    return Day().human(int(Day().scalar_of(text)))
                if isinstance(encoding, Moment):
                    return encoding.human(int(encoding.scalar_of(text)))
                return Decimal(text)

            return Range(pointer, read(bounds.get("atLeast")), read(bounds.get("atMost")), credential=number)
    raise AssertionError(case)


def test_the_file_is_what_the_code_makes() -> None:
    assert FILE.read_text() == text_of(build())


def test_points_texts_values_and_secret() -> None:
    names = ["value", "blinding", *(name for bit in range(256) for name in (f"bit {bit}", f"product {bit}"))]
    derived = dict(zip(names, basis.derive(), strict=True))
    for case in vectors()["basis"]:
        assert derived[case["name"]].to_compressed_bytes().hex() == case["point"]
    for case in vectors()["dealPoints"]:
        assert basis.deal_point(case["chainId"], case["dealId"]).to_compressed_bytes().hex() == case["point"]
    for case in vectors()["texts"]:
        assert Text().scalar_of(case["text"]).to_be_bytes().hex() == case["scalar"]
    for case in vectors()["values"]:
        encoding = from_wire(case["encoding"])
        assert not isinstance(encoding, Text)
        assert int(encoding.scalar_of(case["value"])) == case["number"]  # type: ignore[union-attr]  # no secrets there
    case = vectors()["recordSecret"]
    secret = record_secret(SecretBytes(bytes.fromhex(case["issuerSecret"])), case["reference"])
    assert secret.reveal().hex() == case["secret"]


@pytest.mark.parametrize("name", ["lab", "lab, family shown", "registry"])
def test_credentials_and_companions(name: str) -> None:
    found, mine = credential(name), source(name)
    bbs2023.verify_base(mine.credential, public_key=mine.public_key, contexts=contexts())
    companion = verify_companion(mine.companion, mine.credential, public_key=mine.public_key, contexts=contexts())
    assert companion.header.to_octets().hex() == found["header"]
    assert [scalar.to_be_bytes().hex() for scalar in companion.scalars] == found["scalars"]
    again = issue_companion(
        mine.credential,
        companion.header.positions,
        secret_key=bytes.fromhex(found["secretKey"]),
        public_key=mine.public_key,
        contexts=contexts(),
        secret=SecretBytes(companion.scalars[-1].to_be_bytes()),
    )
    assert again == mine.companion


@pytest.mark.parametrize("name", CASES)
def test_proofs(name: str) -> None:
    case = vectors()["proofs"][name]
    sources = [source(each) for each in case["credentials"]]
    companions = [Companion.from_octets(each.companion) for each in sources]
    asked = [predicate(each, companions) for each in case["predicates"]]
    header = bytes.fromhex(case["applicationHeader"])
    shown = prove(
        sources, asked, application_header=header, contexts=contexts(), random=Seeded(bytes.fromhex(case["seed"]))
    )
    assert shown.proof.hex() == case["proof"]
    assert list(shown.documents) == case["documents"]
    keys = [each.public_key for each in sources]
    octets = bytes.fromhex(case["proof"])
    found = verify(case["documents"], octets, public_keys=keys, application_header=header, contexts=contexts())
    found.require(*asked)
    assert [each.presentation_header.hex() for each in found.credentials] == case["presentationHeaders"]
    assert all(bytes.fromhex(case["digest"]) in each.presentation_header for each in found.credentials)


def test_what_is_refused() -> None:
    cases = vectors()["refused"]
    assert len(cases) == 6
    for case in cases:
        valid = vectors()["proofs"][case["of"]]
        keys = [source(each).public_key for each in valid["credentials"]]
        header = bytes.fromhex(case.get("applicationHeader", valid["applicationHeader"]))
        octets = bytes.fromhex(case["proof"])
        with pytest.raises(PredicateRejected) as refusal:
            verify(valid["documents"], octets, public_keys=keys, application_header=header, contexts=contexts())
        assert refusal.value.code == case["code"], case["why"]
