#include <gatehouse/config/difference.hpp>

#include <algorithm>

#include <gatehouse/config/catalog.hpp>
#include <gatehouse/http/json_writer.hpp>

#include "config_parts.hpp"

namespace gatehouse {
namespace {

using detail::config::config_part;
using what = config_difference::what;

std::string key_of(const config_part& part, const catalog_entry& e) {
  return part.name.empty() ? std::string{e.key} : part.name + '.' + std::string{name_in_section(e.key)};
}

/// Null: the other configuration has no such service or route.
const config_part* find(const std::vector<config_part>& all, const config_part& wanted) {
  const auto at = std::ranges::find_if(
      all, [&](const config_part& p) { return p.section == wanted.section && p.name == wanted.name; });
  return at == all.end() ? nullptr : &*at;
}

/// What a key of a part says; of a part that is not there, and of what it inherits, nothing.
struct said {
  said(const catalog_entry& e, const config_part& part) {
    if (!is_own(e, part)) return;
    value = value_text(e, part.only);
    shown = shown_text(e, part.only);
  }
  std::string value;
  std::string shown;
};

void compare(std::vector<config_difference>& out, const config_part& from, const config_part& to) {
  for (const catalog_entry& e : config_catalog()) {
    if (section_of(e.key) != to.section || e.key == "include") continue;  // what files hold is compared itself
    const said before(e, from);
    const said after(e, to);
    if (before.value == after.value) continue;
    // A policy that is new, or gone, is told by what it says, not by all that it could.
    if (is_own(e, from) != is_own(e, to) && before.value + after.value == default_text(e)) continue;
    out.push_back({.key = key_of(to, e), .from = before.shown, .to = after.shown, .needs_restart = e.needs_restart});
  }
}

void append_added(std::vector<config_difference>& out, const config_part& part) {
  out.push_back({.how = what::added, .key = part.name});
  for (const catalog_entry& e : config_catalog()) {
    if (section_of(e.key) != part.section) continue;
    const said now(e, part);
    if (now.value.empty() || now.value == default_text(e)) continue;
    out.push_back({.key = key_of(part, e), .to = now.shown, .needs_restart = e.needs_restart});
  }
}

std::string_view name(what w) noexcept {
  switch (w) {
    case what::changed: return "changed";
    case what::added: return "added";
    case what::removed: return "removed";
  }
  return {};
}

}  // namespace

std::vector<config_difference> differences(const gateway_config& from, const gateway_config& to) {
  const std::vector<config_part> before = detail::config::parts_of(from);
  const std::vector<config_part> after = detail::config::parts_of(to);
  std::vector<config_difference> out;
  for (const config_part& part : after) {
    if (const config_part* const other = find(before, part)) {
      compare(out, *other, part);
    } else {
      append_added(out, part);
    }
  }
  for (const config_part& part : before) {
    if (find(after, part) == nullptr) out.push_back({.how = what::removed, .key = part.name});
  }
  return out;
}

std::string to_text(const config_difference& d) {
  if (d.how == what::added) return "+ " + d.key;
  if (d.how == what::removed) return "- " + d.key;
  const auto shown = [](const std::string& value) { return value.empty() ? std::string{"not set"} : value; };
  return d.key + ": " + shown(d.from) + " → " + shown(d.to) + (d.needs_restart ? "  (needs a restart)" : "");
}

std::string to_json(const std::vector<config_difference>& all, std::string_view from, std::string_view to) {
  std::string out;
  json_writer json(out);
  json.begin_object().key("from").value(from).key("to").value(to).key("differences").begin_array();
  for (const config_difference& d : all) {
    json.begin_object().key("what").value(name(d.how)).key("key").value(d.key);
    json.key("from").value(d.from).key("to").value(d.to).key("needs_restart").value(d.needs_restart).end_object();
  }
  json.end_array().end_object();
  return out;
}

}  // namespace gatehouse
