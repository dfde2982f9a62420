"""`panacea did`: identifiers on chain. A did:panacea follows from its first key, which also signs its changes."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, group
from panacea.cli.failure import USAGE, CommandRefused
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from panacea.client.view import ChainView
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocument, DIDDocumentWithSeq

COMMAND = group("did", "Decentralised identifiers.")
FROM = click.option("--from", "payer", help="the key that pays the fee  [default: KEY itself]")
METHOD = "key1"


@COMMAND.command()
@click.argument("key")
@FROM
@reaching
def create(reach: Reach, key: str, payer: str | None) -> Answer:
    """Register the did:panacea of KEY, a key of the keyring."""
    from panacea.chain.did.documents import ownership_digest
    from panacea.chain.did.messages import MsgCreateDIDRequest
    from panacea.client.plain import plain

    did = _did_of(reach, key)
    document = _document(reach, key, did)
    signature = reach.signer(key).sign(ownership_digest(document, 0))
    message = MsgCreateDIDRequest(
        did=did,
        document=document,
        verification_method_id=f"{did}#{METHOD}",
        signature=signature,
        from_address=str(reach.address(payer or key)),
    )
    height = plain(_send(reach, message, payer or key))
    return Answer({"did": did, "height": height}, f"{did}\nregistered in block {height}")


@COMMAND.command()
@click.argument("did")
@click.option("--raw", is_flag=True, help="as the chain keeps it, for `panacea did update`")
@reaching
def show(reach: Reach, did: str, raw: bool) -> Answer:
    """Show the proven document of DID, or of a key of the keyring."""
    from panacea.client.plain import plain

    return plain(_show(reach, did if did.startswith("did:") else _did_of(reach, did), raw=raw))


async def _show(reach: Reach, did: str, *, raw: bool) -> Answer:
    from panacea.client.resolver import ChainResolver
    from panacea.wire.json import to_json

    async with reach.view() as view:
        resolved = (await ChainResolver(view).resolve(did)).to_json()
        shown = to_json((await _entry(view, did)).document) if raw else resolved
    return Answer(shown, json.dumps(shown, indent=2))


@COMMAND.command()
@click.argument("key")
@click.option("--document", type=click.Path(path_type=Path, exists=True), required=True, help="JSON as `show --raw`")
@FROM
@reaching
def update(reach: Reach, key: str, document: Path, payer: str | None) -> Answer:
    """Replace the document of KEY's DID."""
    from panacea.client.plain import plain

    did = _did_of(reach, key)
    height = plain(_update(reach, key, did, _read_document(document), payer=payer or key))
    return Answer({"did": did, "height": height}, f"{did}\nupdated in block {height}")


def _read_document(path: Path) -> "DIDDocument":
    from panacea.chain.did.documents import DIDDocument
    from panacea.wire.json import from_json

    try:
        return from_json(DIDDocument, json.loads(path.read_bytes()))
    except ValueError as no:
        raise CommandRefused(f"not a DID document: {no}", exit_code=USAGE, path=path) from no


async def _update(reach: Reach, key: str, did: str, document: "DIDDocument", *, payer: str) -> int:
    from panacea.chain.did.documents import ownership_digest
    from panacea.chain.did.messages import MsgUpdateDIDRequest

    async with reach.view() as view:
        sequence = (await _entry(view, did)).sequence
    message = MsgUpdateDIDRequest(
        did=did,
        document=document,
        verification_method_id=f"{did}#{METHOD}",
        signature=reach.signer(key).sign(ownership_digest(document, sequence)),
        from_address=str(reach.address(payer)),
    )
    return await _send(reach, message, payer)


@COMMAND.command()
@click.argument("key")
@FROM
@click.confirmation_option("--yes", prompt="A deactivated DID never comes back. Deactivate it?")
@reaching
def deactivate(reach: Reach, key: str, payer: str | None) -> Answer:
    """End the DID of KEY for good."""
    from panacea.client.plain import plain

    did = _did_of(reach, key)
    height = plain(_deactivate(reach, key, did, payer=payer or key))
    return Answer({"did": did, "height": height}, f"{did}\ndeactivated in block {height}")


async def _deactivate(reach: Reach, key: str, did: str, *, payer: str) -> int:
    from panacea.chain.did.documents import deactivation_digest
    from panacea.chain.did.messages import MsgDeactivateDIDRequest

    async with reach.view() as view:
        sequence = (await _entry(view, did)).sequence
    message = MsgDeactivateDIDRequest(
        did=did,
        verification_method_id=f"{did}#{METHOD}",
        signature=reach.signer(key).sign(deactivation_digest(did, sequence)),
        from_address=str(reach.address(payer)),
    )
    return await _send(reach, message, payer)


def _did_of(reach: Reach, key: str) -> str:
    from panacea.crypto.keyring import KeyNotFound
    from panacea.identity.did_panacea import panacea_did

    entry = reach.keyring().find(key)
    if entry is None:
        raise KeyNotFound(name=key)
    return panacea_did(entry.public_key)


def _document(reach: Reach, key: str, did: str) -> "DIDDocument":
    """A document of one key, which authenticates and asserts."""
    from panacea.chain.did.documents import SIGNING_TYPES, DIDDocument
    from panacea.crypto import base58

    document, name = DIDDocument(id=did), f"{did}#{METHOD}"
    document.contexts.values.append("https://www.w3.org/ns/did/v1")
    raw = reach.signer(key).public_key.raw
    document.verification_methods.add(
        id=name, type=SIGNING_TYPES[0], controller=did, public_key_base58=base58.encode(raw)
    )
    document.authentications.add(verification_method_id=name)
    document.assertion_methods.add(verification_method_id=name)
    return document


async def _entry(view: "ChainView", did: str) -> "DIDDocumentWithSeq":
    from panacea.client import places
    from panacea.identity.resolver import DIDNotResolved

    entry = await view.get(places.did(did))
    if entry is None:
        raise DIDNotResolved("not on this chain", did=did)
    return entry


async def _send(reach: Reach, message: "Message", payer: str) -> int:
    """Send, and return when what it changed can be read by proof; its height."""
    async with reach.view() as view:
        outcome = await reach.sender(view, payer).send(message)
        await view.wait(outcome.height)
        return outcome.height
