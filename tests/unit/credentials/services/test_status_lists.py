"""Lists that a service publishes are lists that a verifier believes, in every form, through a cache."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from still_clock import At

from panacea.credentials.formats import sd_jwt_vc
from panacea.credentials.refusals import CredentialRevoked, NotIssuable, StatusStale
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.services.status_lists import PublishedList, build_app
from panacea.credentials.status import token
from panacea.credentials.status.book import MAX_FULL, MemoryShelf, StatusBook
from panacea.credentials.status.cache import CachedLists
from panacea.credentials.status.token_book import PLACES, TokenStatusBook
from panacea.credentials.vc import Outcome, Verified, Verifier, issue
from panacea.crypto.keys import ECDSAKey, KeyKind
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemRandom

BASE = "https://hospital.example/lists"
SIGNER = ECDSAKey(KeyKind.P256, b"1" * 32)
KEY = as_did_key(SIGNER)


class House:
    def __init__(self) -> None:
        self.clock, self.shelf, self.fetched = At(), MemoryShelf(), 0
        self.book = StatusBook(BASE, self.shelf)
        self.tokens = TokenStatusBook(f"{BASE}/tokens", self.shelf)
        lists = {"revocation": PublishedList(self.book, KEY), "tokens": PublishedList(self.tokens, KEY)}
        self.client = TestClient(build_app(lists, self.clock))
        self.accept = "*/*"
        cache = CachedLists(self.fetch, self.clock)
        self.verifier = Verifier(resolver=KeyResolver(), clock=self.clock, status=cache, token_status=cache)

    def fetch(self, url: str) -> bytes:
        self.fetched += 1
        answer = self.client.get(url.removeprefix(BASE), headers={"accept": self.accept})
        if answer.status_code != 200:
            raise StatusStale(url=url)
        assert "max-age" in answer.headers["cache-control"]
        return answer.content

    def token(self, reference: token.StatusReference) -> str:
        claims = {"iss": KEY.did, "status": {"status_list": {"idx": reference.index, "uri": reference.uri}}}
        header = {"kid": KEY.method_id}
        return sd_jwt_vc.issue(claims, vct="x", hidden=[], signer=SIGNER, random=SystemRandom(), header=header)


def status_of(found: Verified) -> Outcome:
    return next(check.outcome for check in found.checks if check.name == "status")


def test_credentials_with_proofs() -> None:
    house = House()
    entry = house.book.take("revocation")
    document: dict[str, Any] = {  # Any: JSON of a credential
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": KEY.did,
        "credentialStatus": entry.to_json(),
        "credentialSubject": {"name": "Anna"},
    }
    secured = issue(document, KEY)
    for _ in range(3):
        assert status_of(house.verifier.credential(secured)) is Outcome.CHECKED
    assert house.fetched == 1
    house.book.set(entry, True)
    assert status_of(house.verifier.credential(secured)) is Outcome.CHECKED  # As long as the list is kept.
    house.clock.seconds += 300
    with pytest.raises(CredentialRevoked):
        house.verifier.credential(secured)


@pytest.mark.parametrize("accept", ["*/*", "application/statuslist+jwt", "application/statuslist+cwt"])
def test_tokens(accept: str) -> None:
    house = House()
    house.accept = accept
    reference = house.tokens.take()
    made = house.token(reference)
    assert status_of(house.verifier.credential(made)) is Outcome.CHECKED
    house.tokens.set(reference, token.SUSPENDED)
    house.clock.seconds += 3600
    with pytest.raises(token.StatusSuspended):
        house.verifier.credential(made)
    house.tokens.set(reference, token.INVALID)
    house.clock.seconds += 3600
    with pytest.raises(token.StatusInvalid):
        house.verifier.credential(made)


def test_a_token_book_goes_on_where_it_was() -> None:
    shelf = MemoryShelf()
    book = TokenStatusBook(BASE, shelf)
    taken = [book.take() for _ in range(50)]
    book.set(taken[7], token.INVALID)
    again = TokenStatusBook(BASE, shelf)
    assert len({one.index for one in [*taken, again.take()]}) == 51
    listed = token.TokenStatusList.of(shelf.find("token.statuses") or b"", bits=2)
    assert listed.get(taken[7].index) == token.INVALID


def test_what_a_token_book_refuses() -> None:
    book = TokenStatusBook(BASE, MemoryShelf())
    reference = book.take()
    unused = (reference.index + 1) % PLACES
    for other, status in (
        (token.StatusReference(BASE, unused), token.INVALID),
        (token.StatusReference(BASE, PLACES), token.INVALID),
        (token.StatusReference("https://elsewhere.example", reference.index), token.INVALID),
        (reference, 4),
        (reference, 11),
    ):
        with pytest.raises(token.WrongStatusList):
            book.set(other, status)
    shelf = MemoryShelf()
    shelf.put("token.given", b"\xff" * int(PLACES // 8 * MAX_FULL) + bytes(PLACES // 8 - int(PLACES // 8 * MAX_FULL)))
    with pytest.raises(NotIssuable):
        TokenStatusBook(BASE, shelf).take()


def test_lists_that_there_are_not() -> None:
    assert House().client.get("/other").status_code == 404
