#include <gatehouse/http/method.hpp>

#include <gtest/gtest.h>

#include <gatehouse/http/status.hpp>

namespace gatehouse {
namespace {

static_assert(parse_method("GET") == method::get && parse_method("DELETE") == method::delete_);
static_assert(parse_method("get") == method::unknown && parse_method("") == method::unknown);
static_assert(is_safe(method::get) && !is_safe(method::trace) && !is_safe(method::post));
static_assert(is_idempotent(method::put) && !is_idempotent(method::patch));
static_assert(forbids_content(status::no_content) && !forbids_content(status::ok));

TEST(method_set, is_listed_in_one_order) {
  EXPECT_EQ(method_set{}.to_string(), "");
  EXPECT_EQ((method_set{method::options, method::get, method::delete_}.to_string()), "GET, DELETE, OPTIONS");
}

TEST(status, phrases) {
  EXPECT_EQ(phrase(status::content_too_large), "Content Too Large");
  EXPECT_EQ(phrase(status::continue_), "Continue");
  EXPECT_EQ(phrase(static_cast<status>(299)), "");
}

}  // namespace
}  // namespace gatehouse
