"""SMART Health Cards: codes, files, keys by thumbprint, revocation; a bundle comes out as it was written."""

import itertools
import json
import time
import zlib
from typing import Any

import pytest
from token_parties import ED_KEY, ISSUER_KEY, NOW, OTHER_KEY

from panacea.credentials.formats import base64url, health_card, jose
from panacea.credentials.formats.health_card import IssuerSource, Revocations
from panacea.credentials.formats.jwk import thumbprint, to_jwk
from panacea.credentials.formats.types import (
    AlgorithmRefused,
    ClaimsContradict,
    FormatRejected,
    HealthCardRejected,
    HealthCardRevoked,
    KeyNotFound,
    MalformedToken,
    TokenExpired,
    TokenNotYetValid,
    WrongSignature,
)
from panacea.health.strict_json import parse_json, to_json

URL = "https://issuer.example/cards"
KID = thumbprint(ISSUER_KEY.public_key)
BUNDLE: dict[str, Any] = parse_json(
    b"""{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"resource:0","resource":
    {"resourceType":"Observation","status":"final","valueQuantity":{"value":7.90,"unit":"%"}}}]}"""
)
JWK = to_jwk(ISSUER_KEY.public_key) | {"kid": KID, "use": "sig", "alg": "ES256"}


def keys(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"keys": list(entries or (JWK,))}).encode()


SOURCE = IssuerSource({URL: keys()})


def issued(**more: Any) -> str:
    arguments: dict[str, Any] = {"issuer": URL, "signer": ISSUER_KEY, "not_before": NOW}
    return health_card.issue(BUNDLE, **(arguments | more))


def made(claims: Any, header: dict[str, Any] | None = None, octets: bytes | None = None) -> str:
    packing = zlib.compressobj(9, wbits=-15)
    packed = packing.compress(claims if isinstance(claims, bytes) else to_json(claims)) + packing.flush()
    members = {"zip": "DEF", "kid": KID} | (header or {})
    return jose.sign(packed if octets is None else octets, signer=ISSUER_KEY, header=members)


CLAIMS: dict[str, Any] = {
    "iss": URL,
    "nbf": NOW,
    "vc": {
        "type": [health_card.TYPE],
        "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": {"resourceType": "Bundle"}},
    },
}


def test_a_card() -> None:
    found = health_card.verify(issued(types=["https://smarthealth.cards#laboratory"]), issuers=SOURCE, now=NOW)
    assert to_json(found.bundle) == to_json(BUNDLE)
    assert (found.issuer, found.kid, found.fhir_version, found.rid) == (URL, KID, "4.0.1", None)
    assert found.types == (health_card.TYPE, "https://smarthealth.cards#laboratory")
    assert not found.revocation_checked
    assert "7.90" not in repr(found)


def test_one_code() -> None:
    card = issued()
    [code] = health_card.to_codes(card)
    assert code.startswith("shc:/5676")
    assert health_card.from_codes([code]) == card


def test_several_codes_in_any_order() -> None:
    card = issued() + "A" * 2600
    codes = health_card.to_codes(card)
    assert len(codes) == 3
    assert all(code.startswith(f"shc:/{place}/3/") for place, code in enumerate(codes, 1))
    for order in itertools.permutations(codes):
        assert health_card.from_codes(order) == card
    assert health_card.from_codes([*codes, codes[1]]) == card, "a code that is scanned twice"


CODES = health_card.to_codes("x" * 2000)


@pytest.mark.parametrize(
    "codes",
    [
        [],
        ["shc:/"],
        ["shc:/567"],
        ["shc:/ab"],
        ["shc:/99"],
        ["shc:/78"],
        ["SHC:/5676"],
        ["shlink:/5676"],
        ["shc:/1/2"],
        ["shc:/0/1/5676"],
        ["shc:/2/1/5676"],
        ["shc:/100/100/5676"],
        [" shc:/5676"],
        ["shc:/5676\n"],
        ["shc:/٥٦"],
        CODES[:1],
        [CODES[0], CODES[0]],
        [CODES[0], "shc:/2/3/5676"],
        [CODES[0], CODES[1], "shc:/1/2/5676"],
        ["shc:/5676"] * 100,
        ["shc:/" + "56" * 2_000_000],
    ],
)
def test_codes_that_are_refused(codes: list[str]) -> None:
    with pytest.raises(HealthCardRejected):
        health_card.from_codes(codes)


