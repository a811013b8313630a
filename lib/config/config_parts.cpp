#include "config_parts.hpp"

#include <algorithm>

namespace gatehouse::detail::config {
namespace {

std::string route_name(const route_config& r) {
  std::string out = "route " + r.match;
  for (const std::string& host : r.host) out.append(&host == &r.host.front() ? " of " : ", ").append(host);
  return out;
}

void append_services(std::vector<config_part>& out, std::string_view section, const gateway_config& c) {
  for (const service_config& s : c.services) {
    gateway_config only;
    only.services = {s};
    const std::string name = std::string{section} + '.' + s.name;
    out.push_back({.section = section, .header = '[' + name + ']', .name = name, .only = std::move(only)});
  }
}

void append_routes(std::vector<config_part>& out, std::string_view section, const gateway_config& c) {
  for (const route_config& r : c.routes) {
    gateway_config only;
    only.routes = {r};
    std::string name = route_name(r);
    // Several of one path and host have methods of their own.
    const auto others = std::ranges::count_if(c.routes.data(), &r, [&](const route_config& before) {
      return before.match == r.match && before.host == r.host;
    });
    if (others > 0) name.append(" #").append(std::to_string(others + 1));
    out.push_back(
        {.section = section, .header = section_header(section), .name = std::move(name), .only = std::move(only)});
  }
}

}  // namespace

std::vector<config_part> parts_of(const gateway_config& c) {
  gateway_config common = c;
  common.services.clear();
  common.routes.clear();
  std::vector<config_part> out;
  out.push_back({.section = {}, .header = {}, .name = {}, .only = common});
  for (const std::string_view section : config_sections()) {
    switch (kind_of_section(section)) {
      case section_kind::once:
        out.push_back(
            {.section = section, .header = section_header(section), .name = std::string{section}, .only = common});
        break;
      case section_kind::named: append_services(out, section, c); break;
      case section_kind::listed: append_routes(out, section, c); break;
    }
  }
  return out;
}

bool is_own(const catalog_entry& e, const config_part& part) {
  if (e.key.starts_with("cors.")) return part.only.cors.has_value();
  if (e.key.starts_with("cors_next.")) return part.only.cors_next.has_value();
  if (e.key.starts_with("route.cors_next.")) return part.only.routes.front().cors_next.has_value();
  if (e.key.starts_with("route.headers.")) return part.only.routes.front().headers.has_value();
  if (e.key.starts_with("route.csrf.")) return part.only.routes.front().csrf.has_value();
  return !e.key.starts_with("route.cors.") || part.only.routes.front().cors.has_value();
}

}  // namespace gatehouse::detail::config
