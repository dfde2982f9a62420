"""How a predicate, a companion or their proof is refused.

PredicateRejected
  x EncodingRefused      an encoding with parameters outside its bounds, or a value it cannot hold exactly
  x MalformedCompanion   octets that are no companion
  x WrongCompanion       signed by another key, over other values, or beside another credential
  x LinkRefused          a credential without exactly one hidden predicateLink statement
  x UnknownPosition      the companion has no such value, or one of another meaning or kind
  x BoundRefused         a bound of the wrong type, outside the encoding, or a range that holds nothing
  x StatementFalse       the hidden values do not fulfil the predicate: an honest holder has no proof
  x EncodingsDiffer      equality of values that are written differently
  x TooManyPredicates    more than one proof takes
  x MalformedPredicates  octets that are no predicate proof
  x WrongPredicates      well formed, and not true of these credentials on this occasion
  x NotProven            true, and not what the verifier demands
"""

from panacea.primitives.rejected import Rejected


class PredicateRejected(Rejected, codespace="credentials", code=230, text="predicate refused"):
    """A predicate, a companion or a predicate proof was refused."""


class EncodingRefused(PredicateRejected, code=231, text="not exactly representable"):
    """Parameters out of bounds, or a value between, below or above what the encoding holds. Values are not kept."""


class MalformedCompanion(PredicateRejected, code=232, text="malformed companion"):
    """Not the canonical octets of a companion of this version."""


class WrongCompanion(PredicateRejected, code=233, text="companion does not fit the credential"):
    """Another issuer, method or key, values other than the credential's, or a signature that does not verify."""


class LinkRefused(PredicateRejected, code=234, text="exactly one hidden predicateLink is needed"):
    """The link is absent, there more than once, mandatory, disclosed, or not 32 bytes."""


class UnknownPosition(PredicateRejected, code=235, text="the companion has no such value"):
    """No position with that pointer, or one whose meaning or encoding does not fit the predicate."""


class BoundRefused(PredicateRejected, code=236, text="bound refused"):
    """A bound of another type than the encoding's, outside of it, or bounds between which nothing lies."""


class StatementFalse(PredicateRejected, code=237, text="the hidden values do not fulfil the predicate"):
    """Asked to prove what is not so. The values are not kept."""


class EncodingsDiffer(PredicateRejected, code=238, text="values are written in different encodings"):
    """Equal scalars would not mean equal values."""


class TooManyPredicates(PredicateRejected, code=239, text="too many credentials, predicates or bits"):
    """Beyond the bounds of one proof."""


class MalformedPredicates(PredicateRejected, code=240, text="malformed predicate proof"):
    """Not the canonical octets of a predicate proof of this version."""


class WrongPredicates(PredicateRejected, code=241, text="predicate proof does not verify"):
    """Another statement, another occasion, another credential, or no proof at all."""


class NotProven(PredicateRejected, code=242, text="what is demanded was not proven"):
    """The proof is true and says less, or something else."""
