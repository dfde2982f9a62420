"""Credentials in tokens: JWT, SD-JWT and SMART Health Cards, verified to the same answer as those with proofs.

eyJ….….…              vc+jwt (VC 2.0) by its `typ`, otherwise a VC 1.1 JWT
eyJ….….…~…~           dc+sd-jwt (SD-JWT VC) or vc+sd-jwt (a VC 2.0 document) by its `typ`
shc:/…                 a SMART Health Card
"""

from typing import TYPE_CHECKING, Final

from panacea.credentials.vc.model import read_credential
from panacea.credentials.vc.status import check_token_status
from panacea.credentials.vc.types import Check, Document, Form, Outcome, UnknownForm, Verified

if TYPE_CHECKING:
    from panacea.credentials.formats.health_card import HealthCard
    from panacea.credentials.formats.sd_jwt import Occasion
    from panacea.credentials.formats.sd_jwt_vc import VerifiedVC
    from panacea.credentials.vc.verify import Verifier

LEEWAY_SECONDS: Final = 60


def verify_token(verifier: "Verifier", token: str | bytes, occasion: "Occasion | None") -> Verified:
    """The credential of a token. Raises UnknownForm, or a FormatRejected of the form's own verification."""
    text = _text(token)
    if occasion is not None and "~" not in text:
        raise UnknownForm("a key binding is demanded, which only an SD-JWT has")
    if text.startswith("shc:/"):
        from panacea.credentials.formats.health_card import from_codes

        return _health_card(verifier, from_codes([text]))
    if "~" in text:
        return _sd_jwt(verifier, text, occasion)
    return _jwt(verifier, text)


def _text(token: str | bytes) -> str:
    try:
        text = token if isinstance(token, str) else token.decode("ascii")
    except UnicodeDecodeError as error:
        raise UnknownForm("neither JSON nor a token") from error
    if not text.startswith("shc:/") and text.count(".") < 2:
        raise UnknownForm("neither JSON nor a token", start=text[:16])
    return text


def _jwt(verifier: "Verifier", token: str) -> Verified:
    from panacea.credentials.formats import jose, vc_jwt

    header = jose.read(token).header
    if header.get("zip") == "DEF":
        return _health_card(verifier, token)
    is_new = header.get("typ") == vc_jwt.CREDENTIAL_TYPE
    verify = vc_jwt.verify_credential if is_new else vc_jwt.verify_credential_1_1
    found = verify(token, keys=verifier.keys_of_tokens(), now=verifier.now, leeway=LEEWAY_SECONDS)
    signed = Check("signature", Outcome.CHECKED, str(header["alg"]))
    checks = (signed, _key_binding(bound=False, named="cnf" in found.claims))
    form = Form.VC_JWT if is_new else Form.JWT_VC_JSON
    return _of_document(verifier, found.document, form=form, header=dict(found.header), checks=checks)


def _sd_jwt(verifier: "Verifier", token: str, occasion: "Occasion | None") -> Verified:
    from panacea.credentials.formats import jose, sd_jwt_vc, vc_sd_jwt

    header = jose.read(token.partition("~")[0]).header
    if header.get("typ") == vc_sd_jwt.TYPE:
        found = vc_sd_jwt.verify(
            token, keys=verifier.keys_of_tokens(), now=verifier.now, binding=occasion, leeway=LEEWAY_SECONDS
        )
        checks = (
            Check("signature", Outcome.CHECKED, str(header["alg"])),
            _key_binding(found.bound, found.holder_key is not None),
        )
        return _of_document(verifier, found.document, form=Form.VC_SD_JWT, header=dict(header), checks=checks)
    vc = sd_jwt_vc.verify(
        token, keys=verifier.keys_of_tokens(), now=verifier.now, binding=occasion, leeway=LEEWAY_SECONDS
    )
    return _of_sd_jwt_vc(verifier, vc, dict(header))


def _key_binding(bound: bool, named: bool) -> Check:
    if bound:
        return Check("holder key", Outcome.CHECKED, "shown for this audience and nonce")
    return Check("holder key", Outcome.SKIPPED if named else Outcome.ABSENT)


def _of_document(
    verifier: "Verifier", document: Document, *, form: Form, header: Document, checks: tuple[Check, ...]
) -> Verified:
    """The answer for a token around a document of the data model."""
    found = read_credential(document)
    if "status" in document:
        checks = (*checks, check_token_status(verifier, found.issuer, document))
    answer = Verified(
        form=form,
        document=document,
        issuer=found.issuer,
        types=found.types,
        subjects=found.subject_ids,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        checks=checks,
        header=header,
    )
    return verifier.judged(found, answer)


def _of_sd_jwt_vc(verifier: "Verifier", vc: "VerifiedVC", header: Document) -> Verified:
    """The answer for an SD-JWT VC, whose claims are of no data model but its own."""
    issuer = vc.issuer or vc.key.id
    begins, ends = vc.times.not_before, vc.times.expires_at
    return Verified(
        form=Form.SD_JWT_VC,
        document=dict(vc.claims),
        issuer=issuer,
        types=(vc.vct,),
        subjects=() if vc.subject is None else (vc.subject,),
        valid_from=None if begins is None else int(begins),
        valid_until=None if ends is None else int(ends),
        checks=(
            Check("signature", Outcome.CHECKED, str(header["alg"])),
            _key_binding(vc.bound, vc.holder_key is not None),
            verifier.check_issuer(issuer),
            Check("validity", Outcome.ABSENT if begins is None and ends is None else Outcome.CHECKED),
            check_token_status(verifier, issuer, vc.claims),
        ),
        header=header,
    )


def _health_card(verifier: "Verifier", jws: str) -> Verified:
    from panacea.credentials.formats import health_card

    if verifier.health_cards is None:
        raise UnknownForm("a SMART Health Card, and no issuers of cards were given")
    card = health_card.verify(jws, issuers=verifier.health_cards, now=verifier.now, leeway=LEEWAY_SECONDS)
    return _of_card(verifier, card)


def _of_card(verifier: "Verifier", card: "HealthCard") -> Verified:
    return Verified(
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
            verifier.check_issuer(card.issuer),
            Check("validity", Outcome.CHECKED),
            Check("status", Outcome.CHECKED if card.revocation_checked else Outcome.ABSENT),
        ),
        header={"kid": card.kid},
    )
