"""Who may talk to the review page: nobody but the person who started it, and their browser extension.

A web page on another site can make a browser send requests to this machine (cross-site request forgery), and can give
its own name this machine's address (DNS rebinding). Other accounts on the machine can reach its ports, too. So every
request needs a name of this machine in ``Host``, no foreign ``Origin`` or ``Sec-Fetch-Site``, and the token.
"""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EXTENSION_ROUTES = frozenset({"/api/hello", "/api/judge", "/api/inbox"})
"""What the browser extension may ask; it shows the token, because the page's cookie is not sent with its requests."""

EXTENSIONS = ("chrome-extension://", "moz-extension://")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every answer."""


class Guard:
    """Middleware that answers 403 to whoever has no business here.

    Args:
        app: What is guarded.
        port: Port that the page is served on.
        token: Secret that the address of the page carries.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app = app
        self._token = token
        self._cookie = f"unframe-label-{port}"  # cookies do not tell ports apart
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        answer = self._answer(scope, Headers(scope=scope)) or self._app
        await answer(scope, receive, send_with_headers)

    def _answer(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a request that is not let through."""
        extension = headers.get("origin", "").startswith(EXTENSIONS) and scope["path"] in EXTENSION_ROUTES
        refusal = self._foreign(headers, extension=extension)
        if refusal:
            return _forbidden(refusal)
        shown = _bearer(headers)
        if self._is_token(shown) or (not extension and self._is_token(self._baked(scope))):
            return self._unsafe(scope, headers, bearer=bool(shown))
        return self._welcome(scope)

    def _foreign(self, headers: Headers, *, extension: bool) -> str:
        """Why a request comes from elsewhere; empty when it does not."""
        if headers.get("host", "").lower() not in self._hosts:
            return "the Host header names another machine; open the address that unframe label printed"
        if extension:
            return ""
        if headers.get("origin", next(iter(self._origins))) not in self._origins:
            return "the request comes from another web site"
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return "the request was made by another web site; open the address that unframe label printed"
        return ""

    def _unsafe(self, scope: Scope, headers: Headers, *, bearer: bool) -> Response | None:
        # Browsers name the origin of everything that writes; programs that show the token need not.
        if scope["method"] not in {"GET", "HEAD"} and "origin" not in headers and not bearer:
            return _forbidden("a request that writes needs an Origin header or a bearer token")
        return None

    def _welcome(self, scope: Scope) -> Response:
        """Put the token of the address into a cookie and take it out of the address; else refuse."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] != "/" or scope["method"] != "GET" or not self._is_token(given):
            return _forbidden("the token is missing or wrong; open the address that unframe label printed")
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self._cookie, given, httponly=True, samesite="strict", path="/")
        return answer

    def _baked(self, scope: Scope) -> str:
        # Other programs on this machine may have set cookies of any form, at which Python's own parser gives up.
        return HTTPConnection(scope).cookies.get(self._cookie, "")

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _forbidden(why: str) -> Response:
    return PlainTextResponse(f"403: {why}\n", status_code=403)
