"""docs/benchmarks.md, from what was measured."""

import re
from statistics import median, quantiles

from . import answer, tls
from .load import CONNECTIONS

LABELS = {
    "floor": "bare epoll loop",
    "gatehouse": "**Gatehouse**",
    "nginx": "nginx",
    "haproxy": "HAProxy",
    "caddy": "Caddy",
    "express": "Express with cors, helmet, express-rate-limit",
    "express-bare": "Express without them",
}
UNKNOWN = "–"
IDLE_TARGET_BYTES = 2048
WATCHING_TARGET = 0.05
# What hostile rows of one program are compared with: a denial of 250 bytes, by the same policy where the row says by which.
DENIAL = "decide/denied_of_250_bytes"


def write(results):
    """The whole page."""
    parts = [
        introduction(results),
        targets(results),
        role_part(results, "server", "floor", "## As a server\n\nThey answer by themselves."),
        role_part(results, "gateway", "nginx", "## As a gateway\n\nThey stand in front of an API on the other core that does "
                  "next to nothing and has none of the headers; connections to it are kept."),
        tls_part(results),
        watching_part(results),
        rules_part(results),
        calls_part(results),
        micro_part(results),
        method(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


# -------------------------------------------------------------------------------------------------------- arithmetic


def ratios(samples, name, against):
    """Of CPU time, round by round, so that what disturbs a whole round cancels out; None when one was not measured."""
    if name not in samples or against not in samples:
        return None
    return [one["cpu_us"] / other["cpu_us"] for one, other in zip(samples[name], samples[against])]


def with_spread(values):
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return f"{median(values):.2f} ({low:.2f}–{high:.2f})"


# ------------------------------------------------------------------------------------------------------------- tables


def table(head, rows, *, words=1):
    """The first `words` columns hold words, the others numbers."""
    rule = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *rows])


def introduction(results):
    machine = results["machine"]
    versions = "\n".join(f"- {LABELS[name]}: {version}" for name, version in results["versions"].items()
                         if version and name != "express-bare")
    text = f"""# Benchmarks

Written by `make bench` on {results['date']}; not edited by hand. All figures are of one run, on a machine with {machine['cores']} cores
({machine['processor']}, Linux {machine['kernel']}; load average at the start: {machine['load']:.1f}), of

{versions}

All give the same answer to the same request: {len(answer.BODY)} bytes of JSON with the headers of Gatehouse's `api` profile and a request id.
Only ratios mean something: absolute times are of a virtual machine that shares its processor. [How it is measured](#method)
stands at the end."""
    if results["failures"]:
        text += "\n\n**This run is not complete:**\n\n" + "\n".join(
            f"- {failure.strip().splitlines()[0]}" for failure in results["failures"])
    return text


def role_part(results, role, against, introduced):
    names = [name for name in LABELS if any(name in results.get(f"{role}{part}", {}) for part in (
        "", "_idle", "_instructions", "_system_calls"))]
    if not names:
        return ""
    head = ["", f"CPU time per request, × {LABELS[against]} (quartiles)", "CPU time per request, µs", "requests/s", "p99, ms",
            "bytes per idle connection", "user instructions per request", "system calls per request"]
    return f"{introduced}\n\n{table(head, [role_row(results, role, against, name) for name in names])}"


def role_row(results, role, against, name):
    def of(part, text):
        measured = results.get(f"{role}{part}", {}).get(name)
        return text(measured) if measured is not None else UNKNOWN

    def middle(column, form, scale=1):
        return of("", lambda samples: format(median(sample[column] for sample in samples) / scale, form))

    ratio = ratios(results.get(role, {}), name, against)
    return [LABELS[name], with_spread(ratio) if ratio else UNKNOWN, middle("cpu_us", ".2f"), middle("per_second", ",.0f"),
            middle("p99_us", ".2f", 1000), of("_idle", lambda values: f"{median(values):,.0f}"),
            of("_instructions", lambda count: f"{count:,.0f}"),
            of("_system_calls", lambda calls: f"{sum(calls.values()):.2f}")]


TLS_COLUMNS = (("full_us", "CPU time of a full handshake", "≤ 1.05", lambda ratio: ratio <= 1.05),
               ("resumed_us", "CPU time of a resumed handshake", "≤ 1", lambda ratio: ratio <= 1),
               ("request_us", "CPU time of a request over TLS", "≤ 0.9", lambda ratio: ratio <= 0.9))


