// Any Origin, method and list of names, separated by line feeds: what is allowed is on the list byte by byte or below a
// pattern, and a list of names is allowed only if each of them is. What explain() says is about what was sent.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/cors.hpp>
#include <gatehouse/rules/state_registry.hpp>

#include "fuzz_input.hpp"

namespace {

using gatehouse::test::require;

constexpr std::string_view names[] = {"content-type", "x-a", "authorization"};

std::unique_ptr<const gatehouse::cors_policy> make_policy() {
  gatehouse::state_registry states;
  auto made = gatehouse::cors_policy::make(
      {.origins = {"https://app.example.com", "https://*.b.example", "http://localhost:*", "https://c.example:{81,82}",
                   "http://[::1]:3000"},
       .credentials = true,
       .methods = {"PUT"},
       .request_headers = {"content-type", "x-a", "authorization"}},
      states);
  require(made.has_value());
  return *std::move(made);
}

bool may_be_allowed(std::string_view origin) {
  if (origin == "https://app.example.com" || origin == "http://[::1]:3000") return true;
  if (origin == "https://c.example:81" || origin == "https://c.example:82") return true;
  const auto parsed = gatehouse::origin::parse(origin);
  if (!parsed) return false;
  if (parsed->scheme == "http") return parsed->host == "localhost";
  return parsed->scheme == "https" && !parsed->port && parsed->host.size() > 10 && parsed->host.ends_with(".b.example");
}

/// Every element of the list, as anybody would read it.
bool all_listed(std::string_view list) {
  while (true) {
    const auto comma = list.find(',');
    const std::string_view name = gatehouse::ascii::trim(list.substr(0, comma));
    bool listed = name.empty();
    for (const std::string_view n : names) listed = listed || gatehouse::ascii::equal_ignoring_case(n, name);
    if (!listed) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto policy = make_policy();
  const auto input = gatehouse::test::guarded_text(data, size);
  if (!input) return 0;
  std::array<std::string_view, 3> part{};
  std::string_view rest = *input;
  for (std::string_view& p : part) {
    p = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(p.size() == rest.size() ? rest.size() : p.size() + 1);
  }
  static gatehouse::request_head head;
  head.verb = gatehouse::method::options;
  head.fields.clear();
  using gatehouse::field;
  require(head.fields.append(field::origin, part[0]).has_value());
  require(head.fields.append(field::access_control_request_method, part[1]).has_value());
  require(head.fields.append(field::access_control_request_headers, part[2]).has_value());

  const gatehouse::cors_decision d = policy->check(head, {});
  require(d.what == gatehouse::cors_decision::kind::preflight && d.origin == part[0]);
  const bool origin = may_be_allowed(part[0]);
  const bool method = part[1] == "GET" || part[1] == "HEAD" || part[1] == "POST" || part[1] == "PUT";
  require(!d.allowed() || (origin && method && all_listed(part[2])));
  const bool about_origin = d.why == gatehouse::reason::cors_origin_not_allowed ||
                            d.why == gatehouse::reason::cors_invalid_origin;
  require(origin != about_origin);
  if (origin && !method) require(!d.allowed() && d.denied == part[1]);
  if (d.allowed()) return 0;
  const gatehouse::cors_denial told = policy->explain(d);
  require(told.why == d.why && told.origin == part[0] && told.what == d.denied);
  return 0;
}
