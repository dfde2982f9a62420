"""Results of blocks and transactions in the JSON of CometBFT's RPC, and the attributes by which they are found."""

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from panacea.chain.context import Event
from panacea.chain.results import BlockResult, TxResult
from panacea.light.blocks import encode_result, results_hash
from panacea.node.ledger import Events

JSON = Any  # Any: JSON of our own writing


def base64_text(raw: bytes) -> str:
    """Bytes as base64."""
    return base64.b64encode(raw).decode()


def upper_hex(raw: bytes) -> str:
    """Bytes as CometBFT shows hashes and addresses."""
    return raw.hex().upper()


def events_answer(events: Iterable[Event]) -> JSON:
    """Events with all their attributes, each of which is indexed."""
    return [
        {"type": event.type, "attributes": [{"key": k, "value": v, "index": True} for k, v in event.attributes]}
        for event in events
    ]


def tx_answer(result: TxResult) -> JSON:
    """An ExecTxResult."""
    return {
        "code": result.code,
        "data": base64_text(result.data) or None,
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
        "app_hash": base64_text(result.app_hash),
    }


def results_hash_of(answer: JSON) -> bytes:
    """The next header's `last_results_hash`, out of an answer of `block_results`."""
    return results_hash(
        [
            encode_result(tx["code"], base64.b64decode(tx["data"] or ""), int(tx["gas_wanted"]), int(tx["gas_used"]))
            for tx in answer["txs_results"] or ()
        ]
    )


def attributes_of(events: Iterable[Event]) -> set[tuple[str, str]]:
    """The (`type.attribute`, value) pairs of events."""
    return {(f"{event.type}.{key}", value) for event in events for key, value in event.attributes}


def events_of(txs: Iterable[bytes], result: BlockResult) -> Events:
    """What a block adds to the index."""
    hashes = [hashlib.sha256(tx).digest() for tx in txs]
    return Events(hashes, [attributes_of(tx.events) for tx in result.tx_results], attributes_of(result.events))
