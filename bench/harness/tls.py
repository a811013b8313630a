"""What HTTPS costs beside nginx: CPU time of a full and of a resumed handshake, and of a request, in interleaved rounds; memory
of an idle connection. Both are gateways in front of the same API, with the same certificate (P-256) and Mozilla's intermediate
profile; TLS 1.3 is what they agree on."""

import socket
import ssl
import subprocess
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from statistics import median

from . import answer
from .answer import WrongAnswer
from .client import ask_over
from .idle import settled_bytes
from .process import CannotRun
from .stage import say

HOST = "localhost"
WARM_UP_HANDSHAKES = 50


@dataclass
class Sample:
    """CPU time of the server, µs."""
    full_us: float
    resumed_us: float
    request_us: float


def make_certificate(folder):
    """A certificate for localhost and its key; everybody who is measured shows this one."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1", "-addext", "extendedKeyUsage=serverAuth",
         "-keyout", folder / "tls.key", "-out", folder / "tls.pem"], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise CannotRun(f"openssl: {made.stderr}")
    (folder / "tls.key").chmod(0o600)


class Client:
    """One connection over TLS. `resume`: a session of an earlier one."""

    def __init__(self, port, context, resume=None):
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = context.wrap_socket(plain, server_hostname=HOST, session=resume)
        if resume is not None and not self._socket.session_reused:
            raise WrongAnswer("the session was not resumed")
        if self._socket.version() != "TLSv1.3":
            raise WrongAnswer(f"{self._socket.version()} instead of TLSv1.3")

    def ask(self):
        """One request; returns the session for resuming: the tickets came before the answer."""
        ask_over(self._socket, answer.request(0).replace(b"127.0.0.1:0", HOST.encode()))
        return self._socket.session

    def close(self):
        self._socket.close()


def client_context(folder):
    context = ssl.create_default_context(cafile=folder / "tls.pem")
    context.set_alpn_protocols(["http/1.1"])
    return context


def cpu_us_of(child, count, work):
    before = child.cpu_ns()
    for _ in range(count):
        work()
    return (child.cpu_ns() - before) / 1000 / count


def one(stage, child, context, *, handshakes, seconds):
    first = Client(child.port, context)
    session = first.ask()
    first.close()
    full = cpu_us_of(child, handshakes, lambda: Client(child.port, context).close())
    resumed = cpu_us_of(child, handshakes, lambda: Client(child.port, context, session).close())
    before = child.cpu_ns()
    requests = stage.generator.press_over_tls(child.port, HOST, seconds).requests
    return Sample(full, resumed, (child.cpu_ns() - before) / 1000 / requests)


def measure(stage, subjects, *, rounds, handshakes, seconds, connections):
    """{"cpu": {subject: [Sample of each round]}, "idle": {subject: bytes per idle connection}}"""
    make_certificate(stage.folder)
    context = client_context(stage.folder)
    samples = {subject.name: [] for subject in subjects}
    with stage.all_running(subjects, True, tls=True, check_one=lambda child: Client(child.port, context).ask()) as running:
        for _, child in running:
            for _ in range(WARM_UP_HANDSHAKES):
                Client(child.port, context).close()
        for number in range(rounds):
            if number % 10 == 0:
                say(f"  round {number + 1} of {rounds}")
            turn = number % max(len(running), 1)
            for subject, child in running[turn:] + running[:turn]:
                with stage.guarded(subject.name):
                    samples[subject.name].append(asdict(one(stage, child, context, handshakes=handshakes, seconds=seconds)))
    say("  idle connections")
    idle = {}
    for subject in subjects:
        with stage.guarded(subject.name), stage.start(subject, True, tls=True) as child:
            idle[subject.name] = idle_bytes(child, context, connections)
    return {"cpu": {name: taken for name, taken in samples.items() if len(taken) == rounds}, "idle": idle}


def idle_bytes(child, context, connections):
    """Of connections that have had one request each; a crowd before them has made what a process makes once."""
    def crowd(stack, count):
        all_of_them = []
        for _ in range(count):
            client = Client(child.port, context)
            stack.callback(client.close)
            client.ask()
            all_of_them.append(client)
        return all_of_them

    with ExitStack() as stack:
        crowd(stack, max(1, connections // 10))
    before = settled_bytes(child)
    with ExitStack() as stack:
        crowd(stack, connections)
        return (settled_bytes(child) - before) / connections


def ratio(results, column):
    """Ours by nginx's, the median of the rounds; None when one of them was not measured."""
    cpu = results.get("cpu", {})
    if "gatehouse" not in cpu or "nginx" not in cpu:
        return None
    return [ours[column] / theirs[column] for ours, theirs in zip(cpu["gatehouse"], cpu["nginx"])]


def middle(results, name, column):
    return median(sample[column] for sample in results["cpu"][name])
