// The catalog as a JSON schema, for editors: which keys there are, what they may be, what they do.
#include <algorithm>
#include <variant>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/config/catalog.hpp>
#include <gatehouse/http/json_writer.hpp>

namespace gatehouse {
namespace {

constexpr std::string_view with_variable = R"(\$\{)";  // its value is known when gatehouse runs

void write_texts(json_writer& json, std::string_view pattern) {
  json.begin_object().key("type").value("string");
  if (!pattern.empty()) json.key("pattern").value(pattern);
  json.end_object();
}

void write_integers(json_writer& json, value_range range) {
  json.begin_object().key("type").value("integer");
  json.key("minimum").value(range.least).key("maximum").value(range.most).end_object();
}

void write_choices(json_writer& json, std::string_view choices) {
  json.begin_object().key("enum").begin_array();
  while (!choices.empty()) {
    const auto bar = choices.find(" | ");
    json.value(choices.substr(0, bar));
    choices = bar == std::string_view::npos ? std::string_view{} : choices.substr(bar + 3);
  }
  json.end_array().end_object();
}

/// What the key may be: one of these.
void write_alternatives(json_writer& json, const catalog_entry& e) {
  json.key("anyOf").begin_array();
  switch (e.kind) {
    case value_kind::boolean:
      json.begin_object().key("type").value("boolean").end_object();
      write_texts(json, with_variable);
      break;
    case value_kind::count:
      write_integers(json, e.range);
      write_texts(json, with_variable);
      break;
    case value_kind::size:
      write_integers(json, e.range);
      write_texts(json, R"(^[0-9]+(B|KiB|MiB|GiB)?$|\$\{)");
      break;
    case value_kind::duration: write_texts(json, R"(^[0-9]+(ms|s|m|h)$|\$\{)"); break;
    case value_kind::text: write_texts(json, {}); break;
    case value_kind::choice:
      write_choices(json, e.choices);
      write_texts(json, with_variable);
      break;
    case value_kind::text_list:
      write_texts(json, {});
      json.begin_object().key("type").value("array").key("items");
      write_texts(json, {});
      json.end_object();
      break;
  }
  json.end_array();
}

void write_default(json_writer& json, const catalog_entry& e) {
  const std::string text = default_text(e);
  if (text.empty() || text == "[]") return;  // the profile's, or none
  json.key("default");
  const auto* const list = std::get_if<member_of_config<std::vector<std::string>>>(&e.member);
  if (list != nullptr && text.starts_with('[')) {
    gateway_config defaults;
    json.begin_array();
    for (const std::string& one : (*list)(defaults)) json.value(one);
    json.end_array();
  } else if (text.starts_with('"')) {
    json.value(std::string_view{text}.substr(1, text.size() - 2));
  } else if (e.kind == value_kind::boolean) {
    json.value(text == "true");
  } else {
    json.value(ascii::parse_decimal(text).value_or(0));
  }
}

void write_key(json_writer& json, const catalog_entry& e) {
  json.begin_object().key("description");
  json.value(std::string{e.summary} + (e.needs_restart ? " Needs a restart." : ""));
  write_default(json, e);
  write_alternatives(json, e);
  json.end_object();
}

/// The names right below a section, in the order of the catalog.
std::vector<std::string_view> names_below(std::string_view section) {
  std::vector<std::string_view> out;
  for (const catalog_entry& e : config_catalog()) {
    std::string_view rest = e.key;
    if (!section.empty()) {
      if (!rest.starts_with(section) || rest.size() <= section.size() || rest[section.size()] != '.') continue;
      rest.remove_prefix(section.size() + 1);
    }
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (std::ranges::find(out, name) == out.end()) out.push_back(name);
  }
  return out;
}

void write_section(json_writer& json, const std::string& section);

void write_below(json_writer& json, const std::string& key) {
  if (const catalog_entry* const entry = find_entry(key)) return write_key(json, *entry);
  const bool nested = key.find('.') != std::string::npos;
  const section_kind kind = nested ? section_kind::once : kind_of_section(key);
  if (kind == section_kind::once) return write_section(json, key);
  json.begin_object().key("type").value(kind == section_kind::named ? "object" : "array");
  json.key(kind == section_kind::named ? "additionalProperties" : "items");
  write_section(json, key);
  json.end_object();
}

void write_members(json_writer& json, const std::string& section) {
  json.key("type").value("object").key("additionalProperties").value(false).key("properties").begin_object();
  for (const std::string_view name : names_below(section)) {
    json.key(name);
    write_below(json, (section.empty() ? "" : section + '.').append(name));
  }
  json.end_object();
}

void write_section(json_writer& json, const std::string& section) {
  json.begin_object();
  write_members(json, section);
  json.end_object();
}

/// With line ends and two spaces a level, so that a change of it can be read.
std::string indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool quoted = false;
  const auto new_line = [&] { out.append(1, '\n').append(2 * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted) {
      out += c;
      if (c == '\\') out += json[++i];
      quoted = c != '"';
    } else if (c == '{' || c == '[') {
      out += c;
      ++depth;
      new_line();
    } else if (c == '}' || c == ']') {
      --depth;
      new_line();
      out += c;
    } else {
      out += c;
      quoted = c == '"';
      if (c == ',') new_line();
      if (c == ':') out += ' ';
    }
  }
  return out + '\n';
}

}  // namespace

std::string config_schema() {
  std::string out;
  json_writer json(out);
  json.begin_object().key("$schema").value("http://json-schema.org/draft-07/schema#");
  json.key("title").value("gatehouse.toml");
  write_members(json, {});
  json.end_object();
  return indented(out);
}

}  // namespace gatehouse
