"""`panacea vc-api`: the W3C VC API on loopback, with keys of its own and status lists that outlive it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Leaf
from panacea.cli.failure import USAGE, CommandRefused
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.credentials.services.vc_api import Service
    from panacea.crypto.secret import SecretBytes


@click.command("vc-api", cls=Leaf)
@click.option("--port", type=click.IntRange(0, 65535), default=40443, show_default=True, help="on loopback; 0: any")
@click.option(
    "--base-url", help="where others reach this service, if not at its port  [default: http://127.0.0.1:PORT]"
)
@click.option("--name", default="vc-api", show_default=True, help="the key behind its keys; made on first use")
@reaching
def vc_api(reach: Reach, port: int, base_url: str | None, name: str) -> None:
    """Serve the W3C VC API: issue, derive, verify, prove and status, for every cryptosuite.

    Each suite has an issuer of its own, a did:key. Nothing is fetched: DIDs are did:key and did:jwk, contexts the
    bundled ones, status lists the service's own. Prints one JSON line when it answers; runs until it is stopped.
    """
    from panacea.cli.lock import held
    from panacea.cli.people import secret_of
    from panacea.credentials.services.vc_api import build_app
    from panacea.vault.serve import listen, serve, url_of

    folder = reach.home / "vc-api" / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with held(folder / "lock"):
            try:
                listener = listen(port)
            except OSError as error:
                hint = "choose another with --port"
                raise CommandRefused("the port is taken", hint=hint, exit_code=USAGE, port=port) from error
            secret = secret_of(reach.keyring(), f"{name}.vc-api")
            service = compose(secret, folder, base_url or url_of(listener))
            serve(build_app(service), name="vc-api", home=folder, bound=listener)
    except BlockingIOError:
        raise CommandRefused("another process serves with this name", hint="--name", name=name) from None


def compose(secret: "SecretBytes", folder: Path, base_url: str) -> "Service":
    """The service whose keys all come from one secret, with its status lists in a folder."""
    from panacea.credentials.services.keys import ServiceKeys
    from panacea.credentials.services.vc_api import SUITES, OwnLists, Service
    from panacea.credentials.status.book import StatusBook
    from panacea.credentials.vc.verify import Verifier
    from panacea.identity.resolution import MethodResolver
    from panacea.identity.resolver import JWKResolver, KeyResolver
    from panacea.primitives.time import SystemClock

    keys = ServiceKeys.derive(secret)
    lists = OwnLists()
    service = Service(
        keys=keys.by_suite(),
        holder=keys.holder,
        verifier=Verifier(
            resolver=MethodResolver({"key": KeyResolver(), "jwk": JWKResolver()}), clock=SystemClock(), status=lists
        ),
        books={suite: StatusBook(f"{base_url}/{suite}/status", FolderShelf(folder / suite)) for suite in SUITES},
    )
    lists.serve(service)
    return service


class FolderShelf:
    """Small files in a folder, each replaced as a whole and on disk before `put` returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    def find(self, name: str) -> bytes | None:
        """The bytes of a file, or None where there is none."""
        path = self._folder / name
        return path.read_bytes() if path.exists() else None

    def put(self, name: str, octets: bytes) -> None:
        """Write a file anew: a crash leaves the old one or the new one."""
        draft = self._folder / f"{name}.new"
        with draft.open("wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / name)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


COMMAND = vc_api
