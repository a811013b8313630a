"""The Google Benchmark programs of the layers: bench/*_bench.cpp."""

import json
import os
import re
import subprocess
import tempfile

from .process import CannotRun, program
from .stage import say

COUNTED = "rules_cors_bench"        # can repeat one of its rows by itself: --repeat NAME COUNT


def measure(stage, seconds_each):
    """{program: [{name, cpu_ns, …}]}, of every one that is built."""
    found = {}
    for path in sorted(stage.programs.glob("*_bench")):
        say(f"  {path.name}")
        with stage.guarded(path.name):
            run = subprocess.run(
                [path, "--benchmark_format=json", f"--benchmark_min_time={seconds_each}"], capture_output=True, text=True,
                check=False, timeout=180, preexec_fn=lambda: os.sched_setaffinity(0, {stage.server_core}))
            if run.returncode != 0:
                raise CannotRun(f"ended with {run.returncode}: {run.stderr[-2000:]}")
            found[path.name] = [row(each) for each in json.loads(run.stdout)["benchmarks"]]
            if path.name == COUNTED:
                for each in found[path.name]:
                    each["instructions"] = (repeated(path, each["name"], 1_100) - repeated(path, each["name"], 100)) / 1_000
    return found


def repeated(path, name, count):
    """Instructions of the whole program, as callgrind counts them."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "counted")
        run = subprocess.run([program("valgrind"), "--quiet", "--tool=callgrind", f"--callgrind-out-file={file}", path, "--repeat", name,
                              str(count)], capture_output=True, text=True, check=False, timeout=180)
        if run.returncode != 0:
            raise CannotRun(f"{name} ended with {run.returncode}: {run.stderr[-2000:]}")
        with open(file, encoding="utf-8") as counted:
            return int(re.search(r"^(?:summary|totals): (\d+)", counted.read(), re.MULTILINE)[1])


def row(each):
    if each.get("error_occurred"):
        raise CannotRun(f"{each['name']}: {each.get('error_message')}")
    unit = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[each["time_unit"]]
    return {"name": each["name"], "cpu_ns": each["cpu_time"] * unit, "bytes_per_second": each.get("bytes_per_second")}
