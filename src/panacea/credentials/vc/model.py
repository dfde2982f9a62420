"""W3C Verifiable Credentials Data Model 2.0, and 1.1 to read: which JSON is a credential, which a presentation.

    read_credential(document)     --> Credential, or a refusal that names the member at fault
    read_presentation(document)   --> Presentation

Only the shape is judged here. That every term has a meaning is judged when the document is read as JSON-LD (`rdf`), and
that it is true when its proofs are verified. Source: VC Data Model 2.0, sections 4 and 5; 1.1, sections 4 and 5.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from panacea.credentials.data_model import CONTEXT_V1, CONTEXT_V2, CREDENTIAL, PRESENTATION
from panacea.credentials.moments import read_moment
from panacea.credentials.rdf.shapes import as_list
from panacea.credentials.vc.types import Document, MalformedCredential

ENVELOPED_CREDENTIAL: Final = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION: Final = "EnvelopedVerifiablePresentation"
MAX_MANY: Final = 1000
"""Entries of a list such as subjects, evidence or credentials of a presentation."""

MAX_VALUES: Final = 60_000
"""Values of a JSON text that is read: many small ones take longer than few large ones of as many bytes."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x1f]+")
_TERM = re.compile(r"[^\s:@][^\s:]*")
_LANGUAGE = {"@value", "@language", "@direction"}


