"""A companion belongs to one credential, says what that says, and is read strictly."""

from dataclasses import replace

import pytest
from predicate_town import (
    BORN,
    CONTEXTS,
    FAMILY,
    GLUCOSE,
    LAB,
    MANDATORY,
    POSITIONS,
    REGISTRY,
    SUBJECT,
    Document,
    Seeded,
)

from panacea.credentials.predicates import (
    Companion,
    Day,
    EncodingRefused,
    LinkRefused,
    MalformedCompanion,
    Number,
    Position,
    PredicateRejected,
    Secret,
    Text,
    UnknownPosition,
    WrongCompanion,
    issue_companion,
    record_secret,
    verify_companion,
    with_link,
)
from panacea.credentials.predicates.companion import MAX_HEADER, Header
from panacea.credentials.suites.types import WrongKey, WrongProof
from panacea.crypto.hazmat.bls12381 import Scalar
from panacea.crypto.secret import SecretBytes
from panacea.wire import cbor

SOURCE = LAB.source()
CREDENTIAL, COMPANION = SOURCE.credential, SOURCE.companion
READ = Companion.from_octets(COMPANION)


def verified(companion: bytes, credential: Document | None = None, key: bytes = LAB.public) -> Companion:
    return verify_companion(companion, credential or CREDENTIAL, public_key=key, contexts=CONTEXTS)


def signed_anyway(scalars: tuple[Scalar, ...] = READ.scalars, header: Header = READ.header) -> bytes:
    """A companion that the lab's key signs though its values are not the credential's."""
    from panacea.credentials.predicates.basis import COMPANION as SUITE

    return Companion(
        header, scalars, SUITE.sign_scalars(LAB.secret, LAB.public, header.to_octets(), scalars)
    ).to_octets()


def test_issue_and_verify() -> None:
    found = verified(COMPANION)
    assert found.header.positions == POSITIONS
    assert int(found.scalars[1]) == 54
    assert found.to_octets() == COMPANION


def test_nothing_secret_in_its_repr() -> None:
    shown = repr(READ) + repr(SOURCE)
    assert str(int(READ.scalars[0])) not in shown
    assert READ.signature.hex() not in shown
    assert "Nakamura" not in shown


def test_the_link_is_fresh_and_hidden() -> None:
    first, second = (with_link({"@context": "https://www.w3.org/ns/credentials/v2"}) for _ in range(2))
    assert first["predicateLink"] != second["predicateLink"]
    assert len(first["predicateLink"]) == 44


@pytest.mark.parametrize("extra", [{"predicateLink": "u" + 43 * "A"}, {"proof": {}}])
def test_no_second_link(extra: Document) -> None:
    with pytest.raises(LinkRefused):
        with_link({"@context": [], **extra})


def test_a_mandatory_link_is_refused() -> None:
    credential = LAB.sign(LAB.document(), (*MANDATORY, "/predicateLink"))
    with pytest.raises(LinkRefused):
        LAB.companion(credential)


def test_a_credential_without_a_link() -> None:
    document = LAB.document()
    del document["predicateLink"]
    with pytest.raises(LinkRefused):
        LAB.companion(LAB.sign(document))


@pytest.mark.parametrize("text", ["short", "u" + 42 * "A", "z" + 43 * "A"])
def test_a_link_of_another_shape(text: str) -> None:
    with pytest.raises(LinkRefused):
        LAB.companion(LAB.sign({**LAB.document(), "predicateLink": text}))


def test_two_links() -> None:
    document = LAB.document()
    document["predicateLink"] = [document["predicateLink"], "u" + 43 * "A"]
    with pytest.raises(LinkRefused):
        LAB.companion(LAB.sign(document))


def test_a_text_that_contains_a_link_is_none() -> None:
    text = '" .\n_:b0 <https://w3id.org/panacea/predicates#link> "u' + 43 * "A" + '" .\n'
    credential = LAB.sign(LAB.document(family=text))
    verified(LAB.companion(credential), credential)


def test_only_of_ones_own_credential() -> None:
    with pytest.raises(WrongKey):
        REGISTRY.companion(dict(CREDENTIAL))
    forged = {**CREDENTIAL, "credentialSubject": {**CREDENTIAL["credentialSubject"], "glucose": "9.9"}}
    with pytest.raises(WrongProof):
        LAB.companion(forged)


@pytest.mark.parametrize(
    ("position", "refusal"),
    [
        (Position(f"{SUBJECT}/none", Text()), UnknownPosition),
        (Position(f"{FAMILY}/0", Text()), UnknownPosition),
        (Position(f"{SUBJECT}/@id", Text()), UnknownPosition),
        (Position(FAMILY, Day()), EncodingRefused),
        (Position(GLUCOSE, Number(places=0)), EncodingRefused),
        (Position("credentialSubject", Text()), MalformedCompanion),
        (Position("/proof/proofValue", Text()), MalformedCompanion),
        (Position("/predicateLink", Text()), MalformedCompanion),
        (Position("/@context/0", Text()), MalformedCompanion),
        (Position("", Text()), MalformedCompanion),
        (Position(FAMILY, Secret()), MalformedCompanion),
        (Position(FAMILY, Text(), "m" * 257), MalformedCompanion),
        (Position("/" + "p" * 512, Text()), MalformedCompanion),
    ],
)
def test_positions_that_cannot_be(position: Position, refusal: type[PredicateRejected]) -> None:
    with pytest.raises(refusal):
        LAB.companion(dict(CREDENTIAL), [position])


