"""Records as trees: every value at the place that was signed."""

from decimal import Decimal

from health_issuer import lab

from panacea.credentials.records.completeness import count_members
from panacea.credentials.records.requests.tree import Items, is_whole, leaves, plain, pointer, tree_of
from panacea.health.mapping import subject_form

AWKWARD = {
    "resourceType": "Basic",
    "id": "x",
    "id_": "y",
    "type": {"text": "t"},
    "none": None,
    "empty": [[], {}, [1, None]],
    "inner": {"resourceType": "Patient"},
}


def test_a_whole_record() -> None:
    assert plain(tree_of(subject_form(AWKWARD))) == AWKWARD
    assert plain(tree_of(subject_form(lab()))) == lab()
    assert type(plain(tree_of(subject_form(lab())))["valueQuantity"]["value"]) is Decimal


def test_what_is_whole() -> None:
    counted = count_members(subject_form(AWKWARD))
    assert is_whole(tree_of(counted))
    assert plain(tree_of(counted)) == AWKWARD
    assert not is_whole(tree_of(subject_form(AWKWARD)))
    for part in ("none", "empty.0", "empty.1"):
        assert not is_whole(tree_of({name: value for name, value in counted.items() if name != part}))
    del counted["inner"]["type"]
    assert not is_whole(tree_of(counted))


def test_items_that_are_left_out_leave_their_place_empty() -> None:
    subject = subject_form(AWKWARD)
    del subject["empty.0"], subject["empty.2.0"]
    tree = tree_of(subject)
    assert tree["empty"] == Items({1: {}, 2: Items({1: None})})
    assert plain(tree["empty"]) == [{}, [None]]
    assert ("/empty/2/1", None) in [(pointer(at), value) for at, value in leaves(tree)]
