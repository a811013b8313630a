#include "command_line.hpp"

#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "help.hpp"
#include "usage_error.hpp"

namespace gatehouse::program {
namespace {

constexpr const char* hidden = "";  // the group of commands for tools/, tests and packages

/// The commands and their options, bound to where their values go.
struct command_line {
  command_line() {
    // Words that nobody asked for are explained by ourselves: CLI11 only says that they were not expected.
    app.allow_extras();
    app.set_help_flag("-h,--help");
    app.add_flag("--version,-v", wants_version);

    add_run_options(*run_command, run_values);
    run_command->add_flag("--dev-tls", run_values.dev_tls);
    add_run_options(*show_command, show_values);
    check_command->add_option("file", check_values.file);
    check_command->add_flag("--json", check_values.json);
    diff_option = check_command->add_option("--diff", check_values.compared_with);
    check_command->add_option("--admin", check_values.admin);
    explain_command->add_option("id", explain_values.id);
    add_run_options(*explain_command, explain_values.settings);
    explain_command->add_option("--admin", explain_values.admin);
    explain_command->add_flag("--json", explain_values.json);
    explain_command->add_option("--method,-X", explain_values.method);
    explain_command->add_option("--path", explain_values.path);
    explain_command->add_option("--host", explain_values.host);
    explain_command->add_option("--from", explain_values.from);
    explain_command->add_option("--origin", explain_values.origin);
    explain_command->add_option("--credentials", explain_values.credentials);
    explain_header_option = explain_command->add_option("--header,-H", explain_values.headers);
    init_command->add_option("file", init_values.file);
    init_command->add_option("--to", init_values.to);
    new_command->add_option("name", new_values.name);
    cert_command->add_option("what", cert_values.what);
    cert_command->add_option("names", cert_values.names);
    cert_command->add_option("--client", cert_values.client)->allow_extra_args(false);
    demo_listen_option = demo_command->add_option("--listen", demo_values.listen);
    demo_command->add_flag("--once", demo_values.once);
    demo_command->add_flag("--dev-tls", demo_values.dev_tls);
    man_command->add_option("section", man_section)->required();
    completions_command->add_option("shell", completions_shell)->required();
    for (CLI::App* const command : {catalog_command, schema_command, man_command, completions_command})
      command->group(hidden);
    for (CLI::App* const command : app.get_subcommands({})) {
      command->allow_extras();
      command->set_help_flag("-h,--help");
    }
    // One value each time: CLI11 would otherwise take all words that follow, a "*" that the shell expanded included.
    for (CLI::Option* const option : {diff_option, explain_header_option}) option->allow_extra_args(false);
  }

  static void add_run_options(CLI::App& command, run_options& into) {
    command.add_option("--to", into.to)->allow_extra_args(false);
    command.add_option("--listen", into.listen)->allow_extra_args(false);
    command.add_option("-c,--config", into.file);
    command.add_option("--allow-origin", into.allow_origin)->allow_extra_args(false);
    command.add_flag("--allow-any-origin", into.allow_any_origin);
    command.add_flag("--allow-credentials", into.allow_credentials);
    command.add_option("--allow-method", into.allow_method)->allow_extra_args(false);
    command.add_option("--allow-header", into.allow_header)->allow_extra_args(false);
  }

  [[nodiscard]] CLI::App* chosen() const {
    const auto commands = app.get_subcommands();
    return commands.empty() ? nullptr : commands.front();
  }

  CLI::App app{"gatehouse", "gatehouse"};
  CLI::App* run_command = app.add_subcommand("run");
  CLI::App* show_command = app.add_subcommand("show");
  CLI::App* check_command = app.add_subcommand("check");
  CLI::App* explain_command = app.add_subcommand("explain");
  CLI::App* init_command = app.add_subcommand("init");
  CLI::App* new_command = app.add_subcommand("new");
  CLI::App* cert_command = app.add_subcommand("cert");
  CLI::App* demo_command = app.add_subcommand("demo");
  CLI::App* version_command = app.add_subcommand("version");
  CLI::App* catalog_command = app.add_subcommand("print-catalog");
  CLI::App* schema_command = app.add_subcommand("print-schema");
  CLI::App* man_command = app.add_subcommand("print-man");
  CLI::App* completions_command = app.add_subcommand("print-completions");
  CLI::Option* diff_option = nullptr;
  CLI::Option* explain_header_option = nullptr;
  CLI::Option* demo_listen_option = nullptr;
  bool wants_version = false;
  run_options run_values{};
  run_options show_values{};
  check_options check_values{};
  explain_options explain_values{};
  init_options init_values{};
  new_options new_values{};
  cert_options cert_values{};
  demo_options demo_values{};
  std::string man_section{};
  std::string completions_shell{};
};

described_option described(const CLI::Option& option, const described_command& help) {
  described_option out;
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  out.takes_value = option.get_items_expected_max() > 0;
  if (out.names.back() == "--help") {
    out.text = "says what this command does and takes";
  } else if (const described_option* const said = find_option(help.options, out.names.back())) {
    out.value = said->value;
    out.text = said->text;
  }
  return out;
}

described_command described(const CLI::App& command) {
  described_command out = read_help(help_text(command.get_name()));
  described_command help = out;
  out.name = command.get_name();
  out.options.clear();
  // A command whose help says "takes the options of gatehouse run" need not repeat what they do.
  described_command of_run = read_help(help_text("run"));
  for (described_option& shared : of_run.options) help.options.push_back(std::move(shared));
  for (const CLI::Option* const option : command.get_options()) {
    if (option->get_positional()) {
      out.takes_file = out.takes_file || option->get_name() == "file";
    } else {
      out.options.push_back(described(*option, help));
    }
  }
  return out;
}

int refuse(const std::string& why) {
  fmt::print(stderr, "gatehouse: {}\n", why);
  return exit_bad_input;
}

int start(command_line& line) {
  CLI::App* const command = line.chosen();
  if (command == nullptr) {
    const auto extra = line.app.remaining();
    if (!extra.empty()) return refuse(explain_unknown_command(extra.front()));
    if (line.wants_version) return version();
    fmt::print(stderr, "{}", help_text(""));
    return exit_bad_input;
  }
  const run_options& told = command == line.show_command ? line.show_values : line.run_values;
  const auto extra = line.app.remaining(true);
  if (const std::string why = explain_expanded_star(told.allow_origin, extra); !why.empty()) return refuse(why);
  if (!extra.empty()) return refuse(explain_extra(command->get_name(), extra));
  if (command == line.run_command) return run(line.run_values);
  if (command == line.show_command) return show(line.show_values);
  if (command == line.check_command) return check(line.check_values);
  if (command == line.explain_command) return explain(line.explain_values);
  if (command == line.init_command) return init(line.init_values);
  if (command == line.cert_command) return cert(line.cert_values);
  if (command == line.new_command) return new_project(line.new_values);
  if (command == line.catalog_command) return print_catalog();
  if (command == line.schema_command) return print_schema();
  if (command == line.man_command) return print_manual(line.man_section, described_commands());
  if (command == line.completions_command) return print_completions(line.completions_shell, described_commands());
  if (command == line.version_command) return version();
  line.demo_values.listen_given = line.demo_listen_option->count() > 0;
  return demo(line.demo_values);
}

}  // namespace

std::vector<described_command> described_commands() {
  const command_line line;
  std::vector<described_command> out;
  for (const CLI::App* const command :
       line.app.get_subcommands([](const CLI::App* c) { return c->get_group() != hidden; })) {
    out.push_back(described(*command));
  }
  return out;
}

int run_command_line(int count, const char* const* arguments) {
  try {
    command_line line;
    try {
      line.app.parse(count, arguments);
    } catch (const CLI::CallForHelp&) {
      CLI::App* const command = line.chosen();
      fmt::print("{}", help_text(command == nullptr ? "" : command->get_name()));
      return exit_ok;
    } catch (const CLI::ParseError& e) {
      return refuse(e.what());
    }
    return start(line);
  } catch (const std::exception& e) {
    // Nothing of ours throws; what the standard library does (no memory, no threads) ends here, not in std::terminate.
    fmt::print(stderr, "gatehouse: {}\n", e.what());
    return exit_failed;
  }
}

}  // namespace gatehouse::program
