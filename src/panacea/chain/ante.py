"""Whether a transaction may run: its fee is taken, its signers are known by their signatures, its sequences are used.

    set_up · extensions · basics · timeout · memo · size · fee · keys · count · signature gas · signatures · sequences

Each step is a small function of the context and the transaction, in the order of spec/sdk/ante.md; it raises a
Rejected, or lets pass. All of them run on a branch of their own: a refusal leaves nothing behind.
"""

import base64
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace

from panacea.chain.auth.types import FEE_COLLECTOR, Account
from panacea.chain.coins import CoinMessage, read_coins
from panacea.chain.consensus.state import max_gas
from panacea.chain.context import Context, Mode
from panacea.chain.gas import GasMeter
from panacea.chain.keys import AccountKey, MultisigKey, amino_bytes, leaves, pack_key, parse_key
from panacea.chain.ports import Accounts, Bank, FreeOfFee, Grants
from panacea.chain.rejections import (
    InsufficientFee,
    InvalidGasLimit,
    InvalidPubKey,
    InvalidRequest,
    MemoTooLarge,
    NoSignatures,
    TooManySignatures,
    TxTimeoutHeight,
    Unauthorized,
    UnknownAddress,
    UnknownExtensionOptions,
    WrongSequence,
)
from panacea.chain.signatures import AMINO_JSON, DIRECT, DIRECT_AUX, Payload, costs, flatten, is_amino, verify
from panacea.chain.transaction import Transaction
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.light.protobuf import message_field
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins, InsufficientFunds, InvalidCoins
from panacea.primitives.numbers import Dec, parse_int
from panacea.primitives.rejected import Rejected
from panacea.wire.amino import sign_bytes_amino_json
from panacea.wire.encode import encode
from panacea.wire.tx import sign_bytes_direct, sign_bytes_direct_aux

MAX_GAS_LIMIT = 2**63 - 1
FREE_GAS = 200_000
"""The most gas that a transaction without a fee may ask for."""
SIMULATED_KEY = PublicKey(KeyKind.SECP256K1, b"\x02" * 33)
"""Stands for a key that is not known yet when a transaction is simulated."""
SIMULATED_SIGNATURE_BYTES = 72
"""What a signature that is still to come adds beside its key: a field of 64 bytes, and 6 more."""
_REMEMBERED = 20_000

MinGasPrices = tuple[tuple[str, Dec], ...]
AnteStep = Callable[[Context, Transaction], None]


