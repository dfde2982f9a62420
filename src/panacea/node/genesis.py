"""The genesis document and the validator's key file, in the shapes that CometBFT writes."""

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panacea.crypto.keys import Ed25519Key
from panacea.light.headers import Validator, ValidatorSet
from panacea.light.rpc import read_time, write_time
from panacea.primitives.rejected import Rejected

JSON = Any  # Any: what json.loads returns, before it is looked at

ED25519 = "tendermint/PubKeyEd25519"
ED25519_SECRET = "tendermint/PrivKeyEd25519"  # noqa: S105  the name of a type
DEFAULT_CONSENSUS_PARAMS: dict[str, JSON] = {
    "block": {"max_bytes": "4194304", "max_gas": "-1"},
    "evidence": {"max_age_num_blocks": "302400", "max_age_duration": "1814400000000000", "max_bytes": "1048576"},
    "validator": {"pub_key_types": ["ed25519"]},
    "version": {"app": "0"},
    "abci": {"vote_extensions_enable_height": "0"},
}


class InvalidGenesis(Rejected, codespace="node", code=2, text="invalid genesis document"):
    """A genesis document, or the key that should belong to it, cannot be used."""


@dataclass(frozen=True, slots=True)
class Genesis:
    """Where a chain begins."""

    chain_id: str
    time_ns: int
    validators: ValidatorSet
    app_state: dict[str, JSON]
    consensus_params: dict[str, JSON]
    initial_height: int = 1

    def to_json(self) -> JSON:
        """The document as CometBFT writes it."""
        return {
            "genesis_time": write_time(self.time_ns),
            "chain_id": self.chain_id,
            "initial_height": str(self.initial_height),
            "consensus_params": self.consensus_params,
            "validators": [_validator(member) for member in self.validators.validators],
            "app_hash": "",
            "app_state": self.app_state,
        }

    @classmethod
    def from_json(cls, document: JSON) -> "Genesis":
        """The genesis of a document.

        Raises:
            InvalidGenesis: a field is missing or not what it should be.
        """
        try:
            members = [
                Validator(base64.b64decode(member["pub_key"]["value"], validate=True), int(member["power"]))
                for member in document["validators"]
            ]
            genesis = cls(
                chain_id=str(document["chain_id"]),
                time_ns=read_time(document["genesis_time"]),
                validators=ValidatorSet.of(members),
                app_state=dict(document["app_state"]),
                consensus_params=dict(document["consensus_params"]),
                initial_height=int(document.get("initial_height") or 1),
            )
        except (KeyError, TypeError, ValueError, Rejected) as failure:
            raise InvalidGenesis(f"{type(failure).__name__}: {failure}") from failure
        if not 1 <= len(genesis.chain_id) <= 50 or not members:
            raise InvalidGenesis(
                "a chain id of 1 to 50 characters and a validator are needed", chain_id=genesis.chain_id
            )
        return genesis

    def save(self, path: Path) -> None:
        """Write the document."""
        path.write_text(json.dumps(self.to_json(), indent=2) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Genesis":
        """Read a document. Raises InvalidGenesis."""
        try:
            return cls.from_json(json.loads(path.read_bytes()))
        except (OSError, ValueError) as failure:
            raise InvalidGenesis(f"{path.name}: {failure}") from failure


def _validator(member: Validator) -> JSON:
    return {
        "address": member.address.hex().upper(),
        "pub_key": {"type": ED25519, "value": base64.b64encode(member.public_key).decode()},
        "power": str(member.power),
        "name": "",
    }


def save_validator_key(path: Path, key: Ed25519Key) -> None:
    """Write a validator's key for its owner's eyes only, as `priv_validator_key.json`."""
    public = key.public_key
    document = {
        "address": public.address().hex().upper(),
        "pub_key": {"type": ED25519, "value": base64.b64encode(public.raw).decode()},
        "priv_key": {"type": ED25519_SECRET, "value": base64.b64encode(key.secret.reveal() + public.raw).decode()},
    }
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(document, file, indent=2)


def load_validator_key(path: Path) -> Ed25519Key:
    """Read a validator's key. Raises InvalidGenesis."""
    try:
        document = json.loads(path.read_bytes())
        secret = base64.b64decode(document["priv_key"]["value"], validate=True)
    except (OSError, KeyError, TypeError, ValueError) as failure:
        raise InvalidGenesis(f"{path.name} is not a validator's key") from failure
    return Ed25519Key(secret[:32])
