"""Verifying credentials and presentations of any form, with an answer that says exactly what was checked.

    verifier = Verifier(resolver=…, clock=…, status=…)
    verifier.credential(octets)                                   --> Verified, or a refusal
    verifier.presentation(octets, challenge=…, domain=…)          --> VerifiedPresentation, or a refusal

A check that fails refuses. A check that the document asks for and nobody gave the means for stands as `skipped` in the
answer; `require` turns such a gap into a refusal. Nothing here opens a connection: resolver, clock, status lists,
schemas and contexts are passed in.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from panacea.credentials.rdf import Contexts
from panacea.credentials.rdf.shapes import as_list
from panacea.credentials.refusals import CredentialExpired, CredentialNotYetValid, IssuerNotTrusted
from panacea.credentials.status.bitstring import StatusSource
from panacea.credentials.suites import bbs2023, ecdsa_sd_2023
from panacea.credentials.suites.data_integrity import ASSERTION, AUTHENTICATION, ProofOptions, require_named_contexts
from panacea.credentials.suites.proofs import (
    Legacy,
    Occasion,
    VerifiedProof,
    split_proofs,
    verify_proofs,
)
from panacea.credentials.suites.types import WrongKey, WrongPresentation
from panacea.credentials.vc.issue import is_base_proof
from panacea.credentials.vc.meaning import require_plain
from panacea.credentials.vc.model import (
    ENVELOPED_CREDENTIAL,
    ENVELOPED_PRESENTATION,
    Credential,
    Presentation,
    envelope_of,
    read_credential,
    read_presentation,
    require_few_values,
)
from panacea.credentials.vc.schema import MAX_SCHEMAS, check_related, check_schema
from panacea.credentials.vc.status import check_statuses, check_token_status
from panacea.credentials.vc.tokens import Opened, open_presentation, open_token
from panacea.credentials.vc.types import (
    Check,
    CheckMissing,
    Document,
    Form,
    IssuerNotResolved,
    MalformedCredential,
    NotByHolder,
    NotByIssuer,
    NotDerivable,
    Outcome,
    ResourceSource,
    TokenStatusSource,
    UnknownForm,
    Verified,
    VerifiedPresentation,
)
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.health.strict_json import parse_json
from panacea.health.types import JSONRejected
from panacea.identity.did import IdentityRejected, split_did_url
from panacea.identity.documents import Purpose
from panacea.identity.resolver import Resolver
from panacea.primitives.time import Clock, now_seconds

if TYPE_CHECKING:
    from panacea.credentials.formats.health_card import IssuerSource
    from panacea.credentials.formats.issuer_keys import KeySource
    from panacea.credentials.formats.sd_jwt import Occasion as KeyBindingOccasion

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_CREDENTIALS: Final = 64
"""Credentials of one presentation that are verified."""

Given = bytes | str | Mapping[str, Any]  # Any: JSON that was read already
CHECKED, ABSENT, SKIPPED = Outcome.CHECKED, Outcome.ABSENT, Outcome.SKIPPED


@dataclass(frozen=True, slots=True)
class Verifier:
    """Whoever verifies: where keys, time, status lists and schemas come from, and what is accepted.

    `trusted_issuers` limits who may have issued; None trusts any issuer whose DID resolves, and leaves that judgement
    to the caller. `token_keys` finds the keys of JWTs and SD-JWTs, by default those of DIDs (`formats.issuer_keys` has
    certificates and published keys as well); `health_cards` has the keys of issuers of SMART Health Cards. `legacy`
    holds verifiers of older proof types (`suites.legacy.LEGACY`); none is accepted by default. `require` names checks
    that must have been made wherever a credential asks for them. `status_max_age` refuses status lists that were made
    longer ago (seconds); without it a list is good for as long as it says itself.
    """

    resolver: Resolver
    clock: Clock
    contexts: Contexts = field(default_factory=Contexts.bundled)
    status: StatusSource | None = None
    status_max_age: int | None = None
    resources: ResourceSource | None = None
    token_status: TokenStatusSource | None = None
    token_keys: "KeySource | None" = None
    health_cards: "IssuerSource | None" = None
    trusted_issuers: Container[str] | None = None
    legacy: Mapping[str, Legacy] = field(default_factory=dict)
    require: Sequence[str] = ()
    named_contexts_only: bool = True

    def credential(
        self, given: Given, *, presentation_header: bytes | None = None, occasion: "KeyBindingOccasion | None" = None
    ) -> Verified:
        """Refuse a credential unless its issuer signed it, it is valid now, and all that can be checked holds.

        `presentation_header` is what a bbs-2023 proof must have been derived for, `occasion` what the key binding of an
        SD-JWT must have been made for; None accepts any, and says so. A form that has no such thing is refused.
        Raises a CredentialRejected, a ProofRejected, a FormatRejected, or what the reading of JSON-LD raises.
        """
        if isinstance(given, str | bytes) and not _is_json(given):
            if presentation_header is not None:
                raise WrongPresentation(shown=[], expected=presentation_header)
            keys, now = self._token_keys(), self.now
            opened = open_token(given, keys=keys, now=now, occasion=occasion, cards=self.health_cards)
            return self._finished(self._opened(opened))
        document = _read(given)
        if ENVELOPED_CREDENTIAL in as_list(document.get("type")):
            return self.credential(envelope_of(document), presentation_header=presentation_header, occasion=occasion)
        if occasion is not None:
            raise UnknownForm("a key binding is demanded, which only an SD-JWT has")
        found = read_credential(document)
        return self._finished(self._secured(found, presentation_header))

    def presentation(
        self,
        given: Given,
        *,
        challenge: str | None,
        domain: str | None = None,
        presentation_header: bytes | None = None,
        holder_binding: bool = True,
    ) -> VerifiedPresentation:
        """Refuse a presentation unless its holder signed it for this challenge and domain, and its credentials hold.

        It may be JSON with a proof, or a JWT, as it is or in an envelope. With `holder_binding` every subject that has
        an id must be the holder. A presentation without a proof is accepted only where `challenge` is None; who shows
        it is then unknown, and the answer says so.
        """
        shown = _token_or_document(given)
        if isinstance(shown, str | bytes):
            keys = self._token_keys(Purpose.AUTHENTICATION)
            opened = open_presentation(shown, keys=keys, now=self.now, challenge=challenge, domain=domain)
            found = read_presentation(opened.document)
            signed = Check("proof", CHECKED, opened.algorithm), Check("challenge", CHECKED), Check("domain", CHECKED)
            return self._presented(found, opened.holder, signed, presentation_header, bound=holder_binding)
        found = read_presentation(shown)
        proofs: tuple[VerifiedProof, ...] = ()
        if "proof" in shown:
            occasion = Occasion(AUTHENTICATION, self.now, domain, challenge)
            if self.named_contexts_only:
                # The credentials inside bring contexts of their own, which are judged when each is verified.
                require_named_contexts({k: v for k, v in shown.items() if k != "verifiableCredential"})
            proofs = replace(self, named_contexts_only=False)._proofs(shown, occasion, Purpose.AUTHENTICATION)
        elif challenge is not None or domain is not None:
            raise NotByHolder("a presentation without a proof answers no challenge")
        checks = (
            Check("proof", CHECKED if proofs else ABSENT),
            Check("challenge", CHECKED if challenge is not None else SKIPPED),
            Check("domain", CHECKED if domain is not None else SKIPPED),
        )
        holder = _holder(found.holder, proofs)
        return self._presented(found, holder, checks, presentation_header, proofs=proofs, bound=holder_binding)

    def _presented(
        self,
        found: Presentation,
        holder: str | None,
        checks: tuple[Check, ...],
        presentation_header: bytes | None,
        *,
        bound: bool,
        proofs: tuple[VerifiedProof, ...] = (),
    ) -> VerifiedPresentation:
        """The answer for a presentation by `holder`, after its credentials were judged; `bound` to be theirs."""
        if len(found.credentials) > MAX_CREDENTIALS:
            raise MalformedCredential("more than are verified", pointer="/verifiableCredential", limit=MAX_CREDENTIALS)
        credentials = tuple(self.credential(one, presentation_header=presentation_header) for one in found.credentials)
        is_bound = bound and checks[0].outcome is CHECKED and _require_bound(credentials, holder)
        said = (
            Check("holder", CHECKED, "each subject with an id is the holder") if is_bound else Check("holder", SKIPPED)
        )
        return VerifiedPresentation(holder, credentials, (*checks, said), proofs)

    def issued(self, given: Given) -> Credential:
        """The holder's check of what an issuer gave: the base proof of a selective suite covers every statement.

        For other suites this is the same proof that a verifier checks. Times and status are not judged.
        """
        document = _read(given)
        found = read_credential(document)
        _, proofs = split_proofs(document)
        if len(proofs) != 1 or not is_base_proof(proofs[0]):
            verified = self._proofs(document, Occasion(ASSERTION, self.now), Purpose.ASSERTION_METHOD)
            self._require_issuer(found, [proof.options for proof in verified])
            return found
        key = self.key_of(ProofOptions.from_json(proofs[0]), Purpose.ASSERTION_METHOD)
        if proofs[0].get("cryptosuite") == ecdsa_sd_2023.CRYPTOSUITE:
            ecdsa_sd_2023.verify_base(document, public_key=key, contexts=self.contexts)
        elif key.kind is KeyKind.BLS12381G2:
            bbs2023.verify_base(document, public_key=key.raw, contexts=self.contexts)
        else:
            raise WrongKey("bbs-2023 verifies with a key of BLS12-381 G2", kind=key.kind)
        self._require_issuer(found, [ProofOptions.from_json(proofs[0])])
        return found

    @property
    def now(self) -> int:
        """Unix seconds of the clock."""
        return now_seconds(self.clock)

    def key_of(self, options: ProofOptions, purpose: Purpose) -> PublicKey:
        """The key behind a verification method, if its DID gives it that purpose. Raises IssuerNotResolved."""
        try:
            did, _ = split_did_url(options.verification_method)
            at = datetime.fromtimestamp(self.now, UTC)
            return self.resolver.resolve(did).method(options.verification_method, purpose, at=at).public_key
        except IdentityRejected as error:
            raise IssuerNotResolved(str(error), method=options.verification_method) from error

    def _proofs(self, document: Document, occasion: Occasion, purpose: Purpose) -> tuple[VerifiedProof, ...]:
        if any(is_base_proof(proof) for proof in split_proofs(document)[1]):
            raise NotDerivable("a base proof is for the holder alone: `issued` checks it, `derive` shows a part")
        return verify_proofs(
            document,
            keys=lambda options: self.key_of(options, purpose),
            occasion=occasion,
            contexts=self.contexts,
            legacy=self.legacy,
            named_contexts_only=self.named_contexts_only,
        )

    def _secured(self, found: Credential, presentation_header: bytes | None) -> Verified:
        """A credential with embedded proofs."""
        proofs = self._proofs(found.document, Occasion(ASSERTION, self.now), Purpose.ASSERTION_METHOD)
        self._require_issuer(found, [proof.options for proof in proofs])
        over_json = [proof for proof in proofs if proof.over_json and _is_by(found.issuer, proof.options)]
        if not over_json:
            require_plain(found, self.contexts)
        headers = [proof.presentation_header for proof in proofs if proof.presentation_header is not None]
        if presentation_header is not None and (not headers or any(one != presentation_header for one in headers)):
            raise WrongPresentation(shown=headers, expected=presentation_header)
        document = {name: value for name, value in found.document.items() if name != "proof"}
        for proof in over_json:
            # A proof over JSON names the contexts that it signed; the document may have more behind them.
            document |= {name: value for name, value in proof.options.to_json().items() if name == "@context"}
        bound = CHECKED if presentation_header is not None else SKIPPED if headers else ABSENT
        checks = (
            Check("proof", CHECKED, ", ".join(proof.cryptosuite for proof in proofs)),
            Check("presentation header", bound),
        )
        return self._judged(
            found,
            Verified(
                form=Form.LDP_VC,
                document=document,
                issuer=found.issuer,
                types=found.types,
                subjects=found.subject_ids,
                valid_from=found.valid_from,
                valid_until=found.valid_until,
                checks=checks,
                proofs=proofs,
            ),
        )

    def _opened(self, opened: Opened) -> Verified:
        """The answer for a token, after its issuer, its status and the document that it carries were judged."""
        verified = opened.verified
        if opened.status is not None:
            keys, now = self._token_keys(), self.now
            status = check_token_status(opened.status, self.token_status, issuer=verified.issuer, keys=keys, now=now)
            verified = replace(verified, checks=(*verified.checks, status))
        if opened.credential is not None:
            return self._judged(opened.credential, verified)
        return replace(verified, checks=(*verified.checks, self._check_issuer(verified.issuer)))

    def _judged(self, found: Credential, verified: Verified) -> Verified:
        """The same answer after what the data model asks for was judged: validity, status, schemas, resources."""
        checks = [*verified.checks, self._check_issuer(found.issuer), self._check_validity(found)]
        oldest = None if self.status_max_age is None else self.now - self.status_max_age
        lists = replace(self, status=None, trusted_issuers=None, require=())
        status, messages = check_statuses(found, self.status, lists.credential, oldest=oldest)
        checks += [*status, self._check_schemas(found), self._check_related(found)]
        if found.terms_of_use:
            checks.append(Check("terms of use", SKIPPED, ", ".join(str(one["type"]) for one in found.terms_of_use)))
        if found.evidence:
            checks.append(Check("evidence", SKIPPED, f"{len(found.evidence)} entries, for people to judge"))
        return replace(verified, checks=tuple(checks), messages=messages)

    def _token_keys(self, purpose: Purpose = Purpose.ASSERTION_METHOD) -> "KeySource":
        """Where the keys of token issuers, or holders, come from."""
        from panacea.credentials.formats.issuer_keys import ResolvedKeys

        if self.token_keys is not None and purpose is Purpose.ASSERTION_METHOD:
            return self.token_keys
        return ResolvedKeys(self.resolver, purpose, self.now)

    def _check_issuer(self, issuer: str) -> Check:
        """Refuse an issuer who is not trusted, where there is a choice. Raises IssuerNotTrusted."""
        if self.trusted_issuers is None:
            return Check("trusted issuer", SKIPPED, "any issuer is accepted")
        if issuer not in self.trusted_issuers:
            raise IssuerNotTrusted(issuer=issuer)
        return Check("trusted issuer", CHECKED)

    def _finished(self, verified: Verified) -> Verified:
        if missing := [name for name in verified.skipped if name in self.require]:
            raise CheckMissing(checks=missing)
        return verified

    def _require_issuer(self, found: Credential, proofs: Sequence[ProofOptions]) -> None:
        """One proof at least must be by a method of the issuer's DID; others stand as endorsements."""
        if not any(_is_by(found.issuer, options) for options in proofs):
            methods = [options.verification_method for options in proofs]
            raise NotByIssuer(issuer=found.issuer, methods=methods)

    def _check_validity(self, found: Credential) -> Check:
        now = self.now
        if found.valid_from is not None and now < found.valid_from:
            raise CredentialNotYetValid(valid_from=found.valid_from, now=now)
        if found.valid_until is not None and now >= found.valid_until:
            raise CredentialExpired(valid_until=found.valid_until, now=now)
        named = found.valid_from is not None or found.valid_until is not None
        return Check("validity", CHECKED if named else ABSENT)

    def _check_schemas(self, found: Credential) -> Check:
        if not found.schemas:
            return Check("schema", ABSENT)
        if self.resources is None:
            return Check("schema", SKIPPED, "no source of schemas was given")
        if len(found.schemas) > MAX_SCHEMAS:
            raise MalformedCredential("more schemas than are judged", pointer="/credentialSchema", limit=MAX_SCHEMAS)
        known = [check_schema(found.document, schema, self.resources) for schema in found.schemas]
        return Check("schema", CHECKED if all(known) else SKIPPED, "" if all(known) else "a kind not known here")

    def _check_related(self, found: Credential) -> Check:
        if not found.related:
            return Check("related resources", ABSENT)
        if self.resources is None:
            return Check("related resources", SKIPPED, "no source of resources was given")
        for resource in found.related:
            check_related(resource, self.resources)
        return Check("related resources", CHECKED)


