"""As much of HTTP/1.1 as the studio's gate reads: one request a connection, within limits.

Whatever is not plainly a request of a browser is refused: nothing is passed on that was only half
understood. Source: RFC 9112.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

MAX_HEAD_BYTES = 16_384
HEAD_S = 10.0
"""How long a browser may take to say what it wants."""
BODY_S = 60.0
"""How long a browser may be silent in the middle of what it sends."""
_CHUNK = 65_536
_LINE = re.compile(r"([A-Z]{1,10}) (/[!-~]*) HTTP/1\.[01]")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")


class RefusedError(Exception):
    """A request that is answered with an error: its status, and what to tell."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True)
class Response:
    """An answer; the connection ends with it."""

    status: HTTPStatus = HTTPStatus.OK
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of_json(value: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Return an answer for a script in the page."""
        return Response(status, json.dumps(value).encode(), "application/json")

    def head(self) -> bytes:
        """Return status line and headers."""
        fields = {
            "Content-Type": self.kind,
            "Content-Length": str(len(self.body)),
            "Connection": "close",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "frame-ancestors 'none'",
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status.value} {self.status.phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass(frozen=True)
class Request:
    """A request; header names are in lower case. The body is still to be read."""

    method: str
    target: str
    headers: Mapping[str, str]
    reader: asyncio.StreamReader

    @property
    def path(self) -> str:
        """The path as it was sent, escapes and all."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The first value of each name in the address."""
        found = parse_qs(urlsplit(self.target).query, max_num_fields=50)
        return {name: values[0] for name, values in found.items()}

    @property
    def is_websocket(self) -> bool:
        """Whether a websocket is to be opened."""
        return self.headers.get("upgrade", "").lower() == "websocket"

    def name_after(self, prefix: str) -> str:
        """Return the rest of the path, without escapes; it may still hold anything."""
        return unquote(self.path.removeprefix(prefix), errors="replace")

    async def body(self, most_bytes: int) -> AsyncIterator[bytes]:
        """Yield the body in pieces; raises `RefusedError` where it is longer, slow or cut short."""
        length = self.headers.get("content-length", "")
        if not length.isascii() or not length.isdigit():
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "the length of what is sent is missing")
        left = int(length[:20])
        if left > most_bytes:
            raise RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the file has {left / 1e6:.0f} MB, the limit is {most_bytes / 1e6:.0f} MB",
            )
        while left:
            try:
                piece = await asyncio.wait_for(self.reader.read(min(left, _CHUNK)), BODY_S)
            except TimeoutError as error:
                raise RefusedError(
                    HTTPStatus.REQUEST_TIMEOUT, "nothing came for a minute"
                ) from error
            if not piece:
                raise RefusedError(HTTPStatus.BAD_REQUEST, "the connection was lost half-way")
            left -= len(piece)
            yield piece


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the head of a request; None where the connection ended without one.

    Raises `RefusedError` for what is malformed, too long or too slow. ``reader`` has the limit
    `MAX_HEAD_BYTES`.
    """
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_S)
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise RefusedError(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request is too long"
        ) from error
    except TimeoutError as error:
        raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, "the request took too long") from error
    first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    line = _LINE.fullmatch(first)
    if line is None:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "this is not a request of a browser")
    headers: dict[str, str] = {}
    for text in rest:
        found = _FIELD.fullmatch(text)
        # Said twice, two programs could each believe another one.
        if found is None or found[1].lower() in headers:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "a header is malformed, or is there twice")
        headers[found[1].lower()] = found[2]
    if "transfer-encoding" in headers:
        raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "the length of what is sent is missing")
    return Request(line[1], line[2], headers, reader)
