"""did:panacea and its past: against the node as a process, and against a chain made by hand."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import address_of, key_of
from did_documents import DID1, KEY2, create, deactivate, document_of, update
from solo_engine import CHAIN_ID, NodeProcess, send_message

from panacea.client.history import DEPTH
from panacea.client.plain import Loop
from panacea.client.resolver import ChainResolver
from panacea.client.rpc import RPC
from panacea.client.sender import Fees, Sender
from panacea.client.types import NotProven, StateUnavailable
from panacea.client.view import ChainView
from panacea.crypto.keys import Ed25519Key
from panacea.identity.did_jwk import encode_did_jwk
from panacea.identity.did_key import encode_did_key
from panacea.identity.documents import Purpose
from panacea.identity.resolution import CURRENT, Resolution, Version
from panacea.identity.resolver import DIDDeactivated, VersionUnavailable
from panacea.node.genesis import Genesis
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocumentWithSeq
else:
    (DIDDocumentWithSeq,) = load("panacea.did.v2", "DIDDocumentWithSeq")

PAYER = str(address_of("alice"))
KEEP = 12
"""Heights that reach back before the DID's end, and not before its change."""


@pytest.fixture
def loop() -> Iterator[Loop]:
    with Loop() as loop:
        yield loop


async def resolver_of(node: NodeProcess, rpc: RPC, depth: int = DEPTH) -> ChainResolver:
    genesis = Genesis.load(node.home / "config" / "genesis.json")
    return ChainResolver(await ChainView.from_genesis(rpc, genesis.chain_id, genesis.validators), depth)


async def live(node: NodeProcess) -> list[int]:
    """Register a DID, change it, end it, with other blocks in between; the height of each."""
    rpc = RPC(node.url)
    sender = Sender(rpc, key_of("alice"), CHAIN_ID, Fees(gas=200_000))
    changed = document_of()
    changed.assertion_methods.add(verification_method_id=f"{DID1}#key1")
    heights = []
    for message in (create(PAYER), update(PAYER, changed, 0), deactivate(PAYER, 1)):
        for _ in range(3):
            await sender.send(send_message("alice", "bob"))
        heights.append((await sender.send(message)).height)
    await asyncio.sleep(1)  # what came within one second is one version to those who ask for a time
    for _ in range(3):
        await sender.send(send_message("alice", "bob"))
    await rpc.close()
    return heights


