"""A page on the loopback address, for the browsers of this machine alone."""

from __future__ import annotations

import re
import socketserver
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import unquote

from ecglite import __version__
from ecglite.app.assets import FIRST, Asset, Page
from ecglite.edge.errors import AppError

HOST: Final = "127.0.0.1"

HEADERS_FILE: Final = "_headers"

_POLICY: Final = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"]+)"')

_OWN_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


def headers(page: Page) -> dict[str, str]:
    """Sent with every answer. The policy is the one that the page itself states, and what only a header can add.

    Raises:
        AppError: the page states none.
    """
    stated = _POLICY.search(page[FIRST].body)
    if stated is None:
        raise AppError(f"{FIRST} of the page states no content security policy", do="build the page anew")
    return {
        "Content-Security-Policy": f"{stated[1].decode()}; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def headers_file(page: Page) -> Asset:
    """What `headers` gives, as Netlify and Cloudflare Pages read it: a static host that sends them serves as we do."""
    lines = ["/*", *(f"  {name}: {value}" for name, value in headers(page).items())]
    return Asset(HEADERS_FILE, "\n".join([*lines, ""]).encode())


class Server(ThreadingHTTPServer):
    """Serves a page; listens as soon as it is made, answers in `serve_forever`.

    Args:
        page: what to serve.
        port: where to listen, 0 for any free one.

    Raises:
        AppError: the port is taken, or may not be used; the page states no policy.
    """

    allow_reuse_address = sys.platform != "win32"  # where it would let two programs share a port
    request_queue_size = 128  # a browser opens its connections at once

    def __init__(self, page: Page, port: int) -> None:
        self.page = page
        self.headers = headers(page)
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise AppError(f"port {port} cannot be used: {error.strerror}", do="choose another with --port") from None

    def server_bind(self) -> None:
        """Listens. Does not look up the machine's name, as its base does: nothing goes to the network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle of an answer is nothing to speak of."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://{HOST}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = f"ecglite/{__version__}"
    sys_version = ""
    timeout = 60  # seconds that an idle connection is kept
    disable_nagle_algorithm = True  # else a body waits for the acknowledgement of its headers

    def do_GET(self) -> None:
        if not self._is_for_us():
            return self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        path = unquote(self.path.partition("?")[0]).removeprefix("/")
        asset = self.server.page.get(path or FIRST)
        return self._refuse(HTTPStatus.NOT_FOUND) if asset is None else self._send(asset)

    def do_HEAD(self) -> None:
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        # the base's own word for a method that has no function here is "not implemented"
        self._refuse(HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus(code))

    def log_message(self, *_: object) -> None:
        pass

    def _is_for_us(self) -> bool:
        """Whether the browser asked for this machine by its own name.

        A site elsewhere can have its name resolve to 127.0.0.1, and would then be of one origin with the page.
        """
        host = self.headers.get("Host", "")
        name, colon, port = host.rpartition(":")
        return (name if colon and port.isdecimal() else host).lower() in _OWN_NAMES

    def _send(self, asset: Asset) -> None:
        body = asset.gzipped if self._takes_gzip() else None
        tag = f'"{asset.tag}"' if body is None else f'"{asset.tag}-gzip"'
        known = {each.strip().removeprefix("W/") for each in self.headers.get("If-None-Match", "").split(",")}
        fresh = bool(known & {tag, "*"})
        self.send_response(HTTPStatus.NOT_MODIFIED if fresh else HTTPStatus.OK)
        if body is not None:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("ETag", tag)
        self.send_header("Cache-Control", "no-cache")
        self._finish(asset.body if body is None else body, asset.media_type, send=not fresh)

    def _takes_gzip(self) -> bool:
        for offer in self.headers.get("Accept-Encoding", "").lower().split(","):
            coding, _, weight = offer.replace(" ", "").partition(";q=")
            if coding == "gzip":
                return weight.strip("0.") != "" or not weight
        return False

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True  # a body that came with the request is not read
        self.send_response(status)
        self.send_header("Connection", "close")
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self._finish(f"{status.value} {status.phrase}\n".encode(), "text/plain; charset=utf-8")

    def _finish(self, body: bytes, media_type: str, *, send: bool = True) -> None:
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        if send:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if send and self.command != "HEAD":
            self.wfile.write(body)
