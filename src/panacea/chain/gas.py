"""What work costs (spec/sdk/ante.md, "Gas metering"): a meter, and a store view that charges it for every access."""

from collections.abc import Iterator
from dataclasses import dataclass

from panacea.chain.rejections import OutOfGas
from panacea.store.kv import KV

READ_FLAT, READ_BYTE = 1000, 3
WRITE_FLAT, WRITE_BYTE = 2000, 30
HAS_FLAT, DELETE_FLAT, NEXT_FLAT = 1000, 1000, 30


@dataclass(slots=True)
class GasMeter:
    """Counts gas; `limit` None counts without end.

    The figure moves before the limit is compared, so gas used may exceed gas wanted, as it does upstream.
    """

    limit: int | None
    consumed: int = 0

    def charge(self, amount: int, what: str) -> None:
        """Count `amount` for `what`.

        Raises:
            OutOfGas: more was used than the limit.
        """
        self.consumed += amount
        if self.limit is not None and self.consumed > self.limit:
            raise OutOfGas(f"out of gas in location: {what}; gasWanted: {self.limit}, gasUsed: {self.consumed}")


@dataclass(frozen=True, slots=True)
class GasKV:
    """One store, with each access charged."""

    inner: KV
    meter: GasMeter

    def get(self, key: bytes) -> bytes | None:
        """Flat cost, then each byte of key and value."""
        self.meter.charge(READ_FLAT, "ReadFlat")
        value = self.inner.get(key)
        self.meter.charge(READ_BYTE * (len(key) + len(value or b"")), "ReadPerByte")
        return value

    def has(self, key: bytes) -> bool:
        """Flat cost."""
        self.meter.charge(HAS_FLAT, "Has")
        return self.inner.has(key)

    def set(self, key: bytes, value: bytes) -> None:
        """Charged before the write."""
        self.meter.charge(WRITE_FLAT, "WriteFlat")
        self.meter.charge(WRITE_BYTE * (len(key) + len(value)), "WritePerByte")
        self.inner.set(key, value)

    def delete(self, key: bytes) -> None:
        """Flat cost."""
        self.meter.charge(DELETE_FLAT, "Delete")
        self.inner.delete(key)

    def iterate(self, start: bytes, end: bytes | None, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """Opening charges the first element, each step the element it leaves: so the first is paid twice."""
        opened = False
        for key, value in self.inner.iterate(start, end, reverse=reverse):
            if not opened:
                self._charge_element(key, value)
                opened = True
            yield key, value
            self._charge_element(key, value)
        if not opened:
            self.meter.charge(NEXT_FLAT, "IterNextFlat")

    def _charge_element(self, key: bytes, value: bytes) -> None:
        self.meter.charge(READ_BYTE * (len(key) + len(value)), "ValuePerByte")
        self.meter.charge(NEXT_FLAT, "IterNextFlat")
