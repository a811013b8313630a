#include <gatehouse/rules/request_limits.hpp>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using kind = body_framing::kind;

struct limit_case {
  const char* name;
  body_framing framing;
  std::uint64_t limit;
  reason want;
};

constexpr limit_case cases[] = {
    {"no content", {.how = kind::none}, 10, reason::none},
    {"below", {.how = kind::length, .length = 9}, 10, reason::none},
    {"exactly", {.how = kind::length, .length = 10}, 10, reason::none},
    {"one over", {.how = kind::length, .length = 11}, 10, reason::limit_body_too_large},
    {"far over", {.how = kind::length, .length = UINT64_MAX}, 10, reason::limit_body_too_large},
    {"length not said: counted as it arrives", {.how = kind::chunked}, 10, reason::none},
    {"no body accepted, none sent", {.how = kind::none}, 0, reason::none},
    {"no body accepted, an empty one sent", {.how = kind::length, .length = 0}, 0, reason::none},
    {"no body accepted, one byte sent", {.how = kind::length, .length = 1}, 0, reason::limit_body_too_large},
    {"no body accepted, length not said", {.how = kind::chunked}, 0, reason::limit_body_too_large},
};

TEST(request_limits_test, a_declared_length_over_the_limit_is_refused) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(request_limits_policy::check(c.framing, c.limit), c.want);
  }
}

TEST(request_limits_test, a_routes_own_limit_replaces_the_general_one) {
  const limits all{.body_bytes = 100};
  const route_info larger{.body_bytes = 200};
  const route_info smaller{.body_bytes = 50};
  const route_info silent{};
  EXPECT_EQ(body_limit_of(nullptr, all), 100U);
  EXPECT_EQ(body_limit_of(&silent, all), 100U);
  EXPECT_EQ(body_limit_of(&larger, all), 200U);
  EXPECT_EQ(body_limit_of(&smaller, all), 50U);
}

TEST(request_limits_test, the_rule_refuses_before_a_byte_is_read) {
  const auto rules = test::make_policy(standard_set());
  test::test_exchange x;
  x.e.request.framing = {.how = kind::length, .length = 1024 * 1024 + 1};
  std::size_t at = 0;
  const step s = rules->request(x.e, at);
  EXPECT_EQ(s.what(), step::kind::refuse);
  EXPECT_EQ(s.why(), reason::limit_body_too_large);
}

}  // namespace
}  // namespace gatehouse
