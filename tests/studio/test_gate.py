import gzip
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenegen.errors import UsageError
from scenegen.studio.gate import Gate, checked_token, only_through_gate
from scenegen.studio.http import Request, Response
from tests.studio.door import (
    UPGRADE,
    StandIn,
    ask,
    connect,
    gate_before,
    head_of,
    until_blank_line,
)

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there in these tests
TOKEN = "a-long-enough-token"  # noqa: S105 - of a gate that lives for this test


@pytest.fixture(scope="module")
def viser() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def gate(viser: StandIn) -> Iterator[Gate]:
    with gate_before(viser, head="<script>ours</script>") as gate:
        yield gate


@pytest.fixture(scope="module")
def locked(viser: StandIn) -> Iterator[Gate]:
    with gate_before(viser, token=TOKEN) as gate:
        yield gate


def cookie_of(locked: Gate) -> str:
    status, headers, _ = ask(locked, head_of(locked, f"GET /?token={TOKEN} HTTP/1.1"))
    assert status == 303
    return headers["Set-Cookie"].partition(";")[0]


def test_the_page_is_visers_with_our_script(gate: Gate) -> None:
    status, headers, body = ask(gate, head_of(gate))
    page = gzip.decompress(body)
    assert status == 200
    assert b"<title>scenegen studio</title><script>ours</script></head>" in page
    assert b"viser's page" in page
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_without_token_this_machine_may_come_in(gate: Gate, host: str) -> None:
    assert ask(gate, head_of(gate, Host=f"{host}:{gate.port}"))[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil", ""])
def test_without_token_a_name_that_was_made_to_lead_here_is_refused(gate: Gate, host: str) -> None:
    assert ask(gate, head_of(gate, Host=host))[0] == 403
    sent = head_of(gate, Host=host, Origin=f"http://{host}", **UPGRADE)
    assert ask(gate, sent)[0] == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null"])
def test_a_page_of_another_site_opens_no_websocket(gate: Gate, viser: StandIn, origin: str) -> None:
    heads = len(viser.heads)
    assert ask(gate, head_of(gate, Origin=origin, **UPGRADE))[0] == 403
    assert len(viser.heads) == heads, "viser was asked"


@pytest.mark.parametrize("dest", ["iframe", "image", "script"])
def test_a_page_of_another_site_may_link_but_not_embed(gate: Gate, dest: str) -> None:
    hints = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert ask(gate, head_of(gate, **hints, **{"Sec-Fetch-Dest": "document"}))[0] == 200
    assert ask(gate, head_of(gate, **hints, **{"Sec-Fetch-Dest": dest}))[0] == 403


def test_a_websocket_of_our_page_reaches_viser_with_the_secret(gate: Gate, viser: StandIn) -> None:
    with connect(gate) as connection:
        origin = f"http://localhost:{gate.port}"
        connection.sendall(head_of(gate, Origin=origin, Cookie="other=1", **UPGRADE))
        assert until_blank_line(connection).startswith(b"HTTP/1.1 101 ")
        connection.sendall(b"hello")
        assert connection.recv(100) == b"echo hello"
    assert gate.secret in viser.heads[-1]
    assert "cookie" not in viser.heads[-1].lower()


@pytest.mark.parametrize("line", ["GET / HTTP/1.1", "GET /?token=a-wrong-token-or-none HTTP/1.1"])
def test_without_the_token_nobody_comes_in(locked: Gate, viser: StandIn, line: str) -> None:
    heads = len(viser.heads)
    status, _, body = ask(locked, head_of(locked, line))
    assert status == 403
    assert b"asks for its token" in body
    assert ask(locked, head_of(locked, line, **UPGRADE))[0] == 403
    forged = head_of(locked, line, Cookie=f"scenegen_{locked.port}={TOKEN}", **UPGRADE)
    assert ask(locked, forged)[0] == 403
    assert len(viser.heads) == heads, "viser was asked"


def test_the_token_becomes_a_cookie_and_leaves_the_address(locked: Gate) -> None:
    line = f"GET //evil.example/x?a=1&token={TOKEN} HTTP/1.1"
    status, headers, _ = ask(locked, head_of(locked, line, Host="studio.example"))
    assert status == 303
    assert headers["Location"] == "/?a=1"
    assert TOKEN not in headers["Set-Cookie"]
    assert "HttpOnly; SameSite=Lax" in headers["Set-Cookie"]


def test_the_cookie_opens_page_and_websocket(locked: Gate) -> None:
    cookie = cookie_of(locked)
    assert ask(locked, head_of(locked, Cookie=f"other=1; {cookie}"))[0] == 200
    with connect(locked) as connection:
        connection.sendall(head_of(locked, Cookie=cookie, **UPGRADE))
        assert until_blank_line(connection).startswith(b"HTTP/1.1 101 ")


def test_the_cookie_does_not_help_the_page_of_another_site(locked: Gate) -> None:
    sent = head_of(locked, Cookie=cookie_of(locked), Origin="https://evil.example", **UPGRADE)
    assert ask(locked, sent)[0] == 403


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"GET /etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nhost: evil\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\nEvil: x\r\n\r\n", 400),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: [\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"\x16\x03\x01 hello, TLS\r\n\r\n", 400),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n", 431),
    ],
)
def test_what_no_browser_sends_is_refused(gate: Gate, sent: bytes, status: int) -> None:
    assert ask(gate, sent)[0] == status


