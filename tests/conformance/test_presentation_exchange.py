"""Published requests: each is one this product answers, or is refused by name; none is half understood."""

from pathlib import Path

import pytest
import rfc8785
from shared_files import shared

from panacea.credentials import DealUnusable, parse
from panacea.health.strict_json import parse_json

DEFINITIONS = sorted(shared("presentation-exchange/test").rglob("presentation-definition/*.json"))
QUERIES = [*sorted(shared("openid4vp/query_lang").glob("*.json")), shared("openid4vp/request/dcql_ldp_vc.json")]


@pytest.mark.parametrize("file", DEFINITIONS, ids=lambda file: file.stem)
def test_definitions_for_other_credentials(file: Path) -> None:
    document = parse_json(file.read_bytes())
    definition = document.get("presentation_definition", {"id": file.stem, "input_descriptors": [document]})
    with pytest.raises(DealUnusable, match=r"properties|input_descriptors|limit_disclosure"):
        parse(1, rfc8785.dumps(definition))


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_queries_for_other_credentials(file: Path) -> None:
    with pytest.raises(DealUnusable, match=r"one record|properties|ldp_vc|type_values"):
        parse(2, rfc8785.dumps(parse_json(file.read_bytes())))