@dataclass(frozen=True, slots=True)
class Credential:
    """What a credential says of itself; times in unix seconds, None where it names none.

    `document` is the whole JSON with its proofs; the lists hold the members of that name, one or several.
    """

    document: Document = field(repr=False)
    version: str
    id: str | None
    types: tuple[str, ...]
    issuer: str
    valid_from: int | None
    valid_until: int | None
    subjects: tuple[Document, ...] = field(repr=False)
    status: tuple[Document, ...] = ()
    schemas: tuple[Document, ...] = ()
    related: tuple[Document, ...] = ()
    evidence: tuple[Document, ...] = field(default=(), repr=False)
    terms_of_use: tuple[Document, ...] = ()

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """The ids of the subjects that have one."""
        return tuple(subject["id"] for subject in self.subjects if "id" in subject)


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a presentation says of itself; its credentials yet unread: documents with proofs, or enveloped tokens."""

    document: Document = field(repr=False)
    version: str
    id: str | None
    holder: str | None
    credentials: tuple[Document | str, ...] = field(repr=False)


def read_credential(document: Mapping[str, Any]) -> Credential:  # Any: JSON, checked here
    """The credential of a JSON object. Raises MalformedCredential, naming the member by its JSON pointer."""
    version = _version(document)
    types = _types(document, CREDENTIAL)
    issuer = _identified(document, "issuer", required=True)
    assert issuer is not None  # it was required
    from_name, until_name = ("validFrom", "validUntil") if version == "2.0" else ("issuanceDate", "expirationDate")
    valid_from = _moment(document, from_name, required=version == "1.1")
    valid_until = _moment(document, until_name)
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise MalformedCredential("it ends before it begins", pointer=f"/{until_name}")
    for name in ("name", "description"):
        _require_text(document, name)
        if isinstance(document["issuer"], dict):
            _require_text(document["issuer"], name, "/issuer")
    _typed(document, "proof", _anything)
    _typed(document, "refreshService", _with_optional_id)
    return Credential(
        document=dict(document),
        version=version,
        id=_url(document, "id"),
        types=types,
        issuer=issuer,
        valid_from=valid_from,
        valid_until=valid_until,
        subjects=_subjects(document),
        status=_typed(document, "credentialStatus", _with_optional_id),
        schemas=_typed(document, "credentialSchema", _with_id),
        related=_related(document),
        evidence=_typed(document, "evidence", _with_optional_id),
        terms_of_use=_typed(document, "termsOfUse", _with_optional_id),
    )


def read_presentation(document: Mapping[str, Any]) -> Presentation:  # Any: JSON, checked here
    """The presentation of a JSON object. Its credentials are read as well, unless they are enveloped.

    Raises MalformedCredential.
    """
    version = _version(document)
    _types(document, PRESENTATION)
    _typed(document, "proof", _anything)
    _typed(document, "termsOfUse", _with_optional_id)
    found: list[Document | str] = []
    for place, given in enumerate(_many(document, "verifiableCredential")):
        at = f"/verifiableCredential/{place}"
        if isinstance(given, str) and version == "1.1":
            found.append(given)  # VC 1.1 holds JWTs as they are.
        elif not isinstance(given, dict):
            raise MalformedCredential("a credential is an object", pointer=at)
        elif ENVELOPED_CREDENTIAL in _list(given.get("type")):
            found.append(envelope_of(given, at))
        else:
            try:
                read_credential(given)
            except MalformedCredential as error:
                inner = error.values.pop("pointer", "")
                raise MalformedCredential(error.detail, pointer=f"{at}{inner}", **error.values) from error
            found.append(given)
    return Presentation(dict(document), version, _url(document, "id"), _identified(document, "holder"), tuple(found))


def require_few_values(octets: bytes) -> None:
    """Refuse a JSON text of more values than are read, before it is. Raises MalformedCredential."""
    if octets.count(b",") + octets.count(b"{") + octets.count(b"[") > MAX_VALUES:
        raise MalformedCredential("more values than are read", limit=MAX_VALUES)


def enclose(token: str) -> Document:
    """A credential in a token as a member of a presentation: an EnvelopedVerifiableCredential (section 4.13)."""
    kind = "dc+sd-jwt" if "~" in token else "vc+jwt"
    return {"@context": CONTEXT_V2, "id": f"data:application/{kind},{token}", "type": [ENVELOPED_CREDENTIAL]}


def envelope_of(document: Mapping[str, Any], at: str = "") -> str:  # Any: JSON, checked here
    """The token in the `data:` URL of an enveloped credential or presentation. Raises MalformedCredential."""
    url = document.get("id")
    if not isinstance(url, str) or not url.startswith("data:application/") or "," not in url[:200]:
        raise MalformedCredential("an envelope is a data: URL of an application type", pointer=f"{at}/id")
    if CONTEXT_V2 not in _list(document.get("@context")) or url.partition(",")[0].endswith(";base64"):
        raise MalformedCredential("an envelope has the context of VC 2.0 and a token in plain", pointer=at)
    return url.partition(",")[2]


def _version(document: Mapping[str, Any]) -> str:  # Any: JSON
    contexts = _list(document.get("@context"))
    first = contexts[0] if contexts else None
    if first not in (CONTEXT_V1, CONTEXT_V2):
        raise MalformedCredential("its first context must be that of the data model", pointer="/@context", found=first)
    for place, context in enumerate(contexts):
        if not (isinstance(context, dict) or (isinstance(context, str) and is_url(context))):
            raise MalformedCredential("a context is a URL or an object", pointer=f"/@context/{place}")
    if len([one for one in contexts if one in (CONTEXT_V1, CONTEXT_V2)]) > 1:
        raise MalformedCredential("contexts of two versions", pointer="/@context")
    return "2.0" if first == CONTEXT_V2 else "1.1"


def is_url(text: str) -> bool:
    """Whether a text is an absolute URL, as far as the data model asks for one."""
    return len(text) <= 65_536 and _URL.fullmatch(text) is not None


def _types(document: Mapping[str, Any], wanted: str) -> tuple[str, ...]:  # Any: JSON
    types = _list(document.get("type"))
    if len(types) > MAX_MANY or not all(
        isinstance(one, str) and (is_url(one) or _TERM.fullmatch(one)) for one in types
    ):
        raise MalformedCredential("a type is a term or a URL", pointer="/type")
    if wanted not in types:
        raise MalformedCredential(f"its type must hold {wanted}", pointer="/type")
    return tuple(types)


def _list(value: Any) -> list[Any]:  # Any: JSON
    return [] if value is None else as_list(value)


def _many(document: Mapping[str, Any], name: str) -> list[Any]:  # Any: JSON
    if name in document and document[name] is None:
        raise MalformedCredential("null says nothing", pointer=f"/{name}")
    found = _list(document.get(name))
    if len(found) > MAX_MANY:
        raise MalformedCredential("too many", pointer=f"/{name}", limit=MAX_MANY)
    return found


def _url(document: Mapping[str, Any], name: str, at: str = "") -> str | None:  # Any: JSON
    if name not in document:
        return None
    value = document[name]
    if not isinstance(value, str) or not is_url(value):
        raise MalformedCredential("one URL is expected", pointer=f"{at}/{name}")
    return value


def _identified(document: Mapping[str, Any], name: str, *, required: bool = False) -> str | None:  # Any: JSON
    """A URL, or the `id` of an object that has one."""
    value = document.get(name)
    if isinstance(value, dict):
        found = _url(value, "id", f"/{name}")
        if found is None:
            raise MalformedCredential("an object with an id is expected", pointer=f"/{name}")
        return found
    if name not in document and not required:
        return None
    if not isinstance(value, str) or not is_url(value):
        raise MalformedCredential("a URL, or an object with one, is expected", pointer=f"/{name}")
    return value


def _moment(document: Mapping[str, Any], name: str, *, required: bool = False) -> int | None:  # Any: JSON
    if name not in document and not required:
        return None
    try:
        return read_moment(document.get(name))
    except ValueError as error:
        raise MalformedCredential("a date and time with a zone is expected", pointer=f"/{name}") from error


def _subjects(document: Mapping[str, Any]) -> tuple[Document, ...]:  # Any: JSON
    subjects = _many(document, "credentialSubject")
    if not subjects:
        raise MalformedCredential("a subject is missing", pointer="/credentialSubject")
    for place, subject in enumerate(subjects):
        at = f"/credentialSubject/{place}" if isinstance(document["credentialSubject"], list) else "/credentialSubject"
        if not isinstance(subject, dict) or not subject:
            raise MalformedCredential("a subject is an object with claims", pointer=at)
        _url(subject, "id", at)
    return tuple(subjects)


_Rule = Callable[[Document, str], None]


def _typed(document: Mapping[str, Any], name: str, rule: _Rule) -> tuple[Document, ...]:  # Any: JSON
    """One object or several, each with a type, and with an id as the rule says."""
    found = _many(document, name)
    for place, value in enumerate(found):
        at = f"/{name}/{place}" if isinstance(document[name], list) else f"/{name}"
        types = _list(value.get("type")) if isinstance(value, dict) else []
        if not types or not all(isinstance(one, str) and (is_url(one) or _TERM.fullmatch(one)) for one in types):
            raise MalformedCredential("an object with a type is expected", pointer=at)
        rule(value, at)
    return tuple(found)


def _anything(_: Document, __: str) -> None:
    pass


def _with_optional_id(value: Document, at: str) -> None:
    _url(value, "id", at)


def _with_id(value: Document, at: str) -> None:
    if _url(value, "id", at) is None:
        raise MalformedCredential("an id is missing", pointer=at)


def _related(document: Mapping[str, Any]) -> tuple[Document, ...]:  # Any: JSON
    """Related resources: each once, with a digest (section 5.3)."""
    found = _many(document, "relatedResource")
    seen = set()
    for place, value in enumerate(found):
        at = f"/relatedResource/{place}"
        if not isinstance(value, dict) or _url(value, "id", at) is None or value["id"] in seen:
            raise MalformedCredential("an object with an id of its own is expected", pointer=at)
        if not {"digestSRI", "digestMultibase"} & value.keys():
            raise MalformedCredential("a digest is missing", pointer=at)
        seen.add(value["id"])
    return tuple(found)


def _require_text(document: Mapping[str, Any], name: str, at: str = "") -> None:  # Any: JSON
    """A text, or language value objects (section 11.1)."""
    for value in _list(document.get(name)):
        if isinstance(value, dict):
            said = value.keys() <= _LANGUAGE and isinstance(value.get("@value"), str)
            if not said or value.get("@direction", "ltr") not in {"ltr", "rtl"}:
                raise MalformedCredential("not a text in a language", pointer=f"{at}/{name}")
        elif not isinstance(value, str):
            raise MalformedCredential("a text is expected", pointer=f"{at}/{name}")
