"""Frames: in any cut, in part, and nothing else."""

import pytest
from fixed_chain import sealed

from panacea.primitives.rejected import Rejected
from panacea.vault import frames
from panacea.vault.types import ObjectDamaged

GROUP_DATA = 4 * 64 * 1024


def test_frames_come_back_in_any_cut() -> None:
    object_ = sealed(bytes(3 * GROUP_DATA))
    raw = frames.encode(object_)
    assert frames.decode(raw, object_.oid) == object_
    reader, groups = frames.FrameReader(object_.oid), []
    for at in range(0, len(raw), 50_000):
        groups += reader.feed(raw[at : at + 50_000])
    assert groups == object_.groups
    assert frames.encode_head(reader.finish()) + b"".join(groups) == raw


def test_frames_cut_short_or_too_long_are_refused() -> None:
    object_ = sealed(b"x")
    raw = frames.encode(object_)
    for wrong in (
        b"",
        raw[:3],
        raw[:100],
        raw[:-1],
        raw + b"\0",
        b"\xff" * 8,
        (3).to_bytes(4, "big") + b"\x82\x01\x02",
    ):
        with pytest.raises(Rejected):
            frames.decode(wrong, object_.oid)
    with pytest.raises(ObjectDamaged):
        frames.decode(raw, bytes(32))


def test_a_range_answer_is_checked_like_the_whole() -> None:
    object_ = sealed(bytes(3 * GROUP_DATA))
    head = frames.encode(object_)[: -sum(map(len, object_.groups))]
    middle = frames.decode(head + object_.groups[1] + object_.groups[2], object_.oid, span=(1, 2))
    assert middle.groups == object_.groups[1:3]
    for span in ((0, 1), (1, 3), (4, 4)):
        with pytest.raises(Rejected):
            frames.decode(head + object_.groups[1] + object_.groups[2], object_.oid, span=span)


def test_a_head_of_any_promised_size_is_bounded() -> None:
    reader = frames.FrameReader(bytes(32), max_bytes=2**20)
    with pytest.raises(Rejected, match="limit="):
        reader.feed((2**31).to_bytes(4, "big"))
