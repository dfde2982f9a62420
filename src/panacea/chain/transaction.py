"""A transaction as the chain looks at it: decoded once, with what is asked of it again and again."""

from dataclasses import dataclass

from google.protobuf.message import Message

from panacea.primitives.address import Address
from panacea.wire.tx import Tx, decode_tx, signers


@dataclass(frozen=True, slots=True)
class Transaction:
    """A decoded transaction and its signers, in the order in which their signatures come."""

    wire: Tx
    signers: tuple[Address, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is asked of the chain, in order."""
        return self.wire.messages

    @property
    def type_urls(self) -> list[str]:
        """The type URLs of the messages, as they were sent."""
        return [packed.type_url for packed in self.wire.body.messages]

    @property
    def gas_limit(self) -> int:
        """The most gas it may use."""
        return self.wire.auth_info.fee.gas_limit

    @property
    def fee_payer(self) -> Address:
        """Who answers for the fee: the payer it names, else its first signer."""
        payer = self.wire.auth_info.fee.payer
        return Address.parse(payer) if payer else self.signers[0]


def read_transaction(raw: bytes) -> Transaction:
    """The transaction that `raw` encodes. Raises TxParseError, NotSignable, InvalidAddress."""
    wire = decode_tx(raw)
    return Transaction(wire, signers(wire))
