#pragma once
// What the tests of the rules share: an exchange with everything it needs, and a response's fields as they will be
// sent.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/random.hpp>
#include <gatehouse/rules/policy.hpp>
#include <gatehouse/rules/standard_set.hpp>

namespace gatehouse::test {

using name_value = std::pair<std::string_view, std::string_view>;

/// Appends lines as a parser would: known names get their id.
inline void add_lines(fields& to, std::initializer_list<name_value> lines) {
  for (const auto& [name, value] : lines) EXPECT_TRUE(to.append(find_field(name), name, value).has_value());
}
inline void add_lines(response_head& to, std::initializer_list<name_value> lines) {
  for (const auto& [name, value] : lines) EXPECT_TRUE(to.append(name, value).has_value()) << name;
}

/// An exchange from 203.0.113.9 for GET / of api.example.com, with 4 KiB of memory and repeatable randomness.
struct test_exchange {
  std::array<char, 4096> block;
  seeded_random random{1};
  exchange e;

  test_exchange() {
    e.memory = arena(block);
    e.random = &random;
    e.connection.peer = *ip_address::parse("203.0.113.9");
    reset();
  }
  void reset() {
    e.clear();
    e.request.verb = method::get;
    e.request.method_text = "GET";
    e.request.target = e.request.path = "/";
    e.request.authority = *authority::parse("api.example.com");
    e.body_limit = 1024 * 1024;
  }
};

/// Every field that would be sent, lines and block, as "name: value" with the name in lower case, sorted.
inline std::vector<std::string> sent_fields(const response_head& head) {
  std::vector<std::string> out;
  const auto add = [&out](std::string_view name, std::string_view value) {
    std::string line(name);
    for (char& c : line) c = ascii::to_lower(c);
    out.push_back(line.append(": ").append(value));
  };
  for (const field_line& line : head.fields()) add(line.name, line.value);
  head.for_each_attached([&add](const field_block::pair& p) { add(p.name, p.value); });
  std::ranges::sort(out);
  return out;
}

/// The policy of these rules; the test fails and ends when there is none.
inline std::shared_ptr<const policy> make_policy(const std::vector<pending_rule>& wanted) {
  state_registry states;
  auto made = policy::make(wanted, states);
  if (!made) {
    for (const auto& error : made.error()) ADD_FAILURE() << error.key << " = " << error.value << ": " << error.message;
    std::abort();
  }
  return *made;
}

/// "key|value|code|suggestion" of each error.
inline std::vector<std::string> summaries(const config_errors& errors) {
  std::vector<std::string> out;
  for (const auto& e : errors) {
    EXPECT_FALSE(e.message.empty()) << e.key;
    out.push_back(e.key + '|' + e.value + '|' + e.code + '|' + e.suggestion);
  }
  return out;
}

/// The standard set, with one rule of one's own instead of its default.
inline std::vector<pending_rule> standard_set_with(pending_rule own) {
  auto all = standard_set();
  all.push_back(std::move(own));
  return all;
}

/// The eight headers of the profile "api" over plain HTTP, as sent_fields() writes them.
inline const std::vector<std::string> api_fields_http = {
    "cache-control: no-store, max-age=0",
    "content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy: same-origin",
    "cross-origin-resource-policy: same-origin",
    "referrer-policy: no-referrer",
    "x-content-type-options: nosniff",
    "x-frame-options: DENY",
};
inline const std::string hsts_line = "strict-transport-security: max-age=63072000; includeSubDomains";

}  // namespace gatehouse::test
