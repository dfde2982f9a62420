"""How a container is refused: a class for each reason, whoever carries the claims.

FormatRejected
  x MalformedToken         not the bytes of such a container, or more of them than are read
  x AlgorithmRefused       none, a shared secret, another curve's, or not among the allowed
  x HeaderRefused          another type, a critical extension, an unencoded payload
  x WrongSignature         well formed, and not signed by that key
  x KeyNotFound            nobody vouches for a key of that name for this issuer
  x CertificateRefused     a chain that leads to none of the given roots, or names another issuer
  x DecryptionRefused      another algorithm, another key, or changed on the way
  x ClaimsContradict       one statement stands twice, and differs; or a claim has no such form
  x TokenExpired
  x TokenNotYetValid
  x DisclosureRejected     disclosures and digests that do not belong together
  x KeyBindingRejected     the presenter did not show the key that the credential names, here and now
  x TypeMetadataRejected   type metadata of other bytes or another type, or a credential that breaks its rules
  x HealthCardRejected     no SMART Health Card, or by nobody whose keys are given
  x HealthCardRevoked      on its issuer's revocation list
  x HealthLinkRejected     no SMART Health Link, or a server that does not answer as one
  x HealthLinkExpired
  x PasscodeRefused        asked for and not given, or wrong
  x CBORRejected           not the CBOR that is read here
"""

from panacea.primitives.rejected import Rejected


class FormatRejected(Rejected, codespace="credentials", code=160, text="container refused"):
    """A container of claims was refused."""


class MalformedToken(FormatRejected, code=161, text="malformed token"):
    """Wrong parts, base64url of another spelling, JSON that is not strict, or beyond the limits."""


class AlgorithmRefused(FormatRejected, code=162, text="algorithm refused"):
    """The algorithm is not allowed here, unknown, or not the one of the key's kind."""


class HeaderRefused(FormatRejected, code=163, text="header refused"):
    """A type, an extension or a form of payload that is not accepted here."""


class WrongSignature(FormatRejected, code=164, text="signature does not verify"):
    """The signature is not that key's over these bytes."""


class KeyNotFound(FormatRejected, code=165, text="no key of that name for this issuer"):
    """The header and the issuer lead to no key, or to more than one."""


class CertificateRefused(FormatRejected, code=166, text="certificate chain refused"):
    """The chain does not lead to a given root at this time, or its leaf may not sign for this issuer."""


class DecryptionRefused(FormatRejected, code=167, text="not decrypted"):
    """The content is encrypted in another way, for another key, or was changed."""


class ClaimsContradict(FormatRejected, code=168, text="claims contradict each other"):
    """A registered claim and the document differ, or a claim has another form than its registration says."""


class TokenExpired(FormatRejected, code=169, text="token expired"):
    """The time is not before `exp`."""


class TokenNotYetValid(FormatRejected, code=170, text="token not yet valid"):
    """The time is before `nbf`, or before `iat`."""


class DisclosureRejected(FormatRejected, code=171, text="disclosures refused"):
    """A disclosure that nothing refers to, a digest that stands twice, a name that is taken or reserved."""


class KeyBindingRejected(FormatRejected, code=172, text="key binding refused"):
    """Missing where it is demanded, by another key, for another verifier or occasion, or too old."""


class TypeMetadataRejected(FormatRejected, code=173, text="type metadata refused"):
    """Its bytes, its type or its rules do not fit the credential."""


class HealthCardRejected(FormatRejected, code=174, text="SMART Health Card refused"):
    """Not a card, an incomplete set of codes, or an issuer without keys."""


class HealthCardRevoked(FormatRejected, code=175, text="SMART Health Card revoked"):
    """The issuer's list of revoked cards names it."""


class HealthLinkRejected(FormatRejected, code=176, text="SMART Health Link refused"):
    """Not a link, of a version unknown here, or its server answers otherwise than the guide says."""


class HealthLinkExpired(FormatRejected, code=177, text="SMART Health Link expired"):
    """The time is past `exp`, or the server knows the link no more."""


class PasscodeRefused(FormatRejected, code=178, text="passcode refused"):
    """The link asks for a passcode: none was given, or a wrong one."""


class CBORRejected(FormatRejected, code=179, text="CBOR refused"):
    """Cut short, too deep, too large, a repeated key, or a form outside the subset."""
