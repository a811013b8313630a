#include "usage_error.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include <gatehouse/config/nearest.hpp>
#include <gatehouse/config/report.hpp>

namespace gatehouse::program {
namespace {

constexpr std::array<std::string_view, 9> commands{"run", "check", "show", "explain", "init",
                                                   "new", "cert",  "demo", "version"};
constexpr std::array<std::string_view, 2> planned_commands{"audit", "simulate"};

struct options_of {
  std::string_view command;
  std::span<const std::string_view> options;
};
constexpr std::array<std::string_view, 11> run_options{
    "--to",           "--listen",       "--config",           "-c",
    "--help",         "--allow-origin", "--allow-any-origin", "--allow-credentials",
    "--allow-method", "--allow-header", "--dev-tls"};
constexpr std::array<std::string_view, 4> check_options{"--json", "--diff", "--admin", "--help"};
constexpr std::array<std::string_view, 21> explain_options{"--admin",
                                                           "--config",
                                                           "-c",
                                                           "--json",
                                                           "--method",
                                                           "-X",
                                                           "--path",
                                                           "--host",
                                                           "--from",
                                                           "--header",
                                                           "-H",
                                                           "--help",
                                                           "--origin",
                                                           "--credentials",
                                                           "--to",
                                                           "--listen",
                                                           "--allow-origin",
                                                           "--allow-any-origin",
                                                           "--allow-credentials",
                                                           "--allow-method",
                                                           "--allow-header"};
constexpr std::array<std::string_view, 2> init_options{"--to", "--help"};
constexpr std::array<std::string_view, 1> new_options{"--help"};
constexpr std::array<std::string_view, 2> cert_options{"--client", "--help"};
constexpr std::array<std::string_view, 4> demo_options{"--once", "--listen", "--dev-tls", "--help"};
constexpr std::array all_options{options_of{"run", run_options},   options_of{"check", check_options},
                                 options_of{"show", run_options},  options_of{"explain", explain_options},
                                 options_of{"init", init_options}, options_of{"new", new_options},
                                 options_of{"cert", cert_options}, options_of{"demo", demo_options}};

struct foreign {
  std::string_view option;
  std::string_view meant;
};
// Other tools' words for ours, and those of later versions.
constexpr std::array foreign_options{
    foreign{"--port", "use --listen 127.0.0.1:PORT"},
    foreign{"-p", "use --listen 127.0.0.1:PORT"},
    foreign{"--from", "use --listen ADDR:PORT"},
    foreign{"--bind", "use --listen ADDR:PORT"},
    foreign{"--host", "use --listen ADDR:PORT, or `hosts` in a gatehouse.toml"},
    foreign{"--target", "use --to URL"},
    foreign{"--upstream", "use --to URL"},
    foreign{"--backend", "use --to URL"},
    foreign{"--proxy", "use --to URL"},
    foreign{"--file", "use -c FILE"},
    foreign{"-f", "use -c FILE"},
    foreign{"--cors", "use --allow-origin URL, with the origin of the page"},
    foreign{"--origin", "use --allow-origin URL, with the origin of the page"},
    foreign{"--allowed-origins", "use --allow-origin URL, once for each origin"},
    foreign{"--cors-origin", "use --allow-origin URL, with the origin of the page"},
    foreign{"--tls", "tls.certificate and tls.key of a gatehouse.toml turn it on"},
    foreign{"--cert", "it is not in this version yet: let a proxy in front end TLS"},
};

std::string help_hint(std::string_view command) {
  return " (gatehouse " + std::string{command} + (command.empty() ? "--help)" : " --help lists them)");
}

std::string explain_option(std::string_view command, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  const std::string begin = "gatehouse " + std::string{command} + " has no option " + in_quotes(name);
  for (const foreign& f : foreign_options) {
    if (f.option == name && command == "run") return begin + "; " + std::string{f.meant};
  }
  for (const options_of& o : all_options) {
    if (o.command != command) continue;
    if (const auto near = nearest_name(name, o.options); !near.empty())
      return begin + "; did you mean " + std::string{near} + "?";
  }
  return begin + help_hint(command);
}

bool is_here(const std::string& word) {
  std::error_code ignored;
  return word.find('/') == std::string::npos && std::filesystem::exists(word, ignored);
}

}  // namespace

std::string explain_unknown_command(std::string_view word) {
  const std::string begin = "there is no command " + in_quotes(word);
  if (word.starts_with('-')) return "there is no option " + in_quotes(word) + " before the command" + help_hint("");
  if (std::ranges::find(planned_commands, word) != planned_commands.end()) {
    return "gatehouse " + std::string{word} + " is not in this version yet";
  }
  if (word.starts_with("http://") || word.starts_with("https://")) {
    return begin + "; did you mean gatehouse run --to " + std::string{word} + "?";
  }
  const std::string_view near = nearest_name(word, commands);
  if (!near.empty()) return begin + "; did you mean gatehouse " + std::string{near} + "?";
  return begin + help_hint("");
}

std::string explain_expanded_star(const std::vector<std::string>& allow_origin, const std::vector<std::string>& extra) {
  const bool files = std::ranges::any_of(allow_origin, is_here) && std::ranges::all_of(extra, is_here);
  if (!files) return {};
  return "--allow-origin got the name of a file of this folder: the shell made it of a * without quotes; "
         "--allow-any-origin lets pages of every origin read the answers";
}

std::string explain_extra(std::string_view command, const std::vector<std::string>& extra) {
  // Words that are files of this folder, one after the other: a shell made them of a "*".
  constexpr std::size_t too_many_for_chance = 2;
  if (extra.size() >= too_many_for_chance && std::ranges::all_of(extra, is_here)) {
    return "these are the files of this folder: the shell made them of a * without quotes";
  }
  const std::string& first = extra.front();
  if (first.starts_with('-')) return explain_option(command, first);
  if (command == "run" && (first.find("://") != std::string::npos || first.find(':') != std::string::npos)) {
    return "gatehouse run does not know what " + in_quotes(first) + " is for; did you mean --to " + first + "?";
  }
  if (command == "run" && first.ends_with(".toml")) return "did you mean -c " + first + "?";
  return "gatehouse " + std::string{command} + " does not know what " + in_quotes(first) + " is for" +
         help_hint(command);
}

}  // namespace gatehouse::program
