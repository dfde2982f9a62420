"""Token status lists: entries by bits, tokens by JWT and CWT, and what a verifier makes of them."""

import time
import zlib
from typing import Any

import pytest
from token_parties import ED_KEY, GIVEN, HOLDER, ISSUER, ISSUER_KEY, KID, NOW, OTHER_KEY, RESOLVED

from panacea.credentials.formats import base64url, cose, jose
from panacea.credentials.formats.issuer_keys import GivenKey
from panacea.credentials.formats.types import (
    AlgorithmRefused,
    CBORRejected,
    FormatRejected,
    HeaderRefused,
    KeyNotFound,
    MalformedToken,
    WrongSignature,
)
from panacea.credentials.status import token as tokens
from panacea.credentials.status.token import (
    MalformedStatusList,
    StatusInvalid,
    StatusListStale,
    StatusListToken,
    StatusReference,
    StatusSuspended,
    StatusUnknown,
    TokenStatusList,
    WrongStatusList,
    read_aggregation,
    read_cwt,
    read_jwt,
    to_cwt,
    to_jwt,
    write_aggregation,
)
from panacea.crypto.keys import Signer
from panacea.health.strict_json import to_json

URI = "https://issuer.example/lists/1"


def entries(bits: int = 2) -> TokenStatusList:
    found = TokenStatusList(64, bits=bits)
    found.set(1, tokens.INVALID)
    if bits > 1:
        found.set(2, tokens.SUSPENDED)
        found.set(3, 3)
    return found


@pytest.mark.parametrize("bits", tokens.BITS)
def test_entries(bits: int) -> None:
    made = TokenStatusList(256, bits=bits)
    wanted = {index: index * 7 % (1 << bits) for index in range(256)}
    for index, status in wanted.items():
        made.set(index, (1 << bits) - 1)
        made.set(index, status)
    assert {index: made.get(index) for index in range(256)} == wanted
    for found in (TokenStatusList.from_json(made.to_json()), TokenStatusList.from_cbor(made.to_cbor())):
        assert {index: found.get(index) for index in range(len(found))} == wanted
        assert found.bits == bits
    for index in (-1, 256):
        with pytest.raises(IndexError):
            made.get(index)
    for status in (-1, 1 << bits):
        with pytest.raises(ValueError, match="status"):
            made.set(0, status)


def test_the_order_of_bits() -> None:
    # Section 4.1 of the draft: entry 0 is the lowest bit of the first byte.
    made = TokenStatusList(16)
    for index, bit in enumerate([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]):
        made.set(index, bit)
    assert zlib.decompress(made.compressed()) == b"\xb9\xa3"
    assert made.to_json() == {"bits": 1, "lst": "eNrbuRgAAhcBXQ"}


def test_lists_that_cannot_be() -> None:
    for size, bits in ((0, 1), (7, 1), (3, 2), (8, 3), (-8, 1), (8 * tokens.MAX_OCTETS + 8, 1)):
        with pytest.raises(ValueError, match="entries"):
            TokenStatusList(size, bits=bits)


def packed(octets: bytes) -> str:
    return base64url.encode(zlib.compress(octets, 9))


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"bits": 1},
        {"lst": packed(b"x")},
        {"bits": 3, "lst": packed(b"x")},
        {"bits": 0, "lst": packed(b"x")},
        {"bits": True, "lst": packed(b"x")},
        {"bits": "1", "lst": packed(b"x")},
        {"bits": 1, "lst": packed(b"")},
        {"bits": 1, "lst": ""},
        {"bits": 1, "lst": "AAAA"},
        {"bits": 1, "lst": packed(b"x") + "="},
        {"bits": 1, "lst": packed(b"x")[:-4]},
        {"bits": 1, "lst": base64url.encode(zlib.compress(b"x") + b"x")},
        {"bits": 1, "lst": base64url.encode(zlib.compress(b"x", wbits=-15))},
        {"bits": 1, "lst": 5},
        {"bits": 1, "lst": b"x"},
    ],
)
def test_lists_that_are_refused(value: Any) -> None:
    with pytest.raises(MalformedStatusList):
        TokenStatusList.from_json(value)
    with pytest.raises(MalformedStatusList):
        TokenStatusList.from_cbor(value)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(400_000_000), 9)
    start = time.process_time()
    with pytest.raises(MalformedStatusList, match="grows"):
        TokenStatusList.from_cbor({"bits": 1, "lst": bomb})
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("signer", [ISSUER_KEY, ED_KEY], ids=["ES256", "EdDSA"])
def test_both_tokens(signer: Signer) -> None:
    keys = GivenKey(signer.public_key)
    arguments: dict[str, Any] = {"uri": URI, "issued_at": NOW, "expires_at": NOW + 100, "ttl": 60, "signer": signer}
    more: dict[str, Any] = {"aggregation_uri": "https://issuer.example/all"}
    jwt = read_jwt(to_jwt(entries(), **arguments, **more, kid="k"), keys=keys, now=NOW)
    cwt = read_cwt(to_cwt(entries(), **arguments, **more, kid=b"k"), keys=keys, now=NOW)
    for found in (jwt, cwt):
        assert (found.uri, found.issued_at, found.expires_at, found.ttl) == (URI, NOW, NOW + 100, 60)
        assert (found.aggregation_uri, found.key.id) == ("https://issuer.example/all", "k")
        assert [found.status_of(StatusReference(URI, index)) for index in range(4)] == [0, 1, 2, 3]
        assert (found.fresh_until(NOW), found.fresh_until(NOW + 50)) == (NOW + 60, NOW + 100)


