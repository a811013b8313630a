// `report_only = true`: every rule that can block only watches, and what is hard stays hard.
#include <algorithm>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/config/rules_of.hpp>
#include <gatehouse/rules/policy.hpp>

namespace gatehouse {
namespace {

/// Those that refuse nothing, and the limits: without them a request has no end.
constexpr std::string_view not_watched[] = {"request_id", "trace_context", "client_ip", "limits",
                                            "cookies",    "headers",       "errors"};

/// A rule that comes and can block fails here until it does as the whole gateway is told.
TEST(report_only, is_taken_over_by_every_rule_that_can_block) {
  for (const bool watching : {false, true}) {
    gateway_config c;
    c.report_only = watching;
    c.routes.emplace_back().headers.emplace();
    state_registry states;
    for (const std::vector<pending_rule>& rules : {rules_of(c), rules_of(c, c.routes.front())}) {
      std::size_t watched = 0;
      for (const pending_rule& wanted : rules) {
        const auto made = wanted.make(states);
        ASSERT_TRUE(made);
        const bool hard = std::ranges::find(not_watched, (*made)->name()) != std::end(not_watched);
        EXPECT_EQ((*made)->report_only(), watching && !hard) << (*made)->name();
        if ((*made)->report_only()) ++watched;
      }
      EXPECT_EQ(watched > 0, watching);
    }
  }
}

}  // namespace
}  // namespace gatehouse
