"""The query language and the parameters of the RPC, under whatever is thrown at them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solo_engine import Engine

from panacea.node.conditions import InvalidQuery, parse
from panacea.node.parameters import BYTES, FLAG, HEX, TEXT, WHOLE, InvalidParams, Kind

TAG = st.from_regex(r"[a-z_][a-z0-9_.-]{0,12}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(0, 2**80)
PIECES = [
    "AND",
    "=",
    "<=",
    ">",
    "'a'",
    "'",
    "5",
    "5.",
    "TIME ",
    "DATE 2026-01-31",
    "CONTAINS",
    "EXISTS",
    "a.b",
    " ",
    "٣",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    try:
        query = parse(text)
    except InvalidQuery:
        return
    query.matches([("a.b", text), ("a", "5"), ("a.b", "2026-01-31")])


@given(TAG.filter(lambda tag: tag not in ("AND", "EXISTS", "CONTAINS")), TEXTS, TEXTS)
def test_texts_match_as_they_are(tag: str, value: str, other: str) -> None:
    assert parse(f"{tag}='{value}'").matches([(tag, value)])
    assert parse(f"{tag} = '{value}'").matches([(tag, other)]) == (value == other)
    assert parse(f"{tag} CONTAINS '{value}'").matches([(tag, other)]) == (value in other)
    assert not parse(f"{tag} EXISTS").matches([(tag + "x", value)])


@given(NUMBERS, NUMBERS, TEXTS.filter(lambda text: not text[:1].isdigit() and text[:1] != "."))
def test_numbers_compare_exactly(value: int, operand: int, unit: str) -> None:
    pairs = [("a", f"{value}{unit}")]
    expected = {"=": value == operand, "<": value < operand, "<=": value <= operand, ">": value > operand}
    expected[">="] = value >= operand
    for operator, outcome in expected.items():
        assert parse(f"a {operator} {operand}").matches(pairs) == outcome


@given(st.sampled_from([TEXT, WHOLE, FLAG, HEX, BYTES]), JSON, st.text(max_size=20))
def test_parameters_are_read_or_refused(kind: Kind, value: Any, url: str) -> None:
    for read, given_value in ((kind.of_json, value), (kind.of_url, url)):
        try:
            read(given_value)
        except InvalidParams:
            continue


@given(st.binary(max_size=40), st.integers(-(2**62), 2**62), st.text(max_size=20))
def test_parameters_come_back(raw: bytes, number: int, text: str) -> None:
    import base64

    assert BYTES.of_json(base64.b64encode(raw).decode()) == raw == BYTES.of_url("0x" + raw.hex())
    assert HEX.of_json(raw.hex()) == raw
    assert WHOLE.of_json(str(number)) == number == WHOLE.of_url(str(number))
    assert TEXT.of_json(text) == text == TEXT.of_url(json.dumps(text))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = Engine(Path(tmp_path_factory.mktemp("node")))
    for giver in ("alice", "bob"):
        engine.block()
        engine.send(giver, "alice")
    engine.block()
    return engine


METHODS = ("tx", "tx_search", "block_search", "block", "abci_query", "validators", "blockchain", "commit", "status")
NAMES = ("hash", "query", "page", "per_page", "order_by", "height", "path", "data", "prove", "minHeight", "maxHeight")
VALUES = JSON | st.sampled_from(["1", "2", "-1", "AA==", "00", "tx.height > 0", "/store/acc/key", "asc"])


@settings(max_examples=200)
@given(method=st.sampled_from(METHODS), params=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5))
def test_no_request_meets_a_bug(engine: Engine, method: str, params: dict[str, Any]) -> None:
    raw = asyncio.run(engine.server.answer({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    answer = json.loads(raw or b"")
    assert "bug" not in str(answer.get("error", {}).get("data"))
    assert answer.get("error", {"code": -32602})["code"] in (-32602, -32603)
