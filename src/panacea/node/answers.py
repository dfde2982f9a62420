"""Results of blocks and transactions in the JSON of CometBFT's RPC, and the attributes by which they are found."""

import base64
from typing import Any

from panacea.chain.context import Event
from panacea.chain.results import BlockResult, TxResult
from panacea.node.ledger import Events

JSON = Any  # Any: JSON of our own writing


def events_answer(events: "list[Event] | tuple[Event, ...]") -> JSON:
    """Events with all their attributes, each of which is indexed."""
    return [
        {"type": event.type, "attributes": [{"key": k, "value": v, "index": True} for k, v in event.attributes]}
        for event in events
    ]


def tx_answer(result: TxResult) -> JSON:
    """An ExecTxResult."""
    return {
        "code": result.code,
        "data": base64.b64encode(result.data).decode() or None,
        "log": result.log,
        "info": "",
        "gas_wanted": str(result.gas_wanted),
        "gas_used": str(result.gas_used),
        "events": events_answer(result.events),
        "codespace": result.codespace,
    }


def result_answer(height: int, result: BlockResult) -> JSON:
    """The answer of `block_results`."""
    return {
        "height": str(height),
        "txs_results": [tx_answer(tx) for tx in result.tx_results] or None,
        "finalize_block_events": events_answer(result.events) or None,
        "validator_updates": None,
        "consensus_param_updates": result.consensus_params,
        "app_hash": result.app_hash.hex().upper(),
    }


def attributes_of(events: "list[Event] | tuple[Event, ...]") -> set[tuple[str, str]]:
    """The (`type.attribute`, value) pairs of events."""
    return {(f"{event.type}.{key}", value) for event in events for key, value in event.attributes}


def events_of(hashes: list[bytes], result: BlockResult) -> Events:
    """What a block adds to the index."""
    return Events(hashes, [attributes_of(tx.events) for tx in result.tx_results], attributes_of(result.events))
