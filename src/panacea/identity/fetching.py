"""How this room asks the web: through a function that is passed in, and what that function promises.

No socket is opened here. Whoever fetches keeps the promises of `Fetch`; what comes back is looked at here again.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its status, its media type without parameters in lower case, its octets.

    `location` is where a redirect points, as the server wrote it.
    """

    status: int
    media_type: str
    octets: bytes
    location: str | None = None


class Fetch(Protocol):
    """Whoever asks a web server, over TLS with its certificate checked."""

    def __call__(self, url: str, *, accept: str, max_bytes: int) -> Fetched:
        """The answer to one GET; redirects are reported, not followed.

        A body of more than `max_bytes` is not read to its end. A host name that leads to a private address should be
        refused here, where names are looked up: nobody above sees addresses.

        Raises:
            RegistryUnavailable: no answer within the fetcher's own time, or too large a one.
        """
        ...
