"""What the page's server sends, and to whom."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecglite.app.assets import FIRST, MARKER, Asset, load
from ecglite.app.server import Server, headers
from ecglite.edge.errors import AppError

ROOT = Path(__file__).parents[2]

FILES = {
    "index.html": b"<!doctype html><title>ecglite</title>"
    b"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'; img-src 'none'\">"
    + b"<p>a line</p>"
    * 100,
    "manifest.webmanifest": b"{}",
    "assets/index.js": b"export const a = 1;\n" * 500,
    "assets/index.css": b"body { margin: 0 }",
    "litert/litert.wasm": b"\0asm" + bytes(range(256)) * 2000,
    "model/model.tflite": bytes(range(250)),
    "model/MODEL_CARD.md": b"# Model card",
    "icons/icon.png": b"\x89PNG" * 1000,
    "examples/SR (1).hea": b"SR 12 500 5000",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("served")
    for name, body in FILES.items():
        (root / "page" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "page" / name).write_bytes(body)
    (root / "page" / MARKER).write_text("{}")
    (root / "secret.txt").write_text("not of the page")
    return root / "page"


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with Server(load(folder), 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server: Server, path: str = "/", method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def raw(server: Server, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("manifest.webmanifest", "application/manifest+json"),
        ("assets/index.js", "text/javascript; charset=utf-8"),
        ("assets/index.css", "text/css; charset=utf-8"),
        ("litert/litert.wasm", "application/wasm"),
        ("model/model.tflite", "application/octet-stream"),
        ("icons/icon.png", "image/png"),
        ("model/MODEL_CARD.md", "text/plain; charset=utf-8"),
        ("examples/SR (1).hea", "text/plain; charset=utf-8"),
    ],
)
def test_each_file_is_sent_as_what_it_is(path: str, media_type: str, server: Server) -> None:
    answer = ask(server, "/" + path.replace(" ", "%20"))
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, media_type, FILES[path])


def test_the_root_is_the_page_whatever_the_query(server: Server) -> None:
    assert ask(server, "/").body == ask(server, "/?source=pwa").body == FILES["index.html"]


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing", "/assets", "/assets/", "/ecglite-page.json", "/index.html/", "/%00", "/index.html%00.png"),
        *("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "/..\\secret.txt"),
        *("/assets/../index.html", "//secret.txt", "/etc/passwd", "//etc/passwd", "/%ff%fe"),
    ],
)
def test_nothing_but_the_pages_files(path: str, server: Server) -> None:
    answer = ask(server, path)
    assert (answer.status, answer.body) == (404, b"404 Not Found\n")


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_every_answer_has_the_headers_that_shut_others_out(path: str, server: Server) -> None:
    answer = ask(server, path)
    assert answer.headers.items() >= server.headers.items()
    policy = answer.headers["Content-Security-Policy"]
    assert policy == "default-src 'self'; img-src 'none'; frame-ancestors 'none'"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Python" not in answer.headers["Server"]


def test_the_policy_is_the_pages_own_and_what_only_a_header_can_add() -> None:
    page = (ROOT / "web" / "index.html").read_text(encoding="utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    sent = headers({FIRST: Asset(FIRST, page.encode())})
    assert sent["Content-Security-Policy"] == f"{policy}; frame-ancestors 'none'"
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy


def test_a_page_without_a_policy_is_not_served() -> None:
    with pytest.raises(AppError, match="no content security policy"):
        Server({FIRST: Asset(FIRST, b"<!doctype html>")}, 0)


def test_head_is_get_without_the_body(server: Server) -> None:
    for path in ("/", "/nothing"):
        get, head = ask(server, path), ask(server, path, "HEAD")
        assert (head.status, head.body) == (get.status, b"")
        assert {**head.headers, "Date": ""} == {**get.headers, "Date": ""}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "NONSENSE"])
def test_nothing_is_taken(method: str, server: Server) -> None:
    answer = ask(server, "/", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.headers.items() >= server.headers.items()


def test_what_is_no_request_gets_the_headers_too(server: Server) -> None:
    for line, status in (
        (b"GET / HTTP/x", b"400"),
        (b"GET / HTTP/2.0", b"505"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", b"414"),
        (b"GET http://[bad HTTP/1.1", b"404"),
    ):
        answer = raw(server, line + b"\r\nHost: localhost\r\n\r\n")
        assert status in answer.splitlines()[0]
        assert status in (b"400", b"505") or b"frame-ancestors 'none'" in answer  # no version, no headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:3245", "[::1]", "[::1]:80", "localhost:8000"])
def test_a_browser_that_asked_for_this_machine(host: str, server: Server) -> None:
    assert ask(server, Host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:3245", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1", "::1"]
)
def test_a_name_of_somebody_elses_is_refused(host: str, server: Server) -> None:
    """Else a site whose name resolves to 127.0.0.1 would be of one origin with the page, and read its history."""
    answer = ask(server, Host=host)
    assert (answer.status, answer.body) == (421, b"421 Misdirected Request\n")


def test_a_request_without_a_host_is_refused(server: Server) -> None:
    assert b"421" in raw(server, b"GET / HTTP/1.1\r\n\r\n").splitlines()[0]


def test_it_is_compressed_for_whom_can_read_it(server: Server) -> None:
    plain, packed = ask(server, "/assets/index.js"), ask(server, "/assets/index.js", Accept_Encoding="br, gzip;q=0.8")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert int(packed.headers["Content-Length"]) == len(packed.body) < len(plain.body) / 10
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    for offer in ("gzip;q=0", "gzip; q=0.0", "br", "identity", "xgzip"):
        assert "Content-Encoding" not in ask(server, "/assets/index.js", Accept_Encoding=offer).headers
    for path in ("/icons/icon.png", "/model/model.tflite"):  # packed already; no gain
        assert "Content-Encoding" not in ask(server, path, Accept_Encoding="gzip").headers


def test_it_is_compressed_once(server: Server) -> None:
    asset = server.page["litert/litert.wasm"]
    assert asset.gzipped is asset.gzipped


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_what_a_browser_has_is_not_sent_again(coding: str, server: Server) -> None:
    first = ask(server, "/assets/index.js", Accept_Encoding=coding)
    assert first.headers["Cache-Control"] == "no-cache"
    tag = first.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"another", {tag}', "*"):
        again = ask(server, "/assets/index.js", Accept_Encoding=coding, If_None_Match=known)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers.items() >= server.headers.items()
    assert ask(server, "/assets/index.js", Accept_Encoding=coding, If_None_Match='"another"').status == 200


def test_one_connection_serves_many_requests(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    for name in ("index.html", "assets/index.css", "index.html"):
        connection.request("GET", f"/{name}")
        assert connection.getresponse().read() == FILES[name]
    connection.request("GET", "/", headers={"If-None-Match": "*"})
    assert connection.getresponse().read() == b""
    connection.request("GET", "/assets/index.css")
    assert connection.getresponse().read() == FILES["assets/index.css"]
    connection.close()


def test_many_at_once(server: Server) -> None:
    names = [name for name in FILES if " " not in name] * 20
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda name: ask(server, f"/{name}", Accept_Encoding="gzip"), names))
    for name, answer in zip(names, answers, strict=True):
        packed = answer.headers.get("Content-Encoding") == "gzip"
        assert (gzip.decompress(answer.body) if packed else answer.body) == FILES[name]


def test_a_browser_that_goes_away_is_not_spoken_of(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
            linger = b"\1\0\0\0\0\0\0\0"  # closed by a reset
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.sendall(b"GET /litert/litert.wasm HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert ask(server).status == 200
    assert capfd.readouterr() == ("", "")


def test_it_serves_what_it_has_loaded_whatever_becomes_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("first")
    page = load(tmp_path)
    (tmp_path / "index.html").unlink()
    assert page["index.html"].body == b"first"


def test_it_listens_on_the_loopback_address_alone(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{server.server_port}/"


def test_a_port_that_is_taken_is_refused(server: Server, folder: Path) -> None:
    with pytest.raises(AppError, match=f"port {server.server_port} cannot be used"):
        Server(load(folder), server.server_port)
