"""Simulated oracles on a chain in memory, with keys that the test knows.

chain = Driver(oracle_balances(5), genesis={"oracle": oracle_genesis()})
oracles = register_oracles(chain, 5)          # their committee is drawn in the same block
oracles[0].signing_key.sign(certificate_digest(body))

Four make-believe vendors' families (two vendors, four product lines) take turns, so that five oracles make a committee
under the default rules. Every piece of evidence is genuine and is verified by the chain.
"""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from chain_driver import SECOND, START, Driver

from panacea.chain.oracle import state
from panacea.chain.oracle.messages import MsgPostCollateral, MsgRefreshOracle, MsgRegisterOracle, report_context
from panacea.crypto.hpke import HPKEKey
from panacea.crypto.keys import Secp256k1Key
from panacea.primitives.address import Address
from panacea.primitives.numbers import Dec
from panacea.simulated import Platform, SimulatedEnclave
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Collateral, Evidence, HpkeKey, KeySubmission
else:
    Collateral, Evidence, HpkeKey, KeySubmission = load(
        "panacea.oracle.v3", "Collateral", "Evidence", "HpkeKey", "KeySubmission"
    )

CREATED = START // SECOND
MEASUREMENT = hashlib.sha256(b"the oracle's program").digest()
BOND = 10_000_000
FAMILIES = (("simulated-a", "a06d"), ("simulated-b", "b06d"), ("simulated-a", "a06e"), ("simulated-b", "b06e"))
PLENTY = 20_000_000
"""Gas for anything."""


@cache
def platform(number: int) -> Platform:
    """A vendor's family, always the same."""
    vendor, model = FAMILIES[number % len(FAMILIES)]
    seed = hashlib.sha256(f"{vendor}/{model}".encode()).digest()
    return Platform(seed, vendor, bytes.fromhex(f"10{model}000000"), CREATED)


def oracle_genesis(**changes: Any) -> dict[str, Any]:
    """The part `oracle` of a test chain's genesis: short epochs, and a policy that believes the simulated vendors."""
    params: dict[str, Any] = {
        "epoch_blocks": "200",
        "min_bond": {"denom": "umed", "amount": str(BOND)},
        "unbonding_blocks": "400",
        "jail_blocks": "30",
        "max_undelivered_slash": "1000000",
        "anchor_window": "50",
        "certificate_ttl": "20",
        "release_window": "60",
        "release_margin": "5",
        "policy": {
            "roots": [_root(platform(number)) for number in range(len(FAMILIES))],
            "measurements": [{"id": _base64(MEASUREMENT)}],
            "tcb_statuses": ["UpToDate", "SWHardeningNeeded"],
        },
    }
    return {"params": {**params, **changes}}


def _root(vendor: Platform) -> dict[str, str]:
    return {"key_id": _base64(vendor.root_key_id), "kind": "ASSURANCE_KIND_SIMULATED", "vendor": vendor.vendor}


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def oracle_name(number: int) -> str:
    """Who operates the oracle of that number."""
    return f"oracle-{number}"


def oracle_balances(count: int, amount: int = 10 * BOND) -> dict[str, int]:
    """The operators' coins, for a driver's genesis."""
    return {oracle_name(number): amount for number in range(count)}


@dataclass(frozen=True)
class NetworkOracle:
    """A simulated oracle and its keys of one epoch; another epoch's are `at(epoch)`."""

    number: int
    address: str
    epoch: int
    signing_key: Secp256k1Key = field(repr=False)
    hpke_key: HPKEKey = field(repr=False)

    @property
    def name(self) -> str:
        """Who operates it, as the driver knows them."""
        return oracle_name(self.number)

    def at(self, epoch: int) -> "NetworkOracle":
        """The same oracle with its keys of another epoch."""
        return network_oracle(self.number, self.address, epoch)

    def enclave(self, *, debug: bool = False, measurement: bytes = MEASUREMENT) -> SimulatedEnclave:
        """Its enclave, on its own machine."""
        machine = f"machine of {self.name}".encode()
        return platform(self.number).enclave(measurement, platform_seed=machine, debug=debug)

    def submission(
        self,
        chain: Driver,
        *,
        enclave: SimulatedEnclave | None = None,
        commission: str = "0.02",
        anchor: int | None = None,
    ) -> "KeySubmission":
        """Its keys with genuine evidence, anchored on the last block unless told otherwise."""
        height = chain.height if anchor is None else anchor
        keys = KeySubmission(
            epoch=self.epoch,
            endpoint=f"https://{self.name}.example",
            commission_rate=Dec.parse(commission).to_wire(),
            signing_key=self.signing_key.public_key.raw,
            hpke_key=HpkeKey(suite=1, public_key=self.hpke_key.public_key),
            trusted_height=height,
            trusted_hash=block_hash(chain, height),
        )
        return self.attest(chain, keys, enclave or self.enclave())

    def attest(self, chain: Driver, keys: "KeySubmission", enclave: SimulatedEnclave) -> "KeySubmission":
        """The same keys with evidence that binds them."""
        report_data = report_context(chain.chain_id, self.address, keys).report_data()
        evidence = enclave.evidence(report_data)
        keys.evidence.CopyFrom(Evidence(kind=evidence.kind, blob=evidence.blob))
        return keys