def test_files() -> None:
    cards = (issued(), issued(rid="abc"))
    assert health_card.read_file(health_card.write_file(cards)) == cards
    for octets in (
        b"",
        b"[]",
        b"{}",
        b'{"verifiableCredential":[]}',
        b'{"verifiableCredential":[1]}',
        b" " * 50_000_000,
    ):
        with pytest.raises(HealthCardRejected):
            health_card.read_file(octets)


def test_times() -> None:
    token = issued(expires_at=NOW + 100)
    health_card.verify(token, issuers=SOURCE, now=NOW)
    with pytest.raises(TokenExpired):
        health_card.verify(token, issuers=SOURCE, now=NOW + 160)
    with pytest.raises(TokenNotYetValid):
        health_card.verify(token, issuers=SOURCE, now=NOW - 61)
    fractional = made(to_json(CLAIMS).replace(str(NOW).encode(), f"{NOW}.677".encode()))
    assert str(health_card.verify(fractional, issuers=SOURCE, now=NOW + 1).not_before) == f"{NOW}.677"


def revocations(*rids: Any, **more: Any) -> IssuerSource:
    document = {"kid": KID, "method": "rid", "ctr": 2, "rids": list(rids)} | more
    return IssuerSource({URL: keys(JWK | {"crlVersion": 2})}, {(URL, KID): json.dumps(document).encode()})


@pytest.mark.parametrize("rids", [["rid-1"], [f"rid-1.{NOW + 1}"], [f"rid-1.{NOW - 9}", "rid-1"], ["rid-1", "rid-1.5"]])
def test_revoked_cards(rids: list[str]) -> None:
    with pytest.raises(HealthCardRevoked):
        health_card.verify(issued(rid="rid-1"), issuers=revocations("other", *rids), now=NOW)


@pytest.mark.parametrize("rids", [[], ["rid-2"], [f"rid-1.{NOW}"], ["rid-1.5", "rid-1.7"]])
def test_cards_that_are_not_revoked(rids: list[str]) -> None:
    assert health_card.verify(issued(rid="rid-1"), issuers=revocations(*rids), now=NOW).revocation_checked
    assert not health_card.verify(issued(), issuers=revocations(*rids), now=NOW).revocation_checked


@pytest.mark.parametrize(
    "source",
    [
        IssuerSource({URL: keys(JWK | {"crlVersion": 1})}),
        revocations(kid="other"),
        revocations(ctr=1),
        revocations(ctr=-1),
        revocations(ctr="x"),
        revocations(ctr=True),
        revocations(method="x"),
        revocations("a b"),
        revocations(5),
        revocations("x" * 25),
        IssuerSource({URL: keys(JWK | {"crlVersion": 1})}, {(URL, KID): b"{"}),
        IssuerSource({URL: keys(JWK | {"crlVersion": [1]})}, {(URL, KID): b"{"}),
    ],
)
def test_revocation_that_cannot_be_checked(source: IssuerSource) -> None:
    with pytest.raises(HealthCardRejected):
        health_card.verify(issued(rid="rid-1"), issuers=source, now=NOW)


