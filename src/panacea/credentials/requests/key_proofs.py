"""OpenID4VCI 1.0 Appendix F: proofs that a wallet holds the keys which credentials will be bound to.

    keys = verify_key_proofs(request.proofs, expected=Expected(issuer, nonces, …), verify=…, clock=clock)

One key for each proof, in their order, none twice. For a `jwt` proof `verify` must use the key that the header says
(`jwk`, `kid` or `x5c`) and give it as `SignedJWT.key`; `OwnKeys` does so for `jwk` and for DID URLs. `c_nonce` values
are compared in constant time; that each is used once is the caller's to see to.
"""

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from panacea.credentials.formats import jose
from panacea.credentials.formats.jwk import read_jwk, to_jwk
from panacea.credentials.requests.credential_endpoint import Proofs
from panacea.credentials.requests.reading import Members
from panacea.credentials.requests.signed import SignedJWT, Verify, is_same_key, read_header
from panacea.credentials.requests.types import KeyProofRejected
from panacea.health.types import JSON
from panacea.identity.documents import Purpose
from panacea.identity.resolver import Resolver
from panacea.primitives.time import Clock, now_seconds

PROOF_TYPE: Final = "openid4vci-proof+jwt"
ATTESTATION_TYPE: Final = "key-attestation+jwt"
MAX_AGE_SECONDS: Final = 600
MAX_AHEAD_SECONDS: Final = 60
MAX_ATTESTED: Final = 1000

VerifyPresentation = Callable[[dict[str, Any], str, str], Mapping[str, Any]]  # Any: JSON
"""From a presentation with Data Integrity, its challenge and its domain to the holder's key (JWK), once verified."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What proofs must say.

    `nonces` are the values of `c_nonce` that are good now, None where the issuer has no nonce endpoint. `algorithms`
    are those of the proof type in the metadata. `client_id` is that of the wallet, None where it is anonymous.
    """

    issuer: str
    nonces: Collection[str] | None
    algorithms: Collection[str]
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class ProvenKey:
    """A public key (JWK) that the wallet holds, and the `kid` it went by, where it did: a DID URL."""

    jwk: Mapping[str, Any]  # Any: JSON
    kid: str | None = None


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """Verifies a JWT by the key in its own header: `jwk`, or `kid` where that is a DID URL and a resolver is given.

    That proves possession of the key and nothing else, which is what a key proof is for.
    """

    resolver: Resolver | None = None
    algorithms: Collection[str] = jose.EVERY

    def __call__(self, token: str) -> SignedJWT:
        """The header, the claims and the key. Raises KeyProofRejected, FormatRejected, IdentityRejected."""
        unverified = jose.read(token)
        header = unverified.header
        if "jwk" in header:
            key = read_jwk(header["jwk"])
        else:
            kid = header.get("kid")
            if self.resolver is None or not isinstance(kid, str) or not kid.startswith("did:"):
                raise KeyProofRejected("a key that cannot be found here", kid=kid)
            document = self.resolver.resolve(kid.partition("#")[0])
            key = document.method(kid, Purpose.AUTHENTICATION).public_key
        return SignedJWT(header, unverified.verify(key, algorithms=self.algorithms).claims(), to_jwk(key))


def verify_key_proofs(
    proofs: Proofs,
    *,
    expected: Expected,
    clock: Clock,
    verify: Verify | None = None,
    verify_presentation: VerifyPresentation | None = None,
    verify_attestation: Verify | None = None,
) -> tuple[ProvenKey, ...]:
    """The keys that proofs prove, in their order. Raises KeyProofRejected, whose `error` is the code to answer with.

    `verify_attestation` verifies a key attestation by somebody who is trusted for it.
    """
    if proofs.type == "jwt" and verify is not None:
        keys = [_jwt_key(token, expected, verify, clock) for token in proofs.values]
    elif proofs.type == "di_vp" and verify_presentation is not None:
        keys = [_presentation_key(one, expected, verify_presentation) for one in proofs.values]
    elif proofs.type == "attestation" and verify_attestation is not None:
        keys = _attested_keys(proofs.values[0], expected, verify_attestation, clock)
    else:
        raise KeyProofRejected("a proof type that is not taken here", type=proofs.type)
    _require_distinct(keys)
    return tuple(keys)


def proof_claims(issuer: str, issued_at: int, *, nonce: str | None = None, client_id: str | None = None) -> JSON:
    """The claims that a wallet signs for a `jwt` proof, with `typ` openid4vci-proof+jwt; seconds since 1970."""
    claims: dict[str, JSON] = {"iss": client_id, "aud": issuer, "iat": issued_at, "nonce": nonce}
    return {name: value for name, value in claims.items() if value is not None}


