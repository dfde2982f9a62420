"""JSON Canonicalization (RFC 8785): every file of the published test data, by the library and as our suites call it.

`canonical_json` refuses a number that a double does not hold, because a signature would cover another number. The
library itself, given doubles, must make the published bytes of such files too.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from shared_files import shared

from panacea.credentials.suites.canonical_json import canonical_json
from panacea.credentials.suites.types import MalformedProof
from panacea.health.strict_json import parse_json

FOLDER = shared("jcs")
CASES = sorted(path.name for path in (FOLDER / "input").glob("*.json"))

EXCEPTIONS: dict[str, str] = {}
"""File -> why it is not held against us. There is none."""


def doubles(value: Any) -> Any:
    """JSON as any reader of doubles has it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: doubles(one) for name, one in value.items()}
    return [doubles(one) for one in value] if isinstance(value, list) else value


def numbers(value: Any) -> Iterator[Decimal]:
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers(one)


def is_rounded(number: Decimal) -> bool:
    return Decimal(repr(float(number))) != number


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    if name in EXCEPTIONS:
        pytest.skip(EXCEPTIONS[name])
    value = parse_json((FOLDER / "input" / name).read_bytes())
    expected = (FOLDER / "output" / name).read_bytes().rstrip(b"\n")
    assert rfc8785.dumps(doubles(value)) == expected
    if any(is_rounded(number) for number in numbers(value)):
        with pytest.raises(MalformedProof, match="would round"):
            canonical_json(value)
    else:
        assert canonical_json(value) == expected
    assert canonical_json(parse_json(expected)) == expected, "what is canonical stays so"


def test_the_files_were_found() -> None:
    assert CASES
    assert all((FOLDER / "output" / name).exists() for name in CASES)
