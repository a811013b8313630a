// What the catalog says in words: values, ranges, the tables of docs/configuration.md, the file that `gatehouse init`
// writes.
#include <algorithm>
#include <type_traits>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/units.hpp>

namespace gatehouse {
namespace {

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// "${" is a variable's beginning in a file.
std::string with_plain_dollars(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("${")) out += '$';
    out += text[at];
  }
  return out;
}

/// Whatever the text holds: it is read back as it is (https://toml.io/en/v1.0.0#string).
std::string toml_text(std::string_view written) {
  const std::string text = with_plain_dollars(written);
  const bool control = std::ranges::any_of(text, is_control);
  const bool plain = !control && text.find_first_of("\"\\") == std::string_view::npos;
  // Single quotes where they spare escaping.
  if (!plain && !control && text.find('\'') == std::string_view::npos) return '\'' + std::string{text} + '\'';
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      const auto byte = static_cast<unsigned char>(c);
      out.append("\\u00").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string number_text(value_kind kind, std::uint64_t value) {
  if (kind == value_kind::size) return value == 0 ? "0" : size_text(value);
  if (kind == value_kind::duration) return duration_text(value);
  return std::to_string(value);
}

std::string list_text(const std::vector<std::string>& all) {
  std::string out = "[";
  for (const std::string& one : all) out.append(out.size() > 1 ? ", " : "").append(toml_text(one));
  return out + ']';
}

template <typename T>
std::string toml_of(value_kind kind, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return toml_text(value);
  } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
    return value ? toml_text(*value) : std::string{};
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    return value.size() == 1 ? toml_text(value.front()) : list_text(value);
  } else if constexpr (std::is_same_v<T, milliseconds>) {
    return toml_text(number_text(kind, static_cast<std::uint64_t>(value.count())));
  } else {
    const std::string text = number_text(kind, value);
    return kind == value_kind::size && value != 0 ? toml_text(text) : text;
  }
}

std::string escaped_bars(std::string_view text) {  // "|" would end a cell of a Markdown table
  std::string out;
  for (const char c : text) out.append(c == '|' ? "\\" : "").append(1, c);
  return out;
}

std::string code_span(std::string_view text) { return text.empty() ? "" : '`' + escaped_bars(text) + '`'; }

std::string default_cell(const catalog_entry& e) {
  const std::string text = default_text(e);
  if (text.empty()) return "the profile's";
  if (text == "\"\"") return "none";
  if (text == "[]") return "none";
  return code_span(text);
}

void append_table(std::string& out, std::string_view section) {
  out.append("| key | value | default | what it does |\n|---|---|---|---|\n");
  for (const catalog_entry& e : config_catalog()) {
    if (section_of(e.key) != section) continue;
    std::string value{kind_text(e.kind)};
    if (const std::string range = range_text(e); e.kind == value_kind::choice) {
      value = code_span(range);
    } else if (!range.empty()) {
      value.append(", ").append(range);
    }
    out.append("| `").append(e.key).append("` | ").append(value).append(" | ").append(default_cell(e));
    out.append(" | ").append(escaped_bars(e.summary)).append(e.needs_restart ? " Needs a restart." : "").append(" |\n");
  }
}

void append_commented(std::string& out, const catalog_entry& e) {
  const std::string now = default_text(e);
  // Of a section that may stand there often an example says more: it has to be written in any case.
  // But TLS towards upstreams is for others than those of the example.
  const bool often = kind_of_section(section_of(e.key)) != section_kind::once;
  const bool example = now.empty() || (often && !name_in_section(e.key).starts_with("tls."));
  std::string line = "# " + std::string{name_in_section(e.key)} + " = " + (example ? std::string{e.example} : now);
  constexpr std::size_t comment_column = 44;
  line.append(line.size() < comment_column ? comment_column - line.size() : 3, ' ');
  out.append(line).append("# ").append(e.summary).append("\n");
}

}  // namespace

std::string value_text(const catalog_entry& e, const gateway_config& c) {
  gateway_config config = c;  // members are reached by reference, and made where there are none
  return std::visit([&](auto member) { return toml_of(e.kind, member(config)); }, e.member);
}

std::string default_text(const catalog_entry& e) { return value_text(e, gateway_config{}); }

std::string shown_text(const catalog_entry& e, const gateway_config& c) {
  std::string text = value_text(e, c);
  return e.secret && text != default_text(e) ? toml_text(hidden_value) : text;
}

std::string range_text(const catalog_entry& e) {
  if (e.kind == value_kind::choice) return std::string{e.choices};
  const bool numeric = e.kind == value_kind::count || e.kind == value_kind::size || e.kind == value_kind::duration;
  if (!numeric) return {};
  return number_text(e.kind, e.range.least) + " to " + number_text(e.kind, e.range.most);
}

std::string_view kind_text(value_kind k) noexcept {
  switch (k) {
    case value_kind::boolean: return "`true` or `false`";
    case value_kind::count: return "number";
    case value_kind::size: return "size";
    case value_kind::duration: return "duration";
    case value_kind::text: return "text";
    case value_kind::choice: return "choice";
    case value_kind::text_list: return "text or list";
  }
  return {};
}

std::string catalog_markdown() {
  std::string out = "### Top of the file\n\n";
  append_table(out, "");
  for (const std::string_view section : config_sections()) {
    out.append("\n### ").append(section_header(section)).append("\n\n");
    append_table(out, section);
  }
  return out;
}

std::string commented_template(std::string_view upstream) {
  std::string out = "#:schema ./" + std::string{schema_file_name} + "\n";
  out +=
      "# Gatehouse. Every key is here with its default, in a comment: remove the \"# \" of a line to change it.\n"
      "# Try the file with: gatehouse check gatehouse.toml\n"
      "# All about it: docs/configuration.md\n\n";
  for (const catalog_entry& e : config_catalog()) {
    if (!section_of(e.key).empty()) continue;
    if (e.key == "upstream") {
      out.append("upstream = ").append(toml_text(upstream)).append("    # ").append(e.summary).append("\n");
    } else {
      append_commented(out, e);
    }
  }
  for (const std::string_view section : config_sections()) {
    // Those that may stand there often are examples as a whole.
    std::string header = section_header(section);
    if (const auto name = header.find("NAME"); name != std::string::npos) header.replace(name, 4, "notes");
    // And [tls] means that there is a certificate.
    const bool is_on = kind_of_section(section) == section_kind::once && section != "tls";
    out.append(is_on ? "\n" : "\n# ").append(header).append("\n");
    for (const catalog_entry& e : config_catalog()) {
      if (section_of(e.key) == section) append_commented(out, e);
    }
  }
  return out;
}

}  // namespace gatehouse
