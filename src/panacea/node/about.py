"""What a node says of itself: `status`, `health`, `genesis`, and the questions it hands on to the application."""

from dataclasses import dataclass

from panacea.light.rpc import ED25519, write_time
from panacea.node.answers import base64_text, upper_hex
from panacea.node.history import require_height
from panacea.node.parameters import FLAG, HEX, JSON, TEXT, WHOLE, Method
from panacea.node.solo import Solo

COMPATIBLE_VERSION = "0.38.26"  # the level of CometBFT whose answers these are; clients choose their dialect by it
# Clients refuse to read an empty address or an empty list of channels; a node without peers has the list's smallest.
NO_PEERS, NO_CHANNELS = "tcp://127.0.0.1:0", "00"


@dataclass(frozen=True, slots=True)
class About:
    """The methods about the node."""

    engine: Solo
    moniker: str = "solo"

    def methods(self) -> dict[str, Method]:
        """The methods by name."""
        query = {"path": TEXT, "data": HEX, "height": WHOLE, "prove": FLAG}
        return {
            "health": Method(dict, {}),
            "status": Method(self.status, {}),
            "net_info": Method(self.net_info, {}),
            "genesis": Method(self.genesis, {}),
            "consensus_params": Method(self.consensus_params, {"height": WHOLE}),
            "abci_info": Method(self.abci_info, {}),
            "abci_query": Method(self.abci_query, query),
        }

    def status(self) -> JSON:
        """Who this node is and how far it has come."""
        engine = self.engine
        validator = engine.validators.validators[0]
        return {
            "node_info": {
                "protocol_version": {"p2p": "8", "block": "11", "app": "0"},
                "id": validator.address.hex(),
                "listen_addr": NO_PEERS,
                "network": engine.genesis.chain_id,
                "version": COMPATIBLE_VERSION,
                "channels": NO_CHANNELS,
                "moniker": self.moniker,
                "other": {"tx_index": "on", "rpc_address": ""},
            },
            "sync_info": {
                **self._sync("latest", engine.ledger.height),
                **self._sync("earliest", engine.ledger.first),
                "catching_up": False,
            },
            "validator_info": {
                "address": upper_hex(validator.address),
                "pub_key": {"type": ED25519, "value": base64_text(validator.public_key)},
                "voting_power": str(validator.power),
            },
        }

    def _sync(self, which: str, height: int) -> JSON:
        found = self.engine.ledger.get("block", height) if height else None
        return {
            f"{which}_block_hash": found["block_id"]["hash"] if found else "",
            f"{which}_app_hash": found["block"]["header"]["app_hash"] if found else "",
            f"{which}_block_height": str(height),
            f"{which}_block_time": found["block"]["header"]["time"] if found else write_time(0),
        }

    def net_info(self) -> JSON:
        """No peers: this engine is alone by design."""
        return {"listening": False, "listeners": [], "n_peers": "0", "peers": []}

    def genesis(self) -> JSON:
        """The genesis document."""
        return {"genesis": self.engine.genesis.to_json()}

    def consensus_params(self, height: int | None = None) -> JSON:
        """The consensus parameters, which do not change here."""
        at = require_height(self.engine.ledger, height, newest=self.engine.height + 1)
        return {"block_height": str(at), "consensus_params": self.engine.genesis.consensus_params}

    def abci_info(self) -> JSON:
        """The application's account of itself."""
        info = self.engine.app.info()
        return {
            "response": {
                "data": info.name,
                "version": info.version,
                "last_block_height": str(info.last_block_height),
                "last_block_app_hash": base64_text(info.last_block_app_hash),
            }
        }

    def abci_query(self, path: str = "", data: bytes = b"", height: int = 0, prove: bool = False) -> JSON:
        """A question to the application."""
        found = self.engine.app.query(path, data, height=height, prove=prove)
        ops = [{"type": op.type, "key": base64_text(op.key), "data": base64_text(op.data)} for op in found.proof_ops]
        return {
            "response": {
                "code": found.code,
                "log": found.log,
                "info": "",
                "index": "0",
                "key": base64_text(found.key) or None,
                "value": base64_text(found.value) or None,
                "proofOps": {"ops": ops} if ops else None,
                "height": str(found.height),
                "codespace": found.codespace,
            }
        }
