"""The general SDK: any W3C credential, issued, shown in part, presented and verified, with no chain and no network.

issue        document, key --> secured document; derive --> the part that is shown; present --> presentation
verify       Verifier: credential, presentation --> what exactly was checked
health       FHIR resources as documents, element by element
predicates   what is proved of hidden values, judged together with the credentials that hold them
model        VC Data Model 2.0, and 1.1 to read
schema       credentialSchema and relatedResource
meaning      what is signed in RDF must stand in JSON by its plain name
status       what status lists say
tokens       the same credentials in JWT, SD-JWT and SMART Health Cards
types        answers and refusals
"""

from panacea.credentials.vc.issue import SigningKey, derive, issue, present
from panacea.credentials.vc.model import Credential, Presentation, read_credential, read_presentation
from panacea.credentials.vc.types import (
    Check,
    CheckMissing,
    Form,
    IssuerNotResolved,
    MalformedCredential,
    NotByHolder,
    NotByIssuer,
    NotDerivable,
    Outcome,
    ResourceChanged,
    ResourceSource,
    SchemaNotMet,
    UnknownForm,
    Verified,
    VerifiedPresentation,
)
from panacea.credentials.vc.verify import Verifier
from panacea.crypto.bbs.keys import BBSKey, BBSSigner

__all__ = [
    "BBSKey",
    "BBSSigner",
    "Check",
    "CheckMissing",
    "Credential",
    "Form",
    "IssuerNotResolved",
    "MalformedCredential",
    "NotByHolder",
    "NotByIssuer",
    "NotDerivable",
    "Outcome",
    "Presentation",
    "ResourceChanged",
    "ResourceSource",
    "SchemaNotMet",
    "SigningKey",
    "UnknownForm",
    "Verified",
    "VerifiedPresentation",
    "Verifier",
    "derive",
    "issue",
    "present",
    "read_credential",
    "read_presentation",
]
