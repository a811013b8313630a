"""The load generator, which is also the API behind gateways: bench/load.cpp. And wrk, to check it."""

import json
import os
import select
import subprocess
from dataclasses import dataclass

from . import answer
from .answer import WrongAnswer
from .process import CannotRun, Child, program

CONNECTIONS = 32


@dataclass
class Load:
    """What came back."""
    requests: int
    seconds: float
    p99_us: int


class Generator(Child):
    def __init__(self, programs, core, folder, *, use_wrk=False):
        folder.mkdir()
        (folder / "upstream.http").write_bytes(answer.floor_response(secured=False))
        (folder / "body.json").write_text(answer.BODY)
        super().__init__([programs / "load", folder / "upstream.http", folder / "body.json"], core, folder, talks=True)
        self._folder, self._core, self._use_wrk = folder, core, use_wrk

    def press(self, port, seconds):
        """Raises WrongAnswer when one answer was not the right one."""
        said = self._wrk(port, seconds) if self._use_wrk else self._own(port, seconds)
        if said["failed"] or not said["requests"]:
            raise WrongAnswer(f"{said['failed']} wrong answers among {said['requests']}: {said['failure']}")
        if said["reconnected"] > said["requests"] / 500:
            raise WrongAnswer(f"{said['reconnected']} connections for {said['requests']} requests: they are not kept")
        return Load(said["requests"], said["seconds"], said["p99_us"])

    def press_over_tls(self, port, host, seconds):
        """By wrk: our own generator speaks no TLS."""
        said = self._wrk(port, seconds, f"https://{host}:{port}")
        if said["failed"] or not said["requests"]:
            raise WrongAnswer(f"{said['failed']} wrong answers among {said['requests']}")
        return Load(said["requests"], said["seconds"], said["p99_us"])

    def _own(self, port, seconds):
        request = self._folder / "request.http"
        request.write_bytes(answer.request(port))
        self.process.stdin.write(f"{port} {CONNECTIONS} {round(seconds * 1000)} {request}\n".encode())
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], seconds + 30)[0]:
            raise CannotRun("the load generator hangs")
        line = self.process.stdout.readline()
        if not line:
            raise CannotRun(f"the load generator ended:\n{self.log_tail()}")
        return json.loads(line)

    def _wrk(self, port, seconds, base=None):
        script = self._folder / "report.lua"
        # No response() function: wrk would call it for every answer. It counts failures by itself.
        script.write_text("""
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\\n{"requests": %d, "seconds": %f, "p99_us": %d, "failed": %d, "reconnected": 0, "failure": "says wrk"}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
""")
        fields = [word for name, value in answer.REQUEST_FIELDS.items() for word in ("-H", f"{name}: {value}")]
        run = subprocess.run(
            [program("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", script, *fields,
             f"{base or f'http://127.0.0.1:{port}'}{answer.TARGET}"],
            capture_output=True, text=True, check=False, timeout=seconds + 30,
            preexec_fn=lambda: os.sched_setaffinity(0, {self._core}))
        if run.returncode != 0 or not run.stdout.strip():
            raise CannotRun(f"wrk: {run.stdout}{run.stderr}")
        return json.loads(run.stdout.strip().splitlines()[-1])
