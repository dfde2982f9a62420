"""What CometBFT's RPC answers, method by method, over the embedded engine."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from panacea.chain.results import TxResult
from panacea.light.blocks import prove_tx
from panacea.light.merkle import MerkleProof
from panacea.light.rpc import write_block_id, write_commit_answer, write_header, write_time, write_validators
from panacea.node import answers, conditions
from panacea.node.solo import Made, Solo
from panacea.primitives.rejected import Rejected

JSON = Any  # Any: parameters before they are looked at, and answers of our own writing

COMPATIBLE_VERSION = "0.38.26"  # the level of CometBFT whose answers these are; clients choose their dialect by it
COMMIT_SECONDS = 60
MAX_PER_PAGE = 100


class InvalidParams(Rejected, codespace="rpc", code=-32602 & 0xFFFF, text="Invalid params"):
    """A parameter is missing, unknown, or not what it should be."""


class Failed(Rejected, codespace="rpc", code=-32603 & 0xFFFF, text="Internal error"):
    """The method understood and has no answer."""


@dataclass(slots=True)
class Methods:
    """The methods by name; each takes keyword parameters as CometBFT names them."""

    engine: Solo
    moniker: str = "solo"
    _waiting: dict[bytes, "asyncio.Future[tuple[int, TxResult]]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine.listeners.append(self._tell)

    def table(self) -> dict[str, Callable[..., JSON | Awaitable[JSON]]]:
        """Every method that can be called over HTTP."""
        names = (
            *("health", "status", "abci_info", "abci_query", "broadcast_tx_sync", "broadcast_tx_async"),
            *("broadcast_tx_commit", "tx", "tx_search", "block_search", "block", "block_by_hash", "block_results"),
            *("blockchain", "header", "header_by_hash", "commit", "validators", "consensus_params", "genesis"),
            *("unconfirmed_txs", "num_unconfirmed_txs", "net_info", "check_tx"),
        )
        return {name: getattr(self, name) for name in names}

    # The node.

    def health(self) -> JSON:
        """Nothing, which means that the node is up."""
        return {}

    def status(self) -> JSON:
        """Who this node is and how far it has come."""
        engine = self.engine
        newest = self._header(engine.height) if engine.height else None
        first = self._header(engine.genesis.initial_height) if engine.height else None
        validator = engine.validators.validators[0]
        return {
            "node_info": {
                "protocol_version": {"p2p": "8", "block": "11", "app": "0"},
                "id": validator.address.hex(),
                "listen_addr": "",
                "network": engine.genesis.chain_id,
                "version": COMPATIBLE_VERSION,
                "channels": "",
                "moniker": self.moniker,
                "other": {"tx_index": "on", "rpc_address": ""},
            },
            "sync_info": {
                **_sync("latest", newest),
                **_sync("earliest", first),
                "catching_up": False,
            },
            "validator_info": {
                "address": validator.address.hex().upper(),
                "pub_key": {
                    "type": "tendermint/PubKeyEd25519",
                    "value": base64.b64encode(validator.public_key).decode(),
                },
                "voting_power": str(validator.power),
            },
        }

    def net_info(self) -> JSON:
        """No peers: this engine is alone by design."""
        return {"listening": False, "listeners": [], "n_peers": "0", "peers": []}

    def genesis(self) -> JSON:
        """The genesis document."""
        return {"genesis": self.engine.genesis.to_json()}

    def consensus_params(self, height: JSON = None) -> JSON:
        """The consensus parameters, which do not change here."""
        at = self._height(height)
        return {"block_height": str(at), "consensus_params": self.engine.genesis.consensus_params}

    def abci_info(self) -> JSON:
        """The application's account of itself."""
        info = self.engine.app.info()
        return {
            "response": {
                "data": info.name,
                "version": info.version,
                "last_block_height": str(info.last_block_height),
                "last_block_app_hash": base64.b64encode(info.last_block_app_hash).decode(),
            }
        }

    def abci_query(self, path: JSON = "", data: JSON = "", height: JSON = 0, prove: JSON = False) -> JSON:
        """A question to the application; `data` is hexadecimal."""
        found = self.engine.app.query(_text(path), _hex(data), height=_int(height), prove=_bool(prove))
        ops = [{"type": op.type, "key": _base64(op.key), "data": _base64(op.data)} for op in found.proof_ops]
        return {
            "response": {
                "code": found.code,
                "log": found.log,
                "info": "",
                "index": "0",
                "key": _base64(found.key) or None,
                "value": _base64(found.value) or None,
                "proofOps": {"ops": ops} if ops else None,
                "height": str(found.height),
                "codespace": found.codespace,
            }
        }

    # Transactions on their way.

    def _add(self, tx: JSON) -> tuple[bytes, TxResult]:
        raw = _bytes(tx)
        return hashlib.sha256(raw).digest(), self.engine.add(raw)

    def broadcast_tx_sync(self, tx: JSON = None) -> JSON:
        """Check a transaction and let it wait for a block."""
        tx_hash, result = self._add(tx)
        return _checked(tx_hash, result)

    def broadcast_tx_async(self, tx: JSON = None) -> JSON:
        """As sync, without telling what the check said."""
        tx_hash, _ = self._add(tx)
        return _checked(tx_hash, TxResult())

    async def broadcast_tx_commit(self, tx: JSON = None) -> JSON:
        """Check a transaction and wait until it stands in a block."""
        tx_hash, checked = self._add(tx)
        height, result = 0, TxResult()
        if not checked.code:
            future = self._waiting.setdefault(tx_hash, asyncio.get_running_loop().create_future())
            try:
                async with asyncio.timeout(COMMIT_SECONDS):
                    height, result = await asyncio.shield(future)
            except TimeoutError:
                raise Failed("timed out waiting for tx to be included in a block", hash=tx_hash) from None
        return {
            "check_tx": answers.tx_answer(checked),
            "tx_result": answers.tx_answer(result),
            "hash": tx_hash.hex().upper(),
            "height": str(height),
        }

    def check_tx(self, tx: JSON = None) -> JSON:
        """Check a transaction without letting it wait."""
        return answers.tx_answer(self.engine.app.check_tx(_bytes(tx)))

    def _tell(self, made: Made) -> None:
        for raw, result in zip(made.block.txs, made.result.tx_results, strict=True):
            future = self._waiting.pop(hashlib.sha256(raw).digest(), None)
            if future is not None and not future.done():
                future.set_result((made.block.header.height, result))

    def unconfirmed_txs(self, limit: JSON = 30) -> JSON:
        """Transactions that wait."""
        waiting = self.engine.mempool.waiting()
        shown = [_base64(raw) for raw in waiting[: max(1, min(_int(limit), MAX_PER_PAGE))]]
        return {**self._counted(len(shown)), "txs": shown}

    def num_unconfirmed_txs(self) -> JSON:
        """How many transactions wait."""
        return {**self._counted(len(self.engine.mempool)), "txs": None}

    def _counted(self, count: int) -> JSON:
        waiting = self.engine.mempool.waiting()
        return {"n_txs": str(count), "total": str(len(waiting)), "total_bytes": str(sum(map(len, waiting)))}

    # Blocks.

    def _height(self, height: JSON) -> int:
        newest, first = self.engine.height, self.engine.genesis.initial_height
        at = newest if height in (None, "") else _int(height)
        if not first <= at <= newest:
            raise Failed(f"height {at} must be between {first} and the current blockchain height {newest}")
        return at

    def _found(self, kind: str, height: JSON) -> JSON:
        found = self.engine.ledger.find(kind, self._height(height))
        if found is None:
            raise Failed(f"no {kind} is kept", height=height)
        return found

    def _header(self, height: int) -> Any:  # Any: panacea.light.headers.Header, of no use to name here
        return self.engine.ledger.get_block(height).header

    def block(self, height: JSON = None) -> JSON:
        """A block."""
        return self._found("block", height)

    def block_by_hash(self, hash: JSON = None) -> JSON:
        """A block by its hash, looked for from the newest down."""
        return self._found("block", self._height_of(hash))

    def header(self, height: JSON = None) -> JSON:
        """A header."""
        return {"header": self._found("block", height)["block"]["header"]}

    def header_by_hash(self, hash: JSON = None) -> JSON:
        """A header by its hash."""
        return self.header(self._height_of(hash))

    def _height_of(self, hash: JSON) -> int:
        wanted = _bytes(hash).hex().upper()
        for height in range(self.engine.height, self.engine.genesis.initial_height - 1, -1):
            if self._found("block", height)["block_id"]["hash"] == wanted:
                return height
        raise Failed("no block of this hash", hash=wanted)

    def block_results(self, height: JSON = None) -> JSON:
        """The results of a block."""
        found = dict(self._found("result", height))
        del found["last_results_hash"]
        return found

    def blockchain(self, minHeight: JSON = 0, maxHeight: JSON = 0) -> JSON:  # noqa: N803  CometBFT's names
        """The heads of up to 20 blocks, newest first."""
        newest, first = self.engine.height, self.engine.genesis.initial_height
        high = min(_int(maxHeight) or newest, newest)
        low = max(_int(minHeight) or first, first, high - 19)
        metas = []
        for height in range(high, low - 1, -1):
            found = self._found("block", height)
            block = self.engine.ledger.get_block(height)
            metas.append(
                {
                    "block_id": found["block_id"],
                    "block_size": str(len(block.encode())),
                    "header": found["block"]["header"],
                    "num_txs": str(len(block.txs)),
                }
            )
        return {"last_height": str(newest), "block_metas": metas}

    def commit(self, height: JSON = None) -> JSON:
        """The signed header of a height; the one in the next block once there is one."""
        at = self._height(height)
        header = self._header(at)
        if at < self.engine.height:
            return write_commit_answer(header, self.engine.ledger.get_block(at + 1).last_commit, canonical=True)
        return write_commit_answer(header, self.engine.ledger.get_commit(at), canonical=False)

    def validators(self, height: JSON = None, page: JSON = 1, per_page: JSON = 30) -> JSON:
        """The validators of a height: one page holds the one there is."""
        _page(page, per_page, 1)
        return write_validators(self._height(height), self.engine.validators)

    # The index.

    def tx(self, hash: JSON = None, prove: JSON = False) -> JSON:
        """A transaction by its hash, base64 in JSON and 0x-hexadecimal in a URL."""
        tx_hash = _bytes(hash)
        place = self.engine.ledger.find_tx(tx_hash)
        if place is None or place[0] > self.engine.height:
            raise Failed(f"tx ({tx_hash.hex().upper()}) not found")
        return self._tx_at(place, prove=_bool(prove))

    def _tx_at(self, place: tuple[int, int], *, prove: bool) -> JSON:
        height, index = place
        block = self.engine.ledger.get_block(height)
        results = self._found("result", height)["txs_results"]
        raw = block.txs[index]
        answer = {
            "hash": hashlib.sha256(raw).hexdigest().upper(),
            "height": str(height),
            "index": index,
            "tx_result": results[index],
            "tx": _base64(raw),
        }
        if prove:
            proof = _proof_answer(prove_tx(block.txs, index))
            root = block.header.data_hash.hex().upper()
            answer["proof"] = {"root_hash": root, "data": _base64(raw), "proof": proof}
        return answer

    def tx_search(
        self, query: JSON = "", prove: JSON = False, page: JSON = 1, per_page: JSON = 30, *, order_by: JSON = "asc"
    ) -> JSON:
        """Transactions whose events match a query."""
        wanted = conditions.parse(_text(query))
        places = sorted(self._tx_places(wanted), reverse=_order(order_by))
        shown = [self._tx_at(place, prove=_bool(prove)) for place in places[_page(page, per_page, len(places))]]
        return {"txs": shown, "total_count": str(len(places))}

    def _tx_places(self, wanted: conditions.Query) -> "list[tuple[int, int]]":
        by_hash = wanted.equal("tx.hash")
        if by_hash is not None:
            place = self.engine.ledger.find_tx(_hex(by_hash))
            return [place] if place else []
        found = []
        for height, index in self._candidates(wanted):
            result = (self._found("result", height)["txs_results"] or [])[index]
            pairs = [
                (f"{event['type']}.{item['key']}", item["value"])
                for event in result["events"]
                for item in event["attributes"]
            ]
            if wanted.matches([*pairs, ("tx.height", str(height))]):
                found.append((height, index))
        return found

    def _candidates(self, wanted: conditions.Query) -> "list[tuple[int, int]]":
        """The smallest listing of the index that holds every match; all transactions where none does."""
        listings = [
            list(self.engine.ledger.with_event(condition.key, str(condition.operand)))
            for condition in wanted.conditions
            if condition.operator == "=" and condition.key != "tx.height"
        ]
        if listings:
            return min(listings, key=len)
        heights = self._heights(wanted, "tx.height")
        return [(height, index) for height in heights for index in range(len(self.engine.ledger.get_block(height).txs))]

    def _heights(self, wanted: conditions.Query, key: str) -> list[int]:
        first, newest = self.engine.genesis.initial_height, self.engine.height
        limits = [condition for condition in wanted.conditions if condition.key == key]
        return [
            height for height in range(first, newest + 1) if all(condition.holds(str(height)) for condition in limits)
        ]

    def block_search(self, query: JSON = "", page: JSON = 1, per_page: JSON = 30, order_by: JSON = "asc") -> JSON:
        """Blocks whose own events match a query."""
        wanted = conditions.parse(_text(query))
        found = []
        for height in self._heights(wanted, "block.height"):
            events = self._found("result", height)["finalize_block_events"] or []
            pairs = [
                (f"{event['type']}.{item['key']}", item["value"]) for event in events for item in event["attributes"]
            ]
            if wanted.matches([*pairs, ("block.height", str(height))]):
                found.append(height)
        found.sort(reverse=_order(order_by))
        shown = [self._found("block", height) for height in found[_page(page, per_page, len(found))]]
        return {"blocks": shown, "total_count": str(len(found))}


