import pytest

from panacea.attestation.signatures import require_signature
from panacea.attestation.types import BadSignature
from panacea.simulated.authority import Authority, raw_point

AUTHORITY = Authority(b"seed", "simulated-a", 1_795_305_600)
POINT = b"\x04" + raw_point(AUTHORITY.key("x"))
SIGNATURE = AUTHORITY.sign("x", b"message")


def test_good() -> None:
    require_signature(POINT, b"message", SIGNATURE, by="x")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:63],
        SIGNATURE + b"\x00",
        SIGNATURE[:32] + b"\x00" + SIGNATURE[32:],  # the same numbers in another form
        bytes(64),
        SIGNATURE[32:] + SIGNATURE[:32],
        SIGNATURE[:32] + b"\xff" * 32,
    ],
)
def test_bad_signatures(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        require_signature(POINT, b"message", signature, by="x")


@pytest.mark.parametrize("point", [b"", POINT[1:], b"\x04" + bytes(64), POINT[:-1] + bytes([POINT[-1] ^ 1])])
def test_points_off_the_curve(point: bytes) -> None:
    with pytest.raises(BadSignature):
        require_signature(point, b"message", SIGNATURE, by="x")


def test_another_message() -> None:
    with pytest.raises(BadSignature):
        require_signature(POINT, b"massage", SIGNATURE, by="x")