def test_a_counter_may_be_text() -> None:
    assert Revocations.read(json.dumps({"kid": "k", "method": "rid", "ctr": "7", "rids": []}).encode()).counter == 7


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        (IssuerSource({}), HealthCardRejected),
        (IssuerSource({URL: b"{"}), MalformedToken),
        (IssuerSource({URL: json.dumps({"keys": []}).encode()}), KeyNotFound),
        (IssuerSource({URL: keys(JWK | {"use": "enc"})}), KeyNotFound),
        (IssuerSource({URL: keys(JWK | {"alg": "ES384"})}), KeyNotFound),
        (
            IssuerSource({URL: keys(to_jwk(OTHER_KEY.public_key) | {"kid": KID, "use": "sig", "alg": "ES256"})}),
            KeyNotFound,
        ),
        (IssuerSource({URL: keys(to_jwk(ED_KEY.public_key) | {"kid": KID, "use": "sig"})}), KeyNotFound),
        (IssuerSource({URL: keys(JWK | {"d": "AAAA"})}), MalformedToken),
    ],
)
def test_keys_that_are_refused(source: IssuerSource, refusal: type[FormatRejected]) -> None:
    with pytest.raises(refusal):
        health_card.verify(issued(), issuers=source, now=NOW)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"iss": f"{URL}/"}, HealthCardRejected),
        ({"iss": "http://issuer.example"}, HealthCardRejected),
        ({"iss": 5}, ClaimsContradict),
        ({"nbf": "now"}, ClaimsContradict),
        ({"vc": {}}, HealthCardRejected),
        ({"vc": CLAIMS["vc"] | {"type": ["x"]}}, HealthCardRejected),
        ({"vc": CLAIMS["vc"] | {"type": [health_card.TYPE, 1]}}, HealthCardRejected),
        ({"vc": CLAIMS["vc"] | {"rid": "a.b"}}, HealthCardRejected),
        ({"vc": CLAIMS["vc"] | {"rid": 5}}, HealthCardRejected),
        ({"vc": CLAIMS["vc"] | {"credentialSubject": {}}}, HealthCardRejected),
        ({"vc": CLAIMS["vc"] | {"credentialSubject": {"fhirVersion": "4", "fhirBundle": {}}}}, HealthCardRejected),
    ],
)
def test_claims_that_are_refused(change: dict[str, Any], refusal: type[FormatRejected]) -> None:
    with pytest.raises(refusal):
        health_card.verify(made(CLAIMS | change), issuers=SOURCE, now=NOW)


def test_signatures_and_headers() -> None:
    health_card.verify(made(CLAIMS), issuers=SOURCE, now=NOW)
    without = {name: value for name, value in CLAIMS.items() if name != "nbf"}
    headers: list[dict[str, Any]] = [{"zip": "GZ"}, {"zip": None}, {"kid": 5}]
    for header in headers:
        with pytest.raises(HealthCardRejected):
            health_card.verify(made(CLAIMS, header), issuers=SOURCE, now=NOW)
    with pytest.raises(HealthCardRejected):
        health_card.verify(made(without), issuers=SOURCE, now=NOW)
    head, payload, _ = issued().split(".")
    with pytest.raises(WrongSignature):
        health_card.verify(f"{head}.{payload}.{base64url.encode(bytes(64))}", issuers=SOURCE, now=NOW)
    none = base64url.encode(json.dumps({"alg": "none", "zip": "DEF", "kid": KID}).encode())
    with pytest.raises(AlgorithmRefused):
        health_card.verify(f"{none}.{payload}.", issuers=SOURCE, now=NOW)
    with pytest.raises(KeyNotFound):
        health_card.verify(issued(signer=OTHER_KEY), issuers=SOURCE, now=NOW)


def test_a_bomb_is_not_unpacked() -> None:
    packing = zlib.compressobj(9, wbits=-15)
    bomb = packing.compress(bytes(150_000_000)) + packing.flush()
    start = time.process_time()
    with pytest.raises(MalformedToken, match="grows"):
        health_card.verify(made(b"", octets=bomb), issuers=SOURCE, now=NOW)
    assert time.process_time() - start < 0.5
    for octets in (b"", b"\x00", b"\x03\x00", zlib.compress(b"{}")):
        with pytest.raises(MalformedToken):
            health_card.verify(made(b"", octets=octets), issuers=SOURCE, now=NOW)


def test_cards_that_are_not_issued() -> None:
    for change in ({"signer": ED_KEY}, {"issuer": "http://x.example"}, {"rid": "a.1"}, {"rid": "x" * 25}):
        with pytest.raises(HealthCardRejected):
            issued(**change)
