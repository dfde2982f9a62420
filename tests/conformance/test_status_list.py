"""The published vector of Bitstring Status List 1.0."""

import json

from shared_files import shared

from panacea.credentials import StatusList
from panacea.credentials.status.bitstring import MIN_BITS

VECTOR = json.loads(shared("status-list/bitstring.json").read_bytes())


def test_the_list_of_the_examples() -> None:
    bits = StatusList.decode(VECTOR["encodedList"])
    assert len(bits) == MIN_BITS
    assert not any(bits.is_set(index) for index in range(0, MIN_BITS, 7))
    assert StatusList.decode(bits.encode()).encode() == bits.encode() == StatusList().encode()
