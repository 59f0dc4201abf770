"""Asking an address whether it answers, without being led into a private network.

The host is resolved once, every address it has must be public, and the connection goes to the very address that was
looked at; each redirect begins anew. Bounded in time, in bytes and in redirects. Nothing of an answer is kept.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

TIMEOUT = 5  # seconds, for each step of a conversation
WHOLE_SECONDS = 12  # for all of one: a server that sends a letter now and then has no end of steps
MOST_REDIRECTS = 5
MOST_BYTES = 3 * 1024 * 1024
AGENT = "Mozilla/5.0 (compatible; HeadwaterPreflight/1.0)"


class Private(Exception):
    """The address is, or leads, inside a private network."""


class Unreachable(Exception):
    """No answer: the name is not known, nobody listens, or it took too long. ``sure``: asking again will not help."""

    def __init__(self, words: str, *, sure: bool = False) -> None:
        super().__init__(words)
        self.sure = sure


@dataclass(frozen=True)
class Answer:
    """The last answer after redirects. `size` in bytes, at most `MOST_BYTES`, 0 where only the head was asked."""

    status: int
    address: str
    redirects: tuple[str, ...] = ()
    size: int = 0
    content_type: str = ""


def ask(address: str, *, body: bool = False, allowed: Collection[str] = ()) -> Answer:
    """HEAD, and GET where HEAD is refused or `body` is wanted. `allowed` are private IPs that may be asked (tests).

    Raises Private and Unreachable.
    """
    passed: list[str] = []
    while True:
        status, headers, size = _once(address, body, allowed)
        location = headers.get("location", "")
        if status not in (301, 302, 303, 307, 308) or not location:
            return Answer(status, address, tuple(passed), size, headers.get("content-type", ""))
        try:
            address = urljoin(address, location)
        except ValueError:
            raise Unreachable("it redirects to no web address", sure=True) from None
        if address in passed or len(passed) >= MOST_REDIRECTS:
            raise Unreachable("it redirects without end", sure=True)
        passed.append(address)


def _once(address: str, body: bool, allowed: Collection[str]) -> tuple[int, dict[str, str], int]:
    if not body:
        status, headers, _none = _talk("HEAD", address, allowed)
        if status not in (400, 403, 404, 405, 501):
            return status, headers, 0
    return _talk("GET", address, allowed)


def _talk(method: str, address: str, allowed: Collection[str]) -> tuple[int, dict[str, str], int]:
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # half a bracket, a port beyond all ports
        raise Unreachable("it is no web address", sure=True) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unreachable("it is no web address", sure=True)
    line = _connect(parts.hostname, port, parts.scheme == "https", allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    over = threading.Timer(WHOLE_SECONDS, _hang_up, [line.sock])
    over.daemon = True
    over.start()
    try:
        line.request(method, path, headers={"User-Agent": AGENT, "Accept": "*/*", "Host": parts.netloc})
        response = line.getresponse()
        size = len(response.read(MOST_BYTES)) if method == "GET" else 0
        return response.status, {name.lower(): value for name, value in response.getheaders()}, size
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(str(error) or type(error).__name__) from None
    finally:
        over.cancel()
        line.close()


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _connect(host: str, port: int, secure: bool, allowed: Collection[str]) -> http.client.HTTPConnection:
    """A connection to an address that was looked at before; the name is not resolved a second time."""
    ip = _public_ip(host, port, allowed)
    line = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        plain = socket.create_connection((ip, port), timeout=TIMEOUT)
        line.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(f"its certificate is not valid: {error.verify_message}", sure=True) from None
    except OSError as error:
        raise Unreachable(str(error) or type(error).__name__) from None
    return line


def _public_ip(host: str, port: int, allowed: Collection[str]) -> str:
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except socket.gaierror as error:
        sure = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        raise Unreachable("there is no such name", sure=sure) from None
    except UnicodeError:
        raise Unreachable("the name is not one", sure=True) from None
    for ip in found:
        if not ipaddress.ip_address(ip).is_global and ip not in allowed:
            raise Private(host)
    return sorted(found)[0]