def _sync(which: str, header: Any) -> JSON:  # Any: a Header, or None before the first block
    return {
        f"{which}_block_hash": header.hash().hex().upper() if header else "",
        f"{which}_app_hash": header.app_hash.hex().upper() if header else "",
        f"{which}_block_height": str(header.height if header else 0),
        f"{which}_block_time": write_time(header.time_ns if header else 0),
    }


def _checked(tx_hash: bytes, result: TxResult) -> JSON:
    return {
        "code": result.code,
        "data": result.data.hex().upper(),
        "log": result.log,
        "codespace": result.codespace,
        "hash": tx_hash.hex().upper(),
    }


def _proof_answer(proof: MerkleProof) -> JSON:
    return {
        "total": str(proof.total),
        "index": str(proof.index),
        "leaf_hash": _base64(proof.leaf_hash),
        "aunts": [_base64(aunt) for aunt in proof.aunts],
    }


def news(made: Made) -> "list[tuple[list[tuple[str, str]], JSON]]":
    """What a block tells subscribers: attributes to match, and the value they are sent."""
    header = made.block.header
    block = {"block_id": write_block_id(made.block_id), "block": {"header": write_header(header)}}
    own = sorted(answers.attributes_of(made.result.events))
    told: list[tuple[list[tuple[str, str]], JSON]] = [
        ([("tm.event", "NewBlock"), *own], {"type": "tendermint/event/NewBlock", "value": block}),
        (
            [("tm.event", "NewBlockHeader"), *own],
            {"type": "tendermint/event/NewBlockHeader", "value": {"header": write_header(header)}},
        ),
    ]
    for index, (raw, result) in enumerate(zip(made.block.txs, made.result.tx_results, strict=True)):
        value = {"height": str(header.height), "index": index, "tx": _base64(raw), "result": answers.tx_answer(result)}
        pairs = [
            ("tm.event", "Tx"),
            ("tx.hash", hashlib.sha256(raw).hexdigest().upper()),
            ("tx.height", str(header.height)),
            *sorted(answers.attributes_of(result.events)),
        ]
        told.append((pairs, {"type": "tendermint/event/Tx", "value": {"TxResult": value}}))
    return told


