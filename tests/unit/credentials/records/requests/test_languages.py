"""One query, one spelling: RFC 8785, within bounds, in a language that is known."""

import pytest

from panacea.credentials import DCQL, PRESENTATION_DEFINITION, DealUnusable, for_observations, parse

GOOD = for_observations(["4548-4"])


def test_the_canonical_spelling() -> None:
    assert parse(PRESENTATION_DEFINITION, GOOD).wanted


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\xff", b"{", b"[]", b"null", b" " + GOOD, GOOD + b"\n", b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"resource.status", b"resource.\\u0073tatus"),
        GOOD.replace(b'"id":"observations"', b'"id":"a","id":"observations"'),
        GOOD.replace(b'"minProperties":1', b'"minProperties":1.0'),
        GOOD.replace(b'"minProperties":1', b'"minProperties":9007199254740993'),
        b'{"id":"' + b"a" * 32768 + b'"}', b"[" * 41 + b"]" * 41, b"[" * 20000,
    ],
)  # fmt: skip
def test_any_other_spelling(raw: bytes) -> None:
    assert raw != GOOD
    with pytest.raises(DealUnusable, match=r"deal_unusable$"):
        parse(PRESENTATION_DEFINITION, raw)


@pytest.mark.parametrize("language", [DCQL, 0, 3, -1])
def test_another_language(language: int) -> None:
    with pytest.raises(DealUnusable):
        parse(language, GOOD)