def listed() -> StatusListToken:
    return read_jwt(to_jwt(entries(), uri=URI, issued_at=NOW, signer=ISSUER_KEY), keys=GIVEN, now=NOW)


def test_statuses() -> None:
    found = listed()
    found.require_valid(StatusReference(URI, 0))
    for index, refusal in ((1, StatusInvalid), (2, StatusSuspended), (3, StatusUnknown)):
        with pytest.raises(refusal):
            found.require_valid(StatusReference(URI, index))
    for reference in (StatusReference(URI + "0", 0), StatusReference(URI, 64)):
        with pytest.raises(WrongStatusList):
            found.require_valid(reference)
    assert found.fresh_until(NOW) is None


def test_references() -> None:
    reference = StatusReference(URI, 5)
    assert StatusReference.from_claims({"status": reference.to_json()}) == reference
    assert StatusReference.from_cwt({65535: reference.to_json()}) == reference
    assert StatusReference.from_claims({}) is None
    assert StatusReference.from_cwt({}) is None
    assert StatusReference.from_claims({"status": {"another": 1}}) is None
    wrong: list[Any] = [
        None,
        "x",
        {"status_list": 1},
        {"status_list": {"idx": 1}},
        {"status_list": {"idx": "1", "uri": URI}},
        {"status_list": {"idx": True, "uri": URI}},
        {"status_list": {"idx": -1, "uri": URI}},
        {"status_list": {"idx": 1 << 60, "uri": URI}},
        {"status_list": {"idx": 1, "uri": ""}},
    ]
    for status in wrong:
        with pytest.raises(MalformedStatusList):
            StatusReference.from_claims({"status": status})


def jwt(claims: Any, **header: Any) -> str:
    payload = {"sub": URI, "iat": NOW, "status_list": entries().to_json()} | claims
    payload = {name: value for name, value in payload.items() if value != "absent"}
    return jose.sign(to_json(payload), signer=ISSUER_KEY, header={"typ": "statuslist+jwt"} | header)


