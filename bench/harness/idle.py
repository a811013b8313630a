"""What a keep-alive connection costs the server while nothing happens on it."""

import time

from .answer import check
from .client import open_idle
from .stage import say

WARM_UP_CONNECTIONS = 64            # pools and tables of a start-up are not an idle connection's


def measure(stage, subjects, *, gateway, connections, repeats):
    """{subject: [bytes per connection of each repeat]}, every time in a new process."""
    found = {subject.name: [] for subject in subjects}
    for repeat in range(repeats):
        say(f"  {connections} connections, {repeat + 1} of {repeats}")
        for subject in subjects:
            with stage.guarded(subject.name), stage.start(subject, gateway) as child:
                check(child.port, subject.secured)
                found[subject.name].append(one(child, connections))
    return {name: taken for name, taken in found.items() if len(taken) == repeats}


def one(child, connections):
    with open_idle(child.port, WARM_UP_CONNECTIONS):
        pass
    before = settled_bytes(child)
    with open_idle(child.port, connections) as idle:
        after = settled_bytes(child)
        for connection in idle:     # none was closed behind our back
            connection.ask()
    return (after - before) / connections


def settled_bytes(child):
    time.sleep(0.2)
    return child.resident_bytes()
