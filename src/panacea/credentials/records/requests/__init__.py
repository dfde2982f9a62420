"""What a deal asks for: one query value, written as a DIF Presentation Definition or in DCQL.

query       the query as a value, and how records and views are judged by it
languages   the two languages by number: presentation_definition, dcql
schemas     JSON Schema of bounded cost
tree        a record as far as it is shown, every item at the index that was signed
"""

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
