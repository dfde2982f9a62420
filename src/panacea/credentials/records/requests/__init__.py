"""What a deal asks for: one query value, written as a DIF Presentation Definition or in DCQL."""

from panacea.credentials.records.requests.languages import DCQL, PRESENTATION_DEFINITION, parse
from panacea.credentials.records.requests.presentation_definition import for_observations
from panacea.credentials.records.requests.query import Query, Wanted
from panacea.credentials.records.requests.schemas import require_schemas

__all__ = [
    "DCQL",
    "PRESENTATION_DEFINITION",
    "Query",
    "Wanted",
    "for_observations",
    "parse",
    "require_schemas",
]
