#include "unknown_key.hpp"

#include <vector>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/nearest.hpp>
#include <gatehouse/config/report.hpp>

namespace gatehouse::detail::config {
namespace {

std::string full_key(std::string_view section, std::string_view name) {
  return section.empty() ? std::string{name} : std::string{section} + '.' + std::string{name};
}

bool is_below(std::string_view key, std::string_view section) {
  return key.starts_with(section) && key.size() > section.size() && key[section.size()] == '.';
}

/// The line that has the key, and where it belongs when that is not here.
std::string line_for(std::string_view key, std::string_view here) {
  const catalog_entry* const entry = find_entry(key);
  if (entry == nullptr) return section_header(key);
  const std::string_view section = here.empty() || !is_below(key, here) ? section_of(key) : here;
  std::string line{section.empty() ? key : key.substr(section.size() + 1)};
  line.append(" = ").append(entry->example);
  if (section == here) return line;
  return line + (section.empty() ? " at the top of the file, before the first [section]"
                                 : " under " + section_header(section));
}

std::vector<std::string_view> section_names() {
  std::vector<std::string_view> out = config_sections();
  for (const planned_key& p : planned_keys()) out.push_back(p.key);
  return out;
}

/// The keys of a section, and the sections in it.
std::vector<std::string_view> names_in(std::string_view section) {
  std::vector<std::string_view> out;
  for (const catalog_entry& e : config_catalog()) {
    if (section.empty() ? !section_of(e.key).empty() : !is_below(e.key, section)) continue;
    const std::string_view name = section.empty() ? e.key : e.key.substr(section.size() + 1);
    out.push_back(name);
    if (const auto dot = name.find('.'); dot != std::string_view::npos) out.push_back(name.substr(0, dot));
  }
  if (section.empty()) {
    for (const std::string_view s : section_names()) out.push_back(s);
  }
  return out;
}

/// A key of this very name in another section: "max_body" at the top of the file.
std::string_view key_elsewhere(std::string_view name) {
  const std::string wanted = snake_case(name);
  for (const catalog_entry& e : config_catalog()) {
    if (name_in_section(e.key) == wanted) return e.key;
  }
  return {};
}

/// Exact first, in spite of capitals and dashes; then what others call it; then a key of another section; then
/// misspellings.
std::string meant_key(std::string_view section, std::string_view name, bool is_section) {
  if (is_section && section.empty()) {
    const std::vector<std::string_view> sections = section_names();
    if (const std::string_view near = nearest_name(name, sections); !near.empty()) return std::string{near};
  }
  const std::vector<std::string_view> here = names_in(section);
  const std::string plain = snake_case(name);
  for (const std::string_view candidate : here) {
    if (candidate == plain) return full_key(section, candidate);
  }
  for (const std::string_view candidate : here) {  // "origin" and "origins"
    const bool same = plain + 's' == candidate || std::string{candidate} + 's' == plain;
    if (same && find_entry(full_key(section, candidate)) != nullptr) return full_key(section, candidate);
  }
  if (const std::string_view key = synonym_of(name); !key.empty()) return std::string{key};
  if (const std::string_view key = key_elsewhere(name); !key.empty()) return std::string{key};
  if (const std::string_view near = nearest_name(name, here); !near.empty()) return full_key(section, near);
  for (const std::string_view other : config_sections()) {
    const std::vector<std::string_view> there = names_in(other);
    if (const std::string_view near = nearest_name(name, there); !near.empty()) return full_key(other, near);
  }
  return {};
}

}  // namespace

config_error unknown_key(std::string_view section, std::string_view name, bool is_section) {
  config_error out{.key = full_key(section, name), .code = "unknown-key"};
  const std::string meant = meant_key(section, name, is_section);
  out.message = "there is no key " + in_quotes(name) + (section.empty() ? "" : " in " + section_header(section));
  if (meant.empty()) {
    out.message += "; docs/configuration.md has all";
    return out;
  }
  out.message += "; it is called " + meant + " here";
  if (const planned_key* const planned = find_planned(meant)) {
    out.message += ", which is not in this version yet";
    if (!planned->instead.empty()) out.message.append("; until it is there, ").append(planned->instead);
  } else {
    out.suggestion = line_for(meant, section);
  }
  return out;
}

config_error not_available_yet(std::string_view key) {
  config_error out{.key = std::string{key}, .code = "not-available-yet"};
  out.message = std::string{key} + " is not in this version yet: remove it";
  if (const planned_key* const planned = find_planned(key); planned != nullptr && !planned->instead.empty()) {
    out.message.append("; until it is there, ").append(planned->instead);
  }
  return out;
}

}  // namespace gatehouse::detail::config
