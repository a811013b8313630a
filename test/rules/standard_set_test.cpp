#include <gatehouse/rules/standard_set.hpp>

#include <gmock/gmock.h>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::make_policy;
using test::sent_fields;
using testing::ElementsAre;

// The order of design.md, as far as its rules exist; host check and CORS come before anything that costs.
TEST(standard_set_test, every_default_is_on_and_in_the_documented_order) {
  const auto rules = make_policy(standard_set());
  std::vector<std::string_view> names;
  for (const auto& rule : rules->rules()) names.push_back(rule->name());
  EXPECT_THAT(names, ElementsAre("request_id", "trace_context", "client_ip", "limits", "host_check", "csrf", "cookies",
                                 "headers", "errors"));
  for (const auto& rule : rules->rules()) {
    EXPECT_FALSE(rule->report_only()) << rule->name();
    EXPECT_EQ(rules->find(rule->order()), rule.get());
  }
  EXPECT_EQ(rules->find(rule_order::cors), nullptr);
}

TEST(standard_set_test, a_plain_response_has_the_headers_and_its_id) {
  const auto rules = make_policy(standard_set());
  test::test_exchange x;
  std::size_t at = 0;
  ASSERT_EQ(rules->request(x.e, at).what(), step::kind::pass);
  response_head head;
  x.e.source = response_source::handler;
  ASSERT_EQ(rules->finalise(x.e, head).what, body_plan::kind::keep);
  auto want = test::api_fields_http;
  want.push_back("x-request-id: " + std::string(x.e.id));
  EXPECT_EQ(sent_fields(head), want);
}

}  // namespace
}  // namespace gatehouse
