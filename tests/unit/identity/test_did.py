import pytest

from panacea.identity.did import InvalidDID, method_of, split_did_url

DID = "did:panacea:F5gmouaL3gm6tdpLSzRTcbR6rpQRyFsu6721dLb5PRMi"


@pytest.mark.parametrize(
    ("did", "method"),
    [(DID, "panacea"), ("did:web:example.com%3A3000:a", "web"), ("did:a1::b", "a1"), ("did:x:a_b-c.d", "x")],
)
def test_methods(did: str, method: str) -> None:
    assert method_of(did) == method


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did",
        "did:x",
        "did:x:",
        "did:X:a",
        "DID:x:a",
        "did:x:a:",
        "did:x:a b",
        "did:x:a%2",
        "did:x:a#b",
        "did:x:a/b",
        "did:x:ä",
        "did:x:a\n",
        "did:x:" + "a" * 4091,
    ],
)
def test_texts_that_are_no_did(text: str) -> None:
    with pytest.raises(InvalidDID):
        method_of(text)


def test_a_url_is_a_did_and_a_fragment() -> None:
    assert split_did_url(f"{DID}#key1") == (DID, "key1")
    assert split_did_url(f"{DID}#" + "k" * 256) == (DID, "k" * 256)


@pytest.mark.parametrize(
    "url", [DID, f"{DID}#", f"{DID}#a b", f"{DID}#a#b", f"{DID}/p#a", f"{DID}?q#a", "#a", f"{DID}#" + "k" * 257]
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(InvalidDID):
        split_did_url(url)
