"""The OpenWallet Foundation's SD-JWT VC library for Node and ours: each issues, presents and verifies the other's.

`make interop` installs theirs below build/interop. All is said over lines of JSON with node/sd-jwt/bridge.mjs.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from health_issuer import lab
from shared_files import ROOT
from token_parties import ED_KEY, HOLDER_KEY, ISSUER_KEY, NOW, OTHER_KEY, P384_KEY

from panacea.credentials.formats import base64url, sd_jwt, sd_jwt_vc
from panacea.credentials.formats.issuer_keys import GivenKey
from panacea.credentials.formats.jose import algorithm_of
from panacea.credentials.formats.jwk import to_jwk
from panacea.credentials.formats.sd_jwt import SDJWT, Occasion
from panacea.crypto.keys import PrivateKey
from panacea.health.strict_json import to_json
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import SystemRandom

BUILT = ROOT / "build" / "interop" / "sd-jwt"
SCRIPT = Path(__file__).parent / "node" / "sd-jwt" / "bridge.mjs"
NODE = shutil.which("node")
VCT = "https://types.example/laboratory-result"
ISSUER = "https://issuer.example"
AUDIENCE, NONCE = "https://verifier.example", "nonce-of-this-occasion"
OCCASION = Occasion(AUDIENCE, NONCE)

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not os.environ.get("PANACEA_INTEROP"), reason="make interop runs this"),
]

CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "iat": NOW - 100,
    "exp": NOW + 1000,
    "given_name": "Änna",
    "resource": lab(),
}
HIDDEN = [
    "/given_name",
    "/resource/valueQuantity",
    "/resource/valueQuantity/value",
    "/resource/note/1",
    "/resource/code",
]
FRAME: dict[str, Any] = {
    "_sd": ["given_name"],
    "_sd_decoy": 2,
    "resource": {
        "_sd": ["valueQuantity", "code"],
        "valueQuantity": {"_sd": ["value"]},
        "note": {"_sd": [1]},
    },
}
SIGNERS = pytest.mark.parametrize("signer", [ISSUER_KEY, P384_KEY, ED_KEY], ids=["ES256", "ES384", "EdDSA"])
HASHES = pytest.mark.parametrize("algorithm", ["sha-256", "sha-384", "sha-512"])


class Refused(Exception):
    """Their library said no."""


class Bridge:
    """A Node process that answers one question at a time."""

    def __init__(self) -> None:
        assert NODE, "node is not there: Node 20 or later is needed"
        assert (BUILT / "node_modules").is_dir(), "the library is not there: run `make interop`"
        shutil.copyfile(SCRIPT, BUILT / SCRIPT.name)
        command = [NODE, str(BUILT / SCRIPT.name)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **question: Any) -> Any:
        """What it answers; Refused."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(to_json(question) + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "ok" not in answer:
            raise Refused(answer["refused"])
        return answer["ok"]

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=10)


@pytest.fixture(scope="module")
def bridge() -> Iterator[Bridge]:
    found = Bridge()
    yield found
    found.close()


def private_jwk(key: PrivateKey) -> dict[str, str]:
    return to_jwk(key.public_key) | {"d": base64url.encode(key.secret.reveal())}


def alg(key: PrivateKey) -> str:
    return algorithm_of(key.public_key.kind)


def ours(signer: PrivateKey = ISSUER_KEY, algorithm: str = "sha-256") -> str:
    return sd_jwt_vc.issue(
        CLAIMS,
        vct=VCT,
        hidden=HIDDEN,
        signer=signer,
        random=SystemRandom(),
        holder_key=HOLDER_KEY.public_key,
        header={"kid": "1"},
        algorithm=algorithm,
        decoys={"": 2, "/resource/note": 1},
    )


def theirs(bridge: Bridge, signer: PrivateKey = ISSUER_KEY, algorithm: str = "sha-256") -> str:
    claims = CLAIMS | {"vct": VCT, "cnf": {"jwk": to_jwk(HOLDER_KEY.public_key)}}
    more = {"key": private_jwk(signer), "alg": alg(signer), "hash": algorithm, "header": {"kid": "1"}}
    return str(bridge.ask(do="issue", claims=claims, frame=FRAME, **more))


def bound(token: str, **more: Any) -> str:
    arguments: dict[str, Any] = {"audience": AUDIENCE, "nonce": NONCE, "issued_at": NOW}
    return sd_jwt.bind(token, signer=HOLDER_KEY, **(arguments | more))


