"""docs/benchmarks.md, from what was measured."""

from statistics import median, quantiles

from . import answer
from .load import CONNECTIONS

LABELS = {
    "floor": "bare epoll loop (the floor)",
    "gatehouse": "**Gatehouse**",
    "nginx": "nginx",
    "haproxy": "HAProxy",
    "caddy": "Caddy",
    "express": "Express + cors + helmet + express-rate-limit",
    "express-bare": "Express, without them",
}
NOT_MEASURED = "–"


def write(results):
    """The whole page."""
    parts = [introduction(results), targets(results)]
    for role, title, against in (("server", "As a server", "floor"), ("gateway", "As a gateway", "nginx")):
        parts.append(role_table(results, role, title, against))
    parts += [calls_table(results), micro_tables(results), method(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


# -------------------------------------------------------------------------------------------------------- arithmetic


def middle(values):
    """(median, lower quartile, upper quartile)"""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return median(values), low, high


def ratios(samples, name, against, what="cpu_us"):
    """Round by round, so that what disturbs a whole round cancels out."""
    if name not in samples or against not in samples:
        return None
    return [one[what] / other[what] for one, other in zip(samples[name], samples[against])]


def column(samples, what):
    return median(sample[what] for sample in samples)


# ------------------------------------------------------------------------------------------------------------- tables


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def with_spread(values):
    centre, low, high = middle(values)
    return f"{centre:.2f} ({low:.2f}–{high:.2f})"


def introduction(results):
    machine = results["machine"]
    versions = "; ".join(f"{LABELS[name].replace('*', '')}: {version}"
                         for name, version in results["versions"].items() if version and name != "express-bare")
    text = f"""# Benchmarks

Written by `make bench` on {results['date']}; do not edit. One run, on a machine with {machine['cores']} cores
({machine['processor']}; Linux {machine['kernel']}; load average at the start {machine['load']:.1f}).
{versions}.

All subjects give the same answer to the same request: {len(answer.BODY)} bytes of JSON with the headers of Gatehouse's `api` profile
and a request id. Only ratios of one run mean something: the machine is shared and its clock is not ours. How it is
measured stands [below](#method)."""
    if results["failures"]:
        text += "\n\n**This run is not complete:**\n\n" + "\n".join(
            f"- {failure.strip().splitlines()[0]}" for failure in results["failures"])
    return text


def role_table(results, role, title, against):
    samples = results.get(role, {})
    counted, idle = results.get(f"{role}_instructions", {}), results.get(f"{role}_idle", {})
    calls = results.get(f"{role}_system_calls", {})
    names = [name for name in LABELS if any(name in part for part in (samples, counted, idle, calls))]
    if not names:
        return ""
    rows = []
    for name in names:
        row = [LABELS[name]]
        if name in samples:
            own = samples[name]
            ratio = ratios(samples, name, against)
            row += [with_spread(ratio) if ratio else NOT_MEASURED, f"{column(own, 'cpu_us'):.2f}",
                    f"{column(own, 'per_second'):,.0f}", f"{column(own, 'p99_us') / 1000:.2f}",
                    f"{100 * column(own, 'busy'):.0f} %"]
        else:
            row += [NOT_MEASURED] * 5
        row.append(f"{median(idle[name]):,.0f}" if name in idle else NOT_MEASURED)
        row.append(f"{counted[name]:,.0f}" if name in counted else NOT_MEASURED)
        row.append(f"{sum(calls[name].values()):.2f}" if name in calls else NOT_MEASURED)
        rows.append(row)
    head = ["", f"CPU time per request, × {LABELS[against].split(' (')[0]} (quartiles)", "CPU time per request, µs",
            "requests/s", "p99, ms", "core used", "bytes per idle connection", "user instructions per request",
            "system calls per request"]
    note = {
        "server": "It answers by itself.",
        "gateway": "In front of the bare epoll loop, which answers without the headers; connections to it are kept.",
    }[role]
    return f"## {title}\n\n{note}\n\n{table(head, rows)}"


def calls_table(results):
    rows = []
    for role in ("server", "gateway"):
        for name, calls in results.get(f"{role}_system_calls", {}).items():
            often = sorted(((count, call) for call, count in calls.items() if count >= 0.01), reverse=True)
            rows.append([f"{LABELS[name]}, {role}", ", ".join(f"{call} {count:.2f}" for count, call in often)])
    return f"## System calls of one request\n\n{table(['', 'which'], rows)}" if rows else ""


def micro_tables(results):
    parts = []
    for program, rows in results.get("micro", {}).items():
        lines = [[f"`{row['name']}`", f"{row['cpu_ns']:,.1f}",
                  f"{row['bytes_per_second'] / 1e9:.2f}" if row["bytes_per_second"] else NOT_MEASURED] for row in rows]
        parts.append(f"### {program}\n\n{table(['', 'CPU time, ns', 'GB/s'], lines)}")
    return "\n\n".join(["## Parts of Gatehouse", *parts]) if parts else ""


# ------------------------------------------------------------------------------------------------------------ targets


def targets(results):
    rows = []
    for what, target, measured, met in judged(results):
        rows.append([what, target, measured, met])
    head = ["Target", "wanted", "measured", ""]
    return f"## Targets\n\n{table(head, rows)}"


def judged(results):
    def ratio(role, against, bound, strictly=False):
        values = ratios(results.get(role, {}), "gatehouse", against)
        if not values:
            return NOT_MEASURED, NOT_MEASURED
        centre = middle(values)[0]
        return with_spread(values), "met" if (centre < bound if strictly else centre <= bound) else "**not met**"

    def idle(role):
        values = results.get(f"{role}_idle", {}).get("gatehouse")
        if not values:
            return NOT_MEASURED, NOT_MEASURED
        return f"{median(values):,.0f} bytes", "met" if median(values) <= 2048 else "**not met**"

    cpu = "CPU time per request"
    return [
        (f"{cpu}: server against the bare epoll loop", "≤ 1.15 ×", *ratio("server", "floor", 1.15)),
        (f"{cpu}: server against nginx", "< 1 ×", *ratio("server", "nginx", 1, strictly=True)),
        (f"{cpu}: gateway against nginx `proxy_pass`", "≤ 1 ×", *ratio("gateway", "nginx", 1)),
        ("Idle keep-alive connection, server", "≤ 2,048 bytes", *idle("server")),
        ("Idle keep-alive connection, gateway", "≤ 2,048 bytes", *idle("gateway")),
    ]


# ------------------------------------------------------------------------------------------------------------- method


def method(results):
    settings = results["settings"]
    return f"""## Method

- **Request and answer**: a GET with the fields that Chromium's `fetch()` sends; the answer is {len(answer.BODY)} bytes of JSON, a Date and
  {len(answer.SECURITY_HEADERS)} security headers with a request id, made anew for each request by all but the floor. Before and after, status, content and
  every one of these fields are compared; one answer that is not a success, or one socket error, fails the run.
  Differences that remain: nginx and HAProxy keep or lack a `Server` and a `Date` field of their own, Express adds its rate-limit fields.
- **Server and load**: every server has one worker thread (Caddy: `GOMAXPROCS=1`) and is pinned to one core; wrk (one thread, {CONNECTIONS}
  keep-alive connections, as fast as answers come) and the API behind gateways run on the other one. Access logs are off.
- **Time**: {settings['rounds']} rounds of {settings['seconds']} s for each subject, interleaved, each round beginning with another subject. CPU time is what the
  scheduler counted (`/proc/PID/task/*/schedstat`) for all threads of all processes of the server, user and kernel, divided
  by the answers that wrk got. A ratio is taken within a round; the table has the median and the quartiles of these
  ratios, and medians of the rest. A server that leaves its core idle (see "core used") waits for wrk, so its requests/s
  is a lower bound.
- **Idle connections**: a new process each time ({settings['idle_repeats']}×), {settings['idle_connections']:,} connections with one answered request each; the growth of its PSS
  divided by their number. Memory that a server takes for connections at its start (nginx and HAProxy take some) is not
  in it, nor is the kernel's.
- **Instructions**: callgrind's total of {settings['requests']:,} more requests, one at a time on one connection. Not for Go and JavaScript programs.
- **System calls**: the same with `strace -c`; under load, one wait serves several requests and there are fewer."""
