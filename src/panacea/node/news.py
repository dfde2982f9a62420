"""What a block tells those who subscribed: attributes to match a query against, and the value they are sent."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from panacea.chain.context import Event
from panacea.node.answers import base64_text
from panacea.node.solo import Made

JSON = Any  # Any: JSON of our own writing


@dataclass(frozen=True, slots=True)
class News:
    """One event of the chain in CometBFT's shape."""

    pairs: list[tuple[str, str]]
    value: JSON

    @property
    def attributes(self) -> dict[str, list[str]]:
        """The values of each `type.attribute`, as subscribers are told them."""
        found: dict[str, list[str]] = {}
        for key, value in self.pairs:
            found.setdefault(key, []).append(value)
        return found


def news_of(made: Made) -> Iterator[News]:
    """NewBlock, NewBlockHeader, and Tx for each transaction."""
    answers, own = made.answers, _pairs(made.result.events)
    result = answers.result
    block = {
        **answers.block,
        "result_finalize_block": {
            "events": result["finalize_block_events"],
            "tx_results": result["txs_results"],
            "validator_updates": [],
            "consensus_param_updates": result["consensus_param_updates"],
            "app_hash": result["app_hash"],
        },
    }
    header = {"header": answers.block["block"]["header"]}
    yield News([("tm.event", "NewBlock"), *own], {"type": "tendermint/event/NewBlock", "value": block})
    yield News([("tm.event", "NewBlockHeader")], {"type": "tendermint/event/NewBlockHeader", "value": header})
    for index, (raw, tx) in enumerate(zip(made.block.txs, made.result.tx_results, strict=True)):
        value = {
            "height": str(answers.height),
            "index": index,
            "tx": base64_text(raw),
            "result": result["txs_results"][index],
        }
        pairs = [
            ("tm.event", "Tx"),
            ("tx.hash", hashlib.sha256(raw).hexdigest().upper()),
            ("tx.height", str(answers.height)),
            *_pairs(tx.events),
        ]
        yield News(pairs, {"type": "tendermint/event/Tx", "value": {"TxResult": value}})


def _pairs(events: tuple[Event, ...]) -> list[tuple[str, str]]:
    return [(f"{event.type}.{key}", value) for event in events for key, value in event.attributes]
