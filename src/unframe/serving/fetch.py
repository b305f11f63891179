"""Pictures from URLs: off unless switched on, and then only from where they may be fetched.

A server that fetches what it is told to can be turned against its own network (server-side request forgery). A check of
the URL does not help against that: names can mean anything, and mean something else a moment later (DNS rebinding). So
the URL is checked against a list of hosts, its name is looked up once, the connection is made to the address that was
found, and it is that address, read back from the connected socket, which must be a public one. Every redirect goes the
same way.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpcore

from unframe.errors import DecodeError, FetchError, SettingsError
from unframe.settings import PREFIX, SERVER_PREFIX, ServerSettings, Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[list[str]]]

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2048
HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "unframe"}
MOST_ADDRESSES = 4
"""Addresses of a host that are tried."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})

# From IANA's registries of special-purpose addresses. Written out, because what `ipaddress` calls global has changed
# from version to version of Python.
_SPECIAL_4 = (
    IPv4Network("0.0.0.0/8"),  # this network
    IPv4Network("10.0.0.0/8"),  # private
    IPv4Network("100.64.0.0/10"),  # carriers' NAT
    IPv4Network("127.0.0.0/8"),  # loopback
    IPv4Network("169.254.0.0/16"),  # link-local, and cloud metadata
    IPv4Network("172.16.0.0/12"),  # private
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.0.2.0/24"),  # documentation
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("192.168.0.0/16"),  # private
    IPv4Network("198.18.0.0/15"),  # benchmarks
    IPv4Network("198.51.100.0/24"),  # documentation
    IPv4Network("203.0.113.0/24"),  # documentation
    IPv4Network("224.0.0.0/4"),  # multicast
    IPv4Network("240.0.0.0/4"),  # reserved, and broadcast
)
# Whatever lies outside 2000::/3 is not public: loopback, unique local, link-local, multicast, and the prefixes that
# embed IPv4 addresses (::ffff:0:0/96, 64:ff9b::/96, 64:ff9b:1::/48). Inside it are protocol assignments with Teredo
# (2001::/23), documentation, and 6to4, which embeds an IPv4 address, too.
_GLOBAL_6 = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, as unicast and not as a wrapping of another address."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    return address in _GLOBAL_6 and address.scope_id is None and not any(address in network for network in _SPECIAL_6)


class Target(NamedTuple):
    """A URL taken apart.

    Attributes:
        scheme: ``http`` or ``https``.
        host: Name or address in lower case, in ASCII, without brackets.
        port: Port number.
        path: Path and query, as they go into the request line.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> Target:
        """Take a URL apart.

        Raises:
            FetchError: ``not-allowed``: it is no plain http or https URL.
        """
        if len(url) > LONGEST_URL or not url.isascii() or any(each <= " " or each in "\\\x7f" for each in url):
            raise _refused(f"it is longer than {LONGEST_URL} characters, or not in plain ASCII; percent-encode it")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise _refused(f"it cannot be read: {error}") from error
        host = (parts.hostname or "").rstrip(".")
        if parts.scheme not in PORTS or not host:
            raise _refused("it must begin with http:// or https:// and name a host")
        if parts.username is not None or parts.password is not None:
            raise _refused("it must not carry a user or password")
        if "%" in host or ("[" in parts.netloc) != (":" in host):
            raise _refused("its host is neither a name nor an address")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, host, PORTS[parts.scheme] if port is None else port, path)

    def followed(self, location: str) -> Target:
        """Where a redirect of this URL leads.

        Raises:
            FetchError: ``not-allowed``: to no plain http or https URL.
        """
        try:
            url = urljoin(self.url, location)
        except ValueError as error:
            raise _refused(f"it redirects to a URL that cannot be read: {error}") from error
        return Target.parse(url)

    @property
    def url(self) -> str:
        """The URL again, without its fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and, where it is not the scheme's own, port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


class Hosts:
    """The hosts that may be fetched from.

    Args:
        text: Host names with commas between: ``shop.example`` for itself, ``*.shop.example`` for all below it, ``*``
            for all; with ``:8080`` after it for a port that is not the scheme's own.
    """

    def __init__(self, text: str) -> None:
        self._patterns = [each.strip().lower() for each in text.split(",") if each.strip()]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def allow(self, target: Target) -> bool:
        """Whether a URL's host and port are on the list."""
        return any(self._matches(pattern, target) for pattern in self._patterns)

    @staticmethod
    def _matches(pattern: str, target: Target) -> bool:
        host, colon, port = pattern.rpartition(":")
        if not (colon and port.isdecimal()):
            host, port = pattern, str(PORTS[target.scheme])
        if port != str(target.port):
            return False
        if host == "*":
            return True
        return target.host.endswith(host[1:]) if host.startswith("*.") else target.host == host.strip("[]")


