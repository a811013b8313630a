"""Puts subjects up, each in its own folder, and takes them down; one that fails is left out and remembered."""

import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .answer import WrongAnswer, check
from .load import Generator
from .process import CannotRun
from .subjects import Site


def say(text):
    print(text, file=sys.stderr, flush=True)


@dataclass
class Stage:
    folder: Path                    # temporary
    programs: Path                  # our own
    server_core: int
    generator: Generator            # on the other core
    failures: list = field(default_factory=list)
    _sites: int = 0

    @contextmanager
    def guarded(self, what):
        """What goes wrong inside is noted, and the run goes on with the other subjects."""
        try:
            yield
        except (CannotRun, WrongAnswer) as error:
            self._fail(f"{what}: {error}")
        except OSError as error:
            self._fail(f"{what}: {error!r}")

    def _fail(self, what):
        self.failures.append(what)
        say(f"FAILED: {what}")

    def start(self, subject, gateway, *, wrapper=(), alone=False, tls=False):
        """The subject, not yet up: a context manager. `wrapper`: valgrind or strace, its output going to the site's folder."""
        self._sites += 1
        folder = self.folder / f"{self._sites}-{subject.name}"
        folder.mkdir(mode=0o755)    # nginx' worker is another user
        site = Site(folder, self.programs, self.generator.port if gateway else None, alone,
                    self.folder if tls else None)
        return subject.start(site, self.server_core, wrapper)

    @contextmanager
    def all_running(self, subjects, gateway, *, tls=False, check_one=None):
        """(subject, running) pairs of those that start and answer as they should. `check_one`: asks a child over TLS."""
        with ExitStack() as stack:
            running = []
            for subject in subjects:
                with self.guarded(subject.name):
                    child = stack.enter_context(self.start(subject, gateway, tls=tls))
                    if check_one:
                        check_one(child)
                    else:
                        check(child.port, subject.secured)
                    running.append((subject, child))
            yield running
