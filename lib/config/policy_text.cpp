#include <gatehouse/config/policy_text.hpp>

#include <string_view>

#include <gatehouse/config/catalog.hpp>

namespace gatehouse {
namespace {

/// Keys of a route that stand there together or not at all: writing one of them would replace what is inherited.
bool is_inherited(const catalog_entry& e, const gateway_config& only) {
  return e.key.starts_with("route.headers.") && !only.routes.back().headers;
}

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

void append_section(std::string& out, std::string_view section, const std::string& header, const gateway_config& c) {
  out.append("\n").append(header).append("\n");
  bool inherits = false;
  for (const catalog_entry& e : config_catalog()) {
    if (section_of(e.key) != section) continue;
    if (kind_of_section(section) == section_kind::listed && is_inherited(e, c)) {
      inherits = true;
    } else {
      append_line(out, e, c);
    }
  }
  if (inherits) out.append("# headers: as [headers] says\n");
}

void append_services(std::string& out, std::string_view section, const gateway_config& c) {
  for (const service_config& s : c.services) {
    gateway_config only;
    only.services = {s};
    append_section(out, section, '[' + std::string{section} + '.' + s.name + ']', only);
  }
}

void append_routes(std::string& out, std::string_view section, const gateway_config& c) {
  for (const route_config& r : c.routes) {
    gateway_config only;
    only.routes = {r};
    append_section(out, section, section_header(section), only);
  }
}

}  // namespace

std::string policy_text(const gateway_config& c) {
  std::string out = "# The configuration in effect. \"# default\": as it would be without this line.\n";
  for (const catalog_entry& e : config_catalog()) {
    if (section_of(e.key).empty()) append_line(out, e, c);
  }
  for (const std::string_view section : config_sections()) {
    switch (kind_of_section(section)) {
      case section_kind::once: append_section(out, section, section_header(section), c); break;
      case section_kind::named: append_services(out, section, c); break;
      case section_kind::listed: append_routes(out, section, c); break;
    }
  }
  return out;
}

}  // namespace gatehouse
