"""Every published FHIR example is issued, checked, read back equal, and shown in part where a deal asks for it."""

import pytest
from health_issuer import HOLDER, KEYS, RESOLVER, credential
from shared_files import fhir

from panacea.credentials import (
    NotMatched,
    consumer_view,
    enclave_view,
    for_observations,
    parse,
    require_same,
    resource_of,
    verify_issued,
    verify_view,
)
from panacea.health.bundles import Record, read_records
from panacea.health.strict_json import to_json
from panacea.wire.contexts import consumer_view_header, enclave_view_header

RECORDS = [found for found in read_records(fhir()) if isinstance(found, Record)]
QUERY = parse(1, for_observations())


def test_there_is_something_to_issue() -> None:
    assert len(RECORDS) > 200
    assert len({record.reference for record in RECORDS}) == len(RECORDS)


@pytest.mark.parametrize("part", range(8))
def test_issued_and_read_back_equal(part: int) -> None:
    for record in RECORDS[part::8]:
        made = credential(record.resource, reference=record.reference)
        assert to_json(resource_of(made)) == to_json(record.resource), record.reference
        verify_issued(made, resolver=RESOLVER, holder_did=HOLDER)


def test_every_observation_with_a_quantity_is_sold_in_part() -> None:
    sold = 0
    for record in RECORDS:
        try:
            fields = QUERY.fields(record.resource)
        except NotMatched:
            assert "valueQuantity" not in record.resource or record.resource["resourceType"] != "Observation"
            continue
        made = credential(record.resource, reference=record.reference)
        enclave = verify_view(
            enclave_view(made, fields, b"info"), header=enclave_view_header(b"info"), issuer_key=KEYS.bbs_public
        )
        header = consumer_view_header("sim-1", 1, b"q" * 32)
        consumer = verify_view(
            consumer_view(made, fields, "sim-1", 1, b"q" * 32), header=header, issuer_key=KEYS.bbs_public
        )
        require_same(enclave, consumer)
        QUERY.require_satisfied(consumer)
        quantity = record.resource["valueQuantity"]
        assert to_json(consumer.resource["valueQuantity"]) == to_json(quantity), record.reference
        sold += 1
    assert sold > 40