def _order(value: JSON) -> bool:
    if value not in ("asc", "desc", ""):
        raise InvalidParams("order_by is asc or desc", order_by=value)
    return bool(value == "desc")


def _page(page: JSON, per_page: JSON, total: int) -> slice:
    number, size = _int(page) or 1, min(max(_int(per_page) or 30, 1), MAX_PER_PAGE)
    pages = max(1, -(-total // size))
    if not 1 <= number <= pages:
        raise InvalidParams(f"page should be within [1, {pages}] range, given {number}")
    return slice((number - 1) * size, number * size)


def _text(value: JSON) -> str:
    if not isinstance(value, str):
        raise InvalidParams("a text is expected", value=value)
    return value


def _int(value: JSON) -> int:
    try:
        if isinstance(value, bool) or len(str(value)) > 20:
            raise ValueError
        return int(value or 0)
    except (TypeError, ValueError):
        raise InvalidParams("a whole number is expected", value=value) from None


def _bool(value: JSON) -> bool:
    if value in (True, False, None, "", "true", "false"):
        return value in (True, "true")
    raise InvalidParams("true or false is expected", value=value)


def _hex(value: JSON) -> bytes:
    try:
        return bytes.fromhex(_text(value).removeprefix("0x"))
    except ValueError:
        raise InvalidParams("hexadecimal digits are expected", value=value) from None


def _bytes(value: JSON) -> bytes:
    """Bytes as CometBFT takes them: base64, or hexadecimal after 0x."""
    text = _text(value)
    if text.startswith("0x"):
        return _hex(text)
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise InvalidParams("base64 is expected", value=value) from None


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
