import hashlib

import pytest

from panacea.primitives.address import CONSENSUS, OPERATOR, Address, InvalidAddress

FIRST = "panacea1tp7fhly84qm6q4hhzmp0nh5frtdugmys39lnt2"
FIRST_BYTES = bytes.fromhex("587c9bfc87a837a056f716c2f9de891adbc46c90")


def test_an_account_is_read_and_written() -> None:
    address = Address.parse(FIRST)
    assert address == FIRST_BYTES
    assert str(address) == f"{address}" == FIRST
    assert repr(address) == f"Address('{FIRST}')"
    assert {address: 1}[Address(FIRST_BYTES)] == 1


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "panacea1ysdu5khdchy02sxk72cquwp43d97z7qkcgfrsn"), (2, "panacea12tf766cuqku3luwfmntdtt9s8aaknzq76azejx")],
)
def test_the_addresses_of_deals(number: int, text: str) -> None:
    assert str(Address(hashlib.sha256(f"deal{number}".encode()).digest()[:20])) == text


def test_the_account_of_a_module_is_the_one_every_cosmos_chain_uses() -> None:
    assert Address.module("gov").text("cosmos") == "cosmos10d07y265gmmuvt4z0w9aw880jnsr700j6zn9kn"


def test_upper_case_is_read_and_written_back_in_lower_case() -> None:
    assert str(Address.parse(FIRST.upper())) == FIRST


def test_a_prefix_names_the_kind_of_address() -> None:
    address = Address.parse(FIRST)
    for prefix in (OPERATOR, CONSENSUS):
        text = address.text(prefix)
        assert text.startswith(prefix + "1")
        assert Address.parse(text, prefix) == address
        with pytest.raises(InvalidAddress, match="prefix panacea expected"):
            Address.parse(text)


@pytest.mark.parametrize("size", [1, 32, 255])
def test_lengths_that_are_taken(size: int) -> None:
    address = Address(b"\x07" * size)
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize("size", [0, 256])
def test_lengths_that_are_refused(size: int) -> None:
    with pytest.raises(InvalidAddress):
        Address(b"\x07" * size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "panacea",
        " " + FIRST,
        FIRST + " ",
        FIRST[:-1],
        FIRST[:-1] + "q",
        FIRST.replace("t", "T"),
        "panacea1" + "ö" * 8,
    ],
)
def test_texts_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        Address.parse(text)
    assert (refused.value.codespace, refused.value.code) == ("sdk", 7)


def test_an_address_without_bytes_is_refused() -> None:
    from panacea.primitives import bech32

    with pytest.raises(InvalidAddress, match="0 bytes"):
        Address.parse(bech32.encode("panacea", b""))
