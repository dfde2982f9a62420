"""What a did:panacea was at an earlier height, by proof.

The chain keeps one entry a DID: the document and a sequence that every change raises by one. An older version is proven
by the state of a height at which it stood, and that state by the next header. So this much can be known:

    versionId     any sequence that stood at the end of a block; of two changes in one block the first is never seen
    versionTime   what the state after the newest block of that time or earlier says; the newest header that the view
                  has verified is the end of the time that can be spoken of
    how far back  as far as the node keeps states (`--keep`), and as headers lead back from verified ones: each height
                  costs one question where the view has not followed it, hence `depth`

Sequences never fall, so heights are searched by doubling the distance and then halving it.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from panacea.client import places
from panacea.client.types import StateUnavailable
from panacea.client.view import FIRST_PROVEN, ChainView
from panacea.identity.resolution import Version
from panacea.identity.resolver import VersionUnavailable

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocumentWithSeq

DEPTH: Final = 1_000
"""Heights that are looked back at most, unless the caller says otherwise."""

_SEQUENCE = re.compile(r"0|[1-9][0-9]{0,18}")
_ABSENT = -1
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class History:
    """The versions of one DID up to `height`, whose entry is `newest`."""

    view: ChainView
    did: str
    height: int
    newest: "DIDDocumentWithSeq | None"
    depth: int = DEPTH

    @classmethod
    async def open(cls, view: ChainView, did: str, depth: int = DEPTH) -> "History":
        """The history up to the newest state that the view can read.

        Raises:
            NotProven, Unreachable: the node failed.
        """
        height = view.height if view.height >= FIRST_PROVEN else await view.wait(FIRST_PROVEN)
        newest = await view.get(places.did(did), height=height)
        return cls(view, did, height, newest, depth)

    async def find(self, version: Version) -> "DIDDocumentWithSeq | None":
        """The entry of a version; None if the DID was not registered.

        Raises:
            VersionUnavailable: there is no such version, or it cannot be proven any more.
            NotProven, Unreachable: the node failed.
        """
        if version.id is not None:
            return await self._numbered(version.id)
        return self.newest if version.time is None else await self._at_time(version.time)

    async def _numbered(self, text: str) -> "DIDDocumentWithSeq | None":
        if self.newest is None:
            return None
        if not _SEQUENCE.fullmatch(text) or int(text) > self.newest.sequence:
            raise VersionUnavailable("there is no such version", did=self.did, version_id=text)
        number = int(text)
        if number == self.newest.sequence:
            return self.newest

        async def stood(height: int) -> bool:
            entry = await self._entry(height)
            return (_ABSENT if entry is None else entry.sequence) <= number

        entry = await self._entry(await self._last(stood))
        if entry is None or entry.sequence != number:
            raise VersionUnavailable("it stood at the end of no block", did=self.did, version_id=text)
        return entry

    async def _at_time(self, time: datetime) -> "DIDDocumentWithSeq | None":
        # A whole second is meant as a whole: what came within it counts.
        until = (int(time.timestamp()) + 1) * _SECOND_NS
        if (await self.view.header(self.height + 1)).time_ns < until:
            raise VersionUnavailable("the chain is not known that far", did=self.did, version_time=time.isoformat())

        async def passed(height: int) -> bool:
            return (await self.view.header(height)).time_ns < until

        height = self.height if await passed(self.height) else await self._last(passed)
        return await self._entry(height)

    async def _entry(self, height: int) -> "DIDDocumentWithSeq | None":
        if height == self.height:
            return self.newest
        try:
            return await self.view.get(places.did(self.did), height=height)
        except StateUnavailable as no:
            raise VersionUnavailable(
                "the node keeps no state that old; ask one that does", did=self.did, height=height
            ) from no

    async def _last(self, holds: Callable[[int], Awaitable[bool]]) -> int:
        """The last height below the newest at which something holds that held at every height before.

        Raises VersionUnavailable where that is further back than can be seen.
        """
        first = max(FIRST_PROVEN, self.height - self.depth)
        above, step = self.height, 1
        unseen: VersionUnavailable | None = None
        while True:
            if above <= first:
                raise unseen or VersionUnavailable("further back than is looked", did=self.did, first_height=first)
            below = (first + above - 1) // 2 if unseen else max(first, self.height - step)
            try:
                if await holds(below):
                    break
                above, step = below, 2 * step
            except VersionUnavailable as no:
                # A state that is gone: what is looked for may lie between there and here.
                unseen, first = no, below + 1
        while below + 1 < above:
            middle = (below + above) // 2
            if await holds(middle):
                below = middle
            else:
                above = middle
        return below
