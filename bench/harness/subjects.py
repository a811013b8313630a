"""The servers that are compared. Each writes its configuration into a folder of its own and says how it is started."""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import answer
from .process import Child, free_port, program

BENCH = Path(__file__).resolve().parent.parent
ENOUGH_CONNECTIONS = 16_000


@dataclass
class Site:
    """Where a subject runs."""
    folder: Path
    programs: Path                  # our own, built: epoll_floor, note_server, gatehouse
    upstream: int | None            # port of the API behind a gateway; None: the subject answers itself
    alone: bool = False             # one process: for valgrind and strace
    tls: Path | None = None         # where tls.pem and tls.key are; None: plain HTTP


@dataclass
class Command:
    argv: list
    port: int | None = None         # None: it prints where it listens
    env: dict = field(default_factory=dict)
    logs_requests: bool = False     # a line each on standard error, which goes to /dev/null


@dataclass(frozen=True)
class Subject:
    name: str
    command: callable               # (Site) -> Command
    version: callable               # (programs) -> text
    secured: bool = True            # sends the security headers
    countable: bool = True          # machine code of its own that valgrind can count (no Go runtime, no JIT)

    def start(self, site, core, wrapper):
        command = self.command(site)
        return Child([*wrapper, *command.argv], core, site.folder, env=command.env, port=command.port,
                     discard_errors=command.logs_requests)


