"""`panacea did`: identifiers on chain. A did:panacea follows from its first key, which also signs its changes."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, group
from panacea.cli.failure import USAGE, CommandRefused
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.client.types import Outcome
    from panacea.client.view import ChainView
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocument

COMMAND = group("did", "Decentralised identifiers.")
FROM = click.option("--from", "payer", help="the key that pays the fee  [default: KEY itself]")


@COMMAND.command()
@click.argument("key")
@click.option("--issuer", is_flag=True, help="with the keys that sign records and status lists")
@FROM
@reaching
def create(reach: Reach, key: str, issuer: bool, payer: str | None) -> Answer:
    """Register the did:panacea of KEY, a key of the keyring."""
    from panacea.cli.people import identity_of, issuer_of
    from panacea.client.plain import plain
    from panacea.exchange.identities import consumer_document, create_did, issuer_document

    ring = reach.keyring()
    identity = identity_of(ring, key)
    document = issuer_document(*issuer_of(ring, key)) if issuer else consumer_document(identity)

    async def send() -> "Outcome":
        async with reach.view() as view:
            return await _landed(view, await create_did(reach.sender(view, payer or key), identity, document))

    return _told(identity.did, "registered", plain(send()))


@COMMAND.command()
@click.argument("did")
@click.option("--raw", is_flag=True, help="as the chain keeps it, for `panacea did update`")
@reaching
def show(reach: Reach, did: str, raw: bool) -> Answer:
    """Show the proven document of DID, or of a key of the keyring."""
    from panacea.cli.people import identity_of
    from panacea.client.plain import plain

    wanted = did if did.startswith("did:") else identity_of(reach.keyring(), did).did
    return plain(_show(reach, wanted, raw=raw))


async def _show(reach: Reach, did: str, *, raw: bool) -> Answer:
    from panacea.client.resolver import ChainResolver
    from panacea.exchange.identities import get_did
    from panacea.wire.json import to_json

    async with reach.view() as view:
        resolved = (await ChainResolver(view).resolve(did)).to_json()
        shown = to_json((await get_did(view, did)).document) if raw else resolved
    return Answer(shown, json.dumps(shown, indent=2))


@COMMAND.command()
@click.argument("key")
@click.option("--document", type=click.Path(path_type=Path, exists=True), required=True, help="JSON as `show --raw`")
@FROM
@reaching
def update(reach: Reach, key: str, document: Path, payer: str | None) -> Answer:
    """Replace the document of KEY's DID."""
    from panacea.cli.people import identity_of
    from panacea.client.plain import plain
    from panacea.exchange.identities import update_did

    identity, new = identity_of(reach.keyring(), key), _read_document(document)

    async def send() -> "Outcome":
        async with reach.view() as view:
            return await _landed(view, await update_did(view, reach.sender(view, payer or key), identity, new))

    return _told(identity.did, "updated", plain(send()))


def _read_document(path: Path) -> "DIDDocument":
    from panacea.chain.did.documents import DIDDocument
    from panacea.wire.json import from_json

    try:
        return from_json(DIDDocument, json.loads(path.read_bytes()))
    except ValueError as no:
        raise CommandRefused(f"not a DID document: {no}", exit_code=USAGE, path=path) from no


@COMMAND.command()
@click.argument("key")
@FROM
@click.confirmation_option("--yes", prompt="A deactivated DID never comes back. Deactivate it?")
@reaching
def deactivate(reach: Reach, key: str, payer: str | None) -> Answer:
    """End the DID of KEY for good."""
    from panacea.cli.people import identity_of
    from panacea.client.plain import plain
    from panacea.exchange.identities import deactivate_did

    identity = identity_of(reach.keyring(), key)

    async def send() -> "Outcome":
        async with reach.view() as view:
            return await _landed(view, await deactivate_did(view, reach.sender(view, payer or key), identity))

    return _told(identity.did, "deactivated", plain(send()))


async def _landed(view: "ChainView", outcome: "Outcome") -> "Outcome":
    """The outcome, once what it changed can be read by proof."""
    await view.wait(outcome.height)
    return outcome


def _told(did: str, what: str, outcome: "Outcome") -> Answer:
    told = {"did": did, "height": outcome.height, "tx": outcome.hash.hex().upper()}
    return Answer(told, f"{did}\n{what} in block {outcome.height}")
