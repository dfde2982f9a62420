"""`panacea verify`: is this credential or presentation true, and what exactly was checked, with no network at all."""

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.progress import table

if TYPE_CHECKING:
    from panacea.credentials.vc import Check, Verified, VerifiedPresentation, Verifier
    from panacea.identity.documents import DIDDocument
    from panacea.identity.resolver import Resolver

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
HEADERS = ("check", "outcome", "")


@click.command("verify", cls=Leaf)
@click.argument("file", type=FILE)
@click.option("--challenge", help="of a presentation: what its holder was asked to sign")
@click.option("--domain", help="of a presentation: for whom it was made")
@click.option("--presentation-header", help="what a bbs-2023 proof must have been derived for, in base64url")
@click.option("--status-list", "lists", multiple=True, type=FILE, help="a status list; may be given often")
@click.option("--did-document", "documents", multiple=True, type=FILE, help="a DID document to believe, beside did:key")
@click.option("--trust", multiple=True, help="an issuer's DID; given once or more, no other issuer is accepted")
@click.option("--require", multiple=True, help="a check that must not be skipped, such as status; may be given often")
@click.option("--legacy", is_flag=True, help="accept proof types of 2019 and 2020 as well")
def verify(
    file: Path,
    *,
    challenge: str | None,
    domain: str | None,
    presentation_header: str | None,
    lists: tuple[Path, ...],
    documents: tuple[Path, ...],
    trust: tuple[str, ...],
    require: tuple[str, ...],
    legacy: bool,
) -> Answer:
    """Verify FILE: a credential or presentation with proofs, a JWT, an SD-JWT, in any form that is known here.

    Nothing is fetched. What the credential asks for and nobody gave the means for is told as `skipped`.
    """
    header = _octets(presentation_header)
    octets = file.read_bytes().strip()
    verifier = _verifier(lists, documents, trust, require=require, legacy=legacy)
    if b'"VerifiablePresentation"' in octets and octets[:1] == b"{":
        return _presented(verifier.presentation(octets, challenge=challenge, domain=domain, presentation_header=header))
    found = verifier.credential(octets, presentation_header=header)
    return Answer(_plain(found.to_json()), f"{_said(found)}\n\n{_table(found.checks)}")


def _verifier(
    lists: tuple[Path, ...],
    documents: tuple[Path, ...],
    trust: tuple[str, ...],
    *,
    require: tuple[str, ...],
    legacy: bool,
) -> "Verifier":
    from panacea.credentials.suites.legacy import LEGACY, legacy_contexts
    from panacea.credentials.vc import Verifier
    from panacea.credentials.vc.health import health_contexts
    from panacea.identity.resolution import MethodResolver
    from panacea.identity.resolver import JWKResolver, KeyResolver
    from panacea.primitives.time import SystemClock

    contexts = health_contexts()
    return Verifier(
        resolver=GivenDocuments(
            {document.id: document for document in map(_document, documents)},
            MethodResolver({"key": KeyResolver(), "jwk": JWKResolver()}),
        ),
        clock=SystemClock(),
        contexts=legacy_contexts(contexts) if legacy else contexts,
        status=GivenLists(lists) if lists else None,
        trusted_issuers=frozenset(trust) if trust else None,
        legacy=LEGACY if legacy else {},
        require=require,
    )


class GivenDocuments:
    """A resolver of documents at hand, and of what another one resolves."""

    def __init__(self, documents: "dict[str, DIDDocument]", others: "Resolver") -> None:
        self._documents, self._others = documents, others

    def resolve(self, did: str) -> "DIDDocument":
        """The document at hand, or the other resolver's. Raises DIDNotResolved, InvalidDID."""
        return self._documents[did] if did in self._documents else self._others.resolve(did)


class GivenLists:
    """Status lists in files, by the id that each credential gives itself."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self._lists = {str(_json(path).get("id")): path.read_bytes() for path in paths}

    def status_list(self, url: str) -> bytes:
        """The list of that id. Raises StatusStale."""
        from panacea.credentials import StatusStale

        if url not in self._lists:
            raise StatusStale("no such list was given: --status-list", url=url)
        return self._lists[url]


def _json(path: Path) -> dict[str, object]:
    from panacea.health.strict_json import parse_json

    value = parse_json(path.read_bytes())
    if not isinstance(value, dict):
        raise click.BadParameter(f"{path} holds no JSON object")
    return value


def _document(path: Path) -> "DIDDocument":
    from panacea.identity.reading import read_document

    return read_document(path.read_bytes(), str(_json(path).get("id")))


def _octets(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise click.BadParameter("base64url is expected", param_hint="--presentation-header") from error


def _presented(found: "VerifiedPresentation") -> Answer:
    parts = [f"a presentation by {found.holder or 'nobody who is named'}", _table(found.checks)]
    parts += [f"{_said(one)}\n\n{_table(one.checks)}" for one in found.credentials]
    return Answer(_plain(found.to_json()), "\n\n".join(parts))


def _said(found: "Verified") -> str:
    return f"a credential of {found.issuer}, {', '.join(found.types)} ({found.form})"


def _table(checks: "tuple[Check, ...]") -> str:
    return table([(check.name, str(check.outcome), check.detail) for check in checks], HEADERS)


def _plain(value: object) -> object:
    """The answer with numbers that any JSON writer knows; the file itself keeps their written form."""
    from decimal import Decimal

    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


COMMAND = verify
