"""Whatever bytes arrive, a parser of containers answers or refuses by name, soon."""

import contextlib
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from token_parties import GIVEN, HOLDER_KEY, ISSUER, ISSUER_KEY, KID, NOW, RESOLVED, CountingRandom

from panacea.credentials.formats import (
    base64url,
    cose,
    health_card,
    health_link,
    jose,
    jwe,
    sd_jwt,
    sd_jwt_vc,
    type_metadata,
    vc_jwt,
    vc_sd_jwt,
)
from panacea.credentials.formats.certificates import verify_chain
from panacea.credentials.formats.disclosures import hide, is_below, open_payload
from panacea.credentials.formats.jwk import read_jwk, read_jwk_set
from panacea.credentials.formats.sd_jwt import Occasion
from panacea.credentials.formats.types import FormatRejected
from panacea.credentials.status import token as status
from panacea.crypto.secret import SecretBytes
from panacea.health.strict_json import to_json
from panacea.primitives.rejected import Rejected

SECONDS = 0.5
KEY = SecretBytes(b"k" * 32)
AGREEMENT = jwe.AgreementKey(b"\x05" * 32)
ISSUERS = health_card.IssuerSource({"https://issuer.example": b'{"keys":[]}'})
OCCASION = Occasion("v", "n")

PARSERS: dict[str, Callable[[bytes], object]] = {
    "jose": lambda octets: jose.read(octets).verify(ISSUER_KEY.public_key, algorithms=jose.EVERY).claims(),
    "jwe direct": lambda octets: jwe.decrypt_direct(octets, key=KEY),
    "jwe agreed": lambda octets: jwe.decrypt_with(octets, key=AGREEMENT),
    "vc+jwt": lambda octets: vc_jwt.verify_credential(octets, keys=RESOLVED, now=NOW),
    "jwt_vc_json": lambda octets: vc_jwt.verify_credential_1_1(octets, keys=RESOLVED, now=NOW),
    "sd-jwt": lambda octets: sd_jwt.verify(octets, keys=GIVEN, now=NOW, binding=OCCASION),
    "sd-jwt peek": sd_jwt.peek,
    "sd-jwt present": lambda octets: sd_jwt.present(octets, reveal=["/a", "/b/0"]),
    "dc+sd-jwt": lambda octets: sd_jwt_vc.verify(octets, keys=GIVEN, now=NOW),
    "vc+sd-jwt": lambda octets: vc_sd_jwt.verify(octets, keys=GIVEN, now=NOW),
    "cbor": cose.decode,
    "cose": lambda octets: cose.read(octets).verify(ISSUER_KEY.public_key),
    "jwk set": read_jwk_set,
    "health card": lambda octets: health_card.verify(octets, issuers=ISSUERS, now=NOW),
    "health card codes": lambda octets: health_card.from_codes([octets.decode("latin-1")]),
    "health card file": health_card.read_file,
    "health card revocations": health_card.Revocations.read,
    "health link": lambda octets: health_link.parse(octets.decode("latin-1")),
    "status jwt": lambda octets: status.read_jwt(octets, keys=GIVEN, now=NOW),
    "status cwt": lambda octets: status.read_cwt(octets, keys=GIVEN, now=NOW),
    "status lst": lambda octets: status.TokenStatusList.from_cbor({"bits": 1, "lst": octets}),
    "aggregation": status.read_aggregation,
    "x5c": lambda octets: verify_chain([octets.decode("latin-1")], roots=[octets], now=NOW),
    "type metadata": lambda octets: type_metadata.load_type("a", {"a": octets}),
}

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["_sd", "...", "_sd_alg", "a", "cnf", "jwk", "vc", "iss", "kid", "sub", "exp"])
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
CBOR_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.text(max_size=6) | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-9, 70_000) | st.text(max_size=4), inner, max_size=4)
        | st.builds(cose.Tagged, st.sampled_from([0, 16, 17, 18, 61, 24]), inner)
    ),
    max_leaves=12,
)


def refuses_in_time(parse: Callable[[bytes], object], octets: bytes) -> None:
    start = time.process_time()
    with contextlib.suppress(Rejected):
        parse(octets)
    assert time.process_time() - start < SECONDS