def tls_part(results):
    """HTTPS beside nginx."""
    measured = results.get("tls", {})
    names = [name for name in LABELS if name in measured.get("cpu", {}) or name in measured.get("idle", {})]
    if not names:
        return ""

    def cell(name, column):
        taken = measured["cpu"].get(name)
        return f"{median(sample[column] for sample in taken):,.1f}" if taken else UNKNOWN

    def idle(name):
        return f"{measured['idle'][name]:,.0f}" if name in measured["idle"] else UNKNOWN

    rows = [[LABELS[name], *(cell(name, column) for column, *_ in TLS_COLUMNS), idle(name)] for name in names]
    return ("## HTTPS\n\nBoth are gateways in front of the same API, with the same P-256 certificate and Mozilla's intermediate profile, over "
            "TLS 1.3; CPU time in µs, medians. Handshakes are made one after the other by Python's client, without a request; requests by wrk, "
            f"{CONNECTIONS} connections.\n\n"
            + table(["", "full handshake", "resumed handshake", "request", "bytes per idle connection"], rows))


def watching_part(results):
    """What it costs that operators see what the gateway does."""
    counted = results.get("watching", {})
    if "nothing" not in counted:
        return ""
    rows = [[name, f"{count:,.0f}", f"{100 * watching_share(counted, name):+.1f} %"] for name, count in counted.items()]
    return ("## What watching costs\n\nThe same program as a gateway, with access log (JSON, a line for each request, the log's thread "
            "included), metrics and traces (a new W3C trace for each request, recent decisions kept) off and on.\n\n"
            + table(["on", "user instructions per request", "more than nothing"], rows))


def rules_part(results):
    """What each rule costs, of a whole request as a gateway."""
    counted = dict(results.get("rules", {}))
    whole = counted.pop("whole request", None)
    if not whole:
        return ""
    rows = [[f"`{name}`", f"{count:,.0f}", f"{100 * count / whole:.1f} %"]
            for name, count in sorted(counted.items(), key=lambda one: -one[1])]
    rows.append(["all rules", f"{sum(counted.values()):,.0f}", f"{100 * sum(counted.values()) / whole:.1f} %"])
    return ("## What the rules cost\n\nOf a GET as a gateway with the default settings: each rule's phases with all that they call.\n\n"
            + table(["rule", "user instructions per request", f"of {whole:,.0f}"], rows))


def watching_share(counted, name):
    return counted[name] / counted["nothing"] - 1


def calls_part(results):
    rows = []
    for role in ("server", "gateway"):
        for name, calls in results.get(f"{role}_system_calls", {}).items():
            often = sorted(((count, call) for call, count in calls.items() if count >= 0.01), reverse=True)
            rows.append([LABELS[name], role, ", ".join(f"{call} {count:.2f}" for count, call in often)])
    return f"## System calls of one request\n\n{table(['', 'as a', 'calls'], rows, words=3)}" if rows else ""


def micro_part(results):
    parts = []
    for program, rows in results.get("micro", {}).items():
        parts.append(f"### {program}\n\n{counted_table(rows) if 'instructions' in rows[0] else speed_table(rows)}")
    return "\n\n".join(["## Parts of Gatehouse", *parts]) if parts else ""


def speed_table(rows):
    return table(["", "CPU time, ns", "GB/s"], [
        [f"`{row['name']}`", f"{row['cpu_ns']:,.1f}", f"{row['bytes_per_second'] / 1e9:.2f}" if row["bytes_per_second"] else ""]
        for row in rows])


def counted_table(rows):
    """Beside the first row, which is the yardstick; hostile ones beside a normal denial, too."""
    costs = {row["name"]: row["cpu_ns"] for row in rows}

    def beside_denial(name):
        if "/hostile_" not in name:
            return ""
        policy = re.search(r"_against_.+$", name)
        denial = costs.get(f"{DENIAL}{policy[0] if policy else '_by_1'}")
        return f"{costs[name] / denial:.2f}" if denial else UNKNOWN

    return table(["", "CPU time, ns", f"× `{rows[0]['name']}`", "× a denial of 250 bytes by that policy", "instructions"], [
        [f"`{row['name']}`", f"{row['cpu_ns']:,.1f}", f"{row['cpu_ns'] / rows[0]['cpu_ns']:.2f}", beside_denial(row["name"]),
         f"{row['instructions']:,.0f}"]
        for row in rows])


# ------------------------------------------------------------------------------------------------------------ targets


