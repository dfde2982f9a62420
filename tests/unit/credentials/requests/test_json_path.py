"""JSONPath by the table of Presentation Exchange, and what it is not."""

import time
from typing import Any

import pytest

from panacea.credentials.requests.json_path import parse_path
from panacea.credentials.requests.types import PathRefused, TooMuchWork
from panacea.credentials.requests.work import Budget
from panacea.health.strict_json import parse_json

STORE = parse_json(
    b"""{"store": {"book": [
    {"category": "reference", "author": "Rees", "title": "Sayings", "price": 8.95},
    {"category": "fiction", "author": "Waugh", "title": "Sword", "price": 12.99},
    {"category": "fiction", "author": "Melville", "title": "Moby", "isbn": "0-553-21311-3", "price": 8.99},
    {"category": "fiction", "author": "Tolkien", "title": "Rings", "isbn": "0-395-19395-8", "price": 22.99}],
    "bicycle": {"color": "red", "price": 19.95}}}"""
)


def places(path: str, document: Any = STORE) -> list[str]:
    found = parse_path(path).find_all(document, Budget())
    return ["/".join(str(step) for step in one.place) for one in found]


def titles(path: str) -> list[str]:
    return [one.value["title"] for one in parse_path(path).find_all(STORE, Budget())]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.store.book[*].author", [f"store/book/{index}/author" for index in range(4)]),
        ("$..author", [f"store/book/{index}/author" for index in range(4)]),
        ("$.store.*", ["store/book", "store/bicycle"]),
        ("$.store..price", [*(f"store/book/{index}/price" for index in range(4)), "store/bicycle/price"]),
        ("$['store'][\"bicycle\"]['color']", ["store/bicycle/color"]),
        ("$", [""]),
        ("$.nothing", []),
        ("$.store.book.author", []),
        ("$.store[0]", []),
        ("$.store['book','bicycle'].price", ["store/bicycle/price"]),
    ],
)
def test_places(path: str, expected: list[str]) -> None:
    assert places(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$..book[2]", ["Moby"]),
        ("$..book[(@.length-1)]", ["Rings"]),
        ("$..book[-1:]", ["Rings"]),
        ("$..book[-1]", ["Rings"]),
        ("$..book[0,1]", ["Sayings", "Sword"]),
        ("$..book[:2]", ["Sayings", "Sword"]),
        ("$..book[::2]", ["Sayings", "Moby"]),
        ("$..book[::-1]", ["Rings", "Moby", "Sword", "Sayings"]),
        ("$..book[?(@.isbn)]", ["Moby", "Rings"]),
        ("$..book[?@.isbn]", ["Moby", "Rings"]),
        ("$..book[?(@.price<10)]", ["Sayings", "Moby"]),
        ("$..book[?(@.price==8.95)]", ["Sayings"]),
        ('$..book[?(@.price<30 && @.category=="fiction")]', ["Sword", "Moby", "Rings"]),
        ("$..book[?(@.price > 20 || (@.isbn && @.price <= 8.99))]", ["Moby", "Rings"]),
        ("$..book[?(@.isbn != 'x')]", ["Moby", "Rings"]),
        ("$..book[?(@.price == 'x')]", []),
        ("$..book[?(@.price < 'x')]", []),
        ("$..book[?(@ == 1)]", []),
    ],
)
def test_titles(path: str, expected: list[str]) -> None:
    assert titles(path) == expected


def test_everything_is_found_once() -> None:
    assert len(places("$..*")) == 2 + 4 + 2 + 4 + 4 + 5 + 5 - 4 + 5


def test_what_made_an_item_match_and_what_keeps_its_place() -> None:
    found = parse_path("$..book[?(@.price<10 && @.isbn)].title").find_first(STORE, Budget())
    assert found is not None
    assert found.whole == (("store", "book", 2, "price"), ("store", "book", 2, "isbn"))
    third = parse_path("$.store.book[2]").find_first(STORE, Budget())
    assert third is not None
    assert third.present == (("store", "book", 0), ("store", "book", 1))
    last = parse_path("$.store.book[-2]").find_first(STORE, Budget())
    assert last is not None
    assert last.present == (("store", "book", 3),)
    assert parse_path("$.store.book[*]").find_first(STORE, Budget()).present == ()  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize("text", [r"$['a\'b']", r'$["a\u0027b"]'])
def test_escapes(text: str) -> None:
    assert places(text, {"a'b": 1}) == ["a'b"]


@pytest.mark.parametrize("name", ["@context", "a-b", "presentations~attach", "_x", "Ünï"])
def test_names_without_quotes(name: str) -> None:
    assert places(f"$.{name}", {name: 1}) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "", "A", "store", "$store", "$.", "$..", "$...a", "$[", "$[]", "$['a]", "$[a]", "$.a b", "$[0", "$[1.5]",
        "$[::0]",
        "$[?]", "$[?()]", "$[?(1)]", "$[?(!@.a)]", "$[?(@.a =~ /x/)]", "$[?(@..a)]", "$[?(@[-1])]", "$[?(@[*])]",
        "$[?($.a)]", "$[?(match(@.a, 'x'))]", "$[(@.length)]", "$[(1+1)]", "$[9999999999]", "$['\\ud800']", "$['\\q']",
        "$[?(@.a == 1 && )]", "$" + ".a" * 33, "$" + "..a" * 5, "$." + "a" * 1100,
        "$[?(" + "(" * 20 + "@.a" + ")" * 20 + ")]",
        "$[?(" + " && ".join(["@.a"] * 17) + ")]",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(PathRefused):
        parse_path(text)


@pytest.mark.parametrize("path", ["$..*..*..*..*", "$..zzz", "$..[?(@.q==1 && @.r==2)]", "$.a[::2]..b"])
def test_bombs_run_out_of_budget(path: str) -> None:
    document: Any = {"a": 1}
    for _ in range(17):
        document = {"x": document, "y": [document]}
    start = time.process_time()
    if path.startswith("$.a"):
        assert places(path, document) == []
    else:
        with pytest.raises(TooMuchWork):
            places(path, document)
    assert time.process_time() - start < 0.5
