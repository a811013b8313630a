#pragma once
// A CORS policy and the requests that are put to it.

#include <gatehouse/rules/cors.hpp>

#include "rules_kit.hpp"

namespace gatehouse::test {

inline std::unique_ptr<const cors_policy> make_cors(const cors_config& c) {
  state_registry states;
  auto made = cors_policy::make(c, states);
  if (!made) {
    for (const auto& e : made.error()) ADD_FAILURE() << e.key << " = " << e.value << ": " << e.message;
    std::abort();
  }
  return *std::move(made);
}

/// "origins[0]|value|code|suggestion" of each mistake.
inline std::vector<std::string> cors_mistakes(const cors_config& c) {
  state_registry states;
  const auto made = cors_policy::make(c, states);
  return made ? std::vector<std::string>{} : summaries(made.error());
}

struct asked {
  std::string_view method = "GET";
  std::vector<name_value> lines{};
  method_set route_methods{};
};

/// Fills an exchange with it.
inline void put(const asked& a, exchange& e) {
  e.request.method_text = a.method;
  e.request.verb = parse_method(a.method);
  for (const auto& [name, value] : a.lines) {
    EXPECT_TRUE(e.request.fields.append(find_field(name), name, value).has_value());
  }
}

inline cors_decision decide(const cors_policy& policy, const asked& a) {
  static test_exchange x;  // the views of what is returned are the caller's
  x.reset();
  put(a, x.e);
  const route_info route{.methods = a.route_methods};
  return policy.check(x.e.request, route);
}

}  // namespace gatehouse::test
