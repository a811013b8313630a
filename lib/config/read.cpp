// From TOML to values: the first of the two steps of load.hpp.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <glob.h>
#include <toml++/toml.h>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/config/catalog.hpp>
#include <gatehouse/config/load.hpp>
#include <gatehouse/config/units.hpp>

#include "outside_value.hpp"
#include "read_value.hpp"
#include "unknown_key.hpp"

namespace gatehouse {
namespace {

using detail::config::not_available_yet;
using detail::config::read_value;
using detail::config::text_origin;
using detail::config::unknown_key;

source_position position(const std::string& file, const toml::source_region& region) {
  // toml++ has no position for the root table and for some implied ones.
  return {.file = file,
          .line = std::max<unsigned>(1, region.begin.line),
          .column = std::max<unsigned>(1, region.begin.column)};
}

/// A section that is being read: what the catalog calls it, and what it is in this file.
struct place {
  std::string section;  // "service", "service.active_health"
  std::string here;     // "service.notes", "service.notes.active_health"

  [[nodiscard]] place below(std::string_view name) const {
    if (section.empty()) return {std::string{name}, std::string{name}};
    return {(section + '.').append(name), (here + '.').append(name)};
  }
};

bool is_section(std::string_view section) {
  return std::ranges::any_of(config_catalog(), [&](const catalog_entry& e) {
    return e.key.size() > section.size() && e.key.starts_with(section) && e.key[section.size()] == '.';
  });
}

/// Part of keys that are separated by dots, so it has none; and it stands in logs and metrics.
bool is_service_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  return !name.empty() && name.size() <= longest &&
         std::ranges::all_of(name, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

class reader {
 public:
  /// `included`: a file of services and routes, named by the main one.
  reader(loaded_config& into, std::string file, bool included, variable_lookup variables)
      : into_(into), file_(std::move(file)), included_(included), variables_(variables) {}

  void read(toml::table& root) {
    for (auto&& [key, value] : root) {
      const std::string name{key.str()};
      if (find_planned(name) != nullptr) {
        report(key, not_available_yet(name));
        continue;
      }
      const section_kind kind = kind_of_section(name);
      if (included_ && kind == section_kind::once && (is_section(name) || find_entry(name) != nullptr)) {
        report(key, {.key = name,
                     .code = "not-in-include",
                     .message = name + " stands in the main file: an included one holds services and routes"});
      } else if (kind == section_kind::named) {
        read_services(name, key, value);
      } else if (kind == section_kind::listed) {
        read_routes(name, key, value);
      } else {
        read_member({}, key, value);
      }
    }
  }

 private:
  void read_services(const std::string& section, const toml::key& key, toml::node& value) {
    toml::table* const all = table_of(section, key, value);
    if (all == nullptr) return;
    for (auto&& [name, one] : *all) read_service(section, name, one);
  }

  void read_service(const std::string& section, const toml::key& key, toml::node& value) {
    const std::string name{key.str()};
    const std::string here = section + '.' + name;
    if (find_entry(here) != nullptr || !value.is_table()) {
      return report(key, {.key = here,
                          .code = "wrong-type",
                          .message = "a service has a name, and its keys stand below that",
                          .suggestion = section_header(section)});
    }
    if (!is_service_name(name)) {
      return report(key, {.key = here,
                          .value = name,
                          .code = "invalid-name",
                          .message = "a service's name is made of letters, digits, - and _, at most 64"});
    }
    auto& services = into_.config.services;
    if (std::ranges::find(services, name, &service_config::name) != services.end()) {
      const source_position first = into_.sources.find(here);
      return report(
          key, {.key = here,
                .value = name,
                .code = "duplicate",
                .message = "there is a " + here + " already, in " + first.file + ':' + std::to_string(first.line)});
    }
    services.push_back({.name = name});
    into_.sources.set(here, position(file_, key.source()));
    read_table({section, here}, *value.as_table());
  }

  void read_routes(const std::string& section, const toml::key& key, toml::node& value) {
    toml::array* const all = value.as_array();
    if (all == nullptr || (!all->empty() && !value.is_array_of_tables())) {
      return report(
          key, {.key = section,
                .code = "wrong-type",
                .message = section + " is a list of sections, not " + std::string{detail::config::what_it_is(value)},
                .suggestion = section_header(section)});
    }
    for (toml::node& one : *all) {
      const std::string here = section + '[' + std::to_string(into_.config.routes.size()) + ']';
      into_.config.routes.emplace_back();
      into_.sources.set(here, position(file_, one.source()));
      read_table({section, here}, *one.as_table());
    }
  }

  void read_table(const place& at, toml::table& table) {
    for (auto&& [key, value] : table) read_member(at, key, value);
  }

  /// A key, or a section with more of them.
  void read_member(const place& at, const toml::key& key, toml::node& value) {
    const place inner = at.below(key.str());
    if (is_section(inner.section) && find_entry(inner.section) == nullptr) {
      if (toml::table* const table = table_of(inner.here, key, value)) read_table(inner, *table);
      return;
    }
    const catalog_entry* const entry = find_entry(inner.section);
    if (entry == nullptr) {
      report(key, unknown_key(at.section, key.str(), value.is_table() || value.is_array_of_tables()));
      return;
    }
    remember(inner.here, value);
    const auto from = fill_in(*entry, value);
    if (!from) return;
    for (detail::config::refused_value& r : read_value(*entry, value, into_.config, *from)) {
      into_.report.error(position(file_, r.where->source()), std::move(r.what));
    }
  }

  /// Puts what stands outside of the file in the place of the texts that name it. Nothing, and reported: a part of it
  /// cannot be had.
  std::optional<text_origin> fill_in(const catalog_entry& e, toml::node& value) {
    text_origin from = text_origin::file;
    bool failed = false;
    const auto fill = [&](toml::node& one) {
      auto* const text = one.as_string();
      if (text == nullptr) return;
      auto filled = detail::config::filled(e, text->get(), variables_);
      if (!filled) {
        config_error& error = filled.error();
        error.key = e.key;
        error.message = std::string{e.key} + ": " + error.message;
        into_.report.error(position(file_, one.source()), std::move(error));
        failed = true;
        return;
      }
      if (filled->from_outside) from = text_origin::elsewhere;
      if (!filled->secret_file.empty()) remember_secret(e, one, *filled);
      text->get() = std::move(filled->text);
    };
    fill(value);
    if (toml::array* const list = value.as_array()) {
      for (toml::node& one : *list) fill(one);
    }
    return failed ? std::nullopt : std::optional{from};
  }

  void remember_secret(const catalog_entry& e, const toml::node& where, const detail::config::filled_text& secret) {
    const std::string& file = secret.secret_file;
    into_.files.push_back(file);
    into_.read_text.append(file).append(1, '\0').append(secret.text).append(1, '\0');
    if (!secret.everyone_reads_it) return;
    into_.report.warning(position(file_, where.source()),
                         {.key = std::string{e.key},
                          .code = "secret-is-readable",
                          .message = std::string{e.key} + ": every user of this machine can read " + in_quotes(file),
                          .suggestion = "chmod o-r " + file});
  }

  /// Null, and reported, when it is none.
  toml::table* table_of(const std::string& name, const toml::key& key, toml::node& value) {
    into_.sources.set(name, position(file_, key.source()));
    if (toml::table* const table = value.as_table()) return table;
    report(key,
           {.key = name,
            .code = "wrong-type",
            .message = name + " is a section, not " +
                       (value.is_array_of_tables() ? "a list of them" : std::string{detail::config::what_it_is(value)}),
            .suggestion = section_header(catalog_key(name))});
    return nullptr;
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
  bool included_;
  variable_lookup variables_;
};

/// Reads TOML into what is there already; false: it is none.
bool read_text_into(loaded_config& into, std::string_view text, const std::string& file, bool included,
                    variable_lookup variables) {
  if (text.size() > max_config_bytes) {
    into.report.error({.file = file},
                      {.code = "too-long", .message = "the file is longer than " + size_text(max_config_bytes)});
    return false;
  }
  into.files.push_back(file);
  into.read_text.append(file).append(1, '\0').append(text).append(1, '\0');
  try {
    toml::table parsed = toml::parse(text);
    reader(into, file, included, variables).read(parsed);
  } catch (const toml::parse_error& e) {
    into.report.error(position(file, e.source()),
                      {.code = "syntax", .message = "this is not TOML: " + std::string{e.description()}});
    return false;
  }
  return true;
}

/// The text of a file, or why there is none.
result<std::string, config_error> text_of(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return failure{config_error{.code = "not-a-file", .message = "this is a folder, not a file"}};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int why = errno;
    return failure{config_error{.code = "cannot-read",
                                .message = "cannot read it: " + std::string{std::strerror(why)} +
                                           (why == ENOENT ? " (gatehouse init makes one to start from)" : "")}};
  }
  std::string text(max_config_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

/// The files that a pattern stands for, sorted; relative ones are beside `main_file`.
std::vector<std::string> files_of(const std::string& pattern, const std::string& main_file) {
  std::string all;
  if (!pattern.starts_with('/')) {
    // The folder's own name is no pattern.
    for (const char c : std::filesystem::path(main_file).parent_path().string()) {
      if (std::string_view{"*?[]\\"}.find(c) != std::string_view::npos) all += '\\';
      all += c;
    }
    if (!all.empty()) all += '/';
  }
  all += pattern;
  ::glob_t found{};
  std::vector<std::string> out;
  if (::glob(all.c_str(), 0, nullptr, &found) == 0) out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return out;
}

/// Reads what `include` names. Files that it does not find are an error only where it names one.
void read_included(loaded_config& into, variable_lookup variables) {
  const std::vector<std::string> patterns = into.config.include;
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string key = "include[" + std::to_string(i) + ']';
    const auto refuse = [&](std::string_view code, const std::string& message) {
      into.report.error(into.sources.find(key), {.key = key,
                                                 .value = patterns[i],
                                                 .code = std::string{code},
                                                 .message = "include " + in_quotes(patterns[i]) + ": " + message});
    };
    const std::vector<std::string> files = files_of(patterns[i], into.sources.file());
    const bool names_one = patterns[i].find_first_of("*?[") == std::string::npos;
    if (files.empty() && names_one) refuse("cannot-read", "there is no such file");
    for (const std::string& file : files) {
      if (std::ranges::find(seen, file) != seen.end()) continue;  // two patterns may meet
      seen.push_back(file);
      if (seen.size() > max_included_files) {
        return refuse("too-many", "more than " + std::to_string(max_included_files) + " files");
      }
      std::error_code ignored;
      if (!std::filesystem::is_regular_file(file, ignored)) {  // a pipe would be waited for
        refuse("not-a-file", file + " is no file");
        continue;
      }
      const auto text = text_of(file);
      if (!text) {
        refuse(text.error().code, file + ": " + text.error().message);
      } else {
        (void)read_text_into(into, *text, file, true, variables);
      }
    }
  }
}

/// The files that [tls] of a service names are beside the one that says so.
void note_folders(loaded_config& into) {
  const auto folder_of = [&into](const std::string& key) {
    return std::filesystem::path(into.sources.find(key).file).parent_path().string();
  };
  into.config.proxy.tls.folder = folder_of("proxy.tls");
  for (service_config& s : into.config.services) s.options.tls.folder = folder_of("service." + s.name + ".tls");
}

loaded_config unreadable(const std::string& path, const config_error& why) {
  loaded_config out = default_config(path);
  out.parsed = false;
  out.report.error({.file = path}, why);
  return out;
}

}  // namespace

loaded_config default_config(std::string name) {
  loaded_config out;
  out.sources = config_sources{std::move(name)};
  return out;
}

loaded_config read_config(std::string_view text, std::string file, variable_lookup variables) {
  loaded_config out = default_config(std::move(file));
  out.config.tls.folder = std::filesystem::path(out.sources.file()).parent_path().string();
  out.parsed = read_text_into(out, text, out.sources.file(), false, variables);
  if (out.parsed) read_included(out, variables);
  note_folders(out);
  return out;
}

loaded_config read_config_file(const std::string& path, variable_lookup variables) {
  const auto text = text_of(path);
  if (!text) return unreadable(path, text.error());
  return read_config(*text, path, variables);
}

}  // namespace gatehouse