async def look_up(host: str, port: int) -> list[str]:
    """The addresses that a name stands for, as the system's resolver orders them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and checks that it did.

    Args:
        allowed: Networks that are connected to although they are not public.
        resolve: Looks a name up.
        backend: Makes the connections.
    """

    def __init__(
        self,
        allowed: Iterable[Network] = (),
        resolve: Resolve = look_up,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve
        self._backend = backend or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of a host that answers.

        Raises:
            FetchError: ``not-allowed``: it is not public. ``unreachable``: the name stands for none.
        """
        *others, last = (await self._addresses(host, port))[:MOST_ADDRESSES]
        for address in others:
            with suppress(httpcore.ConnectError):  # as where a machine has no IPv6
                return await self._connect(address, port, timeout, local_address, socket_options)
        return await self._connect(last, port, timeout, local_address, socket_options)

    async def _connect(self, address: str, port: int, *options: Any) -> httpcore.AsyncNetworkStream:
        stream = await self._backend.connect_tcp(address, port, *options)
        connected = stream.get_extra_info("server_addr")
        if not self._may(str(connected[0]) if connected else ""):
            await stream.aclose()
            raise _refused("its host has an address that is not public")
        return stream

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchError("unreachable", "the URL's host is not known; check its name") from error
        # All of them must be public: a name that means this network, too, is not one to be trusted.
        if not addresses or not all(map(self._may, addresses)):
            raise _refused("its host has an address that is not public")
        return addresses

    def _may(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return is_public(found) or any(found in network for network in self._allowed)


class Fetcher:
    """Fetches pictures.

    Args:
        settings: Carries the limit of bytes.
        serving: Says from where, and for how long.
        backend: Makes the connections; one that checks them when omitted.

    Raises:
        SettingsError: Fetching is on, but not from where; or the networks are none.
    """

    def __init__(
        self, settings: Settings, serving: ServerSettings, backend: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._settings = settings
        self._serving = serving
        self._hosts = Hosts(serving.fetch_hosts)
        if serving.fetch and not self._hosts:
            variable = f"{SERVER_PREFIX}FETCH_HOSTS"
            raise SettingsError(f"{variable} is empty; name the hosts that may be fetched from, or * for all")
        self._backend = backend or CheckedBackend(_networks(serving.fetch_networks))

    async def fetch(self, url: str, take: Callable[[int], None]) -> bytes:
        """The bytes behind a URL.

        Args:
            url: What to fetch.
            take: Called with the number of bytes before they are kept; may raise.

        Raises:
            FetchError: It may not be, or could not be, fetched.
            DecodeError: ``too-large``: there are more bytes than a picture may have.
        """
        if not self._serving.fetch:
            raise FetchError("fetch-off", f"this server takes no URLs; send the picture, or set {SERVER_PREFIX}FETCH")
        seconds = self._serving.fetch_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(Target.parse(url), take)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise FetchError("too-slow", f"the picture did not come within {seconds:g} seconds") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise FetchError("unreachable", "the URL's host could not be talked to; check that it serves it") from error

    async def _follow(self, target: Target, take: Callable[[int], None]) -> bytes:
        for _ in range(self._serving.fetch_redirects + 1):
            if not self._hosts.allow(target):
                raise _refused(f"its host or port is not on the list ({SERVER_PREFIX}FETCH_HOSTS)")
            answer = await self._ask(target, take)
            if isinstance(answer, bytes):
                return answer
            if target.scheme == "https" and answer.scheme == "http":
                raise _refused("it redirects from https to http")
            target = answer
        limit = f"more than {self._serving.fetch_redirects} times"
        raise FetchError("unreachable", f"the URL redirects {limit}; give the address that it leads to")

    async def _ask(self, target: Target, take: Callable[[int], None]) -> bytes | Target:
        """The bytes behind an address, or where it redirects to."""
        headers = {
            "Host": target.authority,
            "Accept": "image/*",
            "Accept-Encoding": "identity",
            "User-Agent": "unframe",
        }
        # A connection for each: one that was checked for another request could belong to another decision.
        async with httpcore.AsyncConnectionPool(
            ssl_context=self._certificates if target.scheme == "https" else None,
            network_backend=self._backend,
            max_connections=1,
            max_keepalive_connections=0,
        ) as pool:
            url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
            async with pool.stream("GET", url, headers=list(headers.items()), extensions=self._timeouts()) as response:
                told = {name.lower(): value.decode("latin-1") for name, value in response.headers}
                if response.status in REDIRECTS and b"location" in told:
                    return target.followed(told[b"location"])
                _check(response.status, told)
                return await self._body(response, told, take)

    async def _body(self, response: httpcore.Response, told: Mapping[bytes, str], take: Callable[[int], None]) -> bytes:
        most = self._settings.max_bytes
        error = DecodeError("too-large", f"the picture has more than {most:,} bytes; raise {PREFIX}MAX_BYTES")
        length = told.get(b"content-length", "")
        if length.isdecimal() and int(length) > most:
            raise error
        data = bytearray()
        async with aclosing(response.aiter_stream()) as parts:  # type: ignore[type-var]
            async for part in parts:
                if len(data) + len(part) > most:
                    raise error
                take(len(part))
                data += part
        return bytes(data)

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return httpcore.default_ssl_context()

    def _timeouts(self) -> dict[str, dict[str, float]]:
        seconds = self._serving.fetch_seconds
        return {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}


def _check(status: int, told: Mapping[bytes, str]) -> None:
    if status != 200:
        raise FetchError("unreachable", f"the URL's host answered {status}; check the address")
    if told.get(b"content-encoding", "identity").lower() != "identity":
        raise FetchError("unreachable", "the URL's host sent the picture compressed, though it was not asked to")


def _networks(text: str) -> list[Network]:
    try:
        return [ip_network(each.strip()) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise SettingsError(f"{SERVER_PREFIX}FETCH_NETWORKS: {error}; write networks as 10.2.0.0/16") from error


def _refused(why: str) -> FetchError:
    return FetchError("not-allowed", f"the URL may not be fetched: {why}")
