"""The keys of an epoch: made inside, registered by evidence, held in memory, and dropped when nobody needs them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.crypto.hpke import HPKEKey
from panacea.crypto.keys import Secp256k1Key
from panacea.primitives.time import Random

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleKey


@dataclass(frozen=True, slots=True)
class FreshKeys:
    """Keys that no chain knows yet."""

    signing: Secp256k1Key
    sealing: HPKEKey

    @classmethod
    def generate(cls, random: Random) -> "FreshKeys":
        """New keys. Nothing is sealed to disk: what this enclave could open dies with it."""
        return cls(Secp256k1Key.generate(random), HPKEKey.generate(random))


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """Keys with the chain's own record of them, as it was proven."""

    fresh: FreshKeys
    registered: "OracleKey"

    @property
    def epoch(self) -> int:
        """The epoch they serve."""
        return self.registered.epoch


class KeyShelf:
    """The keys of this epoch, of the next once they are registered, and of past ones until their last release."""

    def __init__(self) -> None:
        """Begin without keys."""
        self._by_epoch: dict[int, EpochKeys] = {}
        self._needed_until: dict[int, int] = {}

    def put(self, keys: EpochKeys) -> None:
        """Take registered keys into use."""
        self._by_epoch[keys.epoch] = keys

    def find(self, epoch: int) -> EpochKeys | None:
        """The keys of an epoch, while they are held."""
        return self._by_epoch.get(epoch)

    def keep_until(self, epoch: int, height: int) -> None:
        """Hold the keys of an epoch at least up to this height: a share may have to be released."""
        self._needed_until[epoch] = max(height, self._needed_until.get(epoch, 0))

    def drop_unneeded(self, current_epoch: int, height: int) -> None:
        """Forget the keys of past epochs that no release waits for."""
        for epoch in list(self._by_epoch):
            if epoch < current_epoch and self._needed_until.get(epoch, 0) < height:
                del self._by_epoch[epoch]
                self._needed_until.pop(epoch, None)
