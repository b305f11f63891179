"""Pictures from URLs: what may not be fetched is not connected to, whatever it is called."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpcore
import pytest

from tests.serving.conftest import CLEAN, asking, problem, service_of
from unframe.errors import DecodeError, FetchError, SettingsError
from unframe.serving.fetch import CheckedBackend, Fetcher, Target, look_up
from unframe.settings import ServerSettings, Settings

PUBLIC = "93.184.215.14"
SETTINGS = Settings(max_bytes=len(CLEAN) + 1000)

# Every row is an address that a URL, a name or a redirect could lead to.
FORBIDDEN = {
    "loopback": "127.0.0.1",
    "loopback, elsewhere in its network": "127.8.8.8",
    "this host": "0.0.0.0",
    "this network": "0.1.2.3",
    "private A": "10.0.0.1",
    "private A, last": "10.255.255.255",
    "private B": "172.16.0.1",
    "private B, last": "172.31.255.255",
    "private C": "192.168.1.1",
    "link-local": "169.254.1.1",
    "cloud metadata": "169.254.169.254",
    "carriers' NAT": "100.64.0.1",
    "carriers' NAT, last, and a cloud's metadata": "100.100.100.200",
    "protocol assignments": "192.0.0.192",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "benchmarks": "198.18.0.1",
    "6to4 relay": "192.88.99.1",
    "multicast": "224.0.0.1",
    "multicast, last": "239.255.255.255",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "IPv6 loopback": "::1",
    "IPv6 unspecified": "::",
    "IPv6 unique local": "fc00::1",
    "IPv6 unique local, and a cloud's metadata": "fd00:ec2::254",
    "IPv6 link-local": "fe80::1",
    "IPv6 link-local with a zone": "fe80::1%1",
    "IPv6 site-local": "fec0::1",
    "IPv6 multicast": "ff02::1",
    "IPv6 documentation": "2001:db8::1",
    "IPv6 documentation, new": "3fff::1",
    "IPv6 discard": "100::1",
    "IPv6 segment routing": "5f00::1",
    "IPv4 mapped": "::ffff:127.0.0.1",
    "IPv4 mapped, public": f"::ffff:{PUBLIC}",
    "IPv4 compatible": "::127.0.0.1",
    "NAT64": "64:ff9b::7f00:1",
    "NAT64, local": "64:ff9b:1::a00:1",
    "6to4": "2002:7f00:1::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "benchmarks, IPv6": "2001:2::1",
}

# Ways to write 127.0.0.1 that resolvers take for it; the check does not rely on reading them.
WRITTEN = {
    "plain": "http://127.0.0.1/a.jpg",
    "decimal": "http://2130706433/a.jpg",
    "octal": "http://0177.0.0.1/a.jpg",
    "octal, whole": "http://017700000001/a.jpg",
    "hexadecimal": "http://0x7f000001/a.jpg",
    "hexadecimal, dotted": "http://0x7f.0.0.1/a.jpg",
    "short": "http://127.1/a.jpg",
    "zero": "http://0/a.jpg",
    "trailing dot": "http://127.0.0.1./a.jpg",
    "name": "http://localhost/a.jpg",
    "name with a dot": "http://localhost./a.jpg",
    "IPv6": "http://[::1]/a.jpg",
    "IPv6, long": "http://[0:0:0:0:0:0:0:1]/a.jpg",
    "IPv4 mapped": "http://[::ffff:127.0.0.1]/a.jpg",
    "IPv4 mapped, hexadecimal": "http://[::ffff:7f00:1]/a.jpg",
    "secure": "https://127.0.0.1/a.jpg",
}

# URLs that mean different things to different readers, or no web page at all.
UNREADABLE = {
    "user": "http://example.com@127.0.0.1/a.jpg",
    "user and password": "http://a:b@example.com/a.jpg",
    "backslash": "http://example.com\\@127.0.0.1/a.jpg",
    "line end": "http://example.com/a.jpg\r\nHost: b",
    "blank": "http://example.com/a b.jpg",
    "tab": "http://exa\tmple.com/",
    "full-width digits": "http://１２７.０.０.１/",
    "zone": "http://[fe80::1%25eth0]/",
    "percent": "http://%31%32%37.0.0.1/",
    "no host": "http:///a.jpg",
    "port": "http://example.com:99999/",
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:6379/_INFO",
    "ftp": "ftp://example.com/a.jpg",
    "data": "data:image/png;base64,AAAA",
    "relative": "//example.com/a.jpg",
    "nothing": "",
    "long": "http://example.com/" + "a" * 2048,
}


class Stream(httpcore.AsyncMockStream):
    """A connection to an address, with an answer in it."""

    def __init__(self, address: str, answer: list[bytes]) -> None:
        super().__init__(answer)
        self._address = address

    def get_extra_info(self, info: str) -> Any:
        """Where it leads."""
        return (self._address, 80) if info == "server_addr" else super().get_extra_info(info)


class Network(httpcore.AsyncNetworkBackend):
    """A network of our own making: it notes who is connected to, and what each host answers.

    Args:
        names: The addresses of each name, one look-up after the other; the last stays.
        answers: What each path is answered.
        lands: The address that connections really lead to; where they were made to when empty.
    """

    def __init__(self, names: dict[str, list[list[str]]], answers: dict[str, bytes], lands: str = "") -> None:
        self.connected: list[str] = []
        self._names = names
        self._answers = answers
        self._lands = lands
        self.path = "/a.jpg"

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a name."""
        if host not in self._names:
            return await look_up(host, port)  # literals; nothing is asked for them
        found = self._names[host]
        return found.pop(0) if len(found) > 1 else found[0]

    async def connect_tcp(self, host: str, port: int, *options: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        """A connection."""
        self.connected.append(host)
        return Stream(self._lands or host, [self._answers[str(len(self.connected))]])


def answer(body: bytes = CLEAN, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def redirect(to: str) -> bytes:
    return answer(b"", "302 Found", f"Location: {to}\r\n")


def fetch(url: str, network: Network, hosts: str = "*", settings: Settings = SETTINGS, **serving: Any) -> bytes:
    backend = CheckedBackend(resolve=network.resolve, backend=network)
    fetcher = Fetcher(settings, ServerSettings(fetch=True, fetch_hosts=hosts, **serving), backend)
    return asyncio.run(fetcher.fetch(url, lambda count: None))


def shop(*answers: bytes, names: Iterable[list[str]] = ([PUBLIC],), lands: str = "") -> Network:
    return Network({"shop.example": list(names)}, {str(at): each for at, each in enumerate(answers, 1)}, lands)


def refused(url: str, network: Network, code: str = "not-allowed", **options: Any) -> None:
    with pytest.raises(FetchError) as error:
        fetch(url, network, **options)
    assert error.value.code == code


def test_there_are_more_than_forty_rows() -> None:
    assert len(FORBIDDEN) + len(WRITTEN) >= 40


def test_a_public_picture_is_fetched() -> None:
    network = shop(answer())
    assert fetch("http://shop.example/a.jpg", network) == CLEAN
    assert network.connected == [PUBLIC]
    assert fetch("http://[2606:4700::1111]/a.jpg", shop(answer())) == CLEAN


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_no_name_leads_to_an_address_that_is_not_public(address: str) -> None:
    network = shop(answer(), names=[[address]])
    refused("http://shop.example/a.jpg", network)
    assert network.connected == []


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_no_connection_that_leads_there_is_used(address: str) -> None:
    network = shop(answer(), lands=address)
    refused("http://shop.example/a.jpg", network)
    assert network.connected == [PUBLIC]


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_no_redirect_leads_there(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    network = shop(redirect(f"http://{host}/a.jpg"), answer())
    refused("http://shop.example/a.jpg", network)
    assert network.connected == [PUBLIC]


@pytest.mark.parametrize("url", WRITTEN.values(), ids=list(WRITTEN))
def test_no_way_of_writing_this_machine_leads_there(url: str) -> None:
    network = shop(answer())
    with pytest.raises(FetchError) as error:  # some resolvers do not know some of them
        fetch(url, network)
    assert error.value.code in {"not-allowed", "unreachable"}
    assert network.connected == []


@pytest.mark.parametrize("url", UNREADABLE.values(), ids=list(UNREADABLE))
def test_what_is_no_plain_url_is_refused_before_anything_is_looked_up(url: str) -> None:
    network = shop(answer())
    refused(url, network)
    assert network.connected == []


def test_a_name_that_means_this_network_too_is_refused() -> None:
    refused("http://shop.example/a.jpg", shop(answer(), names=[[PUBLIC, "10.0.0.1"]]))


def test_a_name_that_changes_its_meaning_is_checked_each_time() -> None:
    network = shop(redirect("/b.jpg"), answer(), names=[[PUBLIC], ["127.0.0.1"]])
    refused("http://shop.example/a.jpg", network)
    assert network.connected == [PUBLIC]


def test_redirects_are_followed_and_counted() -> None:
    network = shop(redirect("/b.jpg"), redirect("http://shop.example/c.jpg"), answer())
    assert fetch("http://shop.example/a.jpg", network) == CLEAN
    turns = [redirect("/a.jpg")] * 5
    refused("http://shop.example/a.jpg", shop(*turns), "unreachable")
    refused("http://shop.example/a.jpg", shop(*turns), "unreachable", fetch_redirects=0)


@pytest.mark.parametrize("to", ["http://[x", "//[x/a.jpg", "http://shop.example:x/", "ftp://shop.example/a.jpg"])
def test_a_redirect_to_what_is_no_plain_url_is_refused(to: str) -> None:
    network = shop(redirect(to), answer())
    refused("http://shop.example/a.jpg", network)
    assert network.connected == [PUBLIC]


def test_no_redirect_gives_up_encryption() -> None:
    refused("https://shop.example/a.jpg", shop(redirect("http://shop.example/a.jpg"), answer()))


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        ("shop.example", "http://shop.example/a", True),
        ("shop.example", "https://SHOP.example./a", True),
        ("shop.example", "http://shop.example:8080/a", False),
        ("shop.example:8080", "http://shop.example:8080/a", True),
        ("shop.example:8080", "http://shop.example/a", False),
        ("shop.example", "http://img.shop.example/a", False),
        ("shop.example", "http://shop.example.evil.example/a", False),
        ("*.shop.example", "http://img.shop.example/a", True),
        ("*.shop.example", "http://shop.example/a", False),
        ("*.shop.example", "http://evilshop.example/a", False),
        ("a.example, shop.example", "http://shop.example/a", True),
        ("*", "http://shop.example/a", True),
        ("*", "http://shop.example:22/a", False),
    ],
)
def test_only_hosts_on_the_list_are_fetched_from(hosts: str, url: str, allowed: bool) -> None:
    target = Target.parse(url)
    network = Network({target.host: [[PUBLIC]]}, {"1": answer()})
    if allowed:
        assert fetch(url, network, hosts) == CLEAN
    else:
        refused(url, network, hosts=hosts)
        assert network.connected == []


def test_a_redirect_must_stay_on_the_list() -> None:
    network = shop(redirect("http://other.example/a.jpg"), answer())
    refused("http://shop.example/a.jpg", network, hosts="shop.example")
    assert network.connected == [PUBLIC]


@pytest.mark.parametrize("size", [len(CLEAN), len(CLEAN) - 1])
def test_the_limit_of_bytes_holds_whatever_length_is_claimed(size: int) -> None:
    settings = Settings(max_bytes=size)
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(CLEAN), CLEAN)
    for each in (answer(), chunks):
        if size == len(CLEAN):
            assert fetch("http://shop.example/a.jpg", shop(each), settings=settings) == CLEAN
        else:
            with pytest.raises(DecodeError, match="more than"):
                fetch("http://shop.example/a.jpg", shop(each), settings=settings)


