"""A process of the house: it serves one application on loopback, says where, and ends with its parent.

Used by every daemon whose face is an ASGI application; the command that starts it waits for one line on its output.
"""

import json
import logging
import os
import socket
import stat
import sys
import threading
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS = 3
MAX_MESSAGE = 2 * 1024 * 1024
LOOPBACK = "127.0.0.1"


def listen(port: int = 0) -> socket.socket:
    """A listening socket on loopback, for a process that must know its URL before it can serve; 0 takes a free port.

    Raises:
        OSError: the port is taken.
    """
    listener = socket.create_server((LOOPBACK, port))
    # Connections inherit it. Answers are written in two parts; the second would wait 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a listening socket answers."""
    return f"http://{LOOPBACK}:{listener.getsockname()[1]}"


def log_to(path: Path) -> None:
    """Send the process's log to a file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # A line for each question to the node would bury the rest.
    logging.getLogger("httpx2").setLevel(logging.WARNING)


def serve(app: ASGIApp, *, name: str, home: Path, port: int = 0, bound: socket.socket | None = None) -> None:
    """Serve until told to stop: by a signal, or by the end of standard input where that is a pipe.

    Prints one JSON line {"name", "url", "pid"} once requests are answered; 0 as port takes a free one, `bound` is used
    instead where it is given. Logs go to `home`/`name`.log.

    Raises:
        OSError: the port is taken.
        SystemExit: the application did not start; the log says why.
    """
    log_to(home / f"{name}.log")
    with bound or listen(port) as listener:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            ws_max_size=MAX_MESSAGE,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = _Server(config, name, url_of(listener))
        _end_with_parent(server)
        server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(3)


class _Server(uvicorn.Server):
    """Announces itself when its application is up."""

    def __init__(self, config: uvicorn.Config, name: str, url: str) -> None:
        super().__init__(config)
        self._name, self._url = name, url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            line = json.dumps({"name": self._name, "url": self._url, "pid": os.getpid()})
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def _end_with_parent(server: uvicorn.Server) -> None:
    """Stop the server when the pipe on standard input closes; a terminal or a file there means nothing."""
    kind = os.fstat(sys.stdin.fileno()).st_mode if sys.stdin else 0
    if not (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)):
        return

    def wait() -> None:
        # The descriptor is read without Python's buffer, whose lock would be in the way when the interpreter ends.
        while os.read(0, 4096):
            pass
        server.should_exit = True

    threading.Thread(target=wait, name="parent", daemon=True).start()
