"""A partner over HTTP: answers as it is told, and accepts each key once."""

import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Partner(ThreadingHTTPServer):
    """Takes a list of moods for the next requests: a status, `hang`, `dribble` or `close`.

    A status may be told with a location, as `302 http://elsewhere/`.

    Afterwards it accepts. `accepted` is what counts, by key; `bodies` is every body that came.
    """

    daemon_threads = True

    def __init__(self, *moods: int | str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.moods = list(moods)
        self.accepted: dict[str, Any] = {}
        self.bodies: dict[str, list[bytes]] = {}
        self.came = threading.Condition()
        self.ending = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/reports"

    @property
    def count(self) -> int:
        return sum(map(len, list(self.bodies.values())))  # other threads add to it

    def wait_for(self, count: int, timeout_s: float = 20.0) -> None:
        """Wait until so many requests have come."""
        with self.came:
            if not self.came.wait_for(lambda: self.count >= count, timeout_s):
                raise AssertionError(f"{count} requests were expected, {self.count} came")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that are killed."""

    def close(self) -> None:
        self.ending.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Partner

    def do_POST(self) -> None:
        partner, key = self.server, self.headers["Idempotency-Key"]
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return  # whoever sent it is dead: half a request is none
        with partner.came:
            mood = partner.moods.pop(0) if partner.moods else 200
            partner.bodies.setdefault(key, []).append(body)
            if mood in (200, "close"):
                partner.accepted.setdefault(key, json.loads(body))
            partner.came.notify_all()
        self._answer(mood)

    def _answer(self, mood: int | str) -> None:
        if mood == "hang":
            self.server.ending.wait()
        elif mood == "close":
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        elif mood == "dribble":
            self._dribble()
        else:
            status, _, location = str(mood).partition(" ")
            self.send_response(int(status))
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    def _dribble(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        with suppress(OSError):
            while not self.server.ending.wait(0.05):
                self.wfile.write(b".")

    def log_message(self, *about: Any) -> None:
        """Say nothing."""
