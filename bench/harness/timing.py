"""CPU time per request, requests a second and the slowest percent, in interleaved rounds."""

from dataclasses import asdict, dataclass

from .answer import check
from .stage import say

WARM_UP_SECONDS = 1                 # node compiles its hot functions


@dataclass
class Sample:
    cpu_us: float                   # CPU time of the server for one request
    per_second: float
    p99_us: int
    busy: float                     # share of its core that the server used


def measure(stage, subjects, *, gateway, rounds, seconds):
    """{subject: [Sample of each round]}. All subjects are up all the time; one after the other is pressed."""
    samples = {subject.name: [] for subject in subjects}
    with stage.all_running(subjects, gateway) as running:
        for subject, child in running:
            with stage.guarded(subject.name):
                stage.generator.press(child.port, WARM_UP_SECONDS)
        for number in range(rounds):
            if number % 10 == 0:
                say(f"  round {number + 1} of {rounds}")
            # Another one begins each round: none profits from always coming after the same neighbour.
            turn = number % max(len(running), 1)
            for subject, child in running[turn:] + running[:turn]:
                with stage.guarded(subject.name):
                    samples[subject.name].append(one(stage.generator, child, seconds))
        for subject, child in running:
            with stage.guarded(subject.name):
                check(child.port, subject.secured)
    # Rounds are compared with each other: who failed in one has none.
    return {name: [asdict(sample) for sample in taken] for name, taken in samples.items() if len(taken) == rounds}


def one(generator, child, seconds):
    before = child.cpu_ns()
    load = generator.press(child.port, seconds)
    cpu_ns = child.cpu_ns() - before
    return Sample(cpu_us=cpu_ns / 1000 / load.requests, per_second=load.requests / load.seconds, p99_us=load.p99_us,
                  busy=cpu_ns / 1e9 / load.seconds)
