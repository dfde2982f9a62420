"""Credentials in tokens: JWT, SD-JWT and SMART Health Cards, verified to the same answer as those with proofs.

eyJ….….…              vc+jwt (VC 2.0) by its `typ`, otherwise a VC 1.1 JWT
eyJ….….…~…~           dc+sd-jwt (SD-JWT VC) or vc+sd-jwt (a VC 2.0 document) by its `typ`
shc:/…                 a SMART Health Card
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panacea.credentials.vc.model import Credential, read_credential
from panacea.credentials.vc.types import Check, Document, Form, Outcome, UnknownForm, Verified

if TYPE_CHECKING:
    from panacea.credentials.formats.health_card import IssuerSource
    from panacea.credentials.formats.issuer_keys import KeySource
    from panacea.credentials.formats.sd_jwt import Occasion

LEEWAY_SECONDS: Final = 60
VALIDITY: Final = "validity"


@dataclass(frozen=True, slots=True)
class Opened:
    """A token whose signature holds: the answer so far, and what is still to be judged of it.

    `credential` is the document of the data model that it carries, where it does; `status` are the claims among which
    the reference to a Token Status List stands, where one can.
    """

    verified: Verified
    credential: Credential | None = None
    status: Document | None = None


def open_token(
    token: str | bytes,
    *,
    keys: "KeySource",
    now: int,
    occasion: "Occasion | None",
    cards: "IssuerSource | None",
) -> Opened:
    """Verify a token's signature and times. Raises UnknownForm, or a FormatRejected of the form's own verification."""
    text = _text(token)
    if occasion is not None and "~" not in text:
        raise UnknownForm("a key binding is demanded, which only an SD-JWT has")
    if "~" in text:
        return _sd_jwt(text, keys, now, occasion)
    if text.startswith("shc:/"):
        from panacea.credentials.formats.health_card import from_codes

        return _health_card(from_codes([text]), cards, now)
    from panacea.credentials.formats import jose

    header = jose.read(text).header
    return _health_card(text, cards, now) if header.get("zip") == "DEF" else _jwt(text, header.get("typ"), keys, now)


@dataclass(frozen=True, slots=True)
class OpenedPresentation:
    """A presentation in a token whose signature holds, by whom it is, and the algorithm."""

    document: Document
    holder: str | None
    algorithm: str


def open_presentation(
    token: str | bytes, *, keys: "KeySource", now: int, challenge: str | None, domain: str | None
) -> OpenedPresentation:
    """Verify a presentation in a JWT, vp+jwt or that of VC 1.1, made for this audience and nonce.

    Raises UnknownForm where the verifier names neither, for such a token is always made for one; a FormatRejected.
    """
    from panacea.credentials.formats import jose, vc_jwt

    text = _text(token)
    if challenge is None or domain is None:
        raise UnknownForm("a presentation in a JWT is judged by its challenge and domain: name both")
    header = jose.read(text).header
    is_new = header.get("typ") == vc_jwt.PRESENTATION_TYPE
    verify = vc_jwt.verify_presentation if is_new else vc_jwt.verify_presentation_1_1
    found = verify(text, keys=keys, now=now, audience=domain, nonce=challenge, leeway=LEEWAY_SECONDS)
    return OpenedPresentation(found.document, found.issuer, str(header["alg"]))


def _text(token: str | bytes) -> str:
    try:
        text = token if isinstance(token, str) else token.decode("ascii")
    except UnicodeDecodeError as error:
        raise UnknownForm("neither JSON nor a token") from error
    if not text.startswith("shc:/") and text.count(".") < 2:
        raise UnknownForm("neither JSON nor a token", start=text[:16])
    return text


def _jwt(token: str, typ: object, keys: "KeySource", now: int) -> Opened:
    from panacea.credentials.formats import vc_jwt

    is_new = typ == vc_jwt.CREDENTIAL_TYPE
    verify = vc_jwt.verify_credential if is_new else vc_jwt.verify_credential_1_1
    found = verify(token, keys=keys, now=now, leeway=LEEWAY_SECONDS)
    binding = _key_binding(bound=False, named="cnf" in found.claims)
    form = Form.VC_JWT if is_new else Form.JWT_VC_JSON
    return _of_document(found.document, form, dict(found.header), binding)


def _sd_jwt(token: str, keys: "KeySource", now: int, occasion: "Occasion | None") -> Opened:
    from panacea.credentials.formats import jose, sd_jwt_vc, vc_sd_jwt

    header = dict(jose.read(token.partition("~")[0]).header)
    if header.get("typ") == vc_sd_jwt.TYPE:
        found = vc_sd_jwt.verify(token, keys=keys, now=now, binding=occasion, leeway=LEEWAY_SECONDS)
        binding = _key_binding(found.bound, found.holder_key is not None)
        return _of_document(found.document, Form.VC_SD_JWT, header, binding)
    vc = sd_jwt_vc.verify(token, keys=keys, now=now, binding=occasion, leeway=LEEWAY_SECONDS)
    begins, ends = vc.times.not_before, vc.times.expires_at
    verified = Verified(
        form=Form.SD_JWT_VC,
        document=dict(vc.claims),
        issuer=vc.issuer or vc.key.id,
        types=(vc.vct,),
        subjects=() if vc.subject is None else (vc.subject,),
        valid_from=None if begins is None else int(begins),
        valid_until=None if ends is None else int(ends),
        checks=(
            _signature(header),
            _key_binding(vc.bound, vc.holder_key is not None),
            Check(VALIDITY, Outcome.ABSENT if begins is None and ends is None else Outcome.CHECKED),
        ),
        header=header,
    )
    return Opened(verified, status=dict(vc.claims))


def _signature(header: Document) -> Check:
    return Check("signature", Outcome.CHECKED, str(header["alg"]))


def _key_binding(bound: bool, named: bool) -> Check:
    if bound:
        return Check("holder key", Outcome.CHECKED, "shown for this audience and nonce")
    return Check("holder key", Outcome.SKIPPED if named else Outcome.ABSENT)


def _of_document(document: Document, form: Form, header: Document, binding: Check) -> Opened:
    """A token around a document of the data model."""
    found = read_credential(document)
    verified = Verified(
        form=form,
        document=document,
        issuer=found.issuer,
        types=found.types,
        subjects=found.subject_ids,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        checks=(_signature(header), binding),
        header=header,
    )
    return Opened(verified, found, document if "status" in document else None)


def _health_card(jws: str, cards: "IssuerSource | None", now: int) -> Opened:
    from panacea.credentials.formats import health_card

    if cards is None:
        raise UnknownForm("a SMART Health Card, and no issuers of cards were given")
    card = health_card.verify(jws, issuers=cards, now=now, leeway=LEEWAY_SECONDS)
    verified = Verified(
        form=Form.SMART_HEALTH_CARD,
        document=dict(card.bundle),
        issuer=card.issuer,
        types=card.types,
        subjects=(),
        valid_from=int(card.not_before),
        valid_until=None if card.expires_at is None else int(card.expires_at),
        checks=(
            Check("signature", Outcome.CHECKED, "ES256"),
            Check("holder key", Outcome.ABSENT, "whoever shows a card may not be its subject"),
            Check(VALIDITY, Outcome.CHECKED),
            Check("status", Outcome.CHECKED if card.revocation_checked else Outcome.ABSENT),
        ),
        header={"kid": card.kid},
    )
    return Opened(verified)
