"""SD-JWT VC: whose key it is by DID, certificate or metadata; what must be shown; what its type says."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from token_parties import (
    GIVEN,
    HOLDER,
    HOLDER_KEY,
    ISSUER,
    ISSUER_KEY,
    KID,
    NOW,
    OTHER_KEY,
    RESOLVED,
    CountingRandom,
)

from panacea.credentials.formats import jose, sd_jwt, sd_jwt_vc, vc_sd_jwt
from panacea.credentials.formats.issuer_keys import (
    CertifiedKeys,
    FirstOf,
    GivenKey,
    PublishedKeys,
    metadata_url,
)
from panacea.credentials.formats.jwk import to_jwk
from panacea.credentials.formats.sd_jwt import Occasion
from panacea.credentials.formats.type_metadata import check_type, load_type, require_integrity
from panacea.credentials.formats.types import (
    CertificateRefused,
    ClaimsContradict,
    DisclosureRejected,
    FormatRejected,
    HeaderRefused,
    KeyNotFound,
    MalformedToken,
    TypeMetadataRejected,
    WrongSignature,
)

VCT = "https://types.example/lab"
URL = "https://issuer.example/tenant"
CLAIMS: dict[str, Any] = {"iss": URL, "iat": NOW, "sub": "did:example:p", "result": {"value": 79, "unit": "%"}}
STATUS = {"status_list": {"idx": 3, "uri": "https://issuer.example/list"}}


def issued(claims: dict[str, Any] | None = None, hidden: tuple[str, ...] = ("/result/value",), **more: Any) -> str:
    arguments: dict[str, Any] = {"vct": VCT, "signer": ISSUER_KEY, "random": CountingRandom()}
    return sd_jwt_vc.issue(CLAIMS if claims is None else claims, hidden=hidden, **(arguments | more))


def test_a_credential_with_its_holder() -> None:
    token = issued(CLAIMS | {"status": STATUS}, holder_key=HOLDER_KEY.public_key)
    shown = sd_jwt.bind(token, signer=HOLDER_KEY, audience="v", nonce="n", issued_at=NOW)
    found = sd_jwt_vc.verify(shown, keys=GIVEN, now=NOW, binding=Occasion("v", "n"))
    assert (found.vct, found.issuer, found.subject, found.status, found.bound) == (
        VCT,
        URL,
        "did:example:p",
        STATUS,
        True,
    )
    assert found.claims["result"] == CLAIMS["result"]
    assert found.disclosed == ("/result/value",)
    assert jose.read(token.partition("~")[0]).header["typ"] == "dc+sd-jwt"


@pytest.mark.parametrize("name", sd_jwt_vc.ALWAYS_SHOWN)
def test_what_must_be_shown_cannot_be_hidden(name: str) -> None:
    claims = CLAIMS | {"nbf": NOW, "exp": NOW + 9, "status": STATUS, "vct#integrity": "sha256-AAAA"}
    with pytest.raises(DisclosureRejected, match="always"):
        issued(claims, (f"/{name}",), holder_key=HOLDER_KEY.public_key)
    claims |= {"vct": VCT, "cnf": {"jwk": to_jwk(HOLDER_KEY.public_key)}}
    token = sd_jwt.issue(
        claims, hidden=[f"/{name}"], signer=ISSUER_KEY, random=CountingRandom(), header={"typ": "dc+sd-jwt"}
    )
    with pytest.raises(DisclosureRejected, match="always"):
        sd_jwt_vc.verify(token, keys=GIVEN, now=NOW)


def test_types_of_tokens_and_credentials() -> None:
    older = sd_jwt.issue(
        CLAIMS | {"vct": VCT}, hidden=[], signer=ISSUER_KEY, random=CountingRandom(), header={"typ": "vc+sd-jwt"}
    )
    with pytest.raises(HeaderRefused):
        sd_jwt_vc.verify(older, keys=GIVEN, now=NOW)
    both = (sd_jwt_vc.TYPE, sd_jwt_vc.OLDER_TYPE)
    assert sd_jwt_vc.verify(older, keys=GIVEN, now=NOW, types=both).vct == VCT
    for change in ({}, {"vct": 5}, {"vct": VCT, "status": "x"}, {"vct": VCT, "sub": 5}):
        token = sd_jwt.issue(
            CLAIMS | change, hidden=[], signer=ISSUER_KEY, random=CountingRandom(), header={"typ": "dc+sd-jwt"}
        )
        with pytest.raises(ClaimsContradict):
            sd_jwt_vc.verify(token, keys=GIVEN, now=NOW)
    with pytest.raises(ClaimsContradict):
        issued(CLAIMS | {"vct": "another"})
    with pytest.raises(ClaimsContradict):
        issued(CLAIMS | {"cnf": {}}, holder_key=HOLDER_KEY.public_key)


def test_a_did_vouches() -> None:
    token = issued(CLAIMS | {"iss": ISSUER}, header={"kid": KID})
    assert sd_jwt_vc.verify(token, keys=RESOLVED, now=NOW).key.vouched_by == "did"
    with pytest.raises(KeyNotFound):
        sd_jwt_vc.verify(issued(CLAIMS | {"iss": HOLDER}, header={"kid": KID}), keys=RESOLVED, now=NOW)
    with pytest.raises(KeyNotFound):
        sd_jwt_vc.verify(issued(), keys=RESOLVED, now=NOW)
    with pytest.raises(KeyNotFound):
        sd_jwt_vc.verify(token, keys=GivenKey(ISSUER_KEY.public_key, HOLDER), now=NOW)


METADATA = {"issuer": URL, "jwks": {"keys": [to_jwk(ISSUER_KEY.public_key) | {"kid": "1"}, {"kty": "RSA", "kid": "2"}]}}


def published(metadata: Any, keys: Any = None) -> PublishedKeys:
    documents = {URL: metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()}
    return PublishedKeys(documents.get, None if keys is None else {f"{URL}/keys": json.dumps(keys).encode()}.get)


def test_published_metadata_vouches() -> None:
    token = issued(header={"kid": "1"})
    assert sd_jwt_vc.verify(token, keys=published(METADATA), now=NOW).key.vouched_by == "metadata"
    linked = {"issuer": URL, "jwks_uri": f"{URL}/keys"}
    assert sd_jwt_vc.verify(token, keys=published(linked, METADATA["jwks"]), now=NOW).key.id == f"{URL}#1"
    assert metadata_url(URL) == "https://issuer.example/.well-known/jwt-vc-issuer/tenant"
    for wrong in ("http://x.example", "https://", "did:x:y", "https://x.example/?a"):
        with pytest.raises(KeyNotFound):
            metadata_url(wrong)


@pytest.mark.parametrize(
    "keys",
    [
        published({**METADATA, "issuer": "https://evil.example"}),
        published({"issuer": URL}),
        published({**METADATA, "jwks_uri": f"{URL}/keys"}),
        published({"issuer": URL, "jwks_uri": f"{URL}/keys"}),
        published({"issuer": URL, "jwks_uri": f"{URL}/other"}, METADATA["jwks"]),
        published({"issuer": URL, "jwks_uri": "http://issuer.example/keys"}, METADATA["jwks"]),
        published({"issuer": URL, "jwks": {"keys": []}}),
        published({"issuer": URL, "jwks": {"keys": [METADATA["jwks"]["keys"][0]] * 2}}),  # type: ignore[index]  # JSON
        published({"issuer": URL, "jwks": {"keys": "x"}}),
        published({"issuer": URL, "jwks": []}),
        published(b"{"),
        published(b"[]"),
        PublishedKeys(lambda _: None),
    ],
)
def test_metadata_that_is_refused(keys: PublishedKeys) -> None:
    with pytest.raises(FormatRejected):
        sd_jwt_vc.verify(issued(header={"kid": "1"}), keys=keys, now=NOW)


def test_a_published_key_needs_its_name() -> None:
    for header in ({}, {"kid": "2"}, {"kid": 1}):
        with pytest.raises(FormatRejected):
            sd_jwt_vc.verify(issued(header=header), keys=published(METADATA), now=NOW)
    with pytest.raises(WrongSignature):
        sd_jwt_vc.verify(issued(header={"kid": "1"}, signer=OTHER_KEY), keys=published(METADATA), now=NOW)


START = datetime.fromtimestamp(NOW - 86_400, UTC)


def certificate(
    subject: str,
    key: Any,
    signer: tuple[str, Any] | None = None,
    *,
    ca: bool = False,
    names: tuple[x509.GeneralName, ...] = (),
    usage: bool = True,
    days: int = 30,
) -> x509.Certificate:
    issuer, signing = signer or (subject, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(usage and not ca, False, False, False, not usage, ca, ca, False, False), critical=True
        )
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signing, hashes.SHA256())


def private(key: Any) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(key.secret.reveal(), "big"), ec.SECP256R1())


ROOT_KEY, MIDDLE_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
ROOT = certificate("root", ROOT_KEY, ca=True)
MIDDLE = certificate("middle", MIDDLE_KEY, ("root", ROOT_KEY), ca=True)
URI = (x509.UniformResourceIdentifier(URL),)


def leaf(**more: Any) -> x509.Certificate:
    arguments: dict[str, Any] = {"names": URI}
    return certificate("leaf", private(ISSUER_KEY), ("middle", MIDDLE_KEY), **(arguments | more))


def chain(*certificates: x509.Certificate) -> list[str]:
    return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in certificates]


def certified(*roots: x509.Certificate, now: int = NOW) -> CertifiedKeys:
    return CertifiedKeys([one.public_bytes(Encoding.DER) for one in roots], now)


@pytest.mark.parametrize(
    "one", [leaf(), leaf(names=(x509.DNSName("issuer.example"),))], ids=["named by URI", "named by host"]
)
def test_a_chain_vouches(one: x509.Certificate) -> None:
    token = issued(header={"x5c": chain(one, MIDDLE)})
    found = sd_jwt_vc.verify(token, keys=certified(ROOT), now=NOW)
    assert (found.key.vouched_by, found.key.id) == ("x5c", "CN=leaf")
    assert found.key.public_key == ISSUER_KEY.public_key
    both = FirstOf((certified(ROOT), published(METADATA)))
    assert sd_jwt_vc.verify(token, keys=both, now=NOW).key.vouched_by == "x5c"
    assert sd_jwt_vc.verify(issued(header={"kid": "1"}), keys=both, now=NOW).key.vouched_by == "metadata"
    with pytest.raises(KeyNotFound):
        sd_jwt_vc.verify(issued(), keys=FirstOf((certified(ROOT),)), now=NOW)


def test_a_certificate_may_be_the_only_name() -> None:
    token = issued({"a": 1}, (), header={"x5c": chain(leaf(names=()), MIDDLE)})
    assert sd_jwt_vc.verify(token, keys=certified(ROOT), now=NOW).issuer is None


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        pytest.param(chain(leaf(), MIDDLE), certified(MIDDLE), id="an intermediate is trusted as it is, and is there"),
    ],
)
def test_an_intermediate_may_be_the_root(header: list[str], keys: CertifiedKeys) -> None:
    assert sd_jwt_vc.verify(issued(header={"x5c": header}), keys=keys, now=NOW).vct == VCT


RSA_KEY = rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("x5c", "keys"),
    [
        pytest.param(chain(leaf()), certified(ROOT), id="a link is missing"),
        pytest.param(chain(leaf(), MIDDLE), certified(certificate("root", MIDDLE_KEY, ca=True)), id="another root"),
        pytest.param(chain(leaf(), MIDDLE), certified(), id="no root"),
        pytest.param(chain(leaf(), MIDDLE), certified(ROOT, now=NOW + 40 * 86_400), id="expired"),
        pytest.param(chain(leaf(), MIDDLE), certified(ROOT, now=NOW - 2 * 86_400), id="not yet"),
        pytest.param(chain(leaf(days=0), MIDDLE), certified(ROOT), id="an empty validity"),
        pytest.param(chain(leaf(names=()), MIDDLE), certified(ROOT), id="names nobody"),
        pytest.param(
            chain(leaf(names=(x509.DNSName("evil.example"),)), MIDDLE), certified(ROOT), id="names somebody else"
        ),
        pytest.param(chain(leaf(usage=False), MIDDLE), certified(ROOT), id="may not sign"),
        pytest.param(chain(leaf(ca=True), MIDDLE), certified(ROOT), id="an authority"),
        pytest.param(chain(certificate("leaf", private(ISSUER_KEY), names=URI)), certified(ROOT), id="self-signed"),
        pytest.param(
            chain(
                certificate("leaf", private(ISSUER_KEY), ("x", private(OTHER_KEY)), names=URI),
                certificate("x", private(OTHER_KEY), ("middle", MIDDLE_KEY)),
                MIDDLE,
            ),
            certified(ROOT),
            id="signed by a leaf",
        ),
        pytest.param(
            chain(certificate("leaf", RSA_KEY, ("middle", MIDDLE_KEY), names=URI), MIDDLE), certified(ROOT), id="RSA"
        ),
        pytest.param(chain(leaf()) * 9, certified(ROOT), id="too long"),
        pytest.param(["A" * 20_000], certified(ROOT), id="too large"),
        pytest.param(["AAAA"], certified(ROOT), id="no certificate"),
        pytest.param(["ä"], certified(ROOT), id="no base64"),
        pytest.param([], certified(ROOT), id="empty"),
        pytest.param("x", certified(ROOT), id="text"),
        pytest.param([1], certified(ROOT), id="numbers"),
        pytest.param(chain(leaf(), MIDDLE), CertifiedKeys([b"root"], NOW), id="a root that is none"),
    ],
)
def test_chains_that_are_refused(x5c: Any, keys: CertifiedKeys) -> None:
    with pytest.raises(CertificateRefused):
        sd_jwt_vc.verify(issued(header={"x5c": x5c}), keys=keys, now=NOW)


def test_a_chain_of_another_key() -> None:
    with pytest.raises(WrongSignature):
        sd_jwt_vc.verify(issued(signer=OTHER_KEY, header={"x5c": chain(leaf(), MIDDLE)}), keys=certified(ROOT), now=NOW)


TYPE_DOCUMENT: dict[str, Any] = {
    "vct": VCT,
    "name": "Laboratory result",
    "extends": "urn:record",
    "claims": [{"path": ["result", "value"], "sd": "always"}, {"path": ["codes", None], "sd": "never"}],
}
BASE_DOCUMENT = {"vct": "urn:record", "claims": [{"path": ["result"], "mandatory": True}]}


def documents(**changes: Any) -> dict[str, bytes]:
    return {
        VCT: json.dumps(TYPE_DOCUMENT | changes.get("type", {})).encode(),
        "urn:record": json.dumps(BASE_DOCUMENT | changes.get("base", {})).encode(),
    }


def integrity_of(octets: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(octets).digest()).decode()


def shown(token: str) -> sd_jwt_vc.VerifiedVC:
    return sd_jwt_vc.verify(token, keys=GIVEN, now=NOW)


def test_a_type_and_what_it_extends() -> None:
    found = check_type(shown(issued()), documents())
    assert (found.vct, found.name, found.extends, len(found.rules)) == (VCT, "Laboratory result", ("urn:record",), 3)
    named = issued(CLAIMS | {"vct#integrity": integrity_of(documents()[VCT])})
    assert check_type(shown(named), documents()).vct == VCT
    with pytest.raises(TypeMetadataRejected, match="digest"):
        check_type(shown(named), documents(type={"name": "another"}))


def test_rules_on_disclosure() -> None:
    with pytest.raises(TypeMetadataRejected, match="must be disclosable"):
        check_type(shown(issued(hidden=())), documents())
    check_type(shown(issued(hidden=("/result",))), documents())
    codes = CLAIMS | {"codes": ["a", "b"]}
    check_type(shown(issued(codes)), documents())
    with pytest.raises(TypeMetadataRejected, match="must not be disclosable"):
        check_type(shown(issued(codes, ("/result/value", "/codes/1"))), documents())
    without = {name: value for name, value in CLAIMS.items() if name != "result"}
    with pytest.raises(TypeMetadataRejected, match="missing"):
        check_type(shown(issued(without, ())), documents())
    hidden = sd_jwt.present(issued(hidden=("/result",)), reveal=[])
    check_type(shown(hidden), documents())


@pytest.mark.parametrize(
    "changes",
    [
        {"type": {"vct": "urn:other"}},
        {"type": {"extends": "urn:nothing"}},
        {"type": {"extends": 5}},
        {"type": {"extends#integrity": "sha256-AAAA"}},
        {"type": {"extends#integrity": "md5-AAAA"}},
        {"type": {"extends#integrity": 5}},
        {"base": {"extends": VCT}},
        {"type": {"claims": {}}},
        {"type": {"claims": [{}]}},
        {"type": {"claims": [{"path": []}]}},
        {"type": {"claims": [{"path": [True]}]}},
        {"type": {"claims": [{"path": [-1]}]}},
        {"type": {"claims": [{"path": ["a"], "sd": "sometimes"}]}},
        {"type": {"claims": [{"path": ["a"], "sd": ["never"]}]}},
        {"type": {"claims": [{"path": ["a"], "mandatory": 1}]}},
        {"type": {"claims": [{"path": ["a"]}] * 257}},
        {"base": {"claims": [{"path": ["result", "value"], "sd": "never"}]}},
        {"base": {"claims": [{"path": ["result", "value"], "mandatory": True}]}},
    ],
)
def test_type_metadata_that_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TypeMetadataRejected):
        load_type(VCT, documents(**changes))


def test_type_metadata_that_is_no_json() -> None:
    for octets in (b"", b"[]", b"{", b"x" * 300_000):
        with pytest.raises(TypeMetadataRejected):
            load_type(VCT, {VCT: octets})
    endless = {
        f"urn:{index}": json.dumps({"vct": f"urn:{index}", "extends": f"urn:{index + 1}"}).encode()
        for index in range(20)
    }
    with pytest.raises(TypeMetadataRejected):
        load_type("urn:0", endless)
    wide = {VCT: json.dumps({"vct": VCT, "claims": [{"path": ["a", None]}, {"path": ["a", None, None]}]}).encode()}
    with pytest.raises(TypeMetadataRejected, match="too many"):
        check_type(shown(issued({"a": [[0]] * 20_000}, ())), wide)


def test_the_strongest_digest_counts() -> None:
    octets = b"document"
    weak = integrity_of(octets)
    strong = "sha512-" + base64.b64encode(hashlib.sha512(octets).digest()).decode()
    require_integrity(octets, f"{weak} {strong}")
    require_integrity(octets, f"{strong}?option")
    with pytest.raises(TypeMetadataRejected):
        require_integrity(octets, f"{weak} sha512-AAAA")


DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": ISSUER,
    "credentialSubject": {"id": "did:example:p", "value": 1},
}


def test_a_document_of_vc_2_0() -> None:
    token = vc_sd_jwt.issue(
        DOCUMENT,
        hidden=["/credentialSubject/value"],
        signer=ISSUER_KEY,
        kid=KID,
        random=CountingRandom(),
        holder_key=HOLDER_KEY.public_key,
    )
    found = vc_sd_jwt.verify(token, keys=RESOLVED, now=NOW)
    assert (found.document, found.issuer, found.disclosed) == (DOCUMENT, ISSUER, ("/credentialSubject/value",))
    bound = sd_jwt.bind(sd_jwt.present(token, reveal=[]), signer=HOLDER_KEY, audience="v", nonce="n", issued_at=NOW)
    less = vc_sd_jwt.verify(bound, keys=RESOLVED, now=NOW, binding=Occasion("v", "n"))
    assert less.document["credentialSubject"] == {"id": "did:example:p"}
    with pytest.raises(HeaderRefused):
        sd_jwt_vc.verify(token, keys=RESOLVED, now=NOW)
    with pytest.raises(HeaderRefused):
        vc_sd_jwt.verify(issued(), keys=GIVEN, now=NOW)


@pytest.mark.parametrize("name", vc_sd_jwt.ALWAYS_SHOWN)
def test_members_that_must_be_shown(name: str) -> None:
    document = DOCUMENT | {name: DOCUMENT.get(name, {"id": "x"})}
    with pytest.raises(DisclosureRejected):
        vc_sd_jwt.issue(document, hidden=[f"/{name}"], signer=ISSUER_KEY, random=CountingRandom())
    forged = sd_jwt.issue(
        document, hidden=[f"/{name}"], signer=ISSUER_KEY, random=CountingRandom(), header={"typ": "vc+sd-jwt"}
    )
    with pytest.raises(FormatRejected):
        vc_sd_jwt.verify(forged, keys=GIVEN, now=NOW)


def test_documents_that_are_refused() -> None:
    changes: list[dict[str, Any]] = [{"iss": "x"}, {"@context": []}, {"issuer": 1}]
    for change in changes:
        with pytest.raises(ClaimsContradict):
            vc_sd_jwt.issue(DOCUMENT | change, hidden=[], signer=ISSUER_KEY, random=CountingRandom())
    token = sd_jwt.issue(
        DOCUMENT | {"iss": HOLDER}, hidden=[], signer=ISSUER_KEY, random=CountingRandom(), header={"typ": "vc+sd-jwt"}
    )
    with pytest.raises(ClaimsContradict):
        vc_sd_jwt.verify(token, keys=GIVEN, now=NOW)
    with pytest.raises(MalformedToken):
        vc_sd_jwt.verify("x", keys=GIVEN, now=NOW)
