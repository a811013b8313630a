#include <gatehouse/config/nearest.hpp>

#include <array>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

constexpr std::array<std::string_view, 4> names{"max_body", "max_head", "trusted_proxies", "listen"};

TEST(nearest, finds_slips_and_other_spellings) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"max_bdy", "max_body"},
      {"mxa_body", "max_body"},
      {"maxBody", "max_body"},
      {"max-body", "max_body"},
      {"lisen", "listen"},
      {"LISTEN", "listen"},
      {"trustedProxy", "trusted_proxies"},
      {"wibble", ""},
      {"", ""},
      {"x", ""},
  };
  for (const auto& [text, want] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(nearest_name(text, names), want);
  }
}

TEST(nearest, does_not_compare_what_is_too_long) { EXPECT_EQ(nearest_name(std::string(100'000, 'a'), names), ""); }

TEST(nearest, snake_case_of_what_others_write) {
  EXPECT_EQ(snake_case("trustedProxies"), "trusted_proxies");
  EXPECT_EQ(snake_case("Trusted-Proxies"), "trusted_proxies");
  EXPECT_EQ(snake_case("trust proxy"), "trust_proxy");
  EXPECT_EQ(snake_case("upstream_5xx"), "upstream_5xx");
}

}  // namespace
}  // namespace gatehouse