@pytest.mark.parametrize(
    "reply",
    [answer(status="404 Not Found"), answer(status="500 No"), answer(headers="Content-Encoding: gzip\r\n"), b"hello"],
    ids=["404", "500", "compressed", "no HTTP"],
)
def test_whatever_is_no_picture_is_unreachable(reply: bytes) -> None:
    refused("http://shop.example/a.jpg", shop(reply), "unreachable")


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    refused("http://does-not-exist.invalid/a.jpg", shop(), "unreachable")


def test_fetching_is_off_unless_hosts_are_named() -> None:
    with pytest.raises(SettingsError, match="FETCH_HOSTS"):
        Fetcher(Settings(), ServerSettings(fetch=True))
    with pytest.raises(SettingsError, match="FETCH_NETWORKS"):
        Fetcher(Settings(), ServerSettings(fetch_networks="ten"))
    with asking(service_of()) as ask:
        assert problem(ask("GET", "/v1/detect", params={"url": "http://127.0.0.1/"})) == (403, "fetch-off")


class Shop(BaseHTTPRequestHandler):
    """A web site on this machine."""

    def do_GET(self) -> None:
        """Send the picture, or nothing for a long time."""
        if self.path == "/slow.jpg":
            self.server.stop.wait(30)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CLEAN)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def test_a_real_site_on_this_machine_is_fetched_from_only_if_its_network_is_named() -> None:
    from threading import Event

    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as site:
        site.stop = Event()  # type: ignore[attr-defined]
        thread = Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        port = site.server_address[1]
        url = f"http://127.0.0.1:{port}/"
        allowed: dict[str, Any] = {"fetch": True, "fetch_hosts": f"*:{port}"}
        try:
            with asking(service_of(**allowed)) as ask:
                assert problem(ask("GET", "/v1/detect", params={"url": url})) == (403, "not-allowed")
            with asking(service_of(**allowed, fetch_networks="127.0.0.0/8", fetch_seconds=1.0)) as ask:
                found = ask("GET", "/v1/detect", params={"url": f"{url}a.jpg"}).json()
                assert (found["path"], found["verdict"]) == (f"{url}a.jpg", "clean")
                slow = ask("GET", "/v1/detect", params={"url": f"{url}slow.jpg"})
                assert problem(slow) == (504, "too-slow")
                closed = ask("GET", "/v1/detect", params={"url": "http://127.0.0.1:1/"})
                assert problem(closed)[0] == 403
                assert ask.service.meter.held == 0
        finally:
            site.stop.set()  # type: ignore[attr-defined]
            site.shutdown()
            thread.join()


def test_certificates_are_checked() -> None:
    fetcher = Fetcher(Settings(), ServerSettings(fetch=True, fetch_hosts="*"))
    assert fetcher._certificates.verify_mode == ssl.CERT_REQUIRED
    assert fetcher._certificates.check_hostname
