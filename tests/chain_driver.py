"""A chain in memory for tests: named people, blocks on demand, virtual time.

chain = Driver({"alice": 1_000_000, "bob": 0})
chain.tx("alice", MsgSend(from_address=chain["alice"], to_address=chain["bob"], amount=coins(5)))
chain.advance(3600)
chain.query("/cosmos.bank.v1beta1.Query/Balance", QueryBalanceRequest(...))
chain.check_invariants()
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from panacea.chain.app import App, Wiring, wire
from panacea.chain.coins import write_coins
from panacea.chain.context import BlockInfo, Context
from panacea.chain.genesis import default_genesis
from panacea.chain.keys import pack_key
from panacea.chain.results import Block, BlockResult, QueryResult, Settings, TxResult, Validator
from panacea.crypto.keys import Ed25519Key, Secp256k1Key
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins
from panacea.store.multistore import MultiStore
from panacea.wire.any import PackedMessage, pack
from panacea.wire.encode import decode, encode
from panacea.wire.pool import class_of, load, pool
from panacea.wire.tx import sign_bytes_direct

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.tx.v1beta1.tx_pb2 import AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw
else:
    AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw = load(
        "cosmos.tx.v1beta1", "AuthInfo", "Fee", "ModeInfo", "SignerInfo", "TxBody", "TxRaw"
    )

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
GAS = 1_000_000
VALIDATOR = Ed25519Key(b"\x07" * 32)

Amount = int | Coins


@cache
def key_of(name: str) -> Secp256k1Key:
    """The key of a named person, always the same."""
    return Secp256k1Key(hashlib.sha256(name.encode()).digest())


def address_of(name: str) -> Address:
    """The account of a named person."""
    return key_of(name).public_key.address()


class Driver:
    """One application over a store in memory, with the balances given; every named person has an account.

    `genesis` replaces parts of the default genesis by module: a whole part, or single values of its params given as
    `{"auth": {"params": {...}}}`. `wiring` puts other modules in, `settings` other wishes of the node.
    """

    def __init__(
        self,
        balances: Mapping[str, Amount] | None = None,
        *,
        chain_id: str = "test-1",
        genesis: Mapping[str, Any] | None = None,
        consensus_params: Mapping[str, Any] | None = None,
        wiring: Wiring | None = None,
        settings: Settings | None = None,
        seconds_per_block: int = 5,
    ) -> None:
        self.chain_id = chain_id
        self.wiring = wiring or wire()
        self.app = App(MultiStore.memory(self.wiring.stores), self.wiring, settings or Settings(chain_id))
        self.time_ns = START
        self.seconds_per_block = seconds_per_block
        self.last: BlockResult | None = None
        self.app.init_chain(
            chain_id=chain_id,
            time_ns=START,
            consensus_params=dict(consensus_params or {}),
            validators=[Validator(VALIDATOR.public_key.raw, 10)],
            app_state=self._genesis(dict(balances or {}), genesis or {}),
        )
        self.block()

    def __getitem__(self, name: str) -> str:
        """The address of a named person, as text."""
        return str(address_of(name))

    @property
    def height(self) -> int:
        """The last committed height."""
        return self.app.store.height

    def block(self, *txs: bytes) -> BlockResult:
        """Make one block of these transactions, some seconds after the last one."""
        self.time_ns += self.seconds_per_block * SECOND
        height = self.height + 1
        block = Block(
            height, self.time_ns, txs, hashlib.sha256(b"block %d" % height).digest(), VALIDATOR.public_key.address()
        )
        self.last = self.app.finalize_block(block)
        self.app.commit()
        return self.last

    def advance(self, seconds: int, *, blocks: int = 1) -> None:
        """Let time pass, and then make empty blocks."""
        self.time_ns += seconds * SECOND
        for _ in range(blocks):
            self.block()

    def tx(self, signer: str | Sequence[str], *messages: Message, **options: Any) -> TxResult:
        """Sign messages by the named people and run them in a block of their own; options as for `sign`."""
        return self.block(self.sign(signer, *messages, **options)).tx_results[0]

    def ok(self, signer: str | Sequence[str], *messages: Message, **options: Any) -> TxResult:
        """As `tx`, and it has to succeed."""
        result = self.tx(signer, *messages, **options)
        assert result.code == 0, f"{result.codespace}/{result.code}: {result.log}"
        return result

    def sign(
        self,
        signer: str | Sequence[str],
        *messages: Message,
        fee: Amount = 0,
        gas: int = GAS,
        granter: str = "",
        payer: str = "",
        memo: str = "",
        timeout_height: int = 0,
        ahead: int = 0,
        type_urls: Sequence[str] = (),
    ) -> bytes:
        """A transaction signed in the direct mode; `ahead` counts those of the signer that wait before it."""
        signers = [signer] if isinstance(signer, str) else list(signer)
        packed = [pack(message) for message in messages]
        for message, url in zip(packed, type_urls, strict=False):
            message.type_url = url
        body = encode(TxBody(messages=packed, memo=memo, timeout_height=timeout_height))
        accounts = [self.account(name) for name in signers]
        infos = [
            SignerInfo(
                public_key=PackedMessage.FromString(pack_key(key_of(name).public_key)),
                mode_info=ModeInfo(single=ModeInfo.Single(mode=1)),
                sequence=sequence + ahead,
            )
            for name, (_, sequence) in zip(signers, accounts, strict=True)
        ]
        coins = Coins.of(fee) if isinstance(fee, int) else fee
        stated = Fee(
            amount=write_coins(coins),
            gas_limit=gas,
            payer=self[payer] if payer else "",
            granter=self[granter] if granter else "",
        )
        auth_info = encode(AuthInfo(signer_infos=infos, fee=stated))
        signatures = [
            key_of(name).sign(
                hashlib.sha256(
                    sign_bytes_direct(body, auth_info, chain_id=self.chain_id, account_number=number)
                ).digest()
            )
            for name, (number, _) in zip(signers, accounts, strict=True)
        ]
        return encode(TxRaw(body_bytes=body, auth_info_bytes=auth_info, signatures=signatures))

    def account(self, name: str) -> tuple[int, int]:
        """Number and sequence of a named person; (0, 0) for one without an account."""
        found = self.wiring.accounts.find(self.ctx(), address_of(name))
        return (found.number, found.sequence) if found else (0, 0)

    def balance(self, holder: str | bytes, denom: str = "umed") -> int:
        """What a named person or an address holds."""
        address = address_of(holder) if isinstance(holder, str) else holder
        return self.wiring.bank.balance(self.ctx(), address, denom)

    def ctx(self) -> Context:
        """The committed state, to read or to try things on; nothing of it stays."""
        return Context(BlockInfo(self.chain_id, self.height, self.time_ns), self.app.store.branch())

    def query(self, method: str, request: Message, *, height: int = 0) -> Any:
        """The answer to a module's query by its full path, decoded; AssertionError when it is refused."""
        result = self.ask(method, request, height=height)
        assert result.code == 0, f"{result.codespace}/{result.code}: {result.log}"
        service, _, name = method[1:].rpartition("/")
        described = pool().FindServiceByName(service).methods_by_name[name]
        return decode(class_of(described.output_type), result.value)

    def ask(self, method: str, request: Message, *, height: int = 0) -> QueryResult:
        """The raw answer to a module's query."""
        return self.app.query(method, encode(request), height=height)

    def check_invariants(self) -> None:
        """Run the invariants of all modules on the committed state."""
        for module in self.wiring.modules:
            for invariant in module.invariants.values():
                invariant(self.ctx())

    def _genesis(self, balances: dict[str, Amount], parts: Mapping[str, Any]) -> dict[str, Any]:
        state = default_genesis(self.wiring.modules)
        coins = {name: Coins.of(amount) if isinstance(amount, int) else amount for name, amount in balances.items()}
        state["auth"]["accounts"] = [
            {"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": self[name], "account_number": str(number)}
            for number, name in enumerate(balances)
        ]
        state["bank"]["balances"] = [
            {
                "address": self[name],
                "coins": [{"denom": coin.denom, "amount": str(coin.amount)} for coin in held],
            }
            for name, held in coins.items()
        ]
        for module, part in parts.items():
            params = {**state[module].get("params", {}), **part.get("params", {})}
            state[module] = {**state[module], **part, **({"params": params} if params else {})}
        return state