def they_verify(bridge: Bridge, token: str, signer: PrivateKey = ISSUER_KEY, nonce: str | None = None) -> Any:
    more = {"key": to_jwk(signer.public_key), "alg": alg(signer), "now": NOW}
    return bridge.ask(do="verify", token=token, nonce=nonce, **more)


def as_they_see(value: Any) -> Any:
    """JSON as JavaScript has it: numbers are doubles."""
    return json.loads(to_json(value))


@SIGNERS
@HASHES
def test_they_verify_ours(bridge: Bridge, signer: PrivateKey, algorithm: str) -> None:
    payload = they_verify(bridge, ours(signer, algorithm), signer)["payload"]
    for name, value in CLAIMS.items():
        assert payload[name] == as_they_see(value)
    assert payload["vct"] == VCT


@SIGNERS
@HASHES
def test_we_verify_theirs(bridge: Bridge, signer: PrivateKey, algorithm: str) -> None:
    found = sd_jwt_vc.verify(theirs(bridge, signer, algorithm), keys=GivenKey(signer.public_key), now=NOW)
    assert as_they_see({name: found.claims[name] for name in CLAIMS}) == as_they_see(CLAIMS)
    assert set(found.disclosed) == set(HIDDEN)
    assert found.hidden == 2
    assert found.holder_key == HOLDER_KEY.public_key


@HASHES
@pytest.mark.parametrize(
    ("pointers", "frame"),
    [
        ([], {}),
        (["/given_name"], {"given_name": True}),
        (["/resource/valueQuantity/value"], {"resource": {"valueQuantity": {"value": True}}}),
        (["/resource/code", "/resource/note/1"], {"resource": {"code": True, "note": {"1": True}}}),
    ],
)
def test_presentations_of_both_say_the_same(
    bridge: Bridge, algorithm: str, pointers: list[str], frame: dict[str, Any]
) -> None:
    """Either holder's software presents either issuer's credential; both verifiers see the same claims."""
    for token in (ours(algorithm=algorithm), theirs(bridge, algorithm=algorithm)):
        by_us = bound(sd_jwt.present(token, reveal=pointers))
        by_them = bridge.ask(
            do="present",
            token=token,
            frame=frame,
            binding={"iat": NOW, "aud": AUDIENCE, "nonce": NONCE},
            key=private_jwk(HOLDER_KEY),
            alg="ES256",
            hash=algorithm,
        )
        assert set(SDJWT.read(by_us).disclosures) == set(SDJWT.read(by_them).disclosures)
        for shown in (by_us, by_them):
            we = sd_jwt_vc.verify(shown, keys=GivenKey(ISSUER_KEY.public_key), now=NOW, binding=OCCASION)
            they = they_verify(bridge, shown, nonce=NONCE)
            assert we.bound
            assert they["binding"]["aud"] == AUDIENCE
            assert as_they_see(we.claims) == they["payload"]


def test_both_refuse_the_same(bridge: Bridge) -> None:
    token = ours()
    parts = SDJWT.read(bound(token))
    wrong = {
        "another issuer's key": sd_jwt_vc.issue(
            CLAIMS, vct=VCT, hidden=HIDDEN, signer=OTHER_KEY, random=SystemRandom(), holder_key=HOLDER_KEY.public_key
        ),
        "another nonce": bound(token, nonce="another"),
        "another holder": sd_jwt.bind(token, signer=OTHER_KEY, audience=AUDIENCE, nonce=NONCE, issued_at=NOW),
        "other disclosures": SDJWT(parts.jwt, parts.disclosures[1:], parts.key_binding).to_text(),
    }
    for reason, text in wrong.items():
        given = bound(text) if text.endswith("~") else text
        with pytest.raises(Rejected):
            sd_jwt_vc.verify(given, keys=GivenKey(ISSUER_KEY.public_key), now=NOW, binding=OCCASION)
        with pytest.raises(Refused):
            pytest.fail(f"{reason}: {they_verify(bridge, given, nonce=NONCE)}")


def test_numbers_survive_their_wallet(bridge: Bridge) -> None:
    """JavaScript reads 7.90 as 7.9, but hands the signed text on as it is."""
    by_them = bridge.ask(do="present", token=ours(), frame={"resource": {"valueQuantity": {"value": True}}})
    found = sd_jwt_vc.verify(by_them, keys=GivenKey(ISSUER_KEY.public_key), now=NOW)
    assert b'"value":7.90' in to_json(found.claims)
