#include <gatehouse/rules/client_ip.hpp>

#include <gmock/gmock.h>

#include "client_ip_kit.hpp"

namespace gatehouse {
namespace {

using testing::ElementsAre;

TEST(client_ip_config_test, every_mistake_is_reported_at_once) {
  const auto made = client_ip_policy::make(
      {.trusted_proxies = {"10.0.0.1/8", "private", "10.0.0.0/8", "0.0.0.0/0", "::/0"},
       .header = "x_forwarded_for",
       .max_hops = 0});
  ASSERT_FALSE(made);
  EXPECT_THAT(
      test::summaries(made.error()),
      ElementsAre("client_ip.trusted_proxies|10.0.0.1/8|not-an-address|10.0.0.0/8, or the address 10.0.0.1 alone",
                  "client_ip.trusted_proxies|private|not-an-address|an address such as 10.0.0.5 or a range such as "
                  "10.0.0.0/8",
                  "client_ip.trusted_proxies|0.0.0.0/0|trusts-everyone|only the addresses of your own proxies",
                  "client_ip.trusted_proxies|::/0|trusts-everyone|only the addresses of your own proxies",
                  "client_ip.header|x_forwarded_for|not-a-header-name|x-forwarded-for",
                  "client_ip.max_hops|0|out-of-range|1"));
}

struct header_case {
  const char* header;
  const char* suggestion;  // null: accepted
};
constexpr header_case header_cases[] = {
    {"x-forwarded-for", nullptr},
    {"X-Forwarded-For", nullptr},
    {"Forwarded", nullptr},
    {"None", nullptr},
    {"CF-Connecting-IP", nullptr},
    {"x-real-ip", nullptr},
    {"Fastly-Client-IP", nullptr},
    {"x-forwaded-for", "x-forwarded-for"},
    {"forwarded-for", "x-forwarded-for"},
    {"non", "none"},
    {"", "x-forwarded-for, forwarded or none"},
    {"x forwarded for", "x-forwarded-for"},
    {"x:y", "x-forwarded-for, forwarded or none"},
};

TEST(client_ip_config_test, a_misspelt_header_is_an_error_that_names_the_right_one) {
  for (const auto& c : header_cases) {
    SCOPED_TRACE(c.header);
    const auto made = client_ip_policy::make({.header = c.header});
    ASSERT_EQ(made.has_value(), c.suggestion == nullptr);
    if (!made) {
      EXPECT_EQ(made.error().front().suggestion, c.suggestion);
    }
  }
  EXPECT_FALSE(client_ip_policy::make({.max_hops = 101}));
  EXPECT_TRUE(client_ip_policy::make({.max_hops = 100}));
}

}  // namespace
}  // namespace gatehouse
