"""The two languages of queries, as `panacea.datadeal.v3.Deal.query_language` numbers them."""

from decimal import Decimal
from typing import Final

import rfc8785

from panacea.credentials.records.requests import dcql, presentation_definition
from panacea.credentials.records.requests.query import Query
from panacea.credentials.refusals import DealUnusable
from panacea.health.strict_json import parse_json
from panacea.health.types import JSON, JSONRejected

PRESENTATION_DEFINITION: Final = 1
DCQL: Final = 2
MAX_QUERY: Final = 32 * 1024
_MAX_DEPTH = 40


def parse(language: int, raw: bytes) -> Query:
    """The query of these bytes, which must be RFC 8785 form and at most 32 KiB. Raises DealUnusable."""
    try:
        value = _plain(parse_json(raw, max_bytes=MAX_QUERY, max_depth=_MAX_DEPTH))
        canonical = rfc8785.dumps(value)
    except (JSONRejected, rfc8785.CanonicalizationError) as error:
        raise DealUnusable("not RFC 8785", reason=error) from error
    if canonical != raw:
        raise DealUnusable("not RFC 8785: another spelling of the same JSON")
    match language:
        case 1:
            return presentation_definition.read(value)
        case 2:
            return dcql.read(value)
    raise DealUnusable("no language of queries", language=language)


def _plain(value: JSON) -> JSON:
    """JSON with doubles for decimals, as RFC 8785 knows numbers."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value
