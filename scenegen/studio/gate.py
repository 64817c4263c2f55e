"""The studio's door: who may come in.

viser lets everyone in who connects, web pages of strangers too: a browser opens websockets to
localhost for any page. So viser listens on a loopback port that is told to nobody and hangs up on
connections without a secret (`only_through_gate`). The gate knows it. It listens where the user
asked, and passes on a request only

- without a token: if it is addressed to this machine by a name of its own. A page whose name was
  made to lead here is still addressed by that name;
- with a token: if it carries that, once in the address, from then on as a cookie;
- always: if it comes from the studio's own page, as far as it opens a websocket or changes
  anything.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import logging
import secrets
import threading
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from scenegen.errors import UsageError
from scenegen.studio.http import MAX_HEAD_BYTES, RefusedError, Request, Response, read_request

if TYPE_CHECKING:
    from viser import ViserServer

log = logging.getLogger("scenegen")

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MIN_TOKEN = 12
MAX_CONNECTIONS = 100
_SECRET_HEADER = "x-scenegen-gate"  # noqa: S105 - the header's name, not what it carries
_CHUNK = 65_536
_PASSED_ON = (
    *("sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol"),
    *("accept-encoding", "user-agent"),
)
_LOCKED = (
    "This studio asks for its token. Open the address that scenegen printed when it started, or "
    "enter the token here."
)

Handler = Callable[[Request], Awaitable[Response]]
"""Answers a request that was let in."""


def checked_token(host: str, token: str | None) -> str | None:
    """Return the token for a studio on ``host``: as given, made up, or None where none is needed.

    Raises `UsageError` for one that could be guessed.
    """
    if token is not None and (len(token) < MIN_TOKEN or not token.isascii()):
        raise UsageError(
            f"--token: expected {MIN_TOKEN} characters or more, ASCII, found {len(token)}; "
            "leave it out and scenegen makes one"
        )
    if token is None and host not in LOOPBACK:
        return secrets.token_urlsafe(18)
    return token


def only_through_gate(server: ViserServer, secret: str) -> None:
    """Make viser hang up on connections that did not come through the gate with ``secret``."""
    # viser has no public way to see the headers of a connection; a test keeps watch over this one.
    inner = server._websock_server

    async def check(connection: object) -> None:
        client = connection.client_id  # pyright: ignore[reportAttributeAccessIssue]
        socket = inner._live_connections[client]
        assert socket.request is not None
        shown = socket.request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            await socket.close(1008, "come in through the gate")

    inner.on_client_connect(check)  # viser runs these before it tells a client anything


class Gate:
    """Listens on ``host`` and ``port`` and passes on to viser on loopback port ``inner_port``.

    ``routes`` answer what begins with their name ("PUT /photos/") in place of viser. ``head`` is
    HTML that goes into the head of viser's page. `start` raises `UsageError` where nobody may
    listen there.
    """

    def __init__(
        self,
        host: str,
        port: int,
        inner_port: int,
        token: str | None = None,
        routes: Mapping[str, Handler] | None = None,
        head: str = "",
    ) -> None:
        assert token is not None or host in LOOPBACK
        self.host, self.port, self.token = host, port, token
        self.secret = secrets.token_urlsafe(32)
        self._inner_port, self._head = inner_port, head
        self._routes = dict(routes or {})
        self._page: bytes | None = None
        self._open = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        """The address to open, with the token."""
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.host, self.host)  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        query = f"?token={quote(self.token)}" if self.token else ""
        return f"http://{host}:{self.port}/{query}"

    def start(self) -> None:
        """Listen, in a thread of its own; port 0 becomes a free one."""
        self._thread.start()
        try:
            self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        except OSError as error:
            self._end()
            raise UsageError(
                f"--host {self.host} --port {self.port}: nothing can listen there "
                f"({error.strerror or error}); choose another --port, or --port 0 for any free one"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close all connections and listen no more."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._end()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._meet, self.host, self.port, limit=MAX_HEAD_BYTES)

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection; what a stranger sends never ends the gate."""
        self._open += 1
        try:
            response = await self._answer(reader, writer)
            if response is not None:
                writer.write(response.head() + response.body)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the browser has left, or the studio ends
        except Exception:
            log.exception("the studio failed to answer a request")
        finally:
            self._open -= 1
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Response | None:
        """Return what to answer; None where viser has answered, or there is no one to."""
        try:
            if self._open > MAX_CONNECTIONS:
                raise RefusedError(
                    HTTPStatus.SERVICE_UNAVAILABLE, "too many connections; close some"
                )
            request = await read_request(reader)
            if request is None:
                return None
            try:
                admitted = self._admit(request)
            except ValueError as error:  # what urllib says of addresses that are none
                raise RefusedError(HTTPStatus.BAD_REQUEST, "The address is malformed.") from error
            if admitted is not None:
                return admitted
            for name, handler in self._routes.items():
                if f"{request.method} {request.path}".startswith(name):
                    return await handler(request)
            if request.is_websocket:
                return await self._join(request, reader, writer)
            if request.method not in ("GET", "HEAD"):
                raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "this cannot be done here")
            return await self._page_of(request)
        except RefusedError as refused:
            return _refusal(refused)

    def _admit(self, request: Request) -> Response | None:
        """Return None for who may come in, or how to get there; raises `RefusedError`."""
        host = request.headers.get("host", "").lower()
        self._check_origin(request, host)
        if self.token is None:
            if urlsplit(f"//{host}").hostname not in LOOPBACK:
                raise RefusedError(
                    HTTPStatus.FORBIDDEN, "This studio is open to this machine alone."
                )
            return None
        given = request.query.get("token")
        if given is None:
            if not _same(self._cookie_of(request), self._pass()):
                raise RefusedError(HTTPStatus.FORBIDDEN, _LOCKED)
            return None
        if not _same(given, self.token):
            raise RefusedError(HTTPStatus.FORBIDDEN, f"That is not the token. {_LOCKED}")
        rest = {name: value for name, value in request.query.items() if name != "token"}
        place = f"/?{urlencode(rest)}" if rest else "/"
        cookie = f"{self._cookie}={self._pass()}; Path=/; HttpOnly; SameSite=Lax"
        headers = {"Location": place, "Set-Cookie": cookie}
        return Response(HTTPStatus.SEE_OTHER, headers=headers)

    def _check_origin(self, request: Request, host: str) -> None:
        """Raise `RefusedError` for what another site's page asks for; links to here are welcome."""
        origin = request.headers.get("origin")
        foreign = origin is not None and urlsplit(origin.lower()).netloc != host
        embedded = request.headers.get("sec-fetch-site") in ("cross-site", "same-site") and (
            request.headers.get("sec-fetch-mode"),
            request.headers.get("sec-fetch-dest"),
        ) != ("navigate", "document")
        if foreign or embedded or not host:
            raise RefusedError(HTTPStatus.FORBIDDEN, "Another site's page may not use this studio.")

    @property
    def _cookie(self) -> str:
        return f"scenegen_{self.port}"  # cookies are shared between all ports of a host

    def _pass(self) -> str:
        """What the cookie carries: others on this host that see it do not learn the token."""
        assert self.token is not None
        return hmac.new(self.token.encode(), b"scenegen studio", hashlib.sha256).hexdigest()

    def _cookie_of(self, request: Request) -> str:
        try:
            found = SimpleCookie(request.headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return "" if found is None else found.value

    async def _page_of(self, request: Request) -> Response:
        """Return viser's page, with ours in its head; it has no other files."""
        if request.path not in ("/", "/index.html"):
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is nothing here.")
        if self._page is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._inner_port)
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            page = (await reader.read(-1)).partition(b"\r\n\r\n")[2]
            writer.close()
            page = page.replace(b"<title>Viser</title>", b"<title>scenegen studio</title>")
            page = page.replace(b"</title>", b"</title>" + self._head.encode(), 1)
            self._page = gzip.compress(page)
        body = b"" if request.method == "HEAD" else self._page
        return Response(body=body, headers={"Content-Encoding": "gzip"})

    async def _join(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Connect a websocket with viser until one side ends it."""
        inner, outer = await asyncio.open_connection("127.0.0.1", self._inner_port)
        try:
            kept = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
            kept |= {"host": "localhost", "connection": "Upgrade", "upgrade": "websocket"}
            kept[_SECRET_HEADER] = self.secret
            lines = ["GET / HTTP/1.1", *(f"{name}: {value}" for name, value in kept.items())]
            outer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
            ways = [asyncio.create_task(_pour(reader, outer))]
            ways.append(asyncio.create_task(_pour(inner, writer)))
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            outer.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_CHUNK):
        writer.write(piece)
        await writer.drain()


def _same(one: str, other: str) -> bool:
    """Compare in a time that says nothing of how much was right."""
    return hmac.compare_digest(one.encode(), other.encode())


def _refusal(refused: RefusedError) -> Response:
    form = (
        '<form><input name="token" type="password" aria-label="token" autofocus>'
        "<button>Enter</button></form>"
        if _LOCKED in refused.why
        else ""
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>scenegen studio: {refused.status.phrase}</title>"
        "<style>body{font:1.1rem/1.5 sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}"
        "input,button{font:inherit;padding:.4rem .6rem}</style>"
        f"<h1>scenegen studio</h1><p>{refused.why}</p>{form}"
    )
    return Response(refused.status, page.encode())
