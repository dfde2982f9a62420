"""The ways this room says no.

VaultRejected
  x ObjectRejected
    + ObjectMalformed        not a panacea-object/1: shape, unknown name, impossible size
    + ObjectTooLarge         beyond the reader's limit
    + ObjectDamaged          an oid, root, leaf, chunk or envelope does not hold
    + WrongKey               the key is not the one the descriptor commits to
  x GrantRejected
    + GrantMalformed         not a token of ours, byte for byte
    + GrantNotSigned         algorithm, key or signature
    + GrantNotNow            expired, not yet valid, or valid for too long
    + GrantNotHere           made out to another audience
    + GrantNotThis           another command or another object
  x ReceiptRejected          a signed promise or a deletion receipt that does not hold
  x BlobErased               the name is under a tombstone
  x NodeRefused              unknown object and forbidden object, told alike
    - NodeUnavailable        the chain cannot be read freshly: fail closed
  x RecordsLocked            the vault's key or passphrase does not open its records
"""

from panacea.primitives.rejected import Rejected


class VaultRejected(Rejected, codespace="vault"):
    """Anything this room refuses."""


class ObjectRejected(VaultRejected):
    """A sealed object was refused."""


class ObjectMalformed(ObjectRejected, code=2, text="not a panacea-object/1"):
    """The bytes do not have the format's shape."""


class ObjectTooLarge(ObjectRejected, code=3, text="object too large"):
    """The object exceeds the limit that the reader set."""


class ObjectDamaged(ObjectRejected, code=4, text="object damaged"):
    """Some byte is not the one that was sealed."""


class WrongKey(ObjectRejected, code=5, text="not the key of this object"):
    """The key commitment in the descriptor names another key."""


class GrantRejected(VaultRejected):
    """A grant was refused."""


class GrantMalformed(GrantRejected, code=10, text="malformed grant"):
    """The token is not a grant of ours."""


class GrantNotSigned(GrantRejected, code=11, text="grant not signed by its issuer"):
    """The algorithm, the key or the signature does not hold."""


class GrantNotNow(GrantRejected, code=12, text="grant not valid at this time"):
    """Expired, not yet valid, or valid for longer than is allowed."""


class GrantNotHere(GrantRejected, code=13, text="grant for another audience"):
    """Made out to somebody else."""


class GrantNotThis(GrantRejected, code=14, text="grant for another action or object"):
    """The command or the object asked for is not in the grant."""


class ReceiptRejected(VaultRejected, code=20, text="receipt refused"):
    """A receipt does not hold."""


class BlobErased(VaultRejected, code=30, text="erased"):
    """The name stands under a tombstone; nothing is stored under it again."""


class NodeRefused(VaultRejected, code=31, text="no such object"):
    """The object is unknown or the caller may not touch it; the caller cannot tell which."""


class NodeUnavailable(VaultRejected, code=32, text="the chain cannot be read now"):
    """No fresh proven state, so nothing is decided."""


class LeaseRefused(VaultRejected, code=33, text="lease out of range"):
    """The height until which the object is to be kept has passed, or lies too far ahead."""


class StoreAnswered(VaultRejected, code=34, text="the store refused"):
    """A remote store answered with an error; `values` hold its status and code."""


class RecordNotFound(VaultRejected, code=40, text="record not found"):
    """The vault has no such record."""


class RecordsLocked(VaultRejected, code=41, text="the vault stays locked"):
    """The vault's key is gone or does not fit what lies in it."""