def first_version(argv):
    said = subprocess.run(argv, capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+[\w.+~-]*", said.stdout + said.stderr)
    return found[0] if found else "?"


# ---------------------------------------------------------------------------------------------------------- our own


def floor(site):
    response = site.folder / "response.http"
    response.write_bytes(answer.floor_response(secured=True))
    return Command([site.programs / "epoll_floor", response])


def gatehouse(site):
    if site.upstream is None:
        return Command([site.programs / "note_server", answer.BODY])
    if site.tls:
        return watched_gatehouse(f'[tls]\ncertificate = "{site.tls}/tls.pem"\nkey = "{site.tls}/tls.key"\n')(site)
    return Command([site.programs / "gatehouse", "run", "--to", f"http://127.0.0.1:{site.upstream}",
                    "--listen", "127.0.0.1:0"], logs_requests=True)


LOG = '[log]\nformat = "json"\nrequests = "all"\n'
NO_LOG = '[log]\nformat = "json"\nrequests = "none"\n'
METRICS = '[telemetry]\nlisten = "127.0.0.1:0"\n'
TRACES = '[trace_context]\nbegin = "sampled"\n[admin]\nlisten = "unix:{folder}/admin"\n'
NO_TRACES = '[trace_context]\nbegin = "never"\n[admin]\nlisten = "off"\n'


def watched_gatehouse(settings):
    """Gatehouse as a gateway that tells this much of what it does."""
    def command(site):
        file = site.folder / "gatehouse.toml"
        file.write_text(f'listen = "127.0.0.1:0"\nupstream = "http://127.0.0.1:{site.upstream}"\n'
                        + settings.format(folder=site.folder))
        return Command([site.programs / "gatehouse", "run", "-c", file], logs_requests=True)
    return command


def gatehouse_version(programs):
    return first_version([programs / "gatehouse", "version"]) if (programs / "gatehouse").exists() else "?"


# ------------------------------------------------------------------------------------------------------------ peers


def nginx(site):
    port = free_port()
    headers = "\n".join(f'      add_header {name} "{value}" always;' for name, value in answer.SECURITY_HEADERS.items())
    if site.upstream is None:
        content = f"""      default_type {answer.MEDIA_TYPE};
      return 200 '{answer.BODY}';"""
    else:
        content = """      proxy_pass http://api;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-Id $request_id;
      proxy_hide_header X-Powered-By;"""
    # Gateways log, and Gatehouse's line has these members.
    log = """  log_format line escape=json '{"time":"$time_iso8601","id":"$request_id","client":"$remote_addr",'
    '"method":"$request_method","path":"$uri","status":$status,"duration_ms":$request_time,"bytes_in":$request_length,'
    '"bytes_out":$bytes_sent,"host":"$http_host"}';
  access_log /dev/null line buffer=64k flush=1s;""" if site.upstream else "  access_log off;"
    upstream = f"""  upstream api {{
    server 127.0.0.1:{site.upstream};
    keepalive 64;
    keepalive_requests 1000000;
  }}
""" if site.upstream else ""
    temporary = "\n".join(f"  {kind}_temp_path {site.folder}/{kind};"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # Mozilla's guideline, intermediate: https://ssl-config.mozilla.org
    tls = f"""
    ssl_certificate {site.tls}/tls.pem;
    ssl_certificate_key {site.tls}/tls.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_timeout 1d;""" if site.tls else ""
    configuration = site.folder / "nginx.conf"
    configuration.write_text(f"""daemon off;
master_process {'off' if site.alone else 'on'};
worker_processes 1;
pid {site.folder}/nginx.pid;
error_log stderr;
events {{ worker_connections {ENOUGH_CONNECTIONS}; }}
http {{
{temporary}
{log}
  server_tokens off;
  keepalive_requests 1000000;
{upstream}  server {{
    listen 127.0.0.1:{port} backlog=4096{' ssl' if site.tls else ''};{tls}
    location / {{
{headers}
      add_header X-Request-Id $request_id always;
{content}
    }}
  }}
}}
""")
    return Command([program("nginx"), "-e", "stderr", "-c", configuration], port)


def haproxy(site):
    port = free_port()
    headers = "\n".join(f'  http-after-response set-header {name} "{value}"'
                        for name, value in answer.SECURITY_HEADERS.items())
    if site.upstream is None:
        content = f"  http-request return status 200 content-type {answer.MEDIA_TYPE} string '{answer.BODY}'"
        backend = ""
    else:
        content = """  option forwardfor
  option httplog
  log global
  http-request set-header X-Forwarded-Proto http
  http-response del-header X-Powered-By
  default_backend api"""
        backend = f"""backend api
  http-reuse always
  server api 127.0.0.1:{site.upstream}
"""
    configuration = site.folder / "haproxy.cfg"
    configuration.write_text(f"""global
  nbthread 1
  maxconn {ENOUGH_CONNECTIONS}
  no strict-limits
  log stderr format raw daemon
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 60s
frontend main
  bind 127.0.0.1:{port} backlog 4096
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
{headers}
  http-after-response set-header X-Request-Id %[unique-id]
{content}
{backend}""")
    return Command([program("haproxy"), "-db", "-f", configuration], port, logs_requests=site.upstream is not None)


def caddy(site):
    port = free_port()
    headers = "\n".join(f'    {name} "{value}"' for name, value in answer.SECURITY_HEADERS.items())
    if site.upstream is None:
        content = f"""  header Content-Type {answer.MEDIA_TYPE}
  respond `{answer.BODY}`"""
    else:
        content = f"""  reverse_proxy 127.0.0.1:{site.upstream} {{
    header_up X-Request-Id {{http.request.uuid}}
    header_down -X-Powered-By
  }}
  log {{
    output stderr
  }}"""
    configuration = site.folder / "Caddyfile"
    configuration.write_text(f"""{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  bind 127.0.0.1
  header {{
{headers}
    X-Request-Id {{http.request.uuid}}
    -Server
  }}
{content}
}}
""")
    folders = {name: str(site.folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    return Command([program("caddy"), "run", "--adapter", "caddyfile", "--config", configuration], port,
                   env={"GOMAXPROCS": "1", **folders}, logs_requests=site.upstream is not None)


def express(site, *, middleware="cors,helmet,express-rate-limit"):
    port = free_port()
    return Command([program("node"), BENCH / "express" / "server.js"], port,
                   env={"NODE_ENV": "production", "PORT": str(port), "MIDDLEWARE": middleware, "BODY": answer.BODY})


def express_bare(site):
    return express(site, middleware="")


def express_version(_):
    pinned = json.loads((BENCH / "express" / "package.json").read_text())["dependencies"]
    packages = ", ".join(f"{name} {version}" for name, version in pinned.items())
    return f"{packages}; node {first_version([program('node'), '--version'])}"


def install_express():
    """On demand, as tools/install-npm does it for the tests."""
    subprocess.run([BENCH.parent / "tools" / "install-npm", "bench/express"], check=True, env={
        **os.environ, "npm_config_omit_lockfile_registry_resolved": "true"})


def version_of(name, flag):
    return lambda _: first_version([program(name), flag])


NGINX = Subject("nginx", nginx, version_of("nginx", "-v"))
HAPROXY = Subject("haproxy", haproxy, version_of("haproxy", "-v"))
CADDY = Subject("caddy", caddy, version_of("caddy", "version"), countable=False)
GATEHOUSE = Subject("gatehouse", gatehouse, gatehouse_version)
FLOOR = Subject("floor", floor, lambda _: "")

SERVERS = [
    FLOOR,
    GATEHOUSE,
    NGINX,
    HAPROXY,
    CADDY,
    Subject("express", express, express_version, countable=False),
    Subject("express-bare", express_bare, express_version, secured=False, countable=False),
]
# One gateway with more and more of what tells operators what it does.
WATCHED = [
    Subject("nothing", watched_gatehouse(NO_LOG + NO_TRACES), gatehouse_version),
    Subject("metrics", watched_gatehouse(NO_LOG + NO_TRACES + METRICS), gatehouse_version),
    Subject("traces", watched_gatehouse(NO_LOG + TRACES), gatehouse_version),
    Subject("log", watched_gatehouse(LOG + NO_TRACES), gatehouse_version),
    Subject("all of them", watched_gatehouse(LOG + TRACES + METRICS), gatehouse_version),
]
GATEWAYS = [GATEHOUSE, NGINX, HAPROXY, CADDY]
