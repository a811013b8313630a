#include <gatehouse/http/received_cookie.hpp>

#include <gatehouse/http/grammar.hpp>

namespace gatehouse {
namespace {

using kind = cookie_attribute::kind;

kind kind_of(std::string_view name) noexcept {
  struct row {
    std::string_view name;
    kind what;
  };
  constexpr row rows[] = {{"Domain", kind::domain},           {"Expires", kind::expires},
                          {"HttpOnly", kind::http_only},      {"Max-Age", kind::max_age},
                          {"Partitioned", kind::partitioned}, {"Path", kind::path},
                          {"SameSite", kind::same_site},      {"Secure", kind::secure}};
  for (const row& r : rows) {
    if (ascii::equal_ignoring_case(r.name, name)) return r.what;
  }
  return kind::other;
}

/// Section 5.6.1 to 5.6.7: the last one of a name wins.
void take(const cookie_attribute& a, received_cookie& c) noexcept {
  switch (a.what) {
    case kind::domain: c.domain = a.value.starts_with('.') ? a.value.substr(1) : a.value; break;
    case kind::http_only: c.http_only = true; break;
    case kind::partitioned: c.partitioned = true; break;
    case kind::path: c.path = a.value; break;
    case kind::same_site: c.same_site = parse_same_site(a.value); break;
    case kind::secure: c.secure = true; break;
    case kind::expires:
    case kind::max_age:
    case kind::other: break;
  }
}

}  // namespace

cookie_attribute parse_cookie_attribute(std::string_view text) noexcept {
  const std::string_view inside = text.starts_with(';') ? text.substr(1) : text;
  const std::size_t equals = inside.find('=');
  cookie_attribute a{.what = kind_of(ascii::trim(inside.substr(0, equals))), .text = text};
  if (equals != std::string_view::npos) a.value = ascii::trim(inside.substr(equals + 1));
  if (a.value.size() > max_cookie_attribute_bytes) a.what = kind::other;
  return a;
}

same_site_mode parse_same_site(std::string_view value) noexcept {
  if (ascii::equal_ignoring_case(value, "Strict")) return same_site_mode::strict;
  if (ascii::equal_ignoring_case(value, "Lax")) return same_site_mode::lax;
  return ascii::equal_ignoring_case(value, "None") ? same_site_mode::none : same_site_mode::unset;
}

std::optional<received_cookie> received_cookie::parse(std::string_view line) noexcept {
  if (!grammar::is_field_value(line)) return std::nullopt;  // step 1
  received_cookie c;
  c.pair = line.substr(0, line.find(';'));  // step 2
  c.attributes = line.substr(c.pair.size());
  // Step 3: without "=" all of it is the value.
  const std::size_t equals = c.pair.find('=');
  if (equals != std::string_view::npos) c.name = ascii::trim(c.pair.substr(0, equals));
  c.value = ascii::trim(equals == std::string_view::npos ? c.pair : c.pair.substr(equals + 1));
  const std::size_t size = c.name.size() + c.value.size();
  if (size == 0 || size > max_cookie_bytes) return std::nullopt;  // step 5
  for_each_cookie_attribute(c.attributes, [&c](const cookie_attribute& a) { take(a, c); });
  return c;
}

}  // namespace gatehouse