def targets(results):
    def cpu(role, against, wanted, is_met):
        ratio = ratios(results.get(role, {}), "gatehouse", against)
        what = f"CPU time per request as a {role}, × {LABELS[against]}"
        return [what, wanted, *judged(ratio and with_spread(ratio), ratio and is_met(median(ratio)))]

    def idle(role):
        values = results.get(f"{role}_idle", {}).get("gatehouse")
        what = f"Bytes per idle connection, as a {role}"
        return [what, f"≤ {IDLE_TARGET_BYTES:,}",
                *judged(values and f"{median(values):,.0f}", values and median(values) <= IDLE_TARGET_BYTES)]

    def watching():
        counted = results.get("watching", {})
        share = watching_share(counted, "all of them") if {"nothing", "all of them"} <= counted.keys() else None
        return ["Instructions of log, metrics and traces, of those without them", f"≤ {100 * WATCHING_TARGET:.0f} %",
                *judged(share if share is None else f"{100 * share:.1f} %", share is not None and share <= WATCHING_TARGET)]

    def over_tls(column, what, wanted, is_met):
        found = tls.ratio(results.get("tls", {}), column)
        return [f"{what}, × nginx", wanted, *judged(found and with_spread(found), found and is_met(median(found)))]

    def idle_over_tls():
        idle = results.get("tls", {}).get("idle", {})
        share = idle["gatehouse"] / idle["nginx"] if {"gatehouse", "nginx"} <= idle.keys() else None
        return ["Bytes per idle connection over TLS, × nginx", "< 1",
                *judged(share if share is None else f"{share:.3f}", share is not None and share < 1)]

    rows = [
        cpu("server", "floor", "≤ 1.15", lambda ratio: ratio <= 1.15),
        cpu("server", "nginx", "< 1", lambda ratio: ratio < 1),
        cpu("gateway", "nginx", "≤ 1", lambda ratio: ratio <= 1),
        idle("server"),
        idle("gateway"),
        watching(),
        *(over_tls(*column) for column in TLS_COLUMNS),
        idle_over_tls(),
    ]
    return f"## Targets\n\n{table(['', 'wanted', 'measured', ''], rows)}"


def judged(measured, is_met):
    if measured is None:
        return UNKNOWN, "not measured"
    return measured, "met" if is_met else "**not met**"


# ------------------------------------------------------------------------------------------------------------- method


def method(results):
    settings = results["settings"]
    busy = [sample["busy"] for role in ("server", "gateway") for samples in results.get(role, {}).values()
            for sample in samples]
    used = f" Over all rounds the servers used {100 * min(busy):.0f} to {100 * max(busy):.0f} % of it." if busy else ""
    if settings["wrk"]:
        used += " **In this run wrk pressed instead.**"
    return f"""## Method

- **Request and answer.** A GET of {len(answer.request(10000))} bytes with the fields that Chromium's `fetch()` sends; {len(answer.BODY)} bytes of JSON, {len(answer.SECURITY_HEADERS)} security
  headers and a request id that is new for each request (but for the floor's). Before and after the rounds every one of these
  fields is compared, and under load the status and content of every single answer; one that is wrong fails the run.
  What remains different: only nginx sends `Server`, HAProxy sends no `Date` when it answers by itself, Express sends rate-limit
  and CORS fields as well.
- **Gatehouse** is built as `make dist` builds it: optimised at link time, hardened, and by a profile of requests of many kinds
  (`bench/train`), not of the one that is measured alone. The floor and the load are not trained. The peers are Debian's packages.
- **The floor** is one thread with epoll, one recv and one send a request; it looks for the end of the head, reads nothing else
  of it, and sends prepared bytes.
- **Server and load.** Each server has one worker thread (Caddy: `GOMAXPROCS=1`) and is pinned to one core. On the other core one
  thread is both the load ({CONNECTIONS} keep-alive connections, each asking again as soon as it has its answer) and the API behind the
  gateways. It polls and never sleeps, so that no server is charged for waking it, and it is faster than all of them, so
  that none is charged for going to sleep: they are busy all the time and take what is ready in batches. (wrk is slower than
  the floor, and made servers look slow that were only waiting for it.){used}
- **Logs.** Gateways write a line for each request, to /dev/null (nginx: JSON with Gatehouse's members, 64 KiB buffered; HAProxy
  and Caddy: their own, as written); servers write none.
- **CPU time** is what the scheduler counted (`/proc/PID/task/*/schedstat`) for all threads of all processes of the server, user
  and kernel, divided by the number of answers. {settings['rounds']} interleaved rounds of {settings['seconds']} s for each subject, each round beginning with
  another one: what disturbs lasts longer than a turn, and then disturbs all. Ratios are taken within a round; the table has
  their median and quartiles, and medians of the rest. Server and load have priority over other sessions of the machine, where
  that is allowed. With {CONNECTIONS} requests always under way, p99 is at least {CONNECTIONS} times what one takes.
- **Idle connections.** {settings['idle_connections']:,} connections that have had one answer each, in a new process, {settings['idle_repeats']} times; the growth of its
  resident memory (PSS, without pages of files) divided by their number. What a server sets aside for connections when it starts (nginx and HAProxy
  do) is not in it, nor is the kernel's memory.
- **Instructions.** What callgrind counts for {settings['requests']:,} more requests, one at a time on one connection. Not of Go and JavaScript.
- **System calls.** What strace counts for the same. Under load, one wait serves several requests, so there are fewer."""
