"""JWT, SD-JWT, JWE, JWK, health cards and links: as bytes, and as tokens that the right key signed."""

import json
from decimal import Decimal

from fuzz.harness import as_raw, edited, every, fuzz

from panacea.credentials.formats import health_card, health_link, jose, jwe, jwk, sd_jwt, sd_jwt_vc, vc_jwt, vc_sd_jwt
from panacea.credentials.formats.base64url import encode
from panacea.credentials.formats.disclosures import Disclosure
from panacea.credentials.formats.issuer_keys import FoundKey
from panacea.crypto.keys import ECDSAKey, KeyKind
from panacea.crypto.secret import SecretBytes
from panacea.health.strict_json import parse_json
from panacea.primitives.time import SystemRandom

NOW = 1_800_000_000
KEY = ECDSAKey(KeyKind.P256, b"f" * 32)
SECRET = SecretBytes(b"s" * 32)
VC = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:a",
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:b", "name": "x", "list": [1, {"a": 2}]},
}
HEADER = {"alg": "ES256", "kid": "did:example:a#k"}
PARTS = [
    {"header": {**HEADER, "typ": "vc+jwt", "cty": "vc"}, "payload": VC},
    {"header": {**HEADER, "typ": "JWT"}, "payload": {"iss": "did:example:a", "nbf": 1, "vc": {**VC, "type": ["x"]}}},
    {"header": {**HEADER, "typ": "vp+jwt"}, "payload": {**VC, "aud": "v", "nonce": "n", "holder": "did:example:a"}},
    {
        "header": {**HEADER, "typ": "dc+sd-jwt"},
        "payload": {
            "iss": "did:example:a",
            "vct": "urn:t",
            "_sd_alg": "sha-256",
            "_sd": ["AAAA"],
            "list": [{"...": "BBBB"}],
            "cnf": {"jwk": jwk.to_jwk(KEY.public_key)},
            "status": {"status_list": {"idx": 1, "uri": "urn:l"}},
        },
        "disclosures": [["salt", "name", "x"], ["salt", {"_sd": ["CCCC"]}]],
    },
    {
        "header": {"alg": "ES256", "zip": "DEF", "kid": "k"},
        "payload": {"iss": "https://a.example", "nbf": 1, "vc": {"type": ["https://smarthealth.cards#health-card"]}},
    },
    {"header": HEADER, "payload": jwk.to_jwk(KEY.public_key)},
    {"header": HEADER, "payload": {"url": "https://a.example/x", "key": encode(b"k" * 32), "flag": "LP", "exp": 9}},
]  # fmt: skip
JSON = [json.dumps(parts).encode() for parts in PARTS]
SIGNED = jose.sign(json.dumps(VC).encode(), signer=KEY, header={"typ": "vc+jwt", "kid": "did:example:a#k"})
CARD_KEYS = {"keys": [{**jwk.to_jwk(KEY.public_key), "kid": "k", "use": "sig", "alg": "ES256"}]}
SOURCE = health_card.IssuerSource({"https://a.example": json.dumps(CARD_KEYS).encode()})


class Keys:
    """The one key, whoever asks."""

    def find_key(self, header: object, issuer: str | None) -> FoundKey:
        """The key, whatever is asked for."""
        return FoundKey(KEY.public_key, "did:example:a#k", "given")


def every_reader(token: str | bytes) -> None:
    """What a token may be taken for; each reader refuses by itself."""
    keys = Keys()
    every(
        lambda: jose.read(token).verify(KEY.public_key, algorithms={"ES256"}).claims(),
        lambda: vc_jwt.verify_credential(token, keys=keys, now=NOW),
        lambda: vc_jwt.verify_credential_1_1(token, keys=keys, now=NOW),
        lambda: vc_jwt.verify_presentation(token, keys=keys, now=NOW, audience="v", nonce="n"),
        lambda: vc_jwt.verify_presentation_1_1(token, keys=keys, now=NOW, audience="v", nonce="n"),
        lambda: sd_jwt.peek(token),
        lambda: sd_jwt_vc.verify(token, keys=keys, now=NOW),
        lambda: vc_sd_jwt.verify(token, keys=keys, now=NOW),
        lambda: health_card.verify(token, issuers=SOURCE, now=NOW),
        lambda: jwe.decrypt_direct(token, key=SECRET),
    )


def target(data: bytes) -> None:
    """Bytes below 32 first: a text of any kind; others: parts, which are signed."""
    if data[:1] < b"\x20":
        text = data[1:].decode("latin-1")
        every_reader(text)
        every(
            lambda: health_link.parse(text),
            lambda: health_card.from_codes([text]),
            lambda: Disclosure.read(text),
        )
        return
    parts = parse_json(edited(bytes([data[0] - 0x20]) + data[1:], JSON))
    if not isinstance(parts, dict):
        return
    header, payload = parts.get("header"), parts.get("payload")
    disclosures = parts.get("disclosures")
    first = encode(_octets(header))
    message = f"{first}.{encode(_octets(payload))}"
    token = f"{message}.{encode(KEY.sign(message.encode()))}"
    if isinstance(disclosures, list):
        token = "~".join([token, *(encode(_octets(one)) for one in disclosures), ""])
    every_reader(token)
    every(lambda: health_link.parse("shlink:/" + encode(_octets(payload))), lambda: jwk.read_jwk(payload))


def _octets(value: object) -> bytes:
    return json.dumps(value, default=lambda one: float(one) if isinstance(one, Decimal) else str(one)).encode()


SEEDS = [
    b"\0" + SIGNED.encode(),
    b"\0" + sd_jwt.SDJWT.read(SIGNED + "~WyJzIiwiYSIsMV0~").to_text().encode(),
    b"\0" + jwe.encrypt_direct(b"{}", key=SECRET, random=SystemRandom()).encode(),
    b"\0shc:/" + b"56762909524320603460292437404460",
    *(bytes([seed[0] + 0x20]) + seed[1:] for seed in as_raw(*JSON)),
]

if __name__ == "__main__":
    fuzz("fuzz_tokens")
