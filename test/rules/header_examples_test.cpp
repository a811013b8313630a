// The examples in the rules' headers, compiled; and a look that each is here.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

struct {
  std::vector<pending_rule> rules = standard_set();
  void use(pending_rule r) { rules.push_back(std::move(r)); }
} app;

// clang-format off
void examples() {
  app.use(request_id());
  app.use(client_ip({.trusted_proxies = {"10.0.0.0/8"}}));
  app.use(client_ip());
  app.use(client_ip({.trusted_proxies = {"10.0.0.5"}}));
  app.use(request_limits());
  const route_info uploads{.pattern = "/uploads", .body_bytes = 20 * 1024 * 1024};
  EXPECT_EQ(body_limit_of(&uploads, {}), 20U * 1024 * 1024);
  app.use(host_check());
  app.use(host_check({.hosts = {"api.example.com"}}));
  app.use(security_headers());
  app.use(security_headers({.cross_origin_resource_policy = "cross-origin", .cache_control = ""}));
  app.use(error_hygiene());
  app.use(error_hygiene({.upstream_5xx = "replace_leaks"}));
  app.use(cookies());
  app.use(cookies({.readable_by_scripts = {"theme"}, .map_to_host_prefix = {"session"}}));
}
// clang-format on

std::string read(const std::string& path) {
  std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + '/' + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(header_examples_test, each_rule_documents_two_examples_that_work) {
  examples();
  EXPECT_EQ(test::make_policy(app.rules)->rules().size(), standard_set().size());
  const std::string compiled = read("test/rules/header_examples_test.cpp");
  const std::regex example("`([^`]*;)`");
  for (const char* rule :
       {"request_id", "client_ip", "request_limits", "host_check", "security_headers", "error_hygiene", "cookies"}) {
    SCOPED_TRACE(rule);
    const std::string header = read("lib/rules/include/gatehouse/rules/" + std::string(rule) + ".hpp");
    int found = 0;
    for (std::sregex_iterator at(header.begin(), header.end(), example), end; at != end; ++at, ++found) {
      EXPECT_NE(compiled.find((*at)[1].str()), std::string::npos) << (*at)[1];
    }
    EXPECT_EQ(found, 2);
  }
}

}  // namespace
}  // namespace gatehouse
