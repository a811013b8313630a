#include "help.hpp"

namespace gatehouse::program {
namespace {

constexpr std::string_view program_help = R"(gatehouse: the secure front door of an HTTP API

  gatehouse run      protect an API:   gatehouse run --to http://localhost:5000 --allow-origin http://localhost:3000
  gatehouse demo     see what that changes, on a bare sample API
  gatehouse init     write a gatehouse.toml with every setting, explained
  gatehouse cert     make a certificate for HTTPS on this machine: gatehouse cert dev
  gatehouse new      begin an API of your own in C++, with the library: gatehouse new notes
  gatehouse check    find mistakes and doubtful choices in a gatehouse.toml
  gatehouse show     print every setting with the value it has
  gatehouse explain  say why a request was refused, by its id
  gatehouse version

gatehouse COMMAND --help says more.
)";

constexpr std::string_view run_help = R"(gatehouse run: stands in front of an API and protects it

  gatehouse run --to http://localhost:5000 --allow-origin http://localhost:3000
  gatehouse run --to http://localhost:5000 --listen 127.0.0.1:9000
  gatehouse run -c gatehouse.toml
  gatehouse run                        takes ./gatehouse.toml

  --to URL             the API: http(s)://, host and port, or unix:/path; again for each of several upstreams
  --listen ADDR:PORT   where clients come in; may be repeated; port 0 picks one (default 127.0.0.1:8080)
  -c, --config FILE    settings; a flag wins over the same setting in the file
  --allow-origin URL   pages of this origin may read answers: http:// or https://, host and port of the page, or
                       'https://*.example.com'; may be repeated
  --allow-any-origin   pages of every origin may, without cookies
  --allow-credentials  pages of the allowed origins may send cookies and HTTP authentication
  --allow-method NAME  what they may ask for (default: what the routes have); may be repeated
  --allow-header NAME  a field that they may send besides the usual ones; may be repeated
  --dev-tls            HTTPS with this user's development certificate (gatehouse cert dev)

Prints "listening on http://ADDR:PORT" (https:// with TLS) on standard output once it does; all else goes to standard error.
Stops gracefully on Ctrl-C and SIGTERM. Exit codes: 0 stopped, 1 could not run (port in use), 2 wrong settings.
)";

constexpr std::string_view check_help =
    R"(gatehouse check: finds mistakes and doubtful choices in a configuration, all at once

  gatehouse check gatehouse.toml
  gatehouse check gatehouse.toml --json
  gatehouse check --diff old.toml new.toml
  gatehouse check --diff running gatehouse.toml

  --json               for programs: one JSON object on standard output
  --diff FILE          only what the two configurations do differently, key by key, and what of it needs a restart;
                       "running" stands for what the running gateway does, flags included (secrets are not compared)
  --admin URL          where the running one is asked: http://127.0.0.1:9080 or unix:/path (default: as admin.listen says)

Exit codes: 0 nothing to say, 1 warnings only, 2 errors (gatehouse run would not start).
With --diff: 0 they do the same, 1 they differ, 2 errors in one of them, or no running gateway could be asked.
)";

constexpr std::string_view show_help =
    R"(gatehouse show: prints the configuration that gatehouse run would use: every key, with the value it has

  gatehouse show
  gatehouse show -c gatehouse.toml
  gatehouse show --to http://localhost:5000

  --to URL             as of gatehouse run
  --listen ADDR:PORT   as of gatehouse run
  -c, --config FILE    settings (default ./gatehouse.toml, when there is no --to)

Takes the --allow options of gatehouse run, too.
What it prints is a gatehouse.toml itself; included files are in it, secrets are ***.
Exit codes: 0 printed, 2 the settings are wrong.
)";

