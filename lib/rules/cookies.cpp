#include <gatehouse/rules/cookies.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/cookie.hpp>

#include "cookie_text.hpp"

namespace gatehouse {
namespace {

bool is_listed(const std::vector<std::string>& names, std::string_view name) noexcept {
  return std::ranges::find(names, name) != names.end();
}

/// first_day.md: a page's script copies such a cookie into a field of its requests (Angular, axios, Django, Laravel,
/// Spring): without that nothing could be sent any more. It is no secret from the page.
bool is_for_double_submit(std::string_view name) noexcept {
  constexpr std::string_view parts[] = {"csrf", "xsrf"};
  return std::ranges::any_of(parts, [name](std::string_view part) {
    const auto same = [](char a, char b) { return ascii::to_lower(a) == b; };
    return std::ranges::search(name, part, same).begin() != name.end();
  });
}

/// `host` or a name below `domain` (RFC 6265bis section 5.1.3): then the browser takes it.
bool domain_matches(std::string_view host, std::string_view domain) noexcept {
  if (ascii::equal_ignoring_case(host, domain)) return true;
  if (host.size() <= domain.size() || host[host.size() - domain.size() - 1] != '.') return false;
  return ascii::equal_ignoring_case(host.substr(host.size() - domain.size()), domain);
}

/// Calls `visit(pair, name)` for all that stands between semicolons, spaces around it left out; without "=" there is no
/// name.
template <typename Visit>
void for_each_pair(std::string_view cookies, Visit visit) {
  while (!cookies.empty()) {
    const std::string_view one = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(cookies.size(), one.size() + 1));
    const std::string_view pair = ascii::trim(one);
    const std::size_t equals = pair.find('=');
    const std::string_view name = equals == std::string_view::npos ? std::string_view{}
                                                                   : ascii::trim(pair.substr(0, equals));
    if (!pair.empty()) visit(pair, name);
  }
}

void note(noted_cookies& to, const received_cookie& c, const cookie_changes& changes) noexcept {
  if (!changes.add_http_only && !changes.add_lax) return;
  to.add(c.name, changes.add_http_only, changes.add_lax);
}

}  // namespace

bool cookies_policy::is_mapped(std::string_view name) const noexcept {
  return is_listed(config_.map_to_host_prefix, name);
}

/// As who stands behind knows it: so that what is judged twice is judged alike.
std::string_view cookies_policy::plain_name(std::string_view name) const noexcept {
  if (!name.starts_with(host_prefix)) return name;
  const std::string_view rest = name.substr(host_prefix.size());
  return is_mapped(rest) ? rest : name;
}

/// The upstream's Domain, where it means nothing to the browser: it would refuse the cookie.
bool cookies_policy::names_upstream(std::string_view domain, std::string_view asked_host) const noexcept {
  const auto same = [domain](const std::string& host) { return ascii::equal_ignoring_case(host, domain); };
  return std::ranges::any_of(config_.upstream_hosts, same) && !domain_matches(asked_host, domain);
}

cookie_changes cookies_policy::check(const received_cookie& c, const cookie_surroundings& around) const noexcept {
  cookie_changes out;
  if (config_.dangerously_off) return out;
  const std::string_view name = plain_name(c.name);
  out.add_secure = around.secure && !c.secure;
  out.add_http_only = around.of_upstream && !c.http_only && !is_for_double_submit(name) &&
                      !is_listed(config_.readable_by_scripts, name);
  out.add_lax = c.same_site == same_site_mode::unset && !is_listed(config_.cross_site, name);
  out.map_to_host = around.secure && is_mapped(c.name);
  out.root_path = out.map_to_host && c.path != "/";
  out.drop_domain = c.domain && (out.map_to_host || names_upstream(*c.domain, around.asked_host));
  return out;
}

body_plan cookies_policy::on_response(exchange& e, slot&, response_head& head) const noexcept {
  if (config_.dangerously_off || !head.fields().has(field::set_cookie)) return body_plan::keep();
  const cookie_surroundings around{.secure = e.client_secure,
                                   .of_upstream = e.source == response_source::upstream,
                                   .asked_host = e.request.authority.host};
  head.edit(field::set_cookie, [&](std::string_view line) -> std::optional<std::string_view> {
    const auto c = received_cookie::parse(line);
    if (!c || c->name.empty()) {
      e.cookies.unreadable = true;
      return std::nullopt;
    }
    const cookie_changes changes = check(*c, around);
    if (!changes.any()) return line;
    const std::string_view changed = detail::rules::changed_cookie(e.memory, *c, changes);
    if (changed.empty()) {
      e.cookies.no_memory = true;
      return std::nullopt;
    }
    if (around.of_upstream) note(e.cookies, *c, changes);
    return changed;
  });
  return body_plan::keep();
}

/// Whether it could be taken for a mapped cookie behind us: PHP reads " ", "." and "[" in a name as "_", and some
/// frameworks do not know case.
bool cookies_policy::takes_place_of_mapped(std::string_view name) const noexcept {
  const auto plain = [](char c) { return c == ' ' || c == '.' || c == '[' || c == '+' ? '_' : ascii::to_lower(c); };
  const auto same = [&](const std::string& mapped) { return std::ranges::equal(mapped, name, {}, plain, plain); };
  return std::ranges::any_of(config_.map_to_host_prefix, same);
}

bool cookies_policy::needs_mapping(std::string_view cookies) const noexcept {
  bool found = false;
  for_each_pair(cookies, [&](std::string_view, std::string_view name) {
    found = found || takes_place_of_mapped(name) || plain_name(name).size() != name.size();
  });
  return found;
}

/// Into `out`, which has room for `cookies`. Returns how much of it was written.
std::size_t cookies_policy::map_request(std::string_view cookies, char* out) const noexcept {
  std::size_t written = 0;
  const auto add = [&](std::string_view text) {
    std::memcpy(out + written, text.data(), text.size());
    written += text.size();
  };
  for_each_pair(cookies, [&](std::string_view pair, std::string_view name) {
    if (takes_place_of_mapped(name)) return;
    if (written != 0) add("; ");
    const bool mapped = plain_name(name).size() != name.size();
    add(mapped ? pair.substr(host_prefix.size()) : pair);
  });
  return written;
}

step cookies_policy::on_request(exchange& e, slot&) const noexcept {
  const auto sent = e.request.fields.get(field::cookie);
  // Over plain HTTP no cookie was mapped.
  if (!sent || config_.map_to_host_prefix.empty() || !e.client_secure || !needs_mapping(*sent)) return step::pass();
  // "; " between pairs may be longer than what stood there.
  const auto pairs = static_cast<std::size_t>(std::ranges::count(*sent, ';'));
  char* const room = e.memory.allocate(sent->size() + pairs);
  if (room == nullptr) return step::refuse(reason::limit_exchange_memory);
  const std::size_t size = map_request(*sent, room);
  if (size == 0) {
    e.request.fields.remove(field::cookie);
  } else {
    (void)e.request.fields.set(field::cookie, {room, size});  // replaces a line: there is room
  }
  return step::pass();
}

}  // namespace gatehouse
