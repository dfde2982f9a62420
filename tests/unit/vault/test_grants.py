"""Grants: golden tokens, and every kind of bad one."""

import base64
import json
from dataclasses import replace

import pytest

from panacea.crypto.keys import Ed25519Key, KeyKind, PublicKey, Secp256k1Key, Signer
from panacea.primitives.rejected import Rejected
from panacea.vault import grants
from panacea.vault.grants import Command, DIDGrant, Grant, OracleGrant
from panacea.vault.types import (
    GrantMalformed,
    GrantNotHere,
    GrantNotNow,
    GrantNotSigned,
    GrantNotThis,
    GrantRejected,
)

ORACLE, STRANGER = Secp256k1Key(b"\1" * 32), Secp256k1Key(b"\2" * 32)
HOLDER = Ed25519Key(b"\3" * 32)
STORE = grants.store_audience(Ed25519Key(b"\4" * 32).public_key.raw)
OID, OTHER, NOW = b"\xaa" * 32, b"\xbb" * 32, 1_800_000_000
DID = "did:panacea:7Prd74ry1Uct87nZqL3ny7aR7Cg46JamVbJgk8azVgUm"

BY_ORACLE = OracleGrant("panacea1oracle", 7, STORE, Command.PUT, OID, 3, NOW + 60)
BY_DID = DIDGrant(DID, f"{DID}#key1", STORE, Command.GET, (OTHER, OID), NOW, NOW + 600, b"n" * 16)


def key_of(grant: Grant) -> PublicKey:
    return (ORACLE if isinstance(grant, OracleGrant) else HOLDER).public_key


def check(token: str, *, command: Command = Command.PUT, now: int = NOW, oid: bytes = OID) -> Grant:
    return grants.verify(token, resolve_key=key_of, now=now, audience=STORE, command=command, oid=oid)


def encode(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header: object, claims: object, signer: Signer = ORACLE) -> str:
    """A token that is well signed, whatever it says."""
    body = f"{encode(header)}.{encode(claims)}"
    return f"{body}.{encode(signer.sign(grants._payload(signer.public_key, body)))}"


def claims_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


def test_golden_tokens() -> None:
    by_oracle, by_did = grants.issue(BY_ORACLE, ORACLE), grants.issue(BY_DID, HOLDER)
    assert json.loads(base64.urlsafe_b64decode(by_oracle.split(".")[0] + "==")) == {"alg": "ES256K"}
    assert claims_of(by_oracle) == {
        "aud": STORE,
        "cmd": "/store/put",
        "deal_id": 3,
        "epoch": 7,
        "exp": NOW + 60,
        "iss": "panacea1oracle",
        "oid": OID.hex(),
    }
    assert claims_of(by_did)["oids"] == [OTHER.hex(), OID.hex()]
    assert by_oracle.split(".")[2] == GOLDEN_ORACLE
    assert by_did.split(".")[2] == GOLDEN_DID


def test_good_grants_come_back() -> None:
    assert check(grants.issue(BY_ORACLE, ORACLE)) == BY_ORACLE
    assert check(grants.issue(BY_DID, HOLDER), command=Command.GET) == BY_DID
    es256k = forge({"alg": "ES256K", "kid": f"{DID}#key1"}, claims_of(grants.issue(BY_DID, HOLDER)))
    found = grants.verify(
        es256k,
        resolve_key=lambda _: ORACLE.public_key,
        now=NOW,
        audience=STORE,
        command=Command.GET,
        oid=OID,
    )
    assert found == BY_DID


@pytest.mark.parametrize("now", [NOW + 60, NOW + 10**6, NOW - grants.SKEW_SECONDS - 1, 0])
def test_a_grant_at_another_time(now: int) -> None:
    with pytest.raises(GrantNotNow):
        check(grants.issue(BY_ORACLE, ORACLE), now=now)


def test_a_grant_for_too_long() -> None:
    with pytest.raises(GrantNotNow):
        check(grants.issue(replace(BY_ORACLE, expires=NOW + 61 + grants.SKEW_SECONDS), ORACLE))
    with pytest.raises(GrantNotNow):
        grants.issue(replace(BY_DID, expires=NOW + grants.DID_SECONDS + 1), HOLDER)
    claims = claims_of(grants.issue(BY_DID, HOLDER)) | {"exp": NOW + grants.DID_SECONDS + 1}
    with pytest.raises(GrantNotNow):
        check(forge({"alg": "EdDSA", "kid": f"{DID}#key1"}, claims, HOLDER), command=Command.GET)


def test_a_grant_for_another_store() -> None:
    with pytest.raises(GrantNotHere):
        check(grants.issue(replace(BY_ORACLE, audience="00" * 32), ORACLE))


def test_a_grant_for_another_command_or_object() -> None:
    token = grants.issue(BY_ORACLE, ORACLE)
    for command in (Command.GET, Command.DELETE):
        with pytest.raises(GrantNotThis):
            check(token, command=command)
    with pytest.raises(GrantNotThis):
        check(token, oid=OTHER)


def test_a_grant_by_another_key() -> None:
    with pytest.raises(GrantNotSigned):
        check(grants.issue(BY_ORACLE, STRANGER))
    with pytest.raises(GrantNotSigned):
        check(grants.issue(BY_DID, Ed25519Key(b"\5" * 32)), command=Command.GET)


