"""How a request, a submission or a message of OpenID is refused.

CredentialRejected
  x RequestRejected                    anything below
      x DefinitionRejected             not a presentation definition
      x PathRefused                    a JSONPath, JSON pointer or claims path that is not read here
      x FilterRefused                  a JSON Schema that is none, or whose cost has no bound
      x TooMuchWork                    judging it costs more than anybody may ask
      x NotDoneHere                    a feature that is understood and not done
      x SubmissionRejected             not a presentation submission
      x SubmissionMismatch             a submission that does not meet its definition; `mismatches` names each
      x QueryRejected                  not a DCQL query
      x ResponseMismatch               a VP token that does not meet its query; `mismatches` names each
      x NotTranslatable                a definition that DCQL has no words for; the property is named
      x HeldRejected                   a wallet entry that is none
      x MessageRejected                a message of OpenID; `error` is the OAuth code to answer with
          x RequestObjectRejected      a request object whose type, signature or claims are wrong
          x ClientIdentifierRejected   a client identifier whose prefix asks for what is not there
          x TransactionDataRejected    transaction data that is malformed, unknown, or for no credential here
          x AuthorizationResponseRejected
          x TokenRequestRejected       a token request, by the codes of RFC 6749 §5.2
          x CredentialRequestRejected  a credential request, by the codes of OpenID4VCI §8.3.1
          x KeyProofRejected           a proof of possession that proves nothing here
"""

from dataclasses import dataclass
from typing import ClassVar

from panacea.credentials.refusals import CredentialRejected
from panacea.primitives.rejected import Rejected, shorten


class RequestRejected(CredentialRejected, code=190, text="request refused"):
    """A request for credentials, or an answer to one, was refused."""


class DefinitionRejected(RequestRejected, code=191, text="not a presentation definition"):
    """A property is missing, unknown, of the wrong kind, or contradicts another."""


class PathRefused(RequestRejected, code=192, text="path refused"):
    """A JSONPath, JSON pointer or claims path that cannot be read, or lies outside the subset."""


class FilterRefused(RequestRejected, code=193, text="filter refused"):
    """A JSON Schema that is none, refers outside itself or to itself, or has a pattern without a linear bound."""


class TooMuchWork(RequestRejected, code=194, text="judging it costs too much work"):
    """The budget of one call is spent."""


class NotDoneHere(RequestRejected, code=195, text="a feature that is not done here"):
    """The request is well formed, and asks for what this room cannot judge."""


class SubmissionRejected(RequestRejected, code=196, text="not a presentation submission"):
    """A submission whose shape is wrong, or that cannot be built from what was chosen."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that an answer gets wrong.

    `at` is the id of the input descriptor or credential query, or the name of the requirement. `kind` is one word from
    a fixed list in the module that reports it; `detail` says it to people.
    """

    at: str
    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{shorten(self.at, 80)}: {self.kind}: {self.detail}"


class SubmissionMismatch(RequestRejected, code=197, text="the submission does not meet its definition"):
    """Each reason stands in `mismatches`, in the order of the descriptor map."""

    def __init__(self, mismatches: tuple[Mismatch, ...]) -> None:
        self.mismatches = mismatches
        super().__init__("; ".join(str(one) for one in mismatches[:5]), mismatches=len(mismatches))


class QueryRejected(RequestRejected, code=198, text="not a DCQL query"):
    """A property is missing, of the wrong kind, or contradicts another."""


class ResponseMismatch(RequestRejected, code=199, text="the VP token does not meet its query"):
    """Each reason stands in `mismatches`, in the order of the query."""

    def __init__(self, mismatches: tuple[Mismatch, ...]) -> None:
        self.mismatches = mismatches
        super().__init__("; ".join(str(one) for one in mismatches[:5]), mismatches=len(mismatches))


class NotTranslatable(RequestRejected, code=200, text="DCQL cannot express it"):
    """The value `property` names what stands in the way."""


class HeldRejected(RequestRejected, code=209, text="not a wallet entry"):
    """A document that is no JSON object, or a pointer to nothing in it."""


class MessageRejected(RequestRejected, code=201, text="message refused"):
    """A message of OpenID4VP or OpenID4VCI; `error` is the code that an OAuth error response carries."""

    default_error: ClassVar[str] = "invalid_request"

    def __init__(self, detail: str = "", /, *, error: str = "", **values: object) -> None:
        """Keep the OAuth code beside the detail and the values at fault."""
        self.error = error or self.default_error
        super().__init__(detail, **values)


class RequestObjectRejected(MessageRejected, code=202, text="request object refused"):
    """The wrong `typ`, a signature that does not hold, or claims that contradict the outer request."""


class ClientIdentifierRejected(MessageRejected, code=203, text="client identifier refused"):
    """A prefix that is not known, or whose conditions are not met."""


class TransactionDataRejected(MessageRejected, code=204, text="transaction data refused"):
    """Not base64url of a JSON object, of an unknown type, or for a credential that is not asked for."""

    default_error = "invalid_transaction_data"


class AuthorizationResponseRejected(MessageRejected, code=205, text="authorization response refused"):
    """Another state, no VP token, or a response that should have been encrypted."""


class CredentialRequestRejected(MessageRejected, code=206, text="credential request refused"):
    """A request to the credential, deferred or notification endpoint that cannot be served."""

    default_error = "invalid_credential_request"


class KeyProofRejected(CredentialRequestRejected, code=207, text="key proof refused"):
    """Another type, audience or nonce, or a signature that does not hold."""

    default_error = "invalid_proof"


class TokenRequestRejected(MessageRejected, code=208, text="token request refused"):
    """A request to the token endpoint that cannot be served."""


Refusal = type[Rejected]
"""A class of refusal that a reader raises with a detail and values."""
