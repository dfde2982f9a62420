"""SD-JWT: what is hidden opens again, and every game with digests, disclosures and key bindings is refused."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pytest
from token_parties import GIVEN, HOLDER, HOLDER_KEY, HOLDER_KID, ISSUER_KEY, NOW, OTHER_KEY, RESOLVED, CountingRandom

from panacea.credentials.formats import base64url, jose, sd_jwt
from panacea.credentials.formats.disclosures import Disclosure, hide, open_payload
from panacea.credentials.formats.jwk import to_jwk
from panacea.credentials.formats.sd_jwt import SDJWT, Occasion
from panacea.credentials.formats.types import (
    DisclosureRejected,
    FormatRejected,
    HeaderRefused,
    KeyBindingRejected,
    MalformedToken,
    TokenExpired,
    WrongSignature,
)
from panacea.crypto.keys import Signer
from panacea.health.strict_json import parse_json, to_json

CLAIMS: dict[str, Any] = parse_json(
    b"""{"iss":"https://i.example","name":"Anna","birth":{"year":1980,"place":{"city":"Bern","land":"CH"}},
    "codes":["a","b",{"x":1,"y":7.90}],"a/b~c":true,"cnf":{"jwk":%s}}"""
    % json.dumps(to_jwk(HOLDER_KEY.public_key)).encode()
)
HIDDEN = ["/name", "/birth", "/birth/place/city", "/codes/1", "/codes/2", "/codes/2/y", "/a~1b~0c"]
OCCASION = Occasion("https://v.example", "nonce-1")


def issued(hidden: Sequence[str] = HIDDEN, claims: dict[str, Any] = CLAIMS, **more: Any) -> str:
    return sd_jwt.issue(
        claims, hidden=hidden, signer=ISSUER_KEY, random=CountingRandom(), header={"typ": "example+sd-jwt"}, **more
    )


def verified(token: str, **more: Any) -> sd_jwt.VerifiedSDJWT:
    arguments: dict[str, Any] = {"keys": GIVEN, "now": NOW, "types": {"example+sd-jwt"}}
    return sd_jwt.verify(token, **(arguments | more))


def made(payload: dict[str, Any], disclosures: Sequence[Any] = ()) -> str:
    """A token of a payload and disclosures as an attacker among issuers would make it."""
    texts = [one if isinstance(one, str) else text_of(one) for one in disclosures]
    jwt = jose.sign(json.dumps(payload).encode(), signer=ISSUER_KEY, header={"typ": "example+sd-jwt"})
    return SDJWT(jwt, tuple(texts)).to_text()


def text_of(disclosure: Any) -> str:
    return base64url.encode(json.dumps(disclosure).encode())


def digest_of(disclosure: Any) -> str:
    return base64url.encode(hashlib.sha256(text_of(disclosure).encode()).digest())


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-384", "sha-512"])
def test_all_that_is_hidden_opens_again(algorithm: str) -> None:
    token = issued(algorithm=algorithm, decoys={"": 3, "/birth/place": 2, "/codes": 1})
    found = verified(token)
    assert sorted_json(found.claims) == sorted_json(CLAIMS)
    assert (sorted(found.disclosed), found.hidden, found.bound) == (sorted(HIDDEN), 6, False)
    assert found.holder_key == HOLDER_KEY.public_key
    assert token.count("~") == len(HIDDEN) + 1
    payload = jose.read(SDJWT.read(token).jwt).payload
    for word in (b"Anna", b"Bern", b"1980", b"7.90", b"name"):
        assert word not in payload


def test_numbers_keep_their_written_form() -> None:
    claims = verified(issued()).claims
    assert b'"y":7.90' in to_json(claims)


@pytest.mark.parametrize(
    ("reveal", "shown"),
    [
        ([], {"codes": ["a"]}),
        (["/name"], {"name": "Anna", "codes": ["a"]}),
        (["/birth/year"], {"birth": {"year": 1980, "place": {"land": "CH"}}, "codes": ["a"]}),
        (["/birth"], {"birth": {"year": 1980, "place": {"city": "Bern", "land": "CH"}}, "codes": ["a"]}),
        (["/birth/place/city"], {"birth": {"year": 1980, "place": {"city": "Bern", "land": "CH"}}, "codes": ["a"]}),
        (["/codes/2/x"], {"codes": ["a", {"x": 1}]}),
        (["/codes/2/y"], {"codes": ["a", {"x": 1, "y": CLAIMS["codes"][2]["y"]}]}),
        (["/a~1b~0c"], {"a/b~c": True, "codes": ["a"]}),
    ],
)
def test_a_holder_shows_parts(reveal: list[str], shown: dict[str, Any]) -> None:
    found = verified(sd_jwt.present(issued(), reveal=reveal))
    assert {name: value for name, value in found.claims.items() if name not in ("iss", "cnf")} == shown


def test_the_whole_is_named_by_the_empty_pointer() -> None:
    assert sd_jwt.present(issued(), reveal=[""]) == issued()
    smaller = sd_jwt.present(issued(), reveal=["/codes"])
    assert sd_jwt.peek(smaller).claims["codes"] == CLAIMS["codes"]
    for pointer in ("/nothing", "name", "/codes/9", "/codes/-", "/name/x"):
        with pytest.raises(DisclosureRejected):
            sd_jwt.present(issued(), reveal=[pointer])
    with pytest.raises(DisclosureRejected):
        sd_jwt.present(smaller, reveal=["/name"])


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        # RFC 9901, sections 4.2.3: a claim and an element of an array.
        (
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ),
        ("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"),
    ],
)
def test_digests_of_the_rfc(text: str, digest: str) -> None:
    assert Disclosure.read(text).digest("sha-256") == digest


ONE = ["salt", "name", "Anna"]
ELEMENT = ["salt", "Anna"]


@pytest.mark.parametrize(
    ("payload", "disclosures"),
    [
        pytest.param({"_sd": [digest_of(ONE)] * 2}, [ONE], id="a digest twice in a list"),
        pytest.param({"_sd": [digest_of(ONE)], "a": {"_sd": [digest_of(ONE)]}}, [ONE], id="a digest twice in all"),
        pytest.param({"_sd": ["AAAA"], "a": [{"...": "AAAA"}]}, [], id="an unopened digest twice"),
        pytest.param({"_sd": [digest_of(ONE)]}, [ONE, ONE], id="a disclosure twice"),
        pytest.param({"_sd": []}, [ONE], id="a disclosure that nothing refers to"),
        pytest.param({}, [ONE], id="a disclosure without any digest"),
        pytest.param({"_sd": [digest_of(ELEMENT)]}, [ELEMENT], id="an element as a claim"),
        pytest.param({"a": [{"...": digest_of(ONE)}]}, [ONE], id="a claim as an element"),
        pytest.param({"name": "Bea", "_sd": [digest_of(ONE)]}, [ONE], id="a name that is taken"),
        pytest.param(
            {"_sd": [digest_of(ONE), digest_of(["t", "name", "Bea"])]}, [ONE, ["t", "name", "Bea"]], id="a name twice"
        ),
        pytest.param({"_sd": "x"}, [], id="_sd is text"),
        pytest.param({"_sd": [1]}, [], id="a digest is a number"),
        pytest.param({"_sd": [["x"]]}, [], id="a digest is a list"),
        pytest.param({"...": "x"}, [], id="... outside an array"),
        pytest.param({"a": {"...": "x"}}, [], id="... in an object"),
        pytest.param({"a": [{"...": "x", "b": 1}]}, [], id="... beside another member"),
        pytest.param({"a": [{"...": 1}]}, [], id="... is a number"),
        pytest.param({"_sd_alg": "md5"}, [], id="md5"),
        pytest.param({"_sd_alg": "SHA-256"}, [], id="another spelling"),
        pytest.param({"_sd_alg": ["sha-256"]}, [], id="a list of hashes"),
        pytest.param({"_sd_alg": "sha-384", "_sd": [digest_of(ONE)]}, [ONE], id="a digest of another hash"),
        *(
            pytest.param({"_sd": [digest_of(one)]}, [one], id=f"disclosure {one}")
            for one in (
                ["s", "_sd", ["x"]],
                ["s", "...", "x"],
                ["s", "_sd_alg", "sha-256"],
                ["s"],
                [],
                ["s", "n", "v", "w"],
                [1, "n", "v"],
                ["s", 1, "v"],
                {"s": "n"},
                "text",
            )
        ),
        pytest.param({}, ["AAA="], id="padding"),
        pytest.param({}, ["!!!!"], id="no base64url"),
        pytest.param({}, [base64url.encode(b'["s","n",{"a":1,"a":2}]')], id="a member twice"),
        pytest.param({}, [base64url.encode(b"[" * 60 + b"]" * 60)], id="deep"),
    ],
)
def test_games_with_digests(payload: dict[str, Any], disclosures: list[Any]) -> None:
    with pytest.raises(FormatRejected):
        verified(made(payload, disclosures))


def test_a_disclosure_inside_needs_the_one_around_it() -> None:
    inner = ["s1", "city", "Bern"]
    outer = ["s2", "place", {"_sd": [digest_of(inner)]}]
    payload = {"_sd": [digest_of(outer)]}
    assert verified(made(payload, [inner, outer])).claims == {"place": {"city": "Bern"}}
    with pytest.raises(DisclosureRejected):
        verified(made(payload, [inner]))
    assert verified(made(payload, [outer])).claims == {"place": {}}


def test_nesting_by_disclosures_is_bounded() -> None:
    chain: list[Any] = [["s", "n", 1]]
    for depth in range(60):
        chain.append([f"s{depth}", "n", {"_sd": [digest_of(chain[-1])]}])
    with pytest.raises(DisclosureRejected, match="deep"):
        verified(made({"_sd": [digest_of(chain[-1])]}, chain))


@pytest.mark.parametrize(
    "hidden", [["/name", "/name"], ["/nothing"], [""], ["name"], ["/codes/3"], ["/codes/01"], ["/codes/x"], ["/name/x"]]
)
def test_pointers_that_are_refused(hidden: list[str]) -> None:
    with pytest.raises(DisclosureRejected):
        issued(hidden)


def test_claims_that_are_refused() -> None:
    claims: list[dict[str, Any]] = [{"_sd": []}, {"a": [{"...": "x"}]}, {"a": {"_sd_alg": 1}}]
    for one in claims:
        with pytest.raises(DisclosureRejected):
            issued([], one)
    with pytest.raises(DisclosureRejected):
        issued(algorithm="md5")
    with pytest.raises(DisclosureRejected):
        issued(decoys={"/name": 1})
    with pytest.raises(DisclosureRejected):
        issued(["/codes/3"], decoys={"/codes": 1})


def test_the_order_of_digests_tells_nothing() -> None:
    payload, _ = hide({"c": 1, "b": 2, "a": {"z": 1, "y": 2}}, ["/b", "/c", "/a/y", "/a/z"], random=CountingRandom())
    assert payload["_sd"] == sorted(payload["_sd"])
    assert payload["a"]["_sd"] == sorted(payload["a"]["_sd"])
    # Decoys inside of what is hidden are there when it opens.
    payload, disclosures = hide({"a": {"z": 1}}, ["/a", "/a/z"], random=CountingRandom(), decoys={"/a": 4})
    assert len(open_payload(payload, [one.text for one in disclosures[:1]]).claims["a"]) == 0
    assert open_payload(payload, [one.text for one in disclosures]).hidden == 4


@pytest.mark.parametrize(
    "token", ["", "~", "a", "a.b.c", "a.b.c~~", "~a~", "a.b.c~x~~", b"\xff~", "a.b.c~" + "x~" * 5000]
)
def test_what_is_no_sd_jwt(token: str | bytes) -> None:
    with pytest.raises(MalformedToken):
        sd_jwt.verify(token, keys=GIVEN, now=NOW)
    with pytest.raises(MalformedToken):
        sd_jwt.peek(token)


def test_a_token_of_50_megabytes_is_only_measured() -> None:
    for token in ("~" * 50_000_000, b"x" * 50_000_000):
        with pytest.raises(MalformedToken, match="too large"):
            sd_jwt.verify(token, keys=GIVEN, now=NOW)


def test_signature_type_and_times() -> None:
    with pytest.raises(WrongSignature):
        verified(
            sd_jwt.issue(CLAIMS, hidden=[], signer=OTHER_KEY, random=CountingRandom(), header={"typ": "example+sd-jwt"})
        )
    with pytest.raises(HeaderRefused):
        verified(issued(), types={"dc+sd-jwt"})
    assert verified(issued(), types=None).claims["name"] == "Anna"
    # A time that was hidden counts as soon as it is shown.
    token = issued(["/exp"], {"exp": NOW})
    with pytest.raises(TokenExpired):
        verified(token)
    verified(sd_jwt.present(token, reveal=[]))


def bound(token: str | None = None, signer: Signer = HOLDER_KEY, **more: Any) -> str:
    arguments: dict[str, Any] = {"audience": OCCASION.audience, "nonce": OCCASION.nonce, "issued_at": NOW}
    return sd_jwt.bind(token or issued(), signer=signer, **(arguments | more))


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
def test_a_key_binding_holds(algorithm: str) -> None:
    token = bound(sd_jwt.present(issued(algorithm=algorithm), reveal=["/name"]))
    found = verified(token, binding=OCCASION)
    assert found.bound
    assert verified(bound(token), binding=OCCASION).bound, "a second binding takes the place of the first"
    assert sd_jwt.present(token, reveal=["/name"]) == SDJWT.read(token).unbound()


def test_a_binding_is_neither_dropped_nor_left_unread() -> None:
    with pytest.raises(KeyBindingRejected, match="missing"):
        verified(issued(), binding=OCCASION)
    with pytest.raises(KeyBindingRejected, match="nobody states"):
        verified(bound())


def test_a_binding_of_other_disclosures() -> None:
    parts = SDJWT.read(bound())
    fewer = SDJWT(parts.jwt, parts.disclosures[:2], parts.key_binding).to_text()
    with pytest.raises(KeyBindingRejected, match="other disclosures"):
        verified(fewer, binding=OCCASION)
    other = SDJWT.read(issued(decoys={"": 1}))
    with pytest.raises(KeyBindingRejected, match="other disclosures"):
        verified(SDJWT(other.jwt, other.disclosures, parts.key_binding).to_text(), binding=OCCASION)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signer": OTHER_KEY}, "verify"),
        ({"audience": "https://w.example"}, "another verifier"),
        ({"nonce": "nonce-0"}, "another occasion"),
        ({"issued_at": NOW - 361}, "too old"),
        ({"issued_at": NOW + 61}, "not yet valid"),
    ],
)
def test_bindings_that_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(KeyBindingRejected, match=words):
        verified(bound(**change), binding=OCCASION)


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "JWT"}, {}),
        ({"typ": "dc+sd-jwt"}, {}),
        ({}, {"iat": None}),
        ({}, {"iat": "now"}),
        ({}, {"exp": NOW - 60}),
        ({}, {"nbf": NOW + 100}),
        ({}, {"sd_hash": None}),
        ({}, {"sd_hash": [1]}),
        ({}, {"aud": ["https://v.example", "https://w.example"]}),
        ({}, {"nonce": ["nonce-1"]}),
    ],
)
def test_bindings_of_another_form(header: dict[str, Any], claims: dict[str, Any]) -> None:
    text = SDJWT.read(issued()).unbound()
    digest = base64url.encode(hashlib.sha256(text.encode()).digest())
    payload = {"iat": NOW, "aud": OCCASION.audience, "nonce": OCCASION.nonce, "sd_hash": digest} | claims
    payload = {name: value for name, value in payload.items() if value is not None}
    binding = jose.sign(to_json(payload), signer=HOLDER_KEY, header={"typ": "kb+jwt"} | header)
    with pytest.raises(KeyBindingRejected):
        verified(text + binding, binding=OCCASION)


def test_a_binding_that_is_no_token() -> None:
    for binding in ("x", "a.b.c", "e30.e30.", issued([]).rstrip("~")):
        with pytest.raises(KeyBindingRejected):
            verified(issued() + binding, binding=OCCASION)


def test_holders_by_name() -> None:
    token = bound(issued([], {"cnf": {"kid": HOLDER_KID}}))
    occasion = Occasion(OCCASION.audience, OCCASION.nonce, holders=RESOLVED)
    assert verified(token, binding=occasion).holder_key == HOLDER_KEY.public_key
    with pytest.raises(KeyBindingRejected):
        verified(token, binding=OCCASION)
    confirmations: list[Any] = [{}, {"jkt": "x"}, "x", None, {"jwk": {"kty": "oct", "k": "AAAA"}}, {"kid": 5}]
    for confirmation in confirmations:
        with pytest.raises(FormatRejected):
            verified(issued([], {"cnf": confirmation}))
    assert HOLDER in HOLDER_KID
    with pytest.raises(KeyBindingRejected, match="names no key"):
        verified(bound(issued([], {"a": 1})), binding=OCCASION)


def sorted_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
