"""Filters: Draft 7 as far as its cost is bounded."""

import time
from contextlib import suppress
from typing import Any

import pytest

from panacea.credentials.requests.filters import compile_filter
from panacea.credentials.requests.types import FilterRefused, TooMuchWork
from panacea.credentials.requests.work import Budget
from panacea.health.strict_json import parse_json


def accepts(schema: Any, value: Any, *, version_1: bool = False) -> bool:
    return compile_filter(schema, version_1=version_1).accepts(value, Budget())


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "pattern": "^[0-9]{10-12}|^x{2}$"}, "1{10-12}xx", "123"),
        ({"type": "string", "pattern": "^[0-9]{10-12}|^x{2}$"}, "xx", "xxx"),
        ({"pattern": "a{,3}"}, "a{,3}", "aaa"),
        ({"pattern": "^{}$"}, "{}", ""),
        ({"pattern": "^[{}]+$"}, "{}", "x"),
        ({"pattern": r"^\{a\}$"}, "{a}", "a"),
        ({"type": "string", "format": "date"}, "2020-02-29", "2021-02-29"),
        ({"format": "date", "formatMaximum": "1999-05-16"}, "1999-05-16", "1999-05-17"),
        ({"format": "date", "formatExclusiveMaximum": "1999-05-16"}, "1999-05-15", "1999-05-16"),
        ({"format": "date-time", "formatMinimum": "2020-01-01T00:00:00Z"}, "2020-01-01T01:00:00+01:00", "2019-12-31"),
        ({"forrmatMaximum": "1999-05-16"}, "2000-01-01", None),
        ({"const": 12}, 12, True),
        ({"enum": ["eu", 1]}, "eu", True),
        ({"not": {"const": "Karen"}}, "Chad", "Karen"),
        ({"minimum": 1.5}, 2, 1),
        ({"type": "array", "contains": {"type": "string", "pattern": "^x$"}}, ["y", "x"], ["y"]),
        ({"$ref": "#/$defs/a/b", "$defs": {"a/b": 1, "a": {"b": {"const": 1}}}}, 1, 2),
        ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": False}, "xx", 1),
        ({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, {"a": 1, "b": 1}, {"c": 1}),
        ({"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False}, {"xy": 1}, {"y": 1}),
        ({"items": [{"const": 1}], "additionalItems": False}, [1], [1, 2]),
    ],
)
def test_values(schema: Any, good: Any, bad: Any) -> None:
    assert accepts(schema, good)
    if bad is not None:
        assert not accepts(schema, bad)


def test_numbers_are_exact() -> None:
    value = parse_json(b'{"value": 7.90}')["value"]
    assert accepts({"const": parse_json(b"7.9")}, value)
    assert not accepts({"exclusiveMinimum": parse_json(b"7.9")}, value)


def test_version_1_compares_dates_by_minimum() -> None:
    schema = {"type": "string", "format": "date-time", "minimum": "2020-12-31T23:59:59.000Z"}
    assert accepts(schema, "2021-01-01T00:00:00Z", version_1=True)
    assert not accepts(schema, "2020-01-01T00:00:00Z", version_1=True)
    with pytest.raises(FilterRefused):
        compile_filter(schema)


def test_unknown_keywords_are_named() -> None:
    assert compile_filter({"type": "string", "forrmatMaximum": "x", "x-note": 1}).ignored == (
        "forrmatMaximum",
        "x-note",
    )


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "number", "exclusiveMinimum": 10000}, "range"),
        ({"type": "integer", "minimum": 18, "maximum": 65}, "range"),
        ({"type": "string", "format": "date", "formatMaximum": "2000-01-01"}, "range"),
        ({"const": "Chad"}, "equal"),
        ({"not": {"const": "Karen"}}, "not-equal"),
        ({"type": "string", "enum": ["red"]}, "in-set"),
        ({"not": {"enum": ["red"]}}, "not-in-set"),
        ({"type": "string", "pattern": "x"}, None),
        ({"type": "string", "format": "date"}, None),
        ({"type": "string"}, None),
        ({"const": 1, "minimum": 0}, None),
        (True, None),
    ],
)
def test_predicates(schema: Any, kind: str | None) -> None:
    assert compile_filter(schema).predicate == kind


def nested(levels: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {"not": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        None, 7, "x", [], {"type": "text"}, {"type": 7}, {"pattern": "("}, {"pattern": "(?=x)y"}, {"pattern": "(a)\\1"},
        {"pattern": "x" * 1025}, {"pattern": "(.{1,99}){1,99}"}, {"$ref": "#"}, {"$ref": "#/nothing"}, {"$ref": 7},
        {"$ref": "http://json-schema.org/draft-07/schema#"}, {"$ref": "file:///etc/passwd"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"allOf": {}}, {"properties": []}, {"minLength": "2"}, {"minimum": "2"}, {"formatMinimum": "soon"},
        {"not": {"formatMinimum": "2020-01-01"}}, {"enum": list(range(3000))}, nested(20),
        {"allOf": [{"pattern": "x"}] * 65},
    ],
)  # fmt: skip
def test_refused(schema: Any) -> None:
    with pytest.raises(FilterRefused):
        compile_filter(schema)


def test_values_nested_without_end() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(FilterRefused):
        compile_filter({"const": deep})


def test_references_do_not_multiply() -> None:
    doubled = {f"d{level}": {"allOf": [{"$ref": f"#/definitions/d{level + 1}"}] * 4} for level in range(8)}
    start = time.process_time()
    with pytest.raises(FilterRefused):
        compile_filter({"$ref": "#/definitions/d0", "definitions": {**doubled, "d8": True}})
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a|a)*$b", "(x+x+)+y", "(a?){30}a{30}", "(.*a){20}"])
def test_patterns_are_linear(pattern: str) -> None:
    wanted = compile_filter({"type": "string", "pattern": pattern})
    start = time.process_time()
    assert not wanted.accepts("a" * 100 + "!", Budget()) or pattern.endswith("{20}") or "{30}" in pattern
    with suppress(TooMuchWork):
        wanted.accepts("a" * 400_000, Budget())
    assert time.process_time() - start < 2
