"""Clients of our own, where the number of requests or connections must be exact."""

import re
import resource
import socket
from contextlib import ExitStack, contextmanager

from . import answer
from .answer import WrongAnswer

ADDRESSES = 250                     # clients come from 127.0.0.2, 127.0.0.3, …: a limit per address shall not end the count


def raise_descriptor_limit(wanted):
    """Returns how many descriptors this process and its children may have; at most the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        soft = min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


def ask_over(connected, request):
    """Sends one request over a socket and reads its whole answer, which has to be the right one."""
    connected.sendall(request)
    received = b""
    while not received.endswith(answer.BODY.encode()):
        piece = connected.recv(65536)
        if not piece:
            raise WrongAnswer(f"the connection ended after {received[:200]!r}")
        received += piece
    if not re.match(rb"HTTP/1\.1 200 ", received):
        raise WrongAnswer(f"{received[:200]!r}")


class Connection:
    """One keep-alive connection."""

    def __init__(self, port, source="127.0.0.1"):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
        # Closing sends a reset: thousands of connections in TIME_WAIT would disturb what is measured next.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = answer.request(port)

    def ask(self):
        """One request and its whole answer."""
        ask_over(self._socket, self._request)

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask_many(port, requests):
    """One after the other, on one connection."""
    with Connection(port) as connection:
        for _ in range(requests):
            connection.ask()


@contextmanager
def open_idle(port, count):
    """`count` connections that have had one answer each and now wait."""
    with ExitStack() as stack:
        connections = []
        for i in range(count):
            connections.append(stack.enter_context(Connection(port, source=f"127.0.0.{2 + i % ADDRESSES}")))
            connections[-1].ask()
        yield connections
