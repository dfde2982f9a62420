"""One FHIR Observation, four containers: each is verified by its own rules and gives back the same claims."""

from typing import Any

import pytest
from health_issuer import lab
from token_parties import ED_KEY, HOLDER_KEY, NOW, CountingRandom

from panacea.credentials import credential_contexts
from panacea.credentials.formats import same_claims, sd_jwt, sd_jwt_vc, vc_jwt, vc_sd_jwt
from panacea.credentials.formats.issuer_keys import ResolvedKeys
from panacea.credentials.formats.same_claims import SharedClaims, same_octets
from panacea.credentials.formats.sd_jwt import Occasion
from panacea.credentials.formats.types import ClaimsContradict, DisclosureRejected, FormatRejected
from panacea.credentials.suites import bbs2023
from panacea.crypto.bbs import SHA256
from panacea.health.mapping import CONTEXT_URL, disclosed, resource_form, subject_form
from panacea.health.strict_json import parse_json, to_json
from panacea.identity.did_key import did_key_method_id, encode_did_key
from panacea.identity.resolver import KeyResolver

ISSUER = encode_did_key(ED_KEY.public_key)
KID = did_key_method_id(ISSUER)
KEYS = ResolvedKeys(KeyResolver())
VCT = "https://types.example/laboratory-result"
STATUS = {"status_list": {"idx": 7, "uri": "https://issuer.example/list"}}
BBS_SECRET = SHA256.key_gen(b"s" * 32)
BBS_PUBLIC = SHA256.public_key(BBS_SECRET)


def document(subject: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT_URL],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {"resource": subject},
    }


RESOURCE = "/credentialSubject/resource"
FORM = SharedClaims(
    document(subject_form(lab())),
    (f"{RESOURCE}/valueQuantity/value", f"{RESOURCE}/valueQuantity/unit", f"{RESOURCE}/subject", f"{RESOURCE}/note.0"),
)
PLAIN = SharedClaims(
    document(lab()),
    (f"{RESOURCE}/valueQuantity/value", f"{RESOURCE}/subject", f"{RESOURCE}/note/1", f"{RESOURCE}/performer/0"),
)
BOTH = pytest.mark.parametrize("shared", [FORM, PLAIN], ids=["subject form", "plain FHIR"])


def secure(unsecured: dict[str, Any], mandatory: tuple[str, ...]) -> dict[str, Any]:
    return bbs2023.create_base(
        unsecured,
        secret_key=BBS_SECRET,
        public_key=BBS_PUBLIC,
        verification_method=f"{ISSUER}#bbs",
        mandatory_pointers=mandatory,
        contexts=credential_contexts(),
    )


def resource_in(found: dict[str, Any]) -> Any:
    return found["credentialSubject"]["resource"]


def test_ldp_vc() -> None:
    secured = parse_json(to_json(FORM.to_ldp_vc(secure)))
    bbs2023.verify_base(secured, public_key=BBS_PUBLIC, contexts=credential_contexts())
    proof = secured.pop("proof")
    assert proof["cryptosuite"] == "bbs-2023"
    assert same_octets(secured) == same_octets(FORM.document)
    assert to_json(resource_form(resource_in(secured))) == to_json(lab())


def test_ldp_vc_hides_the_same() -> None:
    """What a derived proof must show is what an SD-JWT without disclosures shows."""
    derived = bbs2023.derive(
        FORM.to_ldp_vc(secure),
        selective_pointers=[],
        presentation_header=b"",
        public_key=BBS_PUBLIC,
        contexts=credential_contexts(),
    )
    token = FORM.to_vc_sd_jwt(signer=ED_KEY, kid=KID, random=CountingRandom())
    shown = vc_sd_jwt.verify(sd_jwt.present(token, reveal=[]), keys=KEYS, now=NOW).document
    del derived["proof"]
    assert disclosed(resource_in(derived))["code"] == lab()["code"]
    for part in (derived, shown):
        assert "value" not in resource_in(part).get("valueQuantity", {})
        assert "subject" not in resource_in(part)
        assert "note.1" in resource_in(part)


@BOTH
def test_vc_jwt(shared: SharedClaims) -> None:
    found = vc_jwt.verify_credential(shared.to_vc_jwt(signer=ED_KEY, kid=KID), keys=KEYS, now=NOW)
    assert same_octets(found.document) == same_octets(shared.document)


@BOTH
@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
def test_vc_sd_jwt(shared: SharedClaims, algorithm: str) -> None:
    token = shared.to_vc_sd_jwt(
        signer=ED_KEY,
        kid=KID,
        random=CountingRandom(),
        holder_key=HOLDER_KEY.public_key,
        algorithm=algorithm,
        decoys={RESOURCE: 3},
    )
    found = vc_sd_jwt.verify(token, keys=KEYS, now=NOW)
    assert same_octets(found.document) == same_octets(shared.document)
    assert set(found.disclosed) == set(shared.hidden)
    assert found.holder_key == HOLDER_KEY.public_key


@BOTH
def test_dc_sd_jwt(shared: SharedClaims) -> None:
    token = shared.to_dc_sd_jwt(
        vct=VCT, signer=ED_KEY, kid=KID, random=CountingRandom(), holder_key=HOLDER_KEY.public_key, status=STATUS
    )
    found = sd_jwt_vc.verify(token, keys=KEYS, now=NOW)
    assert (found.vct, found.issuer, found.status) == (VCT, ISSUER, STATUS)
    assert (found.times.not_before, found.times.expires_at) == (1_767_225_600, 1_798_761_600)
    assert same_octets(same_claims.document_of(found)) == same_octets(shared.document)