@dataclass(frozen=True, slots=True)
class Ante:
    """The pipeline with its neighbours; `min_gas_prices` is this node's own wish, not part of the chain's rules."""

    accounts: Accounts
    bank: Bank
    grants: Grants
    free_of_fee: tuple[FreeOfFee, ...] = ()
    min_gas_prices: MinGasPrices = ()
    _verified: "OrderedDict[tuple[object, ...], None]" = field(default_factory=OrderedDict)

    @property
    def steps(self) -> tuple[AnteStep, ...]:
        """The steps in their order."""
        return (
            self.set_up,
            self.refuse_extensions,
            self.check_basics,
            self.check_timeout,
            self.check_memo,
            self.charge_size,
            self.deduct_fee,
            self.set_public_keys,
            self.count_signatures,
            self.charge_signatures,
            self.verify_signatures,
            self.increment_sequences,
        )

    def run(self, ctx: Context, tx: Transaction) -> None:
        """All steps. Raises the first Rejected."""
        for step in self.steps:
            step(ctx, tx)

    def set_up(self, ctx: Context, tx: Transaction) -> None:
        """Give the context the gas that the transaction pays for."""
        free = ctx.mode is Mode.SIMULATE or ctx.height == 0
        ctx.gas = GasMeter(None if free else tx.gas_limit)
        limit = max_gas(ctx.view)
        if limit is not None and tx.gas_limit > limit:
            raise InvalidGasLimit(f"tx gas limit {tx.gas_limit} exceeds block max gas {limit}")

    def refuse_extensions(self, _ctx: Context, tx: Transaction) -> None:
        """No critical extension option is known here."""
        if tx.wire.body.extension_options:
            raise UnknownExtensionOptions

    def check_basics(self, ctx: Context, tx: Transaction) -> None:
        """Fee, gas limit and the number of signatures are possible ones."""
        if ctx.mode is Mode.RECHECK:
            return
        auth_info = tx.wire.auth_info
        if not auth_info.HasField("fee"):
            raise Rejected("fee is not set")
        if tx.gas_limit > MAX_GAS_LIMIT:
            raise InvalidRequest(f"invalid gas supplied; {tx.gas_limit} > {MAX_GAS_LIMIT}")
        if any(_amount(coin) < 0 for coin in auth_info.fee.amount):
            raise InsufficientFee("invalid fee provided")
        if not tx.wire.signatures:
            raise NoSignatures
        if len(tx.wire.signatures) != len(tx.signers):
            raise Unauthorized(f"wrong number of signers; expected {len(tx.signers)}, got {len(tx.wire.signatures)}")

    def check_timeout(self, ctx: Context, tx: Transaction) -> None:
        """The height until which it is meant is not over."""
        timeout = tx.wire.body.timeout_height
        if 0 < timeout < ctx.height:
            raise TxTimeoutHeight(f"block height: {ctx.height}, timeout height: {timeout}")

    def check_memo(self, ctx: Context, tx: Transaction) -> None:
        """The memo is short enough."""
        size = len(tx.wire.body.memo.encode())
        if size and size > (limit := self.accounts.params(ctx).max_memo_characters):
            raise MemoTooLarge(f"maximum number of characters is {limit} but received {size} characters")

    def charge_size(self, ctx: Context, tx: Transaction) -> None:
        """Each byte costs gas; in a simulation also those of signatures that are still to come."""
        params = self.accounts.params(ctx)
        ctx.gas.charge(params.tx_size_cost_per_byte * len(tx.wire.raw), "txSize")
        if ctx.mode is not Mode.SIMULATE:
            return
        for index, signer in enumerate(tx.signers):
            if index < len(tx.wire.signatures) and tx.wire.signatures[index]:
                continue
            key = self._stored_key(ctx, signer) or SIMULATED_KEY
            size = len(message_field(1, amino_bytes(key))) + SIMULATED_SIGNATURE_BYTES
            times = params.tx_sig_limit if isinstance(key, MultisigKey) else 1
            ctx.gas.charge(params.tx_size_cost_per_byte * size * times, "txSize")

    def deduct_fee(self, ctx: Context, tx: Transaction) -> None:
        """Take the fee from the payer, or from whoever granted it an allowance."""
        wire = tx.wire.auth_info.fee
        if ctx.mode is not Mode.SIMULATE:
            self._require_node_fee(ctx, tx)
        payer = charged = tx.fee_payer
        fee = _fee_coins(wire.amount)
        if wire.granter:
            charged = Address.parse(wire.granter)
        if charged != payer:
            try:
                self.grants.use(ctx, charged, payer, fee=fee, messages=tx.type_urls)
            except Rejected as no:
                raise _wrapped(no, f"{charged} does not allow to pay fees for {payer}") from no
        if not self.accounts.has(ctx, charged):
            raise UnknownAddress(f"fee payer address: {charged} does not exist")
        if fee:
            try:
                self.bank.to_module(ctx, charged, FEE_COLLECTOR, fee)
            except Rejected as no:
                raise InsufficientFunds(str(no)) from no
        ctx.emit("tx", fee=str(fee), fee_payer=str(charged))

    def set_public_keys(self, ctx: Context, tx: Transaction) -> None:
        """Keep the key of every signer that signs for the first time; then tell of sequences and signatures."""
        infos = tx.wire.auth_info.signer_infos
        if len(infos) > len(tx.signers):
            raise Unauthorized(f"invalid number of signer;  expected: {len(tx.signers)}, got {len(infos)}")
        for index, info in enumerate(infos):
            if info.HasField("public_key"):
                self._set_public_key(ctx, tx.signers[index], index, parse_key(encode(info.public_key)))
            elif ctx.mode is Mode.SIMULATE:
                self._set_public_key(ctx, tx.signers[index], index, SIMULATED_KEY)
        for index, info in enumerate(infos):
            if not info.HasField("mode_info") and ctx.mode is not Mode.SIMULATE:
                raise Unauthorized("signer info without a mode")
            ctx.emit("tx", acc_seq=f"{tx.signers[index]}/{info.sequence}")
            signature = tx.wire.signatures[index] if index < len(tx.wire.signatures) else b""
            for one in flatten(info.mode_info, signature):
                ctx.emit("tx", signature=base64.b64encode(one).decode())

    def count_signatures(self, ctx: Context, tx: Transaction) -> None:
        """Not too many keys sign."""
        infos = tx.wire.auth_info.signer_infos
        count = sum(leaves(parse_key(encode(info.public_key))) for info in infos if info.HasField("public_key"))
        if count > (limit := self.accounts.params(ctx).tx_sig_limit):
            raise TooManySignatures(f"signatures: {count}, limit: {limit}")

    def charge_signatures(self, ctx: Context, tx: Transaction) -> None:
        """Verifying costs gas, by the kind of the key that the account has."""
        params = self.accounts.params(ctx)
        for signer, info in zip(tx.signers, tx.wire.auth_info.signer_infos, strict=False):
            key = self._stored_key(ctx, signer)
            if key is None and ctx.mode is not Mode.SIMULATE:
                raise InvalidPubKey("unrecognized public key type: <nil>")
            for amount, what in costs(key or SIMULATED_KEY, info.mode_info, params):
                ctx.gas.charge(amount, what)

    def verify_signatures(self, ctx: Context, tx: Transaction) -> None:
        """Every signer signed this transaction, at its next sequence."""
        infos = tx.wire.auth_info.signer_infos
        if len(infos) != len(tx.signers):
            raise Unauthorized(f"invalid number of signer;  expected: {len(tx.signers)}, got {len(infos)}")
        for index, (signer, info) in enumerate(zip(tx.signers, infos, strict=True)):
            account = self.accounts.get(ctx, signer)
            if info.sequence != account.sequence:
                raise WrongSequence(f"account sequence mismatch, expected {account.sequence}, got {info.sequence}")
            if ctx.mode in (Mode.CHECK, Mode.DELIVER):
                self._verify_once(ctx, tx, index, account)

    def increment_sequences(self, ctx: Context, tx: Transaction) -> None:
        """Each signer's sequence is used, whatever becomes of the messages."""
        for signer in tx.signers:
            self.accounts.increment_sequence(ctx, signer)

    def _require_node_fee(self, ctx: Context, tx: Transaction) -> None:
        """Refuse less than this node asks for, while it only checks; some transactions are free."""
        if ctx.mode is Mode.DELIVER or not self.min_gas_prices:
            return
        paid = {coin.denom: _amount(coin) for coin in tx.wire.auth_info.fee.amount}
        required = [(denom, price.times(tx.gas_limit).ceil()) for denom, price in self.min_gas_prices]
        if any(amount and paid.get(denom, 0) >= amount for denom, amount in required):
            return
        unmetered = replace(ctx, gas=GasMeter(None))
        nothing_paid = not any(paid.values()) and tx.gas_limit <= FREE_GAS
        if nothing_paid and any(is_free(unmetered, tx) for is_free in self.free_of_fee):
            return
        got = ",".join(f"{amount}{denom}" for denom, amount in paid.items())
        asked = ",".join(f"{amount}{denom}" for denom, amount in required)
        raise InsufficientFee(f"insufficient fees; got: {got} required: {asked}")

    def _stored_key(self, ctx: Context, signer: Address) -> AccountKey | None:
        account = self.accounts.find(ctx, signer)
        return parse_key(account.public_key) if account is not None and account.public_key else None

    def _set_public_key(self, ctx: Context, signer: Address, index: int, key: AccountKey) -> None:
        if ctx.mode is not Mode.SIMULATE and key.address() != signer:
            raise InvalidPubKey(f"pubKey does not match signer address {signer} with signer index: {index}")
        account = self.accounts.get(ctx, signer)
        if not account.public_key:
            self.accounts.set_public_key(ctx, account, pack_key(key))

    def _verify_once(self, ctx: Context, tx: Transaction, index: int, account: Account) -> None:
        """Verify a signature, unless this very one was verified before."""
        number = account.number if ctx.height else 0
        seen = (tx.wire.hash, index, account.public_key, number, account.sequence, ctx.chain_id)
        if seen in self._verified:
            return
        mode = tx.wire.auth_info.signer_infos[index].mode_info
        payload = _payload(tx, index, chain_id=ctx.chain_id, number=number, sequence=account.sequence)
        try:
            verify(parse_key(account.public_key), mode, tx.wire.signatures[index], payload)
        except Rejected as no:
            raise Unauthorized(_complaint(ctx, account, number, "" if is_amino(mode) else str(no))) from no
        self._verified[seen] = None
        if len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)


