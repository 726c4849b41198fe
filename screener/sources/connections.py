"""Connections to public addresses alone, and answers of bounded size: what every request of this room goes through.

What a database answers names hosts (an open-access link, a redirect). None of these may lead into the network of who runs
the program. The address is looked at after connecting and before anything is sent, so that a name that resolves otherwise
the second time is refused too. Through a proxy, the proxy connects and decides.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError

_PIECE = 1 << 16
_GIVEN_OUT, _TO_IPV4 = IPv6Network("2000::/3"), IPv6Network("64:ff9b::/96")
PATIENCE_S = 60.0
SLOWEST = 500
"""Bytes a second, unpacked: an answer that comes slower, after `PATIENCE_S` seconds, is not read to its end."""
MOST_BYTES: ContextVar[int] = ContextVar("most_bytes", default=50_000_000)
"""Bytes of one answer, unpacked, that are read at most."""
CUT: ContextVar[bool] = ContextVar("cut", default=False)
"""Whether a larger answer is cut there, for who needs only its beginning, instead of refused."""


class PrivateAddressError(OSError):
    """A host is in a private network or on this machine; nothing was sent to it."""


class TooLargeError(OSError):
    """An answer is larger than is read."""


def private_allowed() -> bool:
    """Return whether `SCREENER_ALLOW_LOOPBACK=1` allows this machine and private networks, as tests need it."""
    return os.environ.get("SCREENER_ALLOW_LOOPBACK") == "1"


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public network; an IPv4 address within an IPv6 one counts as itself.

    Of IPv6 only 2000::/3 is given out (RFC 4291); 64:ff9b::/96 leads to the IPv4 address in it (RFC 6052).
    """
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _TO_IPV4 else None)
        if inner is None and ip not in _GIVEN_OUT:
            return False
        ip = inner or ip
    return ip.is_global and not ip.is_multicast


def is_private_host(host: str) -> bool:
    """Return whether a host's name stands for an address of this machine or of a private network; False if for none."""
    try:
        return not is_public(str(socket.getaddrinfo(host, None)[0][4][0]))
    except (OSError, ValueError):
        return False


def _checked(connection: socket.socket, host: str) -> socket.socket:
    address = connection.getpeername()[0]
    if not private_allowed() and not is_public(address):
        connection.close()
        where = host if host == address else f"{host} ({address})"
        raise PrivateAddressError(f"{where} is a private address: nothing was sent to it")
    return connection


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn(), self.host)


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn(), self.host)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class CheckedAdapter(HTTPAdapter):
    """Sends requests as `requests` does, to public addresses, and reads answers up to `MOST_BYTES`, whole unless `CUT`."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pool of connections that look at their address."""
        super().init_poolmanager(*args, **options)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def send(self, request: PreparedRequest, stream: bool = False, *args: Any, **options: Any) -> Response:
        """Send a request and read its answer; `TooLargeError` for one that is larger than may be read."""
        options["stream"] = True
        answer = super().send(request, *args, **options)
        most, pieces, size, begun = MOST_BYTES.get(), list[bytes](), 0, time.monotonic()
        for piece in _pieces(answer):
            size += len(piece)
            if size > most:
                answer.close()
                if CUT.get():
                    break
                raise TooLargeError(f"the answer has more than {most // 1_000_000:,} MB")
            took = time.monotonic() - begun
            if took > PATIENCE_S and size < took * SLOWEST:
                answer.close()
                raise requests.ReadTimeout(f"{size:,} bytes in {took:.0f} seconds")
            pieces.append(piece)
        # Where `requests` and its cache look for the body of an answer that was read.
        answer._content, answer._content_consumed = b"".join(pieces), True
        return answer


def _pieces(answer: Response) -> Iterator[bytes]:
    """Yield the body of an answer, unpacked, as it comes: what comes a byte at a time is not waited for to fill a piece."""
    try:
        while piece := answer.raw.read1(_PIECE, decode_content=True):
            yield piece
    except ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    except DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