def test_the_algorithm_follows_the_key() -> None:
    claims = claims_of(grants.issue(BY_ORACLE, ORACLE))
    for algorithm in ("EdDSA", "none", "HS256", "es256k", "", None, 1):
        with pytest.raises(GrantRejected):
            check(forge({"alg": algorithm}, claims))
    unsigned = f"{encode({'alg': 'none'})}.{encode(claims)}."
    with pytest.raises(GrantNotSigned):
        check(unsigned)
    with pytest.raises(GrantNotSigned):
        grants.verify(
            grants.issue(BY_ORACLE, ORACLE),
            resolve_key=lambda _: PublicKey(KeyKind.BLS12381G2, bytes(96)),
            now=NOW,
            audience=STORE,
            command=Command.PUT,
            oid=OID,
        )


def test_no_key_for_a_grant() -> None:
    class NoSuchEpoch(Rejected, codespace="test", code=2):
        pass

    def none(grant: Grant) -> PublicKey:
        raise NoSuchEpoch

    with pytest.raises(NoSuchEpoch):
        grants.verify(
            grants.issue(BY_ORACLE, ORACLE), resolve_key=none, now=NOW, audience=STORE, command=Command.PUT, oid=OID
        )


def test_every_altered_character_is_refused() -> None:
    token = grants.issue(BY_ORACLE, ORACLE)
    for at in range(len(token)):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(GrantRejected):
            check(changed)


@pytest.mark.parametrize(
    "change",
    [
        {"oid": OID.hex().upper()},
        {"oid": OID.hex() + "0"},
        {"oid": 5},
        {"deal_id": -1},
        {"deal_id": True},
        {"deal_id": 3.0},
        {"deal_id": 2**53},
        {"exp": str(NOW)},
        {"iss": ""},
        {"iss": "two words"},
        {"iss": "x" * 257},
        {"cmd": "/store/*"},
        {"cmd": ["/store/put"]},
        {"extra": 1},
        {"epoch": None},
    ],
)
def test_claims_out_of_shape(change: dict[str, object]) -> None:
    claims = claims_of(grants.issue(BY_ORACLE, ORACLE))
    with pytest.raises(GrantMalformed):
        check(forge({"alg": "ES256K"}, claims | change))


@pytest.mark.parametrize(
    "change",
    [
        {"oids": []},
        {"oids": [OID.hex()] * 65},
        {"oids": OID.hex()},
        {"nonce": "00"},
        {"nbf": None},
        {"iss": "did:x:other"},
    ],
)
def test_did_claims_out_of_shape(change: dict[str, object]) -> None:
    claims = claims_of(grants.issue(BY_DID, HOLDER)) | change
    with pytest.raises(GrantMalformed):
        check(forge({"alg": "EdDSA", "kid": f"{DID}#key1"}, claims, HOLDER), command=Command.GET)


def test_a_second_spelling_is_refused() -> None:
    claims = claims_of(grants.issue(BY_ORACLE, ORACLE))
    text = json.dumps(claims, sort_keys=True, separators=(",", ":"))
    spellings = [
        json.dumps(claims, sort_keys=True).encode(),
        json.dumps(claims, sort_keys=True, separators=(",", ":")).replace("panacea1", "\\u0070anacea1").encode(),
        text.replace('"epoch":7', '"epoch":6,"epoch":7').encode(),
        text.replace('"epoch":7', '"epoch":7e0').encode(),
        b"\xef\xbb\xbf" + text.encode(),
    ]
    for spelling in spellings:
        with pytest.raises(GrantMalformed):
            check(forge({"alg": "ES256K"}, spelling))
    for header in ({"alg": "ES256K", "crit": ["b64"]}, {"alg": "ES256K", "jwk": {}}, {"alg": "ES256K", "kid": "x#y"}):
        with pytest.raises(GrantMalformed):
            check(forge(header, claims))
    token = grants.issue(BY_ORACLE, ORACLE)
    for wrong in (token + "=", token + "\n", " " + token, token.replace(".", "..", 1), token + ".", "é" + token):
        with pytest.raises(GrantMalformed):
            check(wrong)


@pytest.mark.parametrize("token", ["", "..", "a.b.c", "." * 3, "x" * 9_000, "e30.e30.e30", "W10.W10.W10", "MQ.MQ.MQ"])
def test_noise_is_refused(token: str) -> None:
    with pytest.raises(GrantRejected):
        check(token)


def test_deeply_nested_claims_are_refused() -> None:
    with pytest.raises(GrantMalformed):
        check(forge({"alg": "ES256K"}, b"[" * 5_000))


def test_a_high_s_is_refused() -> None:
    token = grants.issue(BY_ORACLE, ORACLE)
    body, _, last = token.rpartition(".")
    raw = base64.urlsafe_b64decode(last + "==")
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    with pytest.raises(GrantNotSigned):
        check(f"{body}.{encode(high)}")


GOLDEN_ORACLE = "8n3ij_L_AvgDtgk-MzvPw1MNPdrWWNeUWjfswu4gpdQHd5yjVDExikFMJTsMU8inKlsGvdAQ4DsWvnci2a5KUQ"
GOLDEN_DID = "_q8JzBgzROKgPZvkEgEjcJaiB6JJpqVUolnqwF-mMD7RRMC4Fmj0MjoSlAv0-KWu66gkX3P85PNNaaa6iCAOBg"
