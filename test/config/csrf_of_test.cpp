// What a route's guard has of its own, and what belongs to the gateway.
#include <gtest/gtest.h>

#include <gatehouse/config/rules_of.hpp>

namespace gatehouse {
namespace {

const std::vector<std::string> keys{"kX3v9QpL0sZt7RmY2wBc5NdF8hJg1aUe"};

TEST(csrf_of, a_route_replaces_the_guard_but_for_its_tokens) {
  gateway_config c;
  c.public_origin = {"https://api.example.com"};
  c.csrf = {.exempt = {"POST /a"}, .token_keys = keys, .session_cookie = "sid", .require_token = true};
  route_config r;
  EXPECT_EQ(csrf_of(c, r), (csrf_config{.exempt = {"POST /a"},
                                        .token_keys = keys,
                                        .session_cookie = "sid",
                                        .require_token = true,
                                        .public_origins = {"https://api.example.com"}}));
  r.csrf.emplace().unsafe_get = true;
  EXPECT_EQ(csrf_of(c, r), (csrf_config{.token_keys = keys,
                                        .session_cookie = "sid",
                                        .unsafe_get = true,
                                        .public_origins = {"https://api.example.com"}}));
}

TEST(csrf_of, the_session_is_found_where_browsers_have_it_under_another_name) {
  struct row {
    const char* name;
    std::vector<std::string> mapped;
    std::string session_cookie;
    bool is_mapped;
  };
  const row rows[] = {{"mapped", {"sid"}, "sid", true},
                      {"another one is", {"theme"}, "sid", false},
                      {"none is", {}, "sid", false},
                      {"no session is named", {"sid"}, "", false}};
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    gateway_config c;
    c.csrf.token_keys = keys;
    c.csrf.session_cookie = r.session_cookie;
    c.cookies.map_to_host_prefix = r.mapped;
    EXPECT_EQ(csrf_of(c, {}).session_cookie_is_mapped, r.is_mapped);
  }
}

}  // namespace
}  // namespace gatehouse
