// From TOML to values: the first of the two steps of load.hpp.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <toml++/toml.h>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/load.hpp>
#include <gatehouse/config/units.hpp>

#include "read_value.hpp"
#include "unknown_key.hpp"

namespace gatehouse {
namespace {

using detail::config::not_available_yet;
using detail::config::read_value;
using detail::config::unknown_key;

source_position position(const std::string& file, const toml::source_region& region) {
  // toml++ has no position for the root table and for some implied ones.
  return {.file = file,
          .line = std::max<unsigned>(1, region.begin.line),
          .column = std::max<unsigned>(1, region.begin.column)};
}

class reader {
 public:
  explicit reader(loaded_config& into) : into_(into), file_(into.sources.file()) {}

  void read(const toml::table& root) {
    const std::vector<std::string_view> sections = config_sections();
    for (const auto& [key, value] : root) {
      const std::string name{key.str()};
      const bool is_section = std::ranges::find(sections, std::string_view{name}) != sections.end();
      if (is_section) {
        read_section(name, key, value);
      } else if (find_planned(name) != nullptr) {
        report(key, not_available_yet(name));
      } else {
        read_key({}, key, value);
      }
    }
  }

 private:
  void read_section(const std::string& name, const toml::key& key, const toml::node& value) {
    into_.sources.set(name, position(file_, key.source()));
    const toml::table* const table = value.as_table();
    if (table == nullptr) {
      report(key, {.key = name,
                   .code = "wrong-type",
                   .message = name + " is a section, not " +
                              (value.is_array_of_tables() ? "a list of them"
                                                          : std::string{detail::config::what_it_is(value)}),
                   .suggestion = '[' + name + ']'});
      return;
    }
    for (const auto& [inner, inner_value] : *table) read_key(name, inner, inner_value);
  }

  void read_key(const std::string& section, const toml::key& key, const toml::node& value) {
    const std::string full = section.empty() ? std::string{key.str()} : section + '.' + std::string{key.str()};
    const catalog_entry* const entry = find_entry(full);
    if (entry == nullptr) {
      report(key, unknown_key(section, key.str(), value.is_table() || value.is_array_of_tables()));
      return;
    }
    remember(full, value);
    for (detail::config::refused_value& r : read_value(*entry, value, into_.config)) {
      into_.report.error(position(file_, r.where->source()), std::move(r.what));
    }
  }

  void remember(const std::string& key, const toml::node& value) {
    into_.sources.set(key, position(file_, value.source()));
    const toml::array* const list = value.as_array();
    if (list == nullptr) return;
    std::size_t kept = 0;  // the reader keeps texts only
    for (const toml::node& element : *list) {
      if (!element.is_string()) continue;
      into_.sources.set(key + '[' + std::to_string(kept++) + ']', position(file_, element.source()));
    }
  }

  void report(const toml::key& key, config_error what) {
    into_.report.error(position(file_, key.source()), std::move(what));
  }

  loaded_config& into_;
  std::string file_;
};

loaded_config unreadable(const std::string& path, std::string_view code, std::string message) {
  loaded_config out = default_config(path);
  out.parsed = false;
  out.report.error({.file = path}, {.code = std::string{code}, .message = std::move(message)});
  return out;
}

}  // namespace

loaded_config default_config(std::string name) {
  loaded_config out;
  out.sources = config_sources{std::move(name)};
  return out;
}

loaded_config read_config(std::string_view text, std::string file) {
  if (text.size() > max_config_bytes) {
    return unreadable(file, "too-long", "the file is longer than " + size_text(max_config_bytes));
  }
  loaded_config out = default_config(std::move(file));
  try {
    reader(out).read(toml::parse(text));
  } catch (const toml::parse_error& e) {
    out.parsed = false;
    out.report.error(position(out.sources.file(), e.source()),
                     {.code = "syntax", .message = "this is not TOML: " + std::string{e.description()}});
  }
  return out;
}

loaded_config read_config_file(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed))
    return unreadable(path, "not-a-file", "this is a folder, not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int why = errno;
    return unreadable(path, "cannot-read",
                      "cannot read it: " + std::string{std::strerror(why)} +
                          (why == ENOENT ? " (gatehouse init makes one to start from)" : ""));
  }
  std::string text(max_config_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return read_config(text, path);
}

}  // namespace gatehouse
