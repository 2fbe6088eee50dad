"""Serves the product with granian, a web server that needs no other in front to start with.

Before the first start:  soutien manage migrate && soutien manage collectstatic --noinput
"""

from __future__ import annotations

import argparse
import errno
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

HIGHEST_PORT = 65_535
DEFAULT_PORT = 8000
# SQLite and Python's own lock leave little to win beyond a few threads a process.
DEFAULT_THREADS = 4


def port_number(text: str) -> int:
    """A port from the command line; 0 asks for any free one."""
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give 0 to {HIGHEST_PORT}")
    return port


def positive(text: str) -> int:
    """A number of processes or threads from the command line."""
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_address(parser)
    parser.add_argument("--workers", type=positive, default=2, help="processes (default: 2)")
    parser.add_argument(
        "--threads",
        type=positive,
        default=DEFAULT_THREADS,
        help=f"threads a process (default: {DEFAULT_THREADS})",
    )


def add_address(parser: argparse.ArgumentParser) -> None:
    """The two arguments that say where to listen."""
    parser.add_argument("--host", default="127.0.0.1", help="address (default: 127.0.0.1)")
    parser.add_argument(
        "--port",
        type=port_number,
        default=DEFAULT_PORT,
        help=f"port (default: {DEFAULT_PORT}; 0 takes a free one)",
    )


def free_port(host: str, port: int) -> int | None:
    """The port when it can be listened to (a free one for 0); else says why and gives None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"port {port} is already in use. Choose another:  --port {port + 1}"
            else:
                reason = f"{host} port {port} cannot be used: {error.strerror}"
            print(f"soutien: {reason}", file=sys.stderr)
            return None
        chosen: int = attempt.getsockname()[1]
        return chosen


def serve(
    *, host: str, port: int, workers: int, threads: int, when_ready: Callable[[], None]
) -> None:
    """Serves until it is interrupted. ``when_ready`` is called once the workers are started."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soutien.doors.settings")
    certificate, key = own_certificate()
    server = Granian(
        "soutien.doors.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # Granian would allow 512 threads, each with a database connection.
        blocking_threads=threads,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        # With a certificate HTTPS, 1.3 only: who speaks to us is a proxy of ours.
        ssl_cert=certificate,
        ssl_key=key,
    )
    server.on_startup(when_ready)
    server.serve()


def own_certificate() -> tuple[Path, Path] | tuple[None, None]:
    """The files of our certificate and its key, when we have one."""
    from django.conf import settings

    if not settings.CERTIFICATE:
        return None, None
    return Path(settings.CERTIFICATE), Path(settings.CERTIFICATE_KEY)


def run(args: argparse.Namespace) -> int:
    """Checks the settings, then serves."""
    from soutien.doors.cli.framework import start

    start()
    port = free_port(args.host, args.port)
    if port is None:
        return 1
    scheme = "https" if any(own_certificate()) else "http"
    serve(
        host=args.host,
        port=port,
        workers=args.workers,
        threads=args.threads,
        when_ready=lambda: print(f"Soutien listens on {scheme}://{args.host}:{port}", flush=True),
    )
    return 0
