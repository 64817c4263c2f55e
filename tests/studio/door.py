"""Knocks at a studio's gate as a browser would, or as one never would."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from scenegen.studio.gate import Gate

PAGE = b"<html><head><title>Viser</title></head><body>viser's page</body></html>"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


class StandIn:
    """In the place of viser: serves its page, and echoes what comes through a websocket."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            head = until_blank_line(connection).decode()
            self.heads.append(head)
            if "upgrade: websocket" not in head:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + PAGE)
                return
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            while piece := connection.recv(1000):
                connection.sendall(b"echo " + piece)

    def close(self) -> None:
        self._listener.close()


@contextmanager
def gate_before(stand_in: StandIn, **options: object) -> Iterator[Gate]:
    """Open a gate on a free port of loopback."""
    gate = Gate("127.0.0.1", 0, stand_in.port, **options)  # pyright: ignore[reportArgumentType]
    gate.start()
    try:
        yield gate
    finally:
        gate.stop()


def until_blank_line(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece:
            break
        data += piece
    return data


def connect(gate: Gate) -> socket.socket:
    return socket.create_connection(("127.0.0.1", gate.port), timeout=20)


def head_of(gate: Gate, line: str = "GET / HTTP/1.1", **headers: str) -> bytes:
    """The head of a request; header names have _ for -, and Host is there unless it is empty."""
    fields = {"Host": f"localhost:{gate.port}"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [line, *(f"{name}: {value}" for name, value in fields.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode()


def ask(gate: Gate, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send ``sent`` and return status, headers and body of the answer."""
    with connect(gate) as connection:
        connection.sendall(sent)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in rest)
    return int(first.split()[1]), headers, body