def _read(given: Given) -> Document:
    if isinstance(given, Mapping):
        return dict(given)
    try:
        octets = given.encode() if isinstance(given, str) else given
        require_few_values(octets)
        value = parse_json(octets, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    except JSONRejected as error:
        raise MalformedCredential(str(error)) from error
    except UnicodeEncodeError as error:
        raise MalformedCredential("a lone surrogate") from error
    if not isinstance(value, dict):
        raise MalformedCredential("an object is expected")
    return value


def _token_or_document(given: Given) -> str | bytes | Document:
    """The token that a presentation comes in, by itself or in an envelope, or the document with a proof of its own."""
    if isinstance(given, str | bytes) and not _is_json(given):
        return given
    document = _read(given)
    return envelope_of(document) if ENVELOPED_PRESENTATION in as_list(document.get("type")) else document


def _is_json(given: str | bytes) -> bool:
    """Whether a text starts as a JSON object does; tokens start with a letter."""
    start = given[:64].lstrip()
    if not start:
        raise UnknownForm("nothing but space")
    return start[:1] in ("{", b"{")


def _is_by(issuer: str, options: ProofOptions) -> bool:
    return options.verification_method.startswith(f"{issuer}#")


def _holder(named: str | None, proofs: Sequence[VerifiedProof]) -> str | None:
    """Who presents: the holder that the document names must be the one who signed it."""
    signers = {proof.options.verification_method.partition("#")[0] for proof in proofs}
    if named is not None and signers and named not in signers:
        raise NotByHolder("signed by another than its holder", holder=named, signers=sorted(signers))
    return named if named is not None else next(iter(sorted(signers)), None)


def _require_bound(credentials: Sequence[Verified], holder: str | None) -> bool:
    """Whether every credential names a subject, and all of them are the holder; NotByHolder for another one."""
    others = sorted({one for credential in credentials for one in credential.subjects if one != holder})
    if others:
        raise NotByHolder("a credential about somebody else", holder=holder, subjects=others)
    return bool(credentials) and all(credential.subjects for credential in credentials)