def test_every_version_is_proven(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> None:
    with NodeProcess(tmp_path_factory.mktemp("node"), "--linger", "0.002") as node:
        heights = loop.run(live(node))

        async def work() -> None:
            rpc = RPC(node.url)
            resolver = await resolver_of(node, rpc)
            await resolver.view.update()
            newest = await resolver.resolution(DID1)
            assert (newest.document, newest.metadata.error) == (None, None)
            assert newest.to_json()["didDocumentMetadata"] == {"versionId": "2", "deactivated": True}
            with pytest.raises(DIDDeactivated):
                newest.require()
            first, second = [await resolver.resolution(DID1, Version(str(n))) for n in range(2)]
            for number, found in enumerate((first, second)):
                assert found.document_metadata.version_id == str(number)
                assert found.document_metadata.next_version_id == str(number + 1)
                assert found.document_metadata.deactivated
            assert first.document
            assert second.document
            assert not first.document.methods(Purpose.ASSERTION_METHOD)
            assert second.document.methods(Purpose.ASSERTION_METHOD)
            for height, version in ((heights[-1], "2"), (heights[0] - 1, None)):
                time = datetime.fromtimestamp(
                    (await resolver.view.header(height)).time_ns // 10**9 - (version is None), UTC
                )
                at_time = await resolver.resolution(DID1, Version(time=time))
                assert at_time.document_metadata.version_id == version
            assert (await resolver.resolution(DID1, Version("3"))).metadata.error == "notFound"
            short = ChainResolver(resolver.view, depth=2)
            with pytest.raises(VersionUnavailable, match="further back than is looked"):
                (await short.resolution(DID1, Version("0"))).require()
            await rpc.close()

        loop.run(work())


def test_a_node_that_forgets_says_so(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> None:
    with NodeProcess(tmp_path_factory.mktemp("node"), "--linger", "0.002", "--keep", str(KEEP)) as node:
        loop.run(live(node))

        async def work() -> None:
            rpc = RPC(node.url)
            resolver = await resolver_of(node, rpc)
            await resolver.view.update()
            known = await resolver.resolution(DID1, Version("1"))
            assert known.document, known.metadata
            gone = await resolver.resolution(DID1, Version("0"))
            assert gone.metadata.error == "notFound"
            with pytest.raises(VersionUnavailable, match="keeps no state that old"):
                gone.require()
            await rpc.close()

        loop.run(work())


@dataclass
class Header:
    time_ns: int


@dataclass
class HandMade:
    """A view of a chain whose DID has these sequences, by the height of each; block h comes h seconds after `BEGAN`."""

    sequences: dict[int, int]
    height: int = 100
    kept: int = 100
    asked: list[int] = field(default_factory=list)
    fails: bool = False

    async def get(self, place: object, *, height: int) -> Any:  # Any: the wire class comes from a descriptor
        self.asked.append(height)
        if self.fails:
            raise NotProven
        if height <= self.height - self.kept:
            raise StateUnavailable("pruned", height=height)
        known = [sequence for since, sequence in sorted(self.sequences.items()) if since <= height]
        if not known:
            return None
        return DIDDocumentWithSeq(document=document_of(KEY2, DID1), sequence=known[-1])

    async def header(self, height: int) -> Header:
        return Header(int((BEGAN + timedelta(seconds=height)).timestamp()) * 10**9)


BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def ask(loop: Loop, view: HandMade, version: Version = CURRENT, *, did: str = DID1, depth: int = DEPTH) -> Resolution:
    resolver = ChainResolver(view, depth)  # type: ignore[arg-type]  # as much of a ChainView as is asked
    return loop.run(resolver.resolution(did, version))


CHANGES = {10: 0, 20: 1, 21: 2, 60: 5, 99: 6}


@pytest.mark.parametrize(("number", "at_least"), [(0, 10), (1, 20), (2, 21), (5, 60), (6, 99)])
def test_a_sequence_is_found_at_whatever_height(loop: Loop, number: int, at_least: int) -> None:
    view = HandMade(CHANGES)
    found = ask(loop, view, Version(str(number)))
    assert found.document_metadata.version_id == str(number)
    assert found.document_metadata.next_version_id == (str(number + 1) if number < 6 else None)
    assert min(view.asked) >= 2
    assert len(view.asked) <= 16
    assert at_least <= 100


@pytest.mark.parametrize("number", [3, 4])
def test_two_changes_in_one_block_show_the_last(loop: Loop, number: int) -> None:
    with pytest.raises(VersionUnavailable, match="end of no block"):
        ask(loop, HandMade(CHANGES), Version(str(number))).require()


@pytest.mark.parametrize("text", ["7", "", "-1", "01", "+1", " 1", "1.0", "٣", "9" * 30, "latest"])
def test_versions_that_never_were(loop: Loop, text: str) -> None:
    view = HandMade(CHANGES)
    with pytest.raises(VersionUnavailable, match="no such version"):
        ask(loop, view, Version(text)).require()
    assert view.asked == [100]


@pytest.mark.parametrize(
    ("second", "number"),
    [(10, "0"), (19, "0"), (20, "1"), (21, "2"), (59, "2"), (60, "5"), (98, "5"), (99, "6"), (100, "6")],
)
def test_the_version_of_a_time(loop: Loop, second: int, number: str) -> None:
    found = ask(loop, HandMade(CHANGES), Version(time=BEGAN + timedelta(seconds=second)))
    assert found.document_metadata.version_id == number


def test_times_before_the_did_and_beyond_the_chain(loop: Loop) -> None:
    before = ask(loop, HandMade(CHANGES), Version(time=BEGAN + timedelta(seconds=9)))
    assert (before.document, before.metadata.error) == (None, "notFound")
    for seconds in (101, 10**6):
        with pytest.raises(VersionUnavailable, match="not known that far"):
            ask(loop, HandMade(CHANGES), Version(time=BEGAN + timedelta(seconds=seconds))).require()
    with pytest.raises(VersionUnavailable, match="further back"):
        ask(loop, HandMade(CHANGES), Version(time=BEGAN)).require()


@pytest.mark.parametrize("kept", range(2, 60, 7))
def test_what_is_still_kept_is_found(loop: Loop, kept: int) -> None:
    for number, last in ((2, 59), (5, 98)):
        view = HandMade(CHANGES, kept=kept)
        answer = ask(loop, view, Version(str(number)))
        if last > 100 - kept:
            assert answer.document_metadata.version_id == str(number)
        else:
            with pytest.raises(VersionUnavailable, match="keeps no state that old"):
                answer.require()


def test_the_depth_is_a_bound(loop: Loop) -> None:
    view = HandMade(CHANGES)
    assert ask(loop, view, Version("5"), depth=10).document
    with pytest.raises(VersionUnavailable, match="further back"):
        ask(loop, view, Version("2"), depth=10).require()
    assert min(view.asked) >= 90


def test_failures_of_the_node_become_errors(loop: Loop) -> None:
    answer = ask(loop, HandMade(CHANGES, fails=True))
    assert answer.metadata.error == "internalError"
    with pytest.raises(NotProven):
        answer.require()


def test_other_methods(loop: Loop) -> None:
    key = Ed25519Key(bytes(32)).public_key
    for did in (encode_did_key(key), encode_did_jwk(key)):
        assert ask(loop, HandMade({}), did=did).require().id == did
        assert ask(loop, HandMade({}), Version("1"), did=did).metadata.error == "featureNotSupported"
    for did, error in (
        ("did:web:example.com", "methodNotSupported"),
        ("did:panacea:short", "methodNotSupported"),
        ("x", "invalidDid"),
    ):
        assert ask(loop, HandMade({}), did=did).metadata.error == error
    assert ask(loop, HandMade({})).metadata.error == "notFound"
