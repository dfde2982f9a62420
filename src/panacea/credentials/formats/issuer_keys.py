"""Whose key is it: from a header and an issuer's name to a public key that the issuer vouches for.

    GivenKey          the verifier has the key already, and says for whom
    ResolvedKeys      the issuer is a DID: its document lists the key for the purpose
    CertifiedKeys     `x5c`: the chain leads to a given root, and the leaf names the issuer
    PublishedKeys     the issuer is an https URL: its JWT VC issuer metadata, or key set, is given
    FirstOf           the first of several that feels responsible

A source that is not responsible answers None; one that is, and is not satisfied, raises.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from panacea.credentials.formats.certificates import verify_chain
from panacea.credentials.formats.jose import ALGORITHMS, Header, read_object
from panacea.credentials.formats.jwk import get_from_set, read_jwk_set
from panacea.credentials.formats.types import CertificateRefused, KeyNotFound, MalformedToken
from panacea.crypto.keys import PublicKey
from panacea.health.strict_json import to_json
from panacea.identity.did import IdentityRejected, split_did_url
from panacea.identity.documents import DIDDocument, Purpose, VerificationMethod
from panacea.identity.resolver import Resolver


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A public key, the name it goes by, and who vouches for it: "given", "did", "x5c" or "metadata"."""

    public_key: PublicKey
    id: str
    vouched_by: str


class KeySource(Protocol):
    """Where the keys of signers come from."""

    def find_key(self, header: Header, issuer: str | None) -> FoundKey | None:
        """The key that the header names among those of `issuer`, or None where this source is not responsible.

        Raises FormatRejected, IdentityRejected where it is responsible and there is no such key.
        """
        ...


def get_key(source: KeySource, header: Header, issuer: str | None) -> FoundKey:
    """The key that a source finds. Raises KeyNotFound where it feels not responsible, or what the source raises."""
    try:
        found = source.find_key(header, issuer)
    except IdentityRejected as error:
        raise KeyNotFound(str(error), issuer=issuer) from error
    if found is None:
        raise KeyNotFound(issuer=issuer, kid=header.get("kid"))
    return found


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key that the verifier has by other means; `issuer` None vouches for whoever the token names."""

    public_key: PublicKey
    issuer: str | None = None
    id: str = ""

    def find_key(self, header: Header, issuer: str | None) -> FoundKey | None:
        """The key, for its issuer."""
        if self.issuer is not None and issuer != self.issuer:
            return None
        kid = header.get("kid")
        return FoundKey(self.public_key, self.id or (kid if isinstance(kid, str) else ""), "given")


@dataclass(frozen=True, slots=True)
class ResolvedKeys:
    """Keys of DIDs, which a resolver resolves; the document must list the key for `purpose`.

    Keys that their owner has given an end serve before it only, at `now` (unix seconds), and not at all without one.
    """

    resolver: Resolver
    purpose: Purpose = Purpose.ASSERTION_METHOD
    now: int | None = None

    def find_key(self, header: Header, issuer: str | None) -> FoundKey | None:
        """The method that `kid` names: a DID URL of the issuer, its fragment alone, or no name for an only key."""
        if issuer is None or not issuer.startswith("did:"):
            return None
        did, _, fragment = issuer.partition("#")
        kid = header.get("kid", f"#{fragment}" if fragment else None)
        document = self.resolver.resolve(did)
        method = self._only(document, header) if kid is None else self._named(document, kid)
        return FoundKey(method.public_key, method.id, "did")

    def _named(self, document: DIDDocument, kid: object) -> VerificationMethod:
        if not isinstance(kid, str):
            raise KeyNotFound("kid is no text")
        url = kid if kid.startswith("did:") else f"{document.id}#{kid.removeprefix('#')}"
        did, _ = split_did_url(url)
        if did != document.id:
            raise KeyNotFound("the key is another DID's", kid=kid, issuer=document.id)
        return document.method(url, self.purpose, at=self._at())

    def _only(self, document: DIDDocument, header: Header) -> VerificationMethod:
        alg = header.get("alg")
        kind = ALGORITHMS.get(alg) if isinstance(alg, str) else None
        found = [method for method in document.methods(self.purpose) if method.public_key.kind is kind]
        if len(found) != 1 or found[0].controller != document.id:
            raise KeyNotFound("no kid, and not one key that it could be", issuer=document.id, found=len(found))
        found[0].require_at(self._at())
        return found[0]

    def _at(self) -> datetime | None:
        return None if self.now is None else datetime.fromtimestamp(self.now, UTC)


@dataclass(frozen=True, slots=True)
class CertifiedKeys:
    """Keys in certificate chains of the header. The leaf must name the issuer, where the token names one."""

    roots: Sequence[bytes]
    now: int

    def find_key(self, header: Header, issuer: str | None) -> FoundKey | None:
        """The leaf's key; an issuer must be a URI of the leaf, or an https URL on a host that it names."""
        if "x5c" not in header:
            return None
        leaf = verify_chain(header["x5c"], roots=self.roots, now=self.now)
        if issuer is not None and issuer not in leaf.uris and _host(issuer) not in leaf.dns_names:
            raise CertificateRefused("the certificate does not name the issuer", issuer=issuer)
        return FoundKey(leaf.public_key, leaf.subject, "x5c")


