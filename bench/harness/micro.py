"""The Google Benchmark programs of the layers: bench/*_bench.cpp."""

import json
import os
import subprocess

from .process import CannotRun
from .stage import say


def measure(stage, seconds_each):
    """{program: [{name, ns, …}]}, of every one that is built."""
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
    return found


def row(each):
    if each.get("error_occurred"):
        raise CannotRun(f"{each['name']}: {each.get('error_message')}")
    unit = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[each["time_unit"]]
    return {"name": each["name"], "cpu_ns": each["cpu_time"] * unit, "bytes_per_second": each.get("bytes_per_second")}