def _jwt_key(token: JSON, expected: Expected, verify: Verify, clock: Clock) -> ProvenKey:
    header = read_header(token, KeyProofRejected)
    if header.get("typ") != PROOF_TYPE:
        raise KeyProofRejected(f"typ is not {PROOF_TYPE}")
    if header.get("alg") not in expected.algorithms:
        raise KeyProofRejected("an algorithm that is not taken", alg=header.get("alg"))
    if len({"jwk", "kid", "x5c"} & header.keys()) != 1:
        raise KeyProofRejected("exactly one of jwk, kid and x5c is expected")
    signed = verify(token)
    if signed.key is None or ("jwk" in header and not is_same_key(signed.key, header["jwk"])):
        raise KeyProofRejected("it was verified by no key, or by another than the header's")
    members = Members.of(signed.claims, "proof", KeyProofRejected)
    if members.values.get("aud") != expected.issuer:
        raise KeyProofRejected("the proof is for another issuer", aud=members.values.get("aud"))
    issuer = members.find_text("iss")
    if issuer is not None and issuer != expected.client_id:
        raise KeyProofRejected("the proof is by another client", iss=issuer)
    _require_fresh(members, clock)
    _require_nonce(members.find_text("nonce"), expected)
    kid = header.get("kid")
    return ProvenKey(dict(signed.key), kid if isinstance(kid, str) else None)


def _presentation_key(value: JSON, expected: Expected, verify: VerifyPresentation) -> ProvenKey:
    members = Members.of(value, "di_vp", KeyProofRejected, check_depth=True)
    kinds = members.values.get("type")
    if "VerifiablePresentation" not in (kinds if isinstance(kinds, list) else [kinds]):
        raise KeyProofRejected("not a presentation")
    proof = members.values.get("proof")
    proofs = proof if isinstance(proof, list) else [proof]
    if len(proofs) != 1 or not isinstance(proofs[0], dict):
        raise KeyProofRejected("exactly one proof is expected")
    said = Members.of(proofs[0], "di_vp.proof", KeyProofRejected)
    if said.get_text("proofPurpose") != "authentication":
        raise KeyProofRejected("a proof of another purpose")
    if said.find_text("cryptosuite") not in expected.algorithms:
        raise KeyProofRejected("a cryptosuite that is not taken", cryptosuite=said.find_text("cryptosuite"))
    if said.get_text("domain") != expected.issuer:
        raise KeyProofRejected("the proof is for another issuer", domain=said.values["domain"])
    challenge = said.find_text("challenge")
    _require_nonce(challenge, expected)
    return ProvenKey(dict(verify(dict(members.values), challenge or "", expected.issuer)), members.find_text("holder"))


def _attested_keys(token: JSON, expected: Expected, verify: Verify, clock: Clock) -> list[ProvenKey]:
    header = read_header(token, KeyProofRejected)
    if header.get("typ") != ATTESTATION_TYPE or header.get("alg") not in expected.algorithms:
        raise KeyProofRejected("an attestation of another type or algorithm")
    members = Members.of(verify(token).claims, "attestation", KeyProofRejected, check_depth=True)
    expires = members.find_whole("exp")
    if members.find_whole("iat") is None or (expires is not None and expires <= now_seconds(clock)):
        raise KeyProofRejected("the attestation has no iat, or has expired")
    _require_nonce(members.find_text("nonce"), expected)
    keys = members.get_each("attested_keys", lambda one: dict(one.values), most=MAX_ATTESTED)
    return [ProvenKey(key) for key in keys]


def _require_fresh(members: Members, clock: Clock) -> None:
    issued = members.find_whole("iat")
    now = now_seconds(clock)
    if issued is None or not now - MAX_AGE_SECONDS <= issued <= now + MAX_AHEAD_SECONDS:
        raise KeyProofRejected("the proof has no iat, or one that is not now", iat=issued)


def _require_nonce(nonce: str | None, expected: Expected) -> None:
    if expected.nonces is None:
        return
    if nonce is None:
        raise KeyProofRejected("there is no c_nonce in it")
    good = [hmac.compare_digest(nonce.encode("utf-8", "replace"), one.encode()) for one in expected.nonces]
    if not any(good):
        raise KeyProofRejected("a c_nonce that is not good, or no longer", error="invalid_nonce")


def _require_distinct(keys: Sequence[ProvenKey]) -> None:
    """Each key is bound to one credential at most (§8.3)."""
    names = ("kty", "crv", "x", "y", "n", "e")
    spelled = {tuple(str(key.jwk.get(name)) for name in names) for key in keys}
    if len(spelled) != len(keys):
        raise KeyProofRejected("one key is proved twice")
