#include <gatehouse/config/policy_text.hpp>

#include <string_view>

#include <gatehouse/config/catalog.hpp>

#include "config_parts.hpp"

namespace gatehouse {
namespace {

using detail::config::config_part;

void append_line(std::string& out, const catalog_entry& e, const gateway_config& c) {
  const std::string_view name = name_in_section(e.key);
  if (e.key == "include") {
    // What the files hold stands below; named again, it would be there twice.
    out.append("include = []  # the services and routes of included files stand below\n");
    return;
  }
  const std::string value = shown_text(e, c);
  if (value.empty()) {
    out.append("# ").append(name).append(": as the profile says\n");
    return;
  }
  out.append(name).append(" = ").append(value).append(value_text(e, c) == default_text(e) ? "  # default\n" : "\n");
}

/// In the place of the keys that are not the part's own.
std::string_view what_is_inherited(std::string_view key) {
  if (key.starts_with("cors.")) return "# none: what the API says about CORS passes as it is";
  if (key.starts_with("cors_next.") || key.starts_with("route.cors_next.")) return "# none is tried";
  if (key.starts_with("route.csrf.")) return "# csrf: as [csrf] says";
  return key.starts_with("route.cors.") ? "# cors: as [cors] says" : "# headers: as [headers] says";
}

void append_part(std::string& out, const config_part& part) {
  if (!part.header.empty()) out.append("\n").append(part.header).append("\n");
  std::string_view inherited{};
  for (const catalog_entry& e : config_catalog()) {
    if (section_of(e.key) != part.section) continue;
    if (is_own(e, part)) {
      append_line(out, e, part.only);
      continue;
    }
    const std::string_view what = what_is_inherited(e.key);
    if (what != inherited) out.append(what).append("\n");
    inherited = what;
  }
}

}  // namespace

std::string policy_text(const gateway_config& c) {
  std::string out = "# The configuration in effect. \"# default\": as it would be without this line.\n";
  for (const config_part& part : detail::config::parts_of(c)) append_part(out, part);
  return out;
}

}  // namespace gatehouse