def test_positions_without_end() -> None:
    for positions in (
        [],
        [POSITIONS[0], POSITIONS[0]],
        [Position(FAMILY, Text(), str(number)) for number in range(2)],
        [Position(f"/a/{number}", Text()) for number in range(33)],
        [Position(f"/{'a' * 400}/{number}", Text()) for number in range(32)],
    ):
        with pytest.raises(MalformedCompanion):
            LAB.companion(dict(CREDENTIAL), positions)


def test_a_secret_must_be_there_and_not_zero() -> None:
    keys = {"secret_key": LAB.secret, "public_key": LAB.public}
    for secret in (None, SecretBytes(bytes(32))):
        with pytest.raises(EncodingRefused):
            issue_companion(CREDENTIAL, [Position("", Secret())], contexts=CONTEXTS, secret=secret, **keys)
    for octets in (b"\xff" * 32, b"short"):
        with pytest.raises(MalformedCompanion):
            issue_companion(CREDENTIAL, [Position("", Secret())], contexts=CONTEXTS, secret=SecretBytes(octets), **keys)


def test_an_array_by_index() -> None:
    credential = LAB.sign(LAB.document(family=["Nakamura", "Ito"]))
    companion = LAB.companion(credential, [Position(f"{FAMILY}/1", Text())])
    assert verified(companion, credential).scalars[1] == Text().scalar_of("Ito")
    with pytest.raises(UnknownPosition):
        LAB.companion(credential, [Position(f"{FAMILY}/2", Text())])


def test_the_secret_of_a_record_stays_the_same() -> None:
    issuer, other = SecretBytes(b"i" * 32), SecretBytes(b"o" * 32)
    assert record_secret(issuer, "Observation/1") == record_secret(issuer, "Observation/1")
    secrets = [record_secret(each, ref) for each in (issuer, other) for ref in ("Observation/1", "Observation/2")]
    assert len({secret.reveal() for secret in secrets}) == 4


def test_of_another_credential_issuer_or_key() -> None:
    other = LAB.source(glucose="5.4")
    with pytest.raises(WrongCompanion, match="another credential"):
        verified(other.companion)
    with pytest.raises(WrongCompanion, match="another issuer"):
        verified(REGISTRY.source().companion)
    with pytest.raises(WrongKey):
        verified(COMPANION, key=REGISTRY.public)


def test_values_that_are_not_the_credentials() -> None:
    with pytest.raises(WrongCompanion, match="another value"):
        verified(signed_anyway((READ.scalars[0], Scalar(55), *READ.scalars[2:])))
    moved = replace(READ.header, positions=(Position(BORN, Number()), *POSITIONS[1:]))
    with pytest.raises(WrongCompanion):
        verified(signed_anyway(header=moved))
    nowhere = replace(READ.header, positions=(Position("/nowhere", Number()), *POSITIONS[1:]))
    with pytest.raises(WrongCompanion):
        verified(signed_anyway(header=nowhere))


def test_changed_scalars_header_or_signature() -> None:
    secret = Companion(READ.header, (*READ.scalars[:-1], READ.scalars[-1] + Scalar(1)), READ.signature)
    meaning = replace(READ.header, positions=(replace(POSITIONS[0], meaning="mg"), *POSITIONS[1:]))
    other = Companion.from_octets(LAB.source(glucose="5.4").companion).signature
    for changed in (secret, replace(READ, header=meaning), replace(READ, signature=other)):
        with pytest.raises(WrongCompanion):
            verified(changed.to_octets())


def test_every_octet_counts() -> None:
    chance = Seeded(b"companion mutations")
    for at in range(len(COMPANION)):
        changed = bytearray(COMPANION)
        changed[at] ^= 1 << chance.token(1)[0] % 8
        with pytest.raises((MalformedCompanion, WrongCompanion)):
            verified(bytes(changed))


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x80",
        COMPANION[:-1],
        COMPANION + b"\x00",
        cbor.encode(["panacea/predicates/companion/v2", READ.header.to_octets(), [], READ.signature]),
        cbor.encode(["panacea/predicates/companion/v1", READ.header.to_octets(), [], READ.signature]),
        cbor.encode(["panacea/predicates/companion/v1", b"", [b""], READ.signature]),
        cbor.encode(["panacea/predicates/companion/v1", b"x" * (MAX_HEADER + 1), [], READ.signature]),
        cbor.encode(["panacea/predicates/companion/v1", READ.header.to_octets(), [0] * 7, READ.signature]),
        cbor.encode(["panacea/predicates/companion/v1", READ.header.to_octets(), [b"\xff" * 32] * 7, b"s" * 80]),
        cbor.encode(["panacea/predicates/companion/v1", READ.header.to_octets(), [b"\x01" * 32] * 7, b"short"]),
        b"x" * 100_000,
    ],
)
def test_octets_that_are_no_companion(octets: bytes) -> None:
    with pytest.raises(MalformedCompanion):
        Companion.from_octets(octets)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        ["panacea/predicates/header/v2", "i", "m", [["/a", "", ["text"]]]],
        ["panacea/predicates/header/v1", "i", "m", []],
        ["panacea/predicates/header/v1", "", "m", [["/a", "", ["text"]]]],
        ["panacea/predicates/header/v1", "i", 5, [["/a", "", ["text"]]]],
        ["panacea/predicates/header/v1", "i", "m", [["/a", "", ["text"], 1]]],
        ["panacea/predicates/header/v1", "i", "m", [["/a", "", ["long"]]]],
        ["panacea/predicates/header/v1", "i", "m", [["/a", None, ["text"]]]],
        ["panacea/predicates/header/v1", "i", "m", ["/a"]],
    ],
)
def test_octets_that_are_no_header(parts: list[object]) -> None:
    with pytest.raises(MalformedCompanion):
        Header.from_octets(cbor.encode(parts))
