"""Starts programs pinned to one core, reads what the kernel knows about them, and always ends them again."""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

START_TIMEOUT_SECONDS = 20      # valgrind and node on a busy machine
STOP_TIMEOUT_SECONDS = 20       # valgrind writes its file then
PRCTL = ctypes.CDLL(None).prctl    # looked up before any fork
PR_SET_PDEATHSIG = 1            # <linux/prctl.h>
PRIORITY = -15                  # what else runs on the machine disturbs less


class CannotRun(Exception):
    """A program that is to be measured is missing, does not start, or died."""


def cores():
    """(for the measured server, for everything else)"""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise CannotRun("two cores are needed: one for the server that is measured, one for the load")
    return allowed[0], allowed[1]


def free_port():
    """A port nobody listens on. Only for programs that cannot pick one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name):
    """Debian keeps some in /usr/sbin, which is not in everybody's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise CannotRun(f"{name} is not installed (tools/install-packages bench)")
    return found


def pin_and_bind_to_parent(core):
    """In the child: it runs on `core`, before other users' programs if we may say so, and dies with us even when killed."""
    os.sched_setaffinity(0, {core})
    try:
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
        Path("/proc/self/autogroup").write_text(str(PRIORITY))      # sessions compete with each other, not processes
    except OSError:
        pass
    PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Child:
    """A running program with its descendants."""

    def __init__(self, argv, core, folder, *, env=None, port=None, talks=False, discard_errors=False):
        """`port`: where it will listen; None: it prints "listening on http://127.0.0.1:PORT". `talks`: by stdin and stdout.
        `discard_errors`: what it writes to standard error."""
        self.argv = [str(word) for word in argv]
        self.log = Path(folder) / "log.txt"
        self.port = port
        with self.log.open("wb") as log:
            try:
                self.process = subprocess.Popen(
                    self.argv, cwd=folder, env={**os.environ, **(env or {})},
                    stderr=subprocess.DEVNULL if discard_errors else log,
                    stdin=subprocess.PIPE if talks else subprocess.DEVNULL, stdout=subprocess.PIPE if talks else log,
                    start_new_session=True, preexec_fn=lambda: pin_and_bind_to_parent(core))
            except OSError as error:
                raise CannotRun(f"{self.argv[0]}: {error.strerror}") from error

    @property
    def pid(self):
        return self.process.pid

    def __enter__(self):
        try:
            self._wait_until_listening()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_until_listening(self):
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise CannotRun(f"{self._name()} ended with {self.process.returncode}:\n{self.log_tail()}")
            if self.port is None:
                found = re.search(rb"listening on https?://127\.0\.0\.1:(\d+)", self.log.read_bytes())
                if found:
                    self.port = int(found[1])
            else:
                try:
                    socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                    return
                except OSError:
                    pass
            time.sleep(0.02)
        raise CannotRun(f"{self._name()} does not listen:\n{self.log_tail()}")

    def _name(self):
        return os.path.basename(self.argv[0])

    def log_tail(self):
        return self.log.read_text(errors="replace")[-2000:]

    def pids(self):
        """Its own id and those of all its descendants."""
        found, pending = [], [self.pid]
        while pending:
            pid = pending.pop()
            found.append(pid)
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    pending += map(int, children.read_text().split())
                except OSError:
                    pass    # that thread has ended
        return found

    def cpu_ns(self):
        """CPU time of all its threads, user and kernel together, as the scheduler counted it."""
        total = 0
        for pid in self.pids():
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                try:
                    total += int(thread.read_text().split()[0])
                except OSError:
                    pass
        return total

    def resident_bytes(self):
        """Private and its share of shared memory (PSS) of all its processes: what the machine gains when it goes. Without
        pages of files: of libraries it has them in common with whoever runs just now, and the kernel takes and gives them."""
        total = 0
        for pid in self.pids():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            for kind, sign in (("Pss", 1), ("Pss_File", -1)):
                total += sign * int(re.search(rf"^{kind}:\s+(\d+) kB", rollup, re.MULTILINE)[1]) * 1024
        return total

    def stop(self):
        """Ends all of the session that it leads: only what this object has started."""
        for _ in range(STOP_TIMEOUT_SECONDS):
            # To all of it: strace leaves the ending to what it traces. Again: nginx can miss one just before it waits.
            self._signal(signal.SIGTERM)
            try:
                self.process.wait(1)
                break
            except subprocess.TimeoutExpired:
                pass
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number):
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass
