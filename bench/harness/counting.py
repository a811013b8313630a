"""What a request costs in user-space instructions (callgrind) and in system calls (strace). Counted, so noise does not matter.

Two runs with a different number of requests, one at a time on one connection: the difference of their totals is what the
additional requests cost, and the start-up cancels out.
"""

import re
from collections import Counter

from .client import ask_many
from .process import CannotRun, program
from .stage import say

FEW = 200                           # requests of the shorter run: pools are warm after them


def instructions(stage, subjects, *, gateway, requests, keep=None):
    """{subject: instructions per request}. `keep`: a folder that callgrind's files go to."""

    def total(subject, count):
        wrapper = [program("valgrind"), "--quiet", "--tool=callgrind", "--callgrind-out-file=counted"]
        text = run_wrapped(stage, subject, gateway, wrapper, count)
        found = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
        if not found:
            raise CannotRun("callgrind wrote no total")
        if keep:
            (keep / f"{'gateway' if gateway else 'server'}-{subject.name}-{count}.callgrind").write_text(text)
        return Counter(instructions=int(found[1]))

    counted = per_request(stage, [subject for subject in subjects if subject.countable], requests, total)
    return {name: each["instructions"] for name, each in counted.items()}


def rules(stage, subject, *, requests, keep=None):
    """{rule or "whole request": instructions per request}: each rule's phases with all that they call."""

    def total(subject, count):
        wrapper = [program("valgrind"), "--quiet", "--tool=callgrind", "--callgrind-out-file=counted"]
        text = run_wrapped(stage, subject, True, wrapper, count)
        if keep:
            (keep / f"rules-{subject.name}-{count}.callgrind").write_text(text)
        found = Counter({"whole request": int(re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)[1])})
        for function, cost in inclusive(text).items():
            phase = re.match(r"gatehouse::(\w+)_policy::on_(?:request|reply|body|response|finish)\w*\(", function)
            if phase:
                found[phase[1]] += cost
        return found

    return per_request(stage, [subject], requests, total).get(subject.name, {})


def inclusive(text):
    """Of each function in callgrind's file what it and all that it calls cost
    (https://valgrind.org/docs/manual/cl-format.html)."""
    names = {}
    costs = Counter()
    function = None
    for line in text.splitlines():
        named = re.match(r"(c?)fn=\((\d+)\)(?: (.+))?$", line)
        if named:
            _, number, name = named.groups()
            if name:    # said once: where the function is first named, perhaps as one that another calls
                names[number] = name
            if not named[1]:
                function = names[number]
        elif re.match(r"[\d+*-]", line) and function:
            costs[function] += int(line.split()[-1])    # its own, and behind "calls=" of one that it called
    return costs


def system_calls(stage, subjects, *, gateway, requests):
    """{subject: {system call: how often per request}}"""

    def total(subject, count):
        wrapper = [program("strace"), "--follow-forks", "--summary-only", "--output=counted"]
        text = run_wrapped(stage, subject, gateway, wrapper, count)
        # % time     seconds  usecs/call     calls    errors syscall
        rows = [line.split() for line in text.splitlines()]
        return Counter({row[-1]: int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total"})

    return per_request(stage, subjects, requests, total)


def run_wrapped(stage, subject, gateway, wrapper, requests):
    """What the wrapper wrote into its file "counted"."""
    child = stage.start(subject, gateway, wrapper=wrapper, alone=True)
    with child:
        ask_many(child.port, requests)
    counted = child.log.parent / "counted"
    if not counted.exists():
        raise CannotRun(f"{wrapper[0]} wrote nothing:\n{child.log_tail()}")
    return counted.read_text()


def per_request(stage, subjects, requests, total):
    found = {}
    for subject in subjects:
        say(f"  {subject.name}")
        with stage.guarded(subject.name):
            few = total(subject, FEW)
            many = total(subject, FEW + requests)
            many.subtract(few)
            found[subject.name] = {what: count / requests for what, count in many.items()}
    return found
