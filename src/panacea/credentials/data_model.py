"""The words of W3C's data model that all rooms share: its contexts and types (VC Data Model 2.0 and 1.1, section 4)."""

from typing import Final

CONTEXT_V2: Final = "https://www.w3.org/ns/credentials/v2"
CONTEXT_V1: Final = "https://www.w3.org/2018/credentials/v1"
CREDENTIAL: Final = "VerifiableCredential"
PRESENTATION: Final = "VerifiablePresentation"
