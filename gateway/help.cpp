#include "help.hpp"

namespace gatehouse::program {
namespace {

constexpr std::string_view program_help = R"(gatehouse: the secure front door of an HTTP API

  gatehouse run      protect an API:   gatehouse run --to http://localhost:5000
  gatehouse demo     see what that changes, on a bare sample API
  gatehouse init     write a gatehouse.toml with every setting, explained
  gatehouse check    find mistakes and doubtful choices in a gatehouse.toml
  gatehouse version

gatehouse COMMAND --help says more.
)";

constexpr std::string_view run_help = R"(gatehouse run: stands in front of an API and protects it

  gatehouse run --to http://localhost:5000
  gatehouse run --to http://localhost:5000 --listen 127.0.0.1:9000
  gatehouse run -c gatehouse.toml
  gatehouse run                        takes ./gatehouse.toml

  --to URL             the API: http://, host and port, or unix:/path; again for each of several upstreams
  --listen ADDR:PORT   where clients come in; may be repeated; port 0 picks one (default 127.0.0.1:8080)
  -c, --config FILE    settings; a flag wins over the same setting in the file

Prints "listening on http://ADDR:PORT" on standard output once it does; all else goes to standard error.
Stops gracefully on Ctrl-C and SIGTERM. Exit codes: 0 stopped, 1 could not run (port in use), 2 wrong settings.
)";

constexpr std::string_view check_help =
    R"(gatehouse check: finds mistakes and doubtful choices in a configuration, all at once

  gatehouse check gatehouse.toml
  gatehouse check gatehouse.toml --json

  --json               for programs: one JSON object on standard output

Exit codes: 0 nothing to say, 1 warnings only, 2 errors (gatehouse run would not start).
)";

constexpr std::string_view init_help =
    R"(gatehouse init: writes a gatehouse.toml with every setting, its default and what it does

  gatehouse init
  gatehouse init --to http://localhost:3000 api.toml

  --to URL             the API to write into it (default http://127.0.0.1:5000)

Never overwrites a file.
)";

constexpr std::string_view demo_help = R"(gatehouse demo: a bare sample API, and Gatehouse before it, side by side

  gatehouse demo
  gatehouse demo --once

  --listen ADDR:PORT   where Gatehouse listens (default 127.0.0.1:8080, or any free port)
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
  if (command == "init") return init_help;
  if (command == "demo") return demo_help;
  if (command == "version") return version_help;
  return program_help;
}

}  // namespace gatehouse::program