@cache
def network_oracle(number: int, address: str, epoch: int) -> NetworkOracle:
    """The oracle of that number with its keys of an epoch, always the same."""
    seed = f"{number}/{epoch}".encode()
    signing = Secp256k1Key(hashlib.sha256(b"signing/" + seed).digest())
    return NetworkOracle(number, address, epoch, signing, HPKEKey(hashlib.sha256(b"sealing/" + seed).digest()))


def block_hash(chain: Driver, height: int) -> bytes:
    """The hash of a recent block, as the chain remembers it; zeros where it does not."""
    return state.anchors.find(chain.ctx(), height) or bytes(32)


def current_epoch(chain: Driver) -> int:
    """The epoch of the next block."""
    return (chain.height + 1) // state.params.get(chain.ctx()).epoch_blocks


def collateral_message(chain: Driver, sender: str, *numbers: int) -> MsgPostCollateral:
    """What the families of these numbers publish now."""
    items = [item for number in numbers for item in platform(number).collateral_items(chain.time_ns // SECOND)]
    return MsgPostCollateral(
        sender=chain[sender],
        items=[
            Collateral(
                root_key_id=item.root_key_id,
                kind=int(item.kind),  # type: ignore[arg-type] # the same numbers, as another type
                subject=item.subject,
                body=item.body,
                issuer_chain=item.issuer_chain,
            )
            for item in items
        ],
    )


def post_collateral(chain: Driver, sender: str, families: Sequence[int] = range(len(FAMILIES))) -> None:
    """Put the families' fresh collateral on chain, each in a transaction of its own, all in one block."""
    txs = [
        chain.sign(sender, collateral_message(chain, sender, number), gas=PLENTY, ahead=ahead)
        for ahead, number in enumerate(families)
    ]
    for result in chain.block(*txs).tx_results:
        assert result.code == 0, result.log


def new_oracle(chain: Driver, number: int, epoch: int | None = None) -> NetworkOracle:
    """An oracle that is not registered yet."""
    return network_oracle(number, chain[oracle_name(number)], current_epoch(chain) if epoch is None else epoch)


def registration(chain: Driver, oracle: NetworkOracle, keys: "KeySubmission", bond: int = BOND) -> MsgRegisterOracle:
    """The message that registers an oracle with these keys."""
    message = MsgRegisterOracle(operator=oracle.address, keys=keys)
    message.bond.denom, message.bond.amount = "umed", str(bond)
    return message


def register_oracles(
    chain: Driver, count: int, *, first: int = 0, bond: int = BOND, commission: str = "0.02"
) -> list[NetworkOracle]:
    """Register oracles `first` to `first + count - 1` for the epoch of the next block, in two blocks.

    The operators need coins (`oracle_balances`), the chain the policy of `oracle_genesis`.
    """
    post_collateral(chain, oracle_name(first))
    oracles = [new_oracle(chain, first + place) for place in range(count)]
    txs = [
        chain.sign(
            oracle.name,
            registration(chain, oracle, oracle.submission(chain, commission=commission), bond),
            gas=PLENTY,
        )
        for oracle in oracles
    ]
    for result in chain.block(*txs).tx_results:
        assert result.code == 0, result.log
    return oracles


def refresh_oracles(chain: Driver, oracles: Sequence[NetworkOracle], epoch: int | None = None) -> list[NetworkOracle]:
    """Give oracles keys of an epoch (that of the next block), in one block; they are returned with these keys."""
    wanted = current_epoch(chain) if epoch is None else epoch
    refreshed = [oracle.at(wanted) for oracle in oracles]
    txs = [
        chain.sign(oracle.name, MsgRefreshOracle(operator=oracle.address, keys=oracle.submission(chain)), gas=PLENTY)
        for oracle in refreshed
    ]
    for result in chain.block(*txs).tx_results:
        assert result.code == 0, result.log
    return refreshed


def committee_of(chain: Driver, oracles: Sequence[NetworkOracle], epoch: int | None = None) -> list[NetworkOracle]:
    """The members of an epoch's committee (that of the last block), by place."""
    number = state.epoch_of(chain.ctx()) if epoch is None else epoch
    committee = state.committees.find(chain.ctx(), number)
    assert committee is not None, f"no committee in epoch {number}"
    by_address = {Address.parse(oracle.address): oracle.at(number) for oracle in oracles}
    return [by_address[Address.parse(member)] for member in committee.members]
