#pragma once
// What each command can be told, and the command itself: one file each. All return the program's exit code.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "described_command.hpp"

namespace gatehouse::program {

/// docs/configuration.md lists them; scripts depend on them.
enum exit_code : int {
  exit_ok = 0,        ///< done; `run`: stopped gracefully; `check`: nothing to say
  exit_failed = 1,    ///< it could not be done now (port in use); `check`: warnings; `check --diff`: differences
  exit_bad_input = 2  ///< the configuration or the command line is wrong
};

struct run_options {
  std::optional<std::string> file{};  ///< -c
  std::vector<std::string> to{};      ///< --to, any number
  std::vector<std::string> listen{};  ///< --listen, any number
  // [cors] on the command line.
  std::vector<std::string> allow_origin{};  ///< --allow-origin, any number
  bool allow_any_origin = false;
  bool allow_credentials = false;
  std::vector<std::string> allow_method{};  ///< --allow-method, any number
  std::vector<std::string> allow_header{};  ///< --allow-header, any number: besides those that the file or the default
                                            ///< has
  bool dev_tls = false;                     ///< --dev-tls
};
int run(const run_options& options);

/// The configuration that `run` would use with the same options, on standard output.
int show(const run_options& options);

struct check_options {
  std::string file = "gatehouse.toml";
  bool json = false;
  std::optional<std::string> compared_with{};  ///< --diff, a file or "running"
  std::optional<std::string> admin{};          ///< --admin, where the running one is asked
};
int check(const check_options& options);

struct explain_options {
  std::string id{};                    ///< or its beginning; else the request that the members below describe
  run_options settings{};              ///< -c and the flags of `run`
  std::optional<std::string> admin{};  ///< --admin, "http://127.0.0.1:9080" or "unix:/path"
  bool json = false;
  std::optional<std::string> method{};
  std::optional<std::string> url{};  ///< http:, https:, ws: or wss:, or a path
  std::optional<std::string> path{};
  std::optional<std::string> host{};
  std::optional<std::string> from{};         ///< the client's address
  std::vector<std::string> headers{};        ///< "Name: value"
  std::optional<std::string> origin{};       ///< of the page whose browser asks
  std::optional<std::string> credentials{};  ///< include, same-origin, omit
};
int explain(const explain_options& options);

struct init_options {
  std::string file = "gatehouse.toml";
  std::string to = "http://127.0.0.1:5000";
};
int init(const init_options& options);

struct new_options {
  std::string name{};
};
int new_project(const new_options& options);

struct cert_options {
  std::string what{};                 ///< "dev"
  std::vector<std::string> names{};   ///< beside localhost and its addresses
  std::vector<std::string> client{};  ///< --client, any number
};
int cert(const cert_options& options);

struct demo_options {
  std::string listen = "127.0.0.1:8080";
  bool listen_given = false;  ///< else a free port is taken when that one is not
  bool once = false;          ///< end after the table
  bool dev_tls = false;       ///< HTTPS with this user's development certificate
};
int demo(const demo_options& options);

int version();
/// The tables of docs/configuration.md on standard output; hidden, for tools/ and the test that compares.
int print_catalog();
/// docs/gatehouse.schema.json on standard output.
int print_schema();
/// gatehouse(1) or gatehouse.toml(5), and a shell's completions: hidden, for packages.
int print_manual(std::string_view section, std::span<const described_command> commands);
int print_completions(std::string_view shell, std::span<const described_command> commands);

}  // namespace gatehouse::program