@BOTH
def test_a_minimal_presentation_of_each(shared: SharedClaims) -> None:
    """One selection, by the same pointers, shows the same in both kinds of SD-JWT, and binds its holder."""
    reveal = [f"{RESOURCE}/valueQuantity/value"]
    more: dict[str, Any] = {"signer": ED_KEY, "kid": KID, "holder_key": HOLDER_KEY.public_key}
    arguments: dict[str, Any] = {"signer": HOLDER_KEY, "audience": "v", "nonce": "n", "issued_at": NOW}
    first = shared.to_vc_sd_jwt(random=CountingRandom(), **more)
    second = shared.to_dc_sd_jwt(vct=VCT, random=CountingRandom(), **more)
    shown = [sd_jwt.bind(sd_jwt.present(token, reveal=reveal), **arguments) for token in (first, second)]
    one = vc_sd_jwt.verify(shown[0], keys=KEYS, now=NOW, binding=Occasion("v", "n")).document
    other = same_claims.document_of(sd_jwt_vc.verify(shown[1], keys=KEYS, now=NOW, binding=Occasion("v", "n")))
    assert same_octets(one) == same_octets(other)
    assert b"7.90" in same_octets(one)
    assert b"Anna" not in same_octets(one)


def test_numbers_are_never_floats() -> None:
    written = b'{"a":7.90,"b":1e2,"c":1E+2,"d":-0,"e":0.10000000000000000055,"f":123456789012345678901234567890}'
    shared = SharedClaims(document(parse_json(written)), (f"{RESOURCE}/a", f"{RESOURCE}/e"))
    tokens = [
        vc_jwt.verify_credential(shared.to_vc_jwt(signer=ED_KEY, kid=KID), keys=KEYS, now=NOW).document,
        vc_sd_jwt.verify(
            shared.to_vc_sd_jwt(signer=ED_KEY, kid=KID, random=CountingRandom()), keys=KEYS, now=NOW
        ).document,
        same_claims.document_of(
            sd_jwt_vc.verify(
                shared.to_dc_sd_jwt(vct=VCT, signer=ED_KEY, kid=KID, random=CountingRandom()), keys=KEYS, now=NOW
            )
        ),
    ]
    for found in tokens:
        assert same_octets(resource_in(found)) == written
    with pytest.raises(Exception, match="float"):
        SharedClaims(document({"a": 7.9})).to_vc_jwt(signer=ED_KEY)


def test_what_is_mandatory() -> None:
    plain = document({"a": 1, "b": [1, {"x": 1, "y/~": 2}], "c": {"d": 1}})
    shared = SharedClaims(plain, (f"{RESOURCE}/a", f"{RESOURCE}/b/1/x", f"{RESOURCE}/c"))
    assert shared.mandatory() == (
        "/type",
        "/issuer",
        "/validFrom",
        "/validUntil",
        f"{RESOURCE}/b/0",
        f"{RESOURCE}/b/1/y~1~0",
    )
    assert SharedClaims(plain).mandatory() == ("",)


@pytest.mark.parametrize(
    ("change", "hidden"),
    [
        ({"proof": {}}, ()),
        ({"iss": "x"}, ()),
        ({"vct": "x"}, ()),
        ({"status": {}}, ()),
        ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, ()),
        ({"issuer": 5}, ()),
        ({}, ("/issuer",)),
        ({}, ("/type/0",)),
        ({}, ("/validUntil",)),
    ],
)
def test_documents_that_are_refused(change: dict[str, Any], hidden: tuple[str, ...]) -> None:
    with pytest.raises((ClaimsContradict, DisclosureRejected)):
        SharedClaims(document({}) | change, hidden)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": encode_did_key(HOLDER_KEY.public_key)},
        {"nbf": 1_767_225_601},
        {"exp": 1_798_761_601},
        {"@context": "https://www.w3.org/2018/credentials/v1"},
    ],
)
def test_a_dc_sd_jwt_that_contradicts_itself(change: dict[str, Any]) -> None:
    claims = {"iss": ISSUER, "nbf": 1_767_225_600, "exp": 1_798_761_600, **document({})} | change
    token = sd_jwt_vc.issue(claims, vct=VCT, hidden=[], signer=ED_KEY, random=CountingRandom(), header={"kid": KID})
    with pytest.raises(FormatRejected):
        same_claims.document_of(sd_jwt_vc.verify(token, keys=KEYS, now=NOW))


def test_fractions_of_a_second_never_widen_a_token() -> None:
    narrow = document({}) | {"validFrom": "2026-01-01T00:00:00.25+00:00", "validUntil": "2027-01-01T01:00:00.75+01:00"}
    token = SharedClaims(narrow).to_dc_sd_jwt(vct=VCT, signer=ED_KEY, kid=KID, random=CountingRandom())
    found = sd_jwt_vc.verify(token, keys=KEYS, now=NOW)
    assert (found.times.not_before, found.times.expires_at) == (1_767_225_601, 1_798_761_600)
    assert same_claims.document_of(found) == narrow
    for stamp in ("2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01T00:00:60Z", 5, None):
        with pytest.raises(ClaimsContradict):
            SharedClaims(document({}) | {"validFrom": stamp}).to_dc_sd_jwt(
                vct=VCT, signer=ED_KEY, random=CountingRandom()
            )
