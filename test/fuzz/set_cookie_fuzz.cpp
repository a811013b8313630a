// A Set-Cookie line is read without losing a byte; what the builder accepts is read back as it was meant.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/set_cookie.hpp>

#include "fuzz_input.hpp"

namespace {

using namespace gatehouse;
using test::require;

void read_loses_nothing(std::string_view line) {
  const auto c = received_cookie::parse(line);
  if (!c) return;
  require(c->pair.data() == line.data() && c->pair.size() + c->attributes.size() == line.size());
  require(c->pair.find(c->name) != std::string_view::npos && c->pair.find(c->value) != std::string_view::npos);
  require(c->name.find_first_of(";=") == std::string_view::npos && c->value.find(';') == std::string_view::npos);
  require(c->name.size() + c->value.size() <= max_cookie_bytes && c->name.size() + c->value.size() > 0);
  std::size_t seen = 0;
  bool secure = false;
  for_each_cookie_attribute(c->attributes, [&](const cookie_attribute& a) {
    require(a.text.data() == c->attributes.data() + seen && a.text.starts_with(';'));
    require(a.value.find(';') == std::string_view::npos);
    secure = secure || a.what == cookie_attribute::kind::secure;
    seen += a.text.size();
  });
  require(seen == c->attributes.size());
  require(secure == c->secure);
}

/// The text before the next "|", which is taken off.
std::string_view part(std::string_view& text) {
  const std::string_view before = text.substr(0, text.find('|'));
  text.remove_prefix(std::min(text.size(), before.size() + 1));
  return before;
}

void what_is_written_is_read(std::string_view text) {
  const std::string_view name = part(text);
  const std::string_view value = part(text);
  cookie_options o;
  o.path = part(text);
  o.domain = part(text);
  o.secure = text.find('s') != std::string_view::npos;
  o.http_only = text.find('h') != std::string_view::npos;
  o.partitioned = text.find('p') != std::string_view::npos;
  o.same_site = text.find('n') != std::string_view::npos ? same_site_mode::none : same_site_mode::lax;
  const auto made = set_cookie::make(name, value, o);
  if (!made) return;
  const auto c = received_cookie::parse(made->text());
  require(c.has_value());
  require(c->name == name && c->value == value && c->path == o.path);
  require(c->domain.value_or("") == o.domain && c->domain.has_value() == !o.domain.empty());
  require(c->secure == o.secure && c->http_only == o.http_only && c->partitioned == o.partitioned);
  require(c->same_site == o.same_site);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  read_loses_nothing(*input);
  what_is_written_is_read(*input);
  return 0;
}