constexpr std::string_view explain_help =
    R"(gatehouse explain: says what was decided about a request, rule by rule, and what would undo it

  gatehouse explain 8c02d4                           a recent request, by X-Request-Id or its first six characters
  gatehouse explain --path /notes --host evil.example          a request that nobody sent
  gatehouse explain --origin http://localhost:3000 -X PUT -H 'Content-Type: application/json' http://localhost:8080/notes
                                                     what the browser of a page does, step by step, and what the page
                                                     gets; if nothing, the smallest change that would allow it
  gatehouse explain --allow-origin http://localhost:3000 --origin http://localhost:3000 --credentials include /notes

  -c, --config FILE    the running gateway's settings (default ./gatehouse.toml, if it is there): where its admin
                       listener is; of a request that nobody sent: the rules that are asked
  --admin URL          where the admin listener is: http://127.0.0.1:9080 or unix:/path
  --json               for machines
  -X, --method METHOD  of the request that nobody sent (default GET)
  --path PATH          its path and query (default /); or a URL without an option (ws:// for a WebSocket)
  --host HOST          its Host (default: the first listener)
  -H, --header FIELD   a field of it, 'Name: value'; any number. With --origin: Cookie is what the browser has
  --from ADDRESS       where it comes from (default 127.0.0.1)
  --origin ORIGIN      a page of this origin asks, with fetch() or new WebSocket()
  --credentials MODE   of fetch(): include, same-origin (the default) or omit

Takes the options of gatehouse run, too: what they would say of the request.
Kept is what did not simply pass: refused, watched (report_only), answered with 400 or more, cut off. Old ones make way.
Exit codes: 0 found, 1 not found or no gateway reached, 2 wrong use or settings.
)";

constexpr std::string_view init_help =
    R"(gatehouse init: writes a gatehouse.toml with every setting, its default and what it does

  gatehouse init
  gatehouse init --to http://localhost:3000 api.toml

  --to URL             the API to write into it (default http://127.0.0.1:5000)

Beside it gatehouse.schema.json, with which editors complete and check it. Never overwrites a file.
)";

constexpr std::string_view new_help = R"(gatehouse new: begins an API in C++ with the library

  gatehouse new notes

Makes the folder notes: a CMake project with three routes and a test of them. The name is that of the program, too:
small letters, digits, "-" and "_", a letter first. Never overwrites anything. It builds where the library is installed.
Exit codes: 0 made, 1 could not be made (there is such a folder), 2 not a name.
)";

constexpr std::string_view cert_help =
    R"(gatehouse cert: makes a certificate for HTTPS on this machine, and an authority that browsers can trust

  gatehouse cert dev
  gatehouse cert dev app.test 192.168.1.5
  gatehouse cert dev --client notes

  --client NAME        a certificate for a client of that name, too: for tls.client_certificate (mTLS)

For localhost, 127.0.0.1, ::1 and the names given, in the folder gatehouse/dev of $XDG_DATA_HOME or ~/.local/share, where only
this user reads the keys. Kept while it is valid for all of them; says how to trust the authority. gatehouse run --dev-tls
takes it. Strict-Transport-Security is never sent with it.
Exit codes: 0 it is there, 1 could not be made, 2 not a name.
)";

constexpr std::string_view demo_help = R"(gatehouse demo: a bare sample API, and Gatehouse before it, side by side

  gatehouse demo
  gatehouse demo --once

  --listen ADDR:PORT   where Gatehouse listens (default 127.0.0.1:8080, or any free port)
  --dev-tls            HTTPS with this user's development certificate (gatehouse cert dev)
  --once               ends after the table; exit code 0 when every protection showed

Everything stays on this machine. Ctrl-C stops both.
)";

constexpr std::string_view version_help = R"(gatehouse version: prints the version

  gatehouse version
)";

}  // namespace

std::string_view help_text(std::string_view command) noexcept {
  if (command == "run") return run_help;
  if (command == "check") return check_help;
  if (command == "show") return show_help;
  if (command == "explain") return explain_help;
  if (command == "init") return init_help;
  if (command == "cert") return cert_help;
  if (command == "new") return new_help;
  if (command == "demo") return demo_help;
  if (command == "version") return version_help;
  return program_help;
}

}  // namespace gatehouse::program