@dataclass(frozen=True, slots=True)
class PublishedKeys:
    """Keys of https issuers as they publish them: `load` gives JWT VC issuer metadata (or None where it has none).

    `load_keys` gives the key set behind a `jwks_uri`; without it, metadata must hold its keys itself.
    """

    load: Callable[[str], bytes | None]
    load_keys: Callable[[str], bytes | None] | None = None

    def find_key(self, header: Header, issuer: str | None) -> FoundKey | None:
        """The key that `kid` names in the issuer's metadata, which must be the issuer's own."""
        if issuer is None or not issuer.startswith("https://"):
            return None
        octets = self.load(issuer)
        if octets is None:
            return None
        metadata = read_object(octets, what="issuer metadata")
        if metadata.get("issuer") != issuer:
            raise KeyNotFound("metadata of another issuer", issuer=issuer, found=metadata.get("issuer"))
        kid = header.get("kid")
        if not isinstance(kid, str):
            raise KeyNotFound("a published key is found by its kid", issuer=issuer)
        return FoundKey(get_from_set(read_jwk_set(self._keys(metadata)), kid), f"{issuer}#{kid}", "metadata")

    def _keys(self, metadata: Mapping[str, object]) -> bytes:
        match metadata:
            case {"jwks": dict(keys), **others} if "jwks_uri" not in others:
                return to_json(keys)
            case {"jwks_uri": str(url), **others} if "jwks" not in others and url.startswith("https://"):
                octets = self.load_keys(url) if self.load_keys else None
                if octets is None:
                    raise KeyNotFound("the issuer's key set is not at hand", url=url)
                return octets
        raise MalformedToken("issuer metadata has neither jwks nor jwks_uri, or both")


@dataclass(frozen=True, slots=True)
class FirstOf:
    """Several sources: the first that feels responsible decides, also when it refuses."""

    sources: tuple[KeySource, ...]

    def find_key(self, header: Header, issuer: str | None) -> FoundKey | None:
        """The key of the first responsible source."""
        for source in self.sources:
            found = source.find_key(header, issuer)
            if found is not None:
                return found
        return None


def metadata_url(issuer: str) -> str:
    """Where an https issuer publishes its metadata (SD-JWT VC §5): the well-known part goes before the path."""
    parts = urlsplit(issuer)
    if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
        raise KeyNotFound("not an https issuer", issuer=issuer)
    return f"https://{parts.netloc}/.well-known/jwt-vc-issuer{parts.path.rstrip('/')}"


def _host(issuer: str) -> str | None:
    """The host of an https URL, None for anything else."""
    try:
        parts = urlsplit(issuer)
        return parts.hostname if parts.scheme == "https" else None
    except ValueError:
        return None