def part(octets: bytes) -> bytes:
    return base64url.encode(octets).encode()


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["ES256", "none", "HS256", "dir", "ECDH-ES", 5, None]),
        "enc": st.sampled_from(["A256GCM", "A128GCM", "x", None]),
        "typ": st.sampled_from(["vc+jwt", "dc+sd-jwt", "vc+sd-jwt", "kb+jwt", "statuslist+jwt", "JWT", 1]),
        "kid": st.sampled_from([KID, "#x", "did:key:", "", 5, None]),
        "zip": st.sampled_from(["DEF", "x", 1]),
        "epk": JSON_VALUES,
        "x5c": JSON_VALUES,
        "crit": JSON_VALUES,
        "b64": JSON_VALUES,
    },
)
PAYLOADS = st.one_of(
    JSON_VALUES.map(to_json),
    st.dictionaries(
        st.sampled_from(
            ["iss", "sub", "iat", "exp", "nbf", "vc", "vp", "vct", "cnf", "_sd", "status_list", "issuer", "a"]
        ),
        JSON_VALUES | st.just(ISSUER),
    ).map(to_json),
    st.binary(max_size=40),
    st.binary(max_size=40).map(lambda octets: zlib.compress(octets, wbits=-15)),
)
TOKENS = st.builds(
    lambda header, payload, more, mark: b".".join([part(to_json(header)), part(payload), *map(part, more)]) + mark,
    HEADERS,
    PAYLOADS,
    st.lists(st.binary(max_size=70), max_size=3),
    st.sampled_from([b"", b"~", b"~e30~", b"~WyJzIiwiYSIsMV0~", b"~x"]),
)
ANYTHING = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: text.encode(errors="surrogatepass")),
    JSON_VALUES.map(to_json),
    CBOR_VALUES.map(cose.encode),
    TOKENS,
    st.binary(max_size=60).map(zlib.compress),
    st.sampled_from([b"shc:/", b"shlink:/", b"shc:/1/2/"]).flatmap(
        lambda start: st.binary(max_size=30).map(lambda rest: start + rest)
    ),
    JSON_VALUES.map(lambda value: b"shlink:/" + part(to_json(value))),
)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(octets=ANYTHING)
def test_any_bytes(name: str, octets: bytes) -> None:
    refuses_in_time(PARSERS[name], octets)


@settings(max_examples=200)
@given(header=HEADERS, payload=PAYLOADS, disclosures=st.lists(JSON_VALUES, max_size=4))
def test_what_the_issuer_signed_may_be_anything(header: dict[str, Any], payload: bytes, disclosures: list[Any]) -> None:
    """The signature is good, so that all behind it is reached."""
    header = {name: value for name, value in header.items() if name not in ("alg", "crit", "b64")}
    token = jose.sign(payload, signer=ISSUER_KEY, header=header).encode()
    whole = b"~".join([token, *(part(to_json(one)) for one in disclosures), b""])
    for name in ("vc+jwt", "jwt_vc_json", "status jwt", "health card", "jose"):
        refuses_in_time(PARSERS[name], token)
    for name in ("sd-jwt", "dc+sd-jwt", "vc+sd-jwt", "sd-jwt peek", "sd-jwt present"):
        refuses_in_time(PARSERS[name], whole)


@settings(max_examples=150)
@given(protected=CBOR_VALUES, payload=CBOR_VALUES)
def test_what_an_issuer_signed_in_cbor_may_be_anything(protected: Any, payload: Any) -> None:
    head = cose.encode({1: -7, 16: status.CWT_TYPE} | (protected if isinstance(protected, dict) else {}))
    body = cose.encode(payload)
    signature = ISSUER_KEY.sign(cose.encode(["Signature1", head, b"", body]))
    refuses_in_time(PARSERS["status cwt"], cose.encode(cose.Tagged(18, [head, {}, body, signature])))


@given(octets=st.binary(max_size=20), text=st.text(alphabet="AQgwBCZaz09-_+/=\n é", max_size=9))
def test_base64url_has_one_spelling(octets: bytes, text: str) -> None:
    assert base64url.decode(base64url.encode(octets)) == octets
    with contextlib.suppress(FormatRejected):
        assert base64url.encode(base64url.decode(text)) == text


@given(value=CBOR_VALUES)
def test_cbor_comes_back(value: Any) -> None:
    assert cose.decode(cose.encode(value)) == value


@given(value=JSON_VALUES)
def test_any_jwk(value: Any) -> None:
    with contextlib.suppress(FormatRejected):
        read_jwk(value)


CLAIMS = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="ab/~c", max_size=3), inner, max_size=4)
    ),
    max_leaves=10,
)


def pointers_in(value: Any, place: str = "") -> list[str]:
    inner: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        inner = [(name.replace("~", "~0").replace("/", "~1"), one) for name, one in value.items()]
    elif isinstance(value, list):
        inner = [(str(index), one) for index, one in enumerate(value)]
    return [here for token, one in inner for here in (f"{place}/{token}", *pointers_in(one, f"{place}/{token}"))]


@settings(max_examples=200)
@given(claims=st.dictionaries(st.text(alphabet="xyz/~", max_size=3), CLAIMS, max_size=4), data=st.data())
def test_whatever_is_hidden_opens_again(claims: dict[str, Any], data: st.DataObject) -> None:
    every = pointers_in(claims)
    hidden = data.draw(st.lists(st.sampled_from(every), unique=True) if every else st.just([]))
    payload, made = hide(claims, hidden, random=CountingRandom())
    opened = open_payload(payload, [one.text for one in made])
    assert opened.claims == claims
    assert set(opened.pointers) == set(hidden)
    assert opened.hidden == 0
    reveal = data.draw(st.lists(st.sampled_from(every), unique=True) if every else st.just([]))
    token = sd_jwt.issue(claims, hidden=hidden, signer=HOLDER_KEY, random=CountingRandom())
    shown = set(sd_jwt.SDJWT.read(sd_jwt.present(token, reveal=reveal)).disclosures)
    for pointer, disclosure in sd_jwt.peek(token).pointers.items():
        wanted = any(is_below(pointer, one) or is_below(one, pointer) for one in reveal)
        assert wanted == (disclosure.text in shown)
