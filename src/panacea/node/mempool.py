"""Transactions that wait for a block, in the order in which they came."""

import hashlib
from collections import OrderedDict

from panacea.primitives.rejected import Rejected

MAX_TXS = 5_000
MAX_TX_BYTES = 1_048_576
MAX_BYTES = 64 * 1_048_576
REMEMBERED = 10_000
FRAME_BYTES = 8  # a field's tag and its length, in a block


class TxTooLarge(Rejected, codespace="sdk", code=21, text="Tx too large"):
    """A transaction is over the node's limit."""


class TxKnown(Rejected, codespace="sdk", code=19, text="tx already exists in cache"):
    """The node has this transaction, or had it a moment ago."""


class MempoolFull(Rejected, codespace="sdk", code=20, text="mempool is full"):
    """Too many transactions wait, or too many bytes of them."""


class Mempool:
    """First in, first out, each transaction once."""

    def __init__(self) -> None:
        """Begin empty."""
        self.bytes = 0
        self._waiting: OrderedDict[bytes, bytes] = OrderedDict()
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def require_new(self, raw: bytes) -> bytes:
        """The hash of a transaction that may be checked now.

        Raises:
            TxTooLarge, TxKnown, MempoolFull: why it may not.
        """
        tx_hash = hashlib.sha256(raw).digest()
        if len(raw) > MAX_TX_BYTES:
            raise TxTooLarge(f"max size is {MAX_TX_BYTES}, but got {len(raw)}")
        if tx_hash in self._seen:
            raise TxKnown
        if len(self._waiting) >= MAX_TXS or self.bytes + len(raw) > MAX_BYTES:
            raise MempoolFull(f"number of txs {len(self._waiting)}, total txs bytes {self.bytes}")
        return tx_hash

    def add(self, tx_hash: bytes, raw: bytes) -> None:
        """Let a checked transaction wait."""
        self._waiting[tx_hash] = raw
        self.bytes += len(raw)
        self._remember(tx_hash)

    def _remember(self, tx_hash: bytes) -> None:
        self._seen[tx_hash] = None
        self._seen.move_to_end(tx_hash)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def reap(self, max_bytes: int) -> list[bytes]:
        """The transactions of the next block; they wait until they are committed."""
        taken, size = [], 0
        for raw in self._waiting.values():
            size += len(raw) + FRAME_BYTES
            if size > max_bytes:
                break
            taken.append(raw)
        return taken

    def waiting(self) -> list[bytes]:
        """All that wait, in order."""
        return list(self._waiting.values())

    def commit(self, txs: list[bytes]) -> None:
        """These stand in a block: they wait no more, and are not taken again."""
        for raw in txs:
            tx_hash = hashlib.sha256(raw).digest()
            self._forget(tx_hash)
            self._remember(tx_hash)

    def drop(self, raw: bytes) -> None:
        """This became invalid: it may be sent again."""
        tx_hash = hashlib.sha256(raw).digest()
        self._forget(tx_hash)
        self._seen.pop(tx_hash, None)

    def _forget(self, tx_hash: bytes) -> None:
        self.bytes -= len(self._waiting.pop(tx_hash, b""))
