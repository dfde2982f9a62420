"""A chain in memory for tests: named people, blocks on demand, virtual time.

chain = Driver({"alice": 1_000_000, "bob": 0})
chain.tx("alice", MsgSend(from_address=chain["alice"], to_address=chain["bob"], amount=coins(5)))
chain.advance(3600)
chain.query("/cosmos.bank.v1beta1.Query/Balance", QueryBalanceRequest(...))
chain.check_invariants()
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from panacea.chain.app import App, Wiring, wire
from panacea.chain.context import BlockInfo, Context
from panacea.chain.genesis import default_genesis
from panacea.chain.results import Block, BlockResult, QueryResult, Settings, TxResult, Validator
from panacea.crypto.keys import Ed25519Key, Secp256k1Key
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins
from panacea.store.multistore import MultiStore
from panacea.wire.amino import sign_bytes_amino_json
from panacea.wire.build import DIRECT, SignedBy, build_auth_info, build_body, build_tx, secp256k1_key
from panacea.wire.encode import decode, encode
from panacea.wire.pool import class_of, load, pool
from panacea.wire.tx import decode_tx, sign_bytes_direct

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.tx.signing.v1beta1.signing_pb2 import SignMode
    from panacea.wire.stubs.cosmos.tx.v1beta1.tx_pb2 import AuthInfo, TxBody
else:
    AuthInfo, TxBody = load("cosmos.tx.v1beta1", "AuthInfo", "TxBody")

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
        mode: "SignMode.ValueType" = DIRECT,
        edit: Callable[["TxBody", "AuthInfo"], object] | None = None,
    ) -> bytes:
        """A signed transaction. `ahead` counts those of the signer that wait before it; `type_urls` replace those of
        the messages; `mode` is DIRECT or AMINO_JSON; `edit` may spoil body and auth info before they are signed."""
        signers = [signer] if isinstance(signer, str) else list(signer)
        keys, accounts = [key_of(name) for name in signers], [self.account(name) for name in signers]
        body = build_body(messages, memo=memo, timeout_height=timeout_height)
        auth_info = build_auth_info(
            [
                SignedBy(secp256k1_key(key.public_key.raw), sequence + ahead, mode)
                for key, (_, sequence) in zip(keys, accounts, strict=True)
            ],
            fee=Coins.of(fee) if isinstance(fee, int) else fee,
            gas_limit=gas,
            payer=self[payer] if payer else "",
            granter=self[granter] if granter else "",
        )
        body, auth_info = _edited(body, auth_info, type_urls, edit)
        signatures = []
        for key, (number, sequence) in zip(keys, accounts, strict=True):
            where: Any = {"chain_id": self.chain_id, "account_number": number}
            if mode == DIRECT:
                payload = sign_bytes_direct(body, auth_info, **where)
            else:
                unsigned = decode_tx(build_tx(body, auth_info, []))
                payload = sign_bytes_amino_json(unsigned, sequence=sequence + ahead, **where)
            signatures.append(key.sign(hashlib.sha256(payload).digest()))
        return build_tx(body, auth_info, signatures)

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
        state: dict[str, Any] = default_genesis(self.wiring.modules)
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


def _edited(
    body: bytes,
    auth_info: bytes,
    type_urls: Sequence[str],
    edit: Callable[["TxBody", "AuthInfo"], object] | None,
) -> tuple[bytes, bytes]:
    what, who = TxBody.FromString(body), AuthInfo.FromString(auth_info)
    for packed, url in zip(what.messages, type_urls, strict=False):
        packed.type_url = url
    if edit is not None:
        edit(what, who)
    return encode(what), encode(who)