@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        ({"exp": NOW}, StatusListStale),
        ({"iat": NOW + 1}, StatusListStale),
        ({"nbf": NOW + 1}, StatusListStale),
        ({"iat": "absent"}, MalformedStatusList),
        ({"sub": "absent"}, MalformedStatusList),
        ({"sub": 5}, MalformedStatusList),
        ({"exp": "x"}, MalformedStatusList),
        ({"ttl": 0}, MalformedStatusList),
        ({"ttl": -5}, MalformedStatusList),
        ({"ttl": "x"}, MalformedStatusList),
        ({"ttl": True}, MalformedStatusList),
        ({"status_list": "absent"}, MalformedStatusList),
        ({"status_list": entries().to_json() | {"aggregation_uri": 5}}, MalformedStatusList),
    ],
)
def test_tokens_that_are_refused(claims: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_jwt(jwt(claims), keys=GIVEN, now=NOW)
    labels: dict[str, int] = {"sub": 2, "iat": 6, "exp": 4, "nbf": 5, "ttl": 65534, "status_list": 65533}
    payload = {2: URI, 6: NOW, 65533: entries().to_cbor()} | {labels[name]: value for name, value in claims.items()}
    if isinstance(claims.get("status_list"), dict):
        payload[65533] = entries().to_cbor() | {"aggregation_uri": 5}
    payload = {label: value for label, value in payload.items() if value != "absent"}
    octets = cose.sign(cose.encode(payload), signer=ISSUER_KEY, protected={16: tokens.CWT_TYPE})
    with pytest.raises(refusal):
        read_cwt(octets, keys=GIVEN, now=NOW)


def test_types_keys_and_signatures() -> None:
    for typ in ("JWT", "vc+jwt", None):
        with pytest.raises(HeaderRefused):
            read_jwt(jwt({}, typ=typ), keys=GIVEN, now=NOW)
        octets = cose.sign(cose.encode({2: URI}), signer=ISSUER_KEY, protected={16: typ})
        with pytest.raises(HeaderRefused):
            read_cwt(octets, keys=GIVEN, now=NOW)
    other = GivenKey(OTHER_KEY.public_key)
    octets = to_cwt(entries(), uri=URI, issued_at=NOW, signer=ISSUER_KEY, kid=b"\xff")
    with pytest.raises(CBORRejected):
        read_cwt(octets, keys=GIVEN, now=NOW)
    octets = to_cwt(entries(), uri=URI, issued_at=NOW, signer=ISSUER_KEY)
    for keys, refusal in ((other, WrongSignature), (GivenKey(ED_KEY.public_key), AlgorithmRefused)):
        with pytest.raises(refusal):
            read_jwt(jwt({}), keys=keys, now=NOW)
        with pytest.raises(refusal):
            read_cwt(octets, keys=keys, now=NOW)
    for token in ("", "x", b"\xff", "A" * 50_000_000):
        with pytest.raises(MalformedToken):
            read_jwt(token, keys=GIVEN, now=NOW)
    for raw in (b"", b"\xff", bytes(50_000_000)):
        with pytest.raises(FormatRejected):
            read_cwt(raw, keys=GIVEN, now=NOW)


def test_many_members_are_not_read() -> None:
    with pytest.raises(MalformedStatusList, match="members"):
        read_jwt(jwt({"more": [1] * 5000}), keys=GIVEN, now=NOW)
    # A list of 2^20 entries that do not pack at all is.
    large = TokenStatusList(1 << 20, bits=8)
    for index in range(0, 1 << 20, 2):
        large.set(index, index * 2654435761 >> 7 & 255)
    token = to_jwt(large, uri=URI, issued_at=NOW, signer=ISSUER_KEY)
    assert read_jwt(token, keys=GIVEN, now=NOW).status_of(StatusReference(URI, 2)) == large.get(2)


def test_whose_list_it_is() -> None:
    """The list of a credential is its issuer's, unless a verifier trusts somebody else for it."""
    token = to_jwt(entries(), uri=URI, issued_at=NOW, signer=ISSUER_KEY, kid=KID)
    assert read_jwt(token, keys=RESOLVED, now=NOW, issuer=ISSUER).key.vouched_by == "did"
    assert read_jwt(jwt({"iss": ISSUER}, kid=KID), keys=RESOLVED, now=NOW).key.id == KID
    with pytest.raises(KeyNotFound):
        read_jwt(token, keys=RESOLVED, now=NOW, issuer=HOLDER)
    with pytest.raises(KeyNotFound):
        read_jwt(token, keys=RESOLVED, now=NOW)
    with pytest.raises(WrongStatusList):
        read_jwt(jwt({"iss": HOLDER}, kid=KID), keys=RESOLVED, now=NOW, issuer=ISSUER)
    octets = to_cwt(entries(), uri=URI, issued_at=NOW, signer=ISSUER_KEY, kid=KID.encode())
    assert read_cwt(octets, keys=RESOLVED, now=NOW, issuer=ISSUER).key.id == KID
    named = cose.sign(cose.encode({1: HOLDER, 2: URI, 6: NOW}), signer=ISSUER_KEY, protected={16: tokens.CWT_TYPE})
    with pytest.raises(WrongStatusList):
        read_cwt(named, keys=RESOLVED, now=NOW, issuer=ISSUER)


def test_aggregation() -> None:
    assert read_aggregation(write_aggregation([URI])) == (URI,)
    for octets in (b"", b"[]", b"{}", b'{"status_lists":[1]}', b'{"status_lists":[""]}', b" " * 50_000_000):
        with pytest.raises(MalformedStatusList):
            read_aggregation(octets)
