"""The drawing of a committee, whatever oracles there are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.chain.oracle.committee import Candidate, draw
from panacea.primitives.address import Address

KINDS = st.tuples(st.sampled_from("abc"), st.integers(0, 3))


@st.composite
def candidates(draw_: st.DrawFn) -> list[Candidate]:
    kinds = draw_(st.lists(KINDS, max_size=24))
    return [
        Candidate(Address(bytes([place]) * 20), vendor, f"{vendor}/{line}")
        for place, (vendor, line) in enumerate(kinds)
    ]


@settings(max_examples=300)
@given(candidates(), st.integers(1, 16), st.integers(1, 4), st.integers(1, 3))
def test_a_committee_keeps_its_rules(listed: list[Candidate], seats: int, lines: int, vendors: int) -> None:
    chosen = draw(listed, seats, max_seats_per_line=lines, min_vendors=min(vendors, seats))
    if chosen is None:
        return
    assert len(chosen) == seats == len({member.address for member in chosen})
    assert len({member.vendor for member in chosen}) >= min(vendors, seats)
    on_lines = [member.product_line for member in chosen]
    assert max(map(on_lines.count, on_lines)) <= lines
    places = [listed.index(member) for member in chosen]
    assert places == sorted(places)


@settings(max_examples=300)
@given(candidates(), st.integers(1, 8), st.integers(1, 4))
def test_no_seat_stays_empty_where_one_vendor_is_enough(listed: list[Candidate], seats: int, lines: int) -> None:
    """Without a rule on vendors a committee exists exactly when the lines have that many seats."""
    on_lines = [candidate.product_line for candidate in listed]
    room = sum(min(on_lines.count(line), lines) for line in set(on_lines))
    assert (draw(listed, seats, max_seats_per_line=lines, min_vendors=1) is not None) == (room >= seats)


@settings(max_examples=300)
@given(candidates(), candidates(), st.integers(1, 8))
def test_who_comes_later_changes_nothing(listed: list[Candidate], more: list[Candidate], seats: int) -> None:
    chosen = draw(listed, seats, max_seats_per_line=2, min_vendors=min(2, seats))
    if chosen is not None:
        assert draw([*listed, *more], seats, max_seats_per_line=2, min_vendors=min(2, seats)) == chosen