def _payload(tx: Transaction, index: int, *, chain_id: str, number: int, sequence: int) -> Payload:
    """The sign bytes of signer `index` in each mode."""
    wire = tx.wire

    def payload(mode: int) -> Iterator[bytes]:
        if mode == DIRECT:
            yield sign_bytes_direct(wire.body_bytes, wire.auth_info_bytes, chain_id=chain_id, account_number=number)
        elif mode == AMINO_JSON:
            for bare in (False, True):
                yield sign_bytes_amino_json(
                    wire, chain_id=chain_id, account_number=number, sequence=sequence, bare=bare
                )
        elif mode == DIRECT_AUX and tx.signers[index] != tx.fee_payer:
            yield sign_bytes_direct_aux(wire, index, chain_id=chain_id, account_number=number)
        else:
            raise Unauthorized(f"sign mode {mode} is not supported here")

    return payload


def _complaint(ctx: Context, account: Account, number: int, cause: str) -> str:
    """The two texts that wallets look for."""
    if cause:
        return (
            "signature verification failed; please verify "
            f"account number ({number}) and chain-id ({ctx.chain_id}): ({cause})"
        )
    return (
        "signature verification failed; please verify "
        f"account number ({number}), sequence ({account.sequence}) and chain-id ({ctx.chain_id})"
    )


def _amount(coin: CoinMessage) -> int:
    return parse_int(coin.amount)


def _fee_coins(messages: Collection[CoinMessage]) -> Coins:
    """The fee; one of nothing but zeros is no fee. Raises InsufficientFee."""
    if not any(map(_amount, messages)):
        return Coins()
    try:
        return read_coins(messages)
    except InvalidCoins as no:
        raise InsufficientFee(f"invalid fee amount: {no}") from no


def _wrapped(no: Rejected, outer: str) -> Rejected:
    """The same refusal with a description before it."""
    wrapped = type(no).__new__(type(no))
    Rejected.__init__(wrapped, f"{outer}: {no.detail}" if no.detail else outer, **no.values)
    return wrapped
