"""Golden vectors of every shared tag, digest and context: another implementation must make the same bytes."""

import pytest

from panacea.wire import contexts

NULLIFIER = bytes(range(32))
INFO = contexts.OfferInfo(
    chain_id="sim-1",
    deal_id=7,
    provider="panacea1provider",
    oracle="panacea1oracle",
    epoch=3,
    hpke_key_hash=b"\x11" * 32,
    measurement=b"\x22" * 32,
    query_hash=b"\x33" * 32,
    role=contexts.DELIVER,
    nonce=b"\x44" * 16,
    expires_at=1790000000,
)
TAG, OBJECT = b"\x55" * 32, b"\x66" * 32
SHARE = contexts.ShareInfo("sim-1", 7, "panacea1provider", "panacea1oracle", 3, TAG, OBJECT, 2, "panacea1member")
RELEASE = contexts.ReleaseInfo("sim-1", 7, 1, TAG, OBJECT, 2, "panacea1member")
REPORT = contexts.ReportContext(
    chain_id="sim-1",
    operator="panacea1operator",
    epoch=3,
    signing_key=b"\x02" * 33,
    suite=1,
    hpke_key=b"\x77" * 1216,
    endpoint="http://127.0.0.1:1",
    trusted_height=40,
    trusted_hash=b"\x88" * 32,
)
MADE = {
    "nullifier": contexts.nullifier(NULLIFIER, "lab/1.json#Observation/1"),
    "deal_tag": contexts.deal_tag(NULLIFIER, "sim-1", 7),
    "commit_salt": contexts.commit_salt(NULLIFIER, "sim-1", 7),
    "data_commitment": contexts.data_commitment(NULLIFIER, b"view"),
    "offer_info": INFO.encode(),
    "envelope_digest": contexts.envelope_digest(INFO.encode(), b"body"),
    "enclave_view_header": contexts.enclave_view_header(INFO.encode()),
    "consumer_view_header": contexts.consumer_view_header("sim-1", 7, b"\x33" * 32),
    "reply_info": contexts.reply_info(INFO.encode()),
    "receipt_digest": contexts.receipt_digest(OBJECT, 7, 300, 100),
    "deletion_digest": contexts.deletion_digest(OBJECT, 1790000000, 300, "withdrawn"),
    "share_info": SHARE.encode(),
    "shares_root": contexts.shares_root([b"a", b"b"]),
    "release_info": RELEASE.encode(),
    "certificate_digest": contexts.certificate_digest(b"body"),
    "releases_digest": contexts.releases_digest(b"batch"),
    "deal_digest": contexts.deal_digest("sim-1", b"deal"),
    "report_data": REPORT.report_data(),
    "committee_order": contexts.committee_order(3, b"\x99" * 32, b"\xaa" * 20),
}
GOLDEN = {
    "nullifier": "69e6a0ff1386faaa2f3b6ae39cd87a3366f4bd51c674e0f8152a64cf9c68f08c",
    "deal_tag": "01b781da7cc8531dba01f1c5b525d26f9772a2f2305bf2c6129f61be43a92f2f",
    "commit_salt": "9f9c09406ef69ba2b4276ef8737d27672665c5036a19d81cc97b018889e6dfc6",
    "data_commitment": "86f2ae79716dcc43efd7de2291515e996fb4fd74e8fbd822fe13cb4d8a36b20d",
    "offer_info": "8c7070616e616365612f6f666665722f76336573696d2d31077070616e616365613170726f76696465726e70616e61636561316f7261636c65035820111111111111111111111111111111111111111111111111111111111111111158202222222222222222222222222222222222222222222222222222222222222222582033333333333333333333333333333333333333333333333333333333333333330150444444444444444444444444444444441a6ab13b80",  # noqa: E501
    "envelope_digest": "96443569b73576147bb5cf4d6bb95d0257e11a15acb6fe9fe485e68b6ea4ae2e",
    "enclave_view_header": "fcd0a53b737805cc1378dfc649d8f6199365061dfa5ae3783bfeb3b8381c0c1b",
    "consumer_view_header": "098f4a15cfc35d170e865a631ffabe96a8a4148dfa973684b4c11fd757a4314f",
    "reply_info": "827070616e616365612f7265706c792f76335820c6bbc40678f713add5b44a0628991afa047bf3d9f2c3e8ea6f289f057b95dcfc",  # noqa: E501
    "receipt_digest": "86e26b976addafa76bf0535f45b60377fbebe4006677cdd4e29494a648f224e5",
    "deletion_digest": "d71e70f63be461519faf556201f5de63a1e799f3b59259112b3355eb38cf51b3",
    "share_info": "8a7070616e616365612f73686172652f76336573696d2d31077070616e616365613170726f76696465726e70616e61636561316f7261636c65035820555555555555555555555555555555555555555555555555555555555555555558206666666666666666666666666666666666666666666666666666666666666666026e70616e61636561316d656d626572",  # noqa: E501
    "shares_root": "cbf4f9604f48e2c940b73c067a276126b51393125ac6c5b61598efa660b3cf20",
    "release_info": "887270616e616365612f72656c656173652f76336573696d2d3107015820555555555555555555555555555555555555555555555555555555555555555558206666666666666666666666666666666666666666666666666666666666666666026e70616e61636561316d656d626572",  # noqa: E501
    "certificate_digest": "3cb35440e379877cf27cfc1c6222d3b6b5292db3690ffcf1de991a31113ab8fc",
    "releases_digest": "b4d426b662f00944c86c98d090e5d9e30598d18e3dbced238c3e9c624d7b1a90",
    "deal_digest": "63f46fc88ea481ffaaefa22880fbf22adb48c5d9efae98bb9bbbdfc2be64eaf2",
    "report_data": "ae97a23ad7b76386163fe0f121414fa1d5006727fdc4469d2cd8625980c95292a67432c6bc55c011146f1bb37824d4251d1ca26811f133bb139e5f4e1d4145e8",  # noqa: E501
    "committee_order": "c8f97cf41e25f9337b42fcaa63d82560ea65ec0858bd3c401486cc79f52c3b86",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    assert MADE[name].hex() == GOLDEN[name]


def test_every_context_has_a_vector() -> None:
    assert MADE.keys() == GOLDEN.keys()


def test_offer_info_reads_back() -> None:
    assert contexts.OfferInfo.decode(INFO.encode()) == INFO


@pytest.mark.parametrize("position", range(12))
def test_offer_info_refuses_other_types(position: int) -> None:
    from panacea.wire import cbor

    fields = cbor.decode(INFO.encode())
    fields[position] = None
    with pytest.raises(contexts.ContextRejected):
        contexts.OfferInfo.decode(cbor.encode(fields))
