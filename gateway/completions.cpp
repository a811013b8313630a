#include "completions.hpp"

#include <vector>

namespace gatehouse::program {
namespace {

constexpr std::string_view file_value = "FILE";  // what help.cpp calls the name of a file

/// 'text' of a shell; what is special inside another language is escaped by a backslash before that.
std::string quoted(std::string_view text, std::string_view special = {}) {
  std::string out = "'";
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

std::string names_of(std::span<const described_command> commands) {
  std::string out;
  for (const described_command& c : commands) out.append(c.name).append(" ");
  return out + "--help --version";
}

std::string option_names(const described_command& command) {
  std::string out;
  for (const described_option& o : command.options) {
    for (const std::string& name : o.names) out.append(out.empty() ? "" : " ").append(name);
  }
  return out;
}

/// "'run --to' | 'run --listen'": the options with a value that is the name of a file, or is none.
std::string patterns_with_value(std::span<const described_command> commands, bool of_files) {
  std::string out;
  for (const described_command& c : commands) {
    for (const described_option& o : c.options) {
      if (!o.takes_value || (o.value == file_value) != of_files) continue;
      for (const std::string& name : o.names) {
        out.append(out.empty() ? "" : " | ").append(quoted(c.name + ' ' + name));
      }
    }
  }
  return out.empty() ? "''" : out;
}

std::string for_bash(std::span<const described_command> commands) {
  std::string options;
  std::string files;
  for (const described_command& c : commands) {
    options.append("    ").append(c.name).append(") options=").append(quoted(option_names(c))).append(" ;;\n");
    if (c.takes_file) files.append(files.empty() ? "" : " | ").append("*,").append(c.name);
  }
  return R"(# bash completion of gatehouse; made by gatehouse print-completions bash
_gatehouse() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} options=
  COMPREPLY=()
  if [[ $COMP_CWORD == 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W )" +
         quoted(names_of(commands)) + R"( -- "$current")
    return
  fi
  case "$command $previous" in
    )" + patterns_with_value(commands, true) +
         R"()
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    )" + patterns_with_value(commands, false) +
         R"() return ;;
  esac
  case $command in
)" + options +
         R"(  esac
  case $current,$command in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
)" + "    " +
         (files.empty() ? "''" : files) + R"()
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
  esac
}
complete -F _gatehouse gatehouse
)";
}

/// '*--to[the API]:URL:' and, of two names, '*'{-c,--config}'[settings]:FILE:_files'.
std::string zsh_argument(const described_option& option) {
  constexpr std::string_view special = "[]:\\";
  std::string names;
  for (const std::string& name : option.names) names.append(names.empty() ? "" : ",").append(name);
  std::string what = '[' + quoted(option.text, special).substr(1);
  what.pop_back();
  what += ']';
  if (option.takes_value) {
    std::string value = quoted(option.value, special).substr(1);
    value.pop_back();
    what.append(":").append(value).append(option.value == file_value ? ":_files" : ":");
  }
  if (option.names.size() == 1) return "'*" + names + what + '\'';
  return "'*'{" + names + "}'" + what + '\'';
}

std::string for_zsh(std::span<const described_command> commands) {
  std::string out =
      "#compdef gatehouse\n# made by gatehouse print-completions zsh\n_gatehouse() {\n  local -a commands=(\n";
  for (const described_command& c : commands) {
    out.append("    ").append(quoted(c.name + ':' + c.summary)).append("\n");
  }
  out.append("  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n");
  out.append("  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n");
  for (const described_command& c : commands) {
    out.append("    ").append(c.name).append(") _arguments");
    for (const described_option& o : c.options) out.append(" \\\n      ").append(zsh_argument(o));
    if (c.takes_file) out.append(" \\\n      '*:FILE:_files'");
    out.append(" ;;\n");
  }
  return out +
         "  esac\n}\nif [[ $funcstack[1] == _gatehouse ]]; then _gatehouse \"$@\"; else compdef _gatehouse gatehouse; "
         "fi\n";
}

std::string for_fish(std::span<const described_command> commands) {
  std::string out = "# made by gatehouse print-completions fish\ncomplete -c gatehouse -f\n";
  for (const described_command& c : commands) {
    out.append("complete -c gatehouse -n __fish_use_subcommand -a ").append(c.name);
    out.append(" -d ").append(quoted(c.summary)).append("\n");
  }
  for (const described_command& c : commands) {
    const std::string begin = "complete -c gatehouse -n '__fish_seen_subcommand_from " + c.name + "'";
    for (const described_option& o : c.options) {
      out.append(begin);
      for (const std::string& name : o.names) {
        const bool is_long = name.starts_with("--");
        out.append(is_long ? " -l " : " -s ").append(name.substr(is_long ? 2 : 1));
      }
      if (o.takes_value) out.append(o.value == file_value ? " -r -F" : " -x");
      out.append(" -d ").append(quoted(o.text)).append("\n");
    }
    if (c.takes_file) out.append(begin).append(" -F\n");
  }
  return out;
}

}  // namespace

std::optional<std::string> completions(std::string_view shell, std::span<const described_command> commands) {
  if (shell == "bash") return for_bash(commands);
  if (shell == "zsh") return for_zsh(commands);
  if (shell == "fish") return for_fish(commands);
  return std::nullopt;
}

}  // namespace gatehouse::program
