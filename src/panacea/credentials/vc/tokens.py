"""Credentials in tokens: JWT, SD-JWT and SMART Health Cards, verified to the same answer as those with proofs."""

from typing import TYPE_CHECKING

from panacea.credentials.vc.types import UnknownForm, Verified

if TYPE_CHECKING:
    from panacea.credentials.vc.verify import Verifier


def verify_token(verifier: "Verifier", token: str | bytes) -> Verified:
    """The credential of a token. Raises UnknownForm, or what the form's own verification raises."""
    raise UnknownForm("not JSON", start=token[:16])
