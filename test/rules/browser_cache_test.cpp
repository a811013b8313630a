#include <gatehouse/rules/browser_preflight_cache.hpp>

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "browser_kit.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::run_browser;

constexpr const char* page = "http://localhost:3000";
constexpr const char* api = "http://localhost:5000/notes";

browser_response allows(std::string methods, std::string headers, std::string age) {
  browser_response r{.status = 204,
                     .headers = {{"Access-Control-Allow-Origin", page}, {"Access-Control-Allow-Credentials", "true"}}};
  if (!methods.empty()) r.headers.emplace_back("Access-Control-Allow-Methods", std::move(methods));
  if (!headers.empty()) r.headers.emplace_back("Access-Control-Allow-Headers", std::move(headers));
  if (!age.empty()) r.headers.emplace_back("Access-Control-Max-Age", std::move(age));
  return r;
}
const browser_response readable{
    .status = 200, .headers = {{"Access-Control-Allow-Origin", page}, {"Access-Control-Allow-Credentials", "true"}}};

bool asks_again(const fetch& second, preflight_cache& cache, preflight_cache::time at) {
  return run_browser(second, {allows(second.method, "x-a, x-b", ""), readable}, &cache, at)
      .sent.front()
      .starts_with("OPTIONS");
}

struct age_case {
  const char* name;
  const char* max_age;
  std::chrono::milliseconds lasts;
};

TEST(browser_cache_test, how_long_a_permission_lasts) {
  const age_case cases[] = {
      {"said nothing", "", 5s},
      {"10 seconds", "10", 10s},
      {"more than Chromium's two hours", "86400", 7200s},
      {"more than any number", "99999999999999999999", 7200s},
      {"negative", "-1", 5s},
      {"no number", "x", 5s},
      {"a fraction", "1.5", 5s},
      {"a list", "1, 2", 5s},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    preflight_cache cache;
    const fetch put{.page = page, .url = api, .method = "PUT"};
    run_browser(put, {allows("PUT", "", c.max_age), readable}, &cache, 100ms);
    preflight_cache copy = cache;
    EXPECT_FALSE(asks_again(put, copy, 100ms + c.lasts - 1ms));
    EXPECT_TRUE(asks_again(put, cache, 100ms + c.lasts));
  }
  preflight_cache cache;
  const fetch put{.page = page, .url = api, .method = "PUT"};
  run_browser(put, {allows("PUT", "", "0"), readable}, &cache, 0ms);
  EXPECT_TRUE(asks_again(put, cache, 0ms)) << "0: not at all";
}

struct hit_case {
  const char* name;
  fetch second;
  bool asks;
};

TEST(browser_cache_test, what_a_permission_is_for) {
  const fetch first{.page = page, .url = api, .method = "PUT", .headers = {{"X-A", "1"}}};
  const hit_case cases[] = {
      {"the same", first, false},
      {"another method of the list", {.page = page, .url = api, .method = "PATCH"}, false},
      {"a method that is not in it", {.page = page, .url = api, .method = "DELETE"}, true},
      {"a header of the list", {.page = page, .url = api, .headers = {{"x-b", "1"}}}, false},
      {"a header that is not in it", {.page = page, .url = api, .headers = {{"x-c", "1"}}}, true},
      {"one in, one not", {.page = page, .url = api, .headers = {{"x-a", "1"}, {"x-c", "1"}}}, true},
      {"another path", {.page = page, .url = "http://localhost:5000/other", .method = "PUT"}, true},
      {"another query", {.page = page, .url = "http://localhost:5000/notes?x", .method = "PUT"}, true},
      {"another fragment", {.page = page, .url = "http://localhost:5000/notes#x", .method = "PUT"}, false},
      {"another page", {.page = "http://localhost:3001", .url = api, .method = "PUT"}, true},
      {"with credentials",
       {.page = page, .url = api, .method = "PUT", .credentials = fetch_credentials::include},
       true},
      {"without any", {.page = page, .url = api, .method = "PUT", .credentials = fetch_credentials::omit}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    preflight_cache cache;
    EXPECT_EQ(run_browser(first, {allows("PUT, PATCH", "x-a, x-b", "60"), readable}, &cache).sent.size(), 2U);
    EXPECT_EQ(asks_again(c.second, cache, 1s), c.asks);
  }
}

TEST(browser_cache_test, what_was_asked_with_credentials_serves_requests_without) {
  preflight_cache cache;
  const fetch with{.page = page, .url = api, .method = "PUT", .credentials = fetch_credentials::include};
  run_browser(with, {allows("PUT", "", "60"), readable}, &cache);
  EXPECT_FALSE(asks_again({.page = page, .url = api, .method = "PUT"}, cache, 1s));
}

TEST(browser_cache_test, a_star_is_kept_and_still_does_not_cover_authorization) {
  preflight_cache cache;
  run_browser({.page = page, .url = api, .method = "PUT"}, {allows("*", "*", "60"), readable}, &cache);
  EXPECT_FALSE(asks_again({.page = page, .url = api, .method = "DELETE", .headers = {{"X-Any", "1"}}}, cache, 1s));
  EXPECT_TRUE(asks_again({.page = page, .url = api, .headers = {{"Authorization", "1"}}}, cache, 1s));
}

TEST(browser_cache_test, a_failure_forgets_what_was_known_of_the_url) {
  preflight_cache cache;
  const fetch put{.page = page, .url = api, .method = "PUT"};
  run_browser(put, {allows("PUT", "", "60"), readable}, &cache);
  EXPECT_EQ(run_browser(put, {{.status = 500}}, &cache, 1s).outcome.why, browser_why::allow_origin_missing);
  EXPECT_TRUE(asks_again(put, cache, 2s));
}

TEST(browser_cache_test, it_is_bounded) {
  preflight_cache cache({.max_cached = 4});
  for (int i = 0; i < 100; ++i)
    cache.store({.origin = page, .url = std::to_string(i)}, {"PUT", "PATCH"}, {"x"}, 60s, 0ms);
  EXPECT_EQ(cache.size(), 4U);
  EXPECT_TRUE(cache.allows_method({.origin = page, .url = "99"}, "PUT", 1s));
  EXPECT_FALSE(cache.allows_method({.origin = page, .url = "1"}, "PUT", 1s));
}

}  // namespace
}  // namespace gatehouse
