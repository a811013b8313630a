#include "manual.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include <gatehouse/config/catalog.hpp>

namespace gatehouse::program {
namespace {

/// Text that roff takes as it is.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      // Typographic quotes and accents otherwise: what is copied out of the page would not work.
      case '\'': out += "\\(aq"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      case '`': out += "\\(ga"; break;
      default: out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

/// The catalog's summaries are Markdown: `code` becomes bold, of a [link](page) its text stays.
std::string roff_of_markdown(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const auto open = text.find('[');
    const auto middle = text.find("](", open == std::string_view::npos ? text.size() : open);
    const auto close = text.find(')', middle == std::string_view::npos ? text.size() : middle);
    if (close == std::string_view::npos) break;
    plain.append(text.substr(0, open)).append(text.substr(open + 1, middle - open - 1));
    text.remove_prefix(close + 1);
  }
  plain.append(text);

  std::string out;
  bool bold = false;
  std::string_view rest = plain;
  while (true) {
    const auto tick = rest.find('`');
    out.append(roff(rest.substr(0, tick)));
    if (tick == std::string_view::npos) return out;
    out.append(bold ? "\\fR" : "\\fB");
    bold = !bold;
    rest.remove_prefix(tick + 1);
  }
}

void append_header(std::string& out, std::string_view title, int section, std::string_view of) {
  out.append(fmt::format(".TH {} {} \"\" \"gatehouse {}\" \"{}\"\n", title, section, GATEHOUSE_VERSION, of));
}

void append_examples(std::string& out, const std::vector<std::string>& lines) {
  out.append(".PP\n.EX\n");
  for (const std::string& line : lines) out.append(roff(line)).append("\n");
  out.append(".EE\n");
}

void append_option(std::string& out, const described_option& option) {
  out.append(".TP\n");
  std::string names;
  for (const std::string& name : option.names)
    names.append(names.empty() ? "" : ", ").append("\\fB" + roff(name) + "\\fR");
  out.append(names);
  if (!option.value.empty()) out.append(" \\fI").append(roff(option.value)).append("\\fR");
  out.append("\n").append(roff(option.text)).append("\n");
}

void append_command(std::string& out, const described_command& command) {
  out.append(".SS gatehouse ").append(command.name).append("\n").append(roff(command.summary)).append(".\n");
  if (!command.examples.empty()) append_examples(out, command.examples);
  for (const described_option& option : command.options) append_option(out, option);
  for (const std::string& remark : command.remarks) out.append(".PP\n").append(roff(remark)).append("\n");
}

void append_terms(std::string& out, std::string_view title,
                  std::span<const std::pair<std::string_view, std::string_view>> terms) {
  out.append(".SH ").append(title).append("\n");
  for (const auto& [term, text] : terms) {
    out.append(".TP\n.B ").append(roff(term)).append("\n").append(roff(text)).append("\n");
  }
}

void append_key(std::string& out, const catalog_entry& entry) {
  std::string may_be = roff_of_markdown(kind_text(entry.kind));
  if (const std::string range = range_text(entry); entry.kind == value_kind::choice) {
    may_be = roff(range);
  } else if (!range.empty()) {
    may_be.append(", ").append(roff(range));
  }
  const std::string now = default_text(entry);
  out.append(".TP\n\\fB").append(roff(name_in_section(entry.key))).append("\\fR = ").append(may_be).append("\n");
  out.append(roff_of_markdown(entry.summary)).append("\n");
  if (!now.empty() && now != "\"\"" && now != "[]") out.append("Default: ").append(roff(now)).append(".\n");
  if (entry.needs_restart) out.append("A change needs a restart.\n");
}

void append_section(std::string& out, std::string_view section) {
  out.append(".SS \"").append(section.empty() ? "Top of the file" : roff(section_header(section))).append("\"\n");
  for (const catalog_entry& entry : config_catalog()) {
    if (section_of(entry.key) == section) append_key(out, entry);
  }
}

using term = std::pair<std::string_view, std::string_view>;
constexpr std::array exit_codes{
    term{"0", "Done. run: stopped gracefully. check: nothing to say."},
    term{"1", "It could not be done now, for example because the port is in use. check: warnings only."},
    term{"2", "The configuration or the command line is wrong."},
};
constexpr std::array signals{
    term{"SIGTERM, SIGINT",
         "run ends gracefully: it accepts no more and ends what was begun. A second one ends it at once."},
    term{"SIGHUP", "run reads its configuration again. Nothing is dropped; what is wrong changes nothing."},
};
constexpr std::array environment{
    term{"NO_COLOR", "If it is set and not empty, the log has no colours."},
    term{"NOTIFY_SOCKET, WATCHDOG_USEC",
         "Set by systemd: where run says that it is ready, reloads, stops and is alive."},
};
constexpr std::array program_files{
    term{"gatehouse.toml", "In the current folder: the configuration when neither -c nor --to is given."},
    term{"/etc/gatehouse/gatehouse.toml", "The configuration of the service gatehouse.service."},
};

}  // namespace

std::string program_manual(std::span<const described_command> commands) {
  std::string out;
  append_header(out, "GATEHOUSE", 1, "User Commands");
  out.append(".SH NAME\ngatehouse \\- the secure front door of an HTTP API\n");
  out.append(".SH SYNOPSIS\n");
  for (const described_command& command : commands) {
    out.append(".B gatehouse ").append(command.name).append("\n");
    out.append(command.options.empty() ? "" : "[\\fIOPTION\\fR...]\n");
    out.append(command.takes_file ? "[\\fIFILE\\fR]\n" : "").append(".br\n");
  }
  out.append(".SH DESCRIPTION\n");
  out.append(
      "Gatehouse stands in front of an existing HTTP API, in any language, and protects it: strict HTTP, security\n");
  out.append("headers, limits and deadlines, safe errors, all on by default.\n");
  out.append(".SH COMMANDS\n");
  for (const described_command& command : commands) append_command(out, command);
  append_terms(out, "\"EXIT STATUS\"", exit_codes);
  append_terms(out, "SIGNALS", signals);
  append_terms(out, "ENVIRONMENT", environment);
  append_terms(out, "FILES", program_files);
  out.append(".SH \"SEE ALSO\"\n.BR gatehouse.toml (5)\n");
  return out;
}

std::string configuration_manual() {
  std::string out;
  append_header(out, "GATEHOUSE.TOML", 5, "File Formats");
  out.append(".SH NAME\ngatehouse.toml \\- the configuration of gatehouse\n");
  out.append(".SH DESCRIPTION\n");
  out.append(
      "A TOML file. Every key has a safe default; one that is unknown or misspelt is an error that names the right\n");
  out.append(
      "one. \\fBgatehouse check\\fR finds all mistakes at once, \\fBgatehouse init\\fR writes a file with every "
      "key.\n");
  out.append(
      ".PP\nSizes are written \"64KiB\", \"1MiB\" or as a number of bytes; durations \"500ms\", \"10s\", \"1m\", "
      "\"1h\".\n");
  out.append(".SH KEYS\n");
  append_section(out, "");
  for (const std::string_view section : config_sections()) append_section(out, section);
  out.append(".SH FILES\n.TP\n.B /etc/gatehouse/gatehouse.toml\nThe configuration of the service.\n");
  out.append(".SH \"SEE ALSO\"\n.BR gatehouse (1)\n");
  return out;
}

}  // namespace gatehouse::program
