"""From a message to its transition, and from a question to its answer."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from panacea.chain.context import Context, Event
from panacea.chain.module import Handler, Module, Query
from panacea.chain.rejections import InvalidRequest, OutOfGas, UnknownRequest
from panacea.chain.transaction import Transaction
from panacea.primitives.rejected import Rejected
from panacea.wire.any import PackedMessage
from panacea.wire.encode import decode, encode
from panacea.wire.pool import class_of, load, pool
from panacea.wire.tx import message_signers

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.abci.v1beta1.abci_pb2 import TxMsgData
else:
    (TxMsgData,) = load("cosmos.base.abci.v1beta1", "TxMsgData")


class MessageFailed(Exception):
    """A message of a transaction was refused; the cause is the refusal."""

    def __init__(self, index: int, cause: Rejected) -> None:
        super().__init__(index)
        # Running out of gas is told as it is: it is no fault of this message alone.
        where = "" if isinstance(cause, OutOfGas) else f"failed to execute message; message index: {index}: "
        self.log = f"{where}{cause}"
        self.cause = cause


class Router:
    """The tables of all modules as one."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._handlers: dict[str, Handler] = {}
        self._queries: dict[str, Query] = {}
        for module in modules:
            if self._handlers.keys() & module.messages.keys() or self._queries.keys() & module.queries.keys():
                raise ValueError(f"module {module.name} answers to what another one answers to")
            self._handlers.update(module.messages)
            self._queries.update(module.queries)

    @property
    def messages(self) -> list[str]:
        """The type URLs of all messages that are handled, in order."""
        return sorted(self._handlers)

    @property
    def queries(self) -> list[str]:
        """The method paths of all questions that are answered, in order."""
        return sorted(self._queries)

    def check(self, tx: Transaction) -> None:
        """What can be said of a transaction without any state. Raises Rejected."""
        if not tx.messages:
            raise InvalidRequest("must contain at least one message")
        for url, message in zip(tx.type_urls, tx.messages, strict=True):
            handler = self._handlers.get(url)
            if handler is None:
                raise UnknownRequest(f"no message handler found for {url}")
            handler.check(message)

    def run(self, ctx: Context, tx: Transaction) -> bytes:
        """Run the messages in order, and answer the encoded TxMsgData. Raises MessageFailed."""
        responses: list[PackedMessage] = []
        for index, (url, message) in enumerate(zip(tx.type_urls, tx.messages, strict=True)):
            within = replace(ctx, events=[])
            try:
                response = self._handlers[url].run(within, message)
            except Rejected as no:
                raise MessageFailed(index, no) from no
            ctx.events.extend(_told(url, message, within.events, index))
            responses.append(_packed(message, response))
        return encode(TxMsgData(msg_responses=responses))

    def answer(self, ctx: Context, path: str, request: bytes) -> bytes:
        """Answer a question by its method path. Raises Rejected, KeyError for a path nobody answers to."""
        query = self._queries[path]
        service, _, name = path[1:].rpartition("/")
        method = pool().FindServiceByName(service).methods_by_name[name]
        response: Message = query(ctx, decode(class_of(method.input_type), request))
        return encode(response)

    def has_query(self, path: str) -> bool:
        """Whether `path` is a method that is answered."""
        return path in self._queries


def _told(url: str, message: Message, events: list[Event], index: int) -> list[Event]:
    """The events of a message with its own first, each with the message's place."""
    attributes = [("action", url), ("sender", str(message_signers(message)[0]))]
    if not any(name == "module" for event in events for name, _ in event.attributes):
        attributes.append(("module", url.split(".")[1]))
    place = ("msg_index", str(index))
    return [Event(event.type, (*event.attributes, place)) for event in (Event("message", tuple(attributes)), *events)]


def _packed(message: Message, response: Any) -> PackedMessage:  # Any: a response of any kind, or None for an empty one
    if response is None:
        return PackedMessage(type_url=f"/{message.DESCRIPTOR.full_name}Response")
    return PackedMessage(type_url=f"/{response.DESCRIPTOR.full_name}", value=encode(response))
