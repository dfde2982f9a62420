"""Element paths in three spellings, to pointers into the subject form."""

from typing import Any

import pytest

from panacea.health.paths import elements_for, pointers_for
from panacea.health.types import PathRejected

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "name": [{"given": ["Anna", "Bea"], "_given": [None, {"id": "g"}]}, {"given": ["Cy"]}],
    "deceasedBoolean": False,
    "_deceasedBoolean": {"id": "x"},
    "deceased": "no choice",
    "identifier": [{"type": {"text": "MR"}}],
    "photo": [],
    "contained": [{"resourceType": "Device", "id": "d"}],
}


@pytest.mark.parametrize(
    ("path", "pointers"),
    [
        ("/name/0/given/1", ["/name.0/given.1"]),
        ("/name/*/given/0", ["/name.0/given.0", "/name.1/given.0"]),
        ("/name", ["/name.0", "/name.1"]),
        ("/id", ["/id_"]),
        ("/identifier/0/type/text", ["/identifier.0/type_/text"]),
        ("/resourceType", ["/type"]),
        ("/contained/0/resourceType", ["/contained.0/type"]),
        ("/photo", ["/photo"]),
        ("/name/7", []),
        ("/name/x", []),
        ("/nothing", []),
        ("", [""]),
        ("$", [""]),
        ("$.name[0].given[1]", ["/name.0/given.1"]),
        ("$.name[*]['given'][0]", ["/name.0/given.0", "/name.1/given.0"]),
        (
            "Patient.name.given",
            ["/name.0/given.0", "/name.0/given.1", "/name.0/_given.0", "/name.0/_given.1", "/name.1/given.0"],
        ),
        ("deceased[x]", ["/deceasedBoolean", "/_deceasedBoolean"]),
        ("deceased", ["/deceased"]),
        ("Observation.status", []),
    ],
)
def test_pointers(path: str, pointers: list[str]) -> None:
    assert pointers_for(PATIENT, [path]) == pointers


def test_pointers_are_named_once_and_prefixed() -> None:
    assert pointers_for(PATIENT, ["id", "/id", "$.id"], prefix="/r") == ["/r/id_"]
    assert elements_for(PATIENT, ["name.given", "/name/1"])[0] == "/name/0/given/0"


@pytest.mark.parametrize("path", ["a b", "$..name", "$.name[?(@)]", "a..b", "$name", "[0]", "name[0]", "a/b"])
def test_other_spellings_are_refused(path: str) -> None:
    with pytest.raises(PathRejected):
        pointers_for(PATIENT, [path])
