"""A small relay before a server that can be told to pass on, to be slow, to refuse, or to swallow everything."""

from __future__ import annotations

import socket
import threading
import time


class Relay:
    """``mode``: "passing", "slow" (0.3 s each way), "stopped" (connections refused), "hung" (read, never answered)."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target, self.mode = target, "passing"
        self._open: list[socket.socket] = []
        self._listener = self._listen(0)
        self.port = self._listener.getsockname()[1]

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()
        return listener

    def set(self, mode: str) -> None:
        """Change the mode. "stopped" cuts what is open and refuses new connections."""
        was, self.mode = self.mode, mode
        if mode == "stopped":
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            for each in self._open:
                each.close()
            self._open.clear()
        elif was == "stopped":
            self._listener = self._listen(self.port)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            self._open += [client, server]
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=[a, b], daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if self.mode == "slow":
                    time.sleep(0.3)
                if self.mode in ("passing", "slow"):
                    target.sendall(data)
        except OSError:
            pass
        finally:
            for each in (source, target):
                each.close()
