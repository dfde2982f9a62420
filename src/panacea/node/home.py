"""A node's home folder: `config/genesis.json`, `config/priv_validator_key.json`, `data/state`, `data/blocks`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panacea.chain.app import build, wire
from panacea.chain.genesis import default_genesis
from panacea.chain.results import Settings
from panacea.crypto.keys import Ed25519Key
from panacea.light.headers import Validator, ValidatorSet
from panacea.node.genesis import (
    DEFAULT_CONSENSUS_PARAMS,
    Genesis,
    InvalidGenesis,
    load_validator_key,
    save_validator_key,
)
from panacea.node.ledger import Ledger
from panacea.node.solo import Pace, Solo
from panacea.primitives.coin import BASE_DENOM, Coins
from panacea.primitives.numbers import Dec
from panacea.primitives.time import Clock, Random, SystemClock, SystemRandom
from panacea.store.multistore import MultiStore

JSON = dict[str, Any]  # Any: the JSON of a genesis document

MIN_GAS_PRICE = Dec.of(5)


@dataclass(frozen=True, slots=True)
class Options:
    """What an operator decides for one node: its pace, how many heights it keeps, the least price of gas."""

    pace: Pace = field(default_factory=Pace)
    keep: int | None = None
    min_gas_price: Dec = MIN_GAS_PRICE


def initialize(
    home: Path,
    *,
    chain_id: str,
    balances: dict[str, Coins],
    app_state: JSON | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
) -> Genesis:
    """Make a home with a new validator key and a genesis document that funds `balances` (by bech32 address).

    `app_state` replaces the defaults of the modules it names.

    Raises:
        InvalidGenesis: the home has a genesis document already.
    """
    config = home / "config"
    if (config / "genesis.json").exists():
        raise InvalidGenesis(f"{home.name} is a node's home already")
    config.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519Key.generate(random or SystemRandom())
    state = {**default_genesis(wire().modules), **(app_state or {})}
    for address, coins in sorted(balances.items()):
        _fund(state, address, coins)
    genesis = Genesis(
        chain_id=chain_id,
        time_ns=(clock or SystemClock()).now_ns(),
        validators=ValidatorSet.of([Validator(key.public_key.raw, 10)]),
        app_state=state,
        consensus_params=DEFAULT_CONSENSUS_PARAMS,
    )
    save_validator_key(config / "priv_validator_key.json", key)
    genesis.save(config / "genesis.json")
    return genesis


def _fund(state: JSON, address: str, coins: Coins) -> None:
    listed = [{"denom": coin.denom, "amount": str(coin.amount)} for coin in coins]
    state["bank"]["balances"].append({"address": address, "coins": listed})
    account = {
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        "address": address,
        "pub_key": None,
        "account_number": str(len(state["auth"]["accounts"])),
        "sequence": "0",
    }
    state["auth"]["accounts"].append(account)


def open_node(home: Path, options: Options | None = None, *, clock: Clock | None = None) -> Solo:
    """The engine of a home, started: it can make blocks now.

    Raises:
        InvalidGenesis: the home has no genesis document, or its parts do not belong together.
    """
    options = options or Options()
    genesis = Genesis.load(home / "config" / "genesis.json")
    key = load_validator_key(home / "config" / "priv_validator_key.json")
    data = home / "data"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = MultiStore.open(data / "state", wire().stores, keep=options.keep)
    prices = ((BASE_DENOM, options.min_gas_price),) if options.min_gas_price.scaled else ()
    app = build(store, Settings(genesis.chain_id, min_gas_prices=prices))
    engine = Solo(app, Ledger(data / "blocks"), genesis, key, clock or SystemClock(), options.pace)
    engine.start()
    return engine