@given(data=st.binary(max_size=200))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_end_the_gate(gate: Gate, data: bytes) -> None:
    status = ask(gate, data + b"\r\n\r\n")[0]
    assert 400 <= status < 500
    assert ask(gate, head_of(gate))[0] == 200


def test_routes_are_behind_the_same_door(viser: StandIn) -> None:
    async def take(request: Request) -> Response:
        size = sum([len(piece) async for piece in request.body(1000)])
        return Response.of_json({"name": request.name_after("/photos/"), "bytes": size})

    with gate_before(viser, routes={"PUT /photos/": take}) as gate:
        put = "PUT /photos/a%20b.jpg HTTP/1.1"
        status, _, body = ask(gate, head_of(gate, put, Content_Length="4") + b"1234")
        assert (status, body) == (200, b'{"name": "a b.jpg", "bytes": 4}')
        assert ask(gate, head_of(gate, put, Content_Length="1001"))[0] == 413
        assert ask(gate, head_of(gate, put))[0] == 411
        assert ask(gate, head_of(gate, put, Content_Length="-4") + b"1234")[0] == 411
        foreign = head_of(gate, put, Content_Length="4", Origin="https://evil.example")
        assert ask(gate, foreign + b"1234")[0] == 403


def test_a_token_is_made_where_others_can_reach_the_studio() -> None:
    assert checked_token("127.0.0.1", None) is None
    assert checked_token("localhost", TOKEN) == TOKEN
    made = {checked_token(EVERYWHERE, None) for _ in range(3)}
    assert len(made) == 3
    assert all(token is not None and len(token) >= 24 for token in made)
    with pytest.raises(UsageError, match="--token: expected 12 characters or more"):
        checked_token(EVERYWHERE, "secret")


def test_a_port_in_use_is_told(gate: Gate, viser: StandIn) -> None:
    with pytest.raises(UsageError, match=f"--port {gate.port}: nothing can listen there"):
        Gate("127.0.0.1", gate.port, viser.port).start()


def test_viser_itself_hangs_up_on_who_went_around_the_gate() -> None:
    viser = pytest.importorskip("viser", reason="the extra `studio` is not installed")
    from websockets.exceptions import ConnectionClosedError
    from websockets.sync.client import connect as connect_websocket
    from websockets.typing import Subprotocol

    server = viser.ViserServer("127.0.0.1", 0, verbose=False)
    gate = Gate("127.0.0.1", 0, server.get_port())
    only_through_gate(server, gate.secret)
    gate.start()
    try:
        spoken = [Subprotocol(f"viser-v{viser.__version__}")]
        with (
            connect_websocket(f"ws://127.0.0.1:{server.get_port()}", subprotocols=spoken) as direct,
            pytest.raises(ConnectionClosedError, match="come in through the gate"),
        ):
            direct.recv(timeout=20)
        with connect_websocket(f"ws://localhost:{gate.port}", subprotocols=spoken) as through:
            assert len(through.recv(timeout=20)) > 0
    finally:
        gate.stop()
        server.stop()
