"""How a cryptosuite says no.

ProofRejected
  x MalformedProof         proof options or proof value that are not what the suite defines
  x UnknownCryptosuite     a proof of another type, cryptosuite or proof version
  x WrongPurpose           made for another purpose than the verifier's
  x InlineContext          a document that carries its own definitions of its terms
  x WrongKey               the proof names another public key than the one given
  x WrongPresentation      shown to somebody else, or before: another presentation header
  x WrongStatements        the document is not the one that was signed, as far as indexes and labels tell
  x WrongProof             well formed, and not true
  x WrongTime              before it was made, or after it expired
  x WrongOccasion          made for another domain or challenge
  x BrokenChain            the proof that it builds on is missing
"""

from dataclasses import dataclass, field

from panacea.primitives.rejected import Rejected


class ProofRejected(Rejected, codespace="credentials", code=120, text="proof refused"):
    """A proof was refused."""


class MalformedProof(ProofRejected, code=121, text="malformed proof"):
    """An option is missing, unknown or misshapen, or the proof value does not decode."""


class UnknownCryptosuite(ProofRejected, code=122, text="unknown proof type, cryptosuite or version"):
    """A proof this suite does not define."""


class WrongPurpose(ProofRejected, code=123, text="wrong proof purpose"):
    """The proof was made for another purpose."""


class InlineContext(ProofRejected, code=124, text="only named contexts are accepted"):
    """A context given by value: its terms could be made to mean anything."""


class WrongKey(ProofRejected, code=125, text="proof names another public key"):
    """The key inside the proof is not the one given."""


class WrongPresentation(ProofRejected, code=126, text="wrong presentation header"):
    """The proof was derived for another occasion."""


class WrongStatements(ProofRejected, code=127, text="statements do not match the proof"):
    """Indexes or labels of the proof do not fit the statements of the document."""


class WrongProof(ProofRejected, code=128, text="proof does not verify"):
    """The signature or the zero-knowledge proof is not true of this document, these options and this key."""


class WrongTime(ProofRejected, code=129, text="proof is not valid at this time"):
    """Its `created` lies ahead, or its `expires` is over."""


class WrongOccasion(ProofRejected, code=130, text="proof was made for another domain or challenge"):
    """A replay, or a presentation meant for somebody else."""


class BrokenChain(ProofRejected, code=131, text="previous proof is missing"):
    """A proof names a previous proof that the document does not carry, or proofs name each other in a circle."""


@dataclass(frozen=True, slots=True)
class SelectiveProof:
    """What a derived proof established: the statements shown, as canonical N-Quads under the issuer's labels.

    `mandatory` of them the issuer demands. `hidden` is how many more were signed, None where the suite does not tell.
    """

    statements: tuple[str, ...] = field(repr=False)
    mandatory: int
    hidden: int | None
