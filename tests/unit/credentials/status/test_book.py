"""The issuer's book: no place twice, nothing taken back by accident, all of it kept before an answer is given."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from still_clock import NOW, At

from panacea.credentials.refusals import NotIssuable, ProofInvalid
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.status.bitstring import MIN_BITS, StatusEntry, StatusList
from panacea.credentials.status.book import MAX_FULL, MemoryShelf, StatusBook
from panacea.credentials.vc import BBSKey, Verifier
from panacea.crypto.keys import Ed25519Key
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemRandom

URL = "https://hospital.example/status"


def test_no_place_twice_also_from_many_threads() -> None:
    book = StatusBook(URL, MemoryShelf())
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: book.take("revocation").index, range(200)))
    assert len(set(taken)) == 200
    assert max(taken) - min(taken) > MIN_BITS // 4  # Not a running number.


def test_a_new_book_on_the_same_shelf_goes_on() -> None:
    shelf = MemoryShelf()
    book = StatusBook(URL, shelf)
    entry = book.take("revocation")
    book.set(entry, True)
    again = StatusBook(URL + "/", shelf)
    assert again.url("revocation") == f"{URL}/revocation"
    listed = again.publish("revocation", as_did_key(Ed25519Key(b"1" * 32)), now=NOW)
    bits = StatusList.decode(listed["credentialSubject"]["encodedList"])
    assert bits.is_set(entry.index)
    assert bits.count() == 1
    again.set(entry, False)
    assert StatusList.of(shelf.find("revocation.bits") or b"").count() == 0


@pytest.mark.parametrize("key", [Ed25519Key(b"1" * 32), BBSKey.generate(SystemRandom())], ids=["eddsa", "bbs"])
def test_a_published_list_verifies(key: Ed25519Key | BBSKey) -> None:
    listed = StatusBook(URL, MemoryShelf()).publish("suspension", as_did_key(key), now=NOW)
    found = Verifier(resolver=KeyResolver(), clock=At()).credential(listed)
    assert found.document["credentialSubject"]["statusPurpose"] == "suspension"
    assert found.valid_until == NOW + 86_400


@pytest.mark.parametrize(
    "entry",
    [
        StatusEntry(f"{URL}/revocation", 5),
        StatusEntry(f"{URL}/revocation", MIN_BITS),
        StatusEntry(f"{URL}/revocation", 5, "suspension"),
        StatusEntry("https://elsewhere.example/status/revocation", 5),
    ],
)
def test_what_was_never_given_is_not_taken_back(entry: StatusEntry) -> None:
    with pytest.raises(ProofInvalid):
        StatusBook(URL, MemoryShelf()).set(entry, True)


def test_a_full_list() -> None:
    shelf = MemoryShelf()
    full = StatusList(MIN_BITS)
    for index in range(int(MIN_BITS * MAX_FULL)):
        full.set(index)
    shelf.put("revocation.given", full.octets)
    with pytest.raises(NotIssuable, match="full"):
        StatusBook(URL, shelf).take("revocation")


class FullDisk(MemoryShelf):
    """A shelf that keeps nothing any more."""

    full = False

    def put(self, name: str, octets: bytes) -> None:
        if self.full:
            raise OSError("no space left")
        super().put(name, octets)


def test_what_is_not_kept_is_not_published() -> None:
    shelf = FullDisk()
    book = StatusBook(URL, shelf)
    entry = book.take("revocation")
    shelf.full = True
    with pytest.raises(OSError, match="no space"):
        book.set(entry, True)
    with pytest.raises(OSError, match="no space"):
        book.take("revocation")
    listed = book.publish("revocation", as_did_key(Ed25519Key(b"1" * 32)), now=NOW)
    assert StatusList.decode(listed["credentialSubject"]["encodedList"]).count() == 0


def test_purposes_without_a_list() -> None:
    book = StatusBook(URL, MemoryShelf())
    with pytest.raises(NotIssuable):
        book.take("message")
    with pytest.raises(NotIssuable):
        book.publish("message", as_did_key(Ed25519Key(b"1" * 32)), now=NOW)
