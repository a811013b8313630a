#include <gatehouse/http/problem.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

struct status_case {
  reason why;
  unsigned want;
};
constexpr status_case statuses[] = {
    {reason::http_malformed_request_line, 400},
    {reason::http_unknown_method, 501},
    {reason::http_connect_refused, 405},
    {reason::http_trace_refused, 405},
    {reason::http_unsupported_version, 505},
    {reason::http_unsupported_transfer_encoding, 501},
    {reason::http_unsupported_expectation, 417},
    {reason::http_host_not_allowed, 421},
    {reason::http_not_found, 404},
    {reason::http_method_not_allowed, 405},
    {reason::http_unsupported_media_type, 415},
    {reason::limit_target_too_long, 414},
    {reason::limit_head_too_large, 431},
    {reason::limit_too_many_fields, 431},
    {reason::limit_body_too_large, 413},
    {reason::limit_body_budget, 503},
    {reason::limit_connections, 503},
    {reason::limit_connections_per_client, 503},
    {reason::limit_head_timeout, 408},
    {reason::limit_body_timeout, 408},
    {reason::limit_body_too_slow, 408},
    {reason::limit_exchange_memory, 500},
    {reason::upstream_unreachable, 502},
    {reason::upstream_connect_timeout, 504},
    {reason::upstream_timeout, 504},
    {reason::upstream_overloaded, 503},
    {reason::upstream_unavailable, 503},
    {reason::upstream_error_replaced, 502},
    {reason::upstream_leak_replaced, 502},
    {reason::server_handler_failed, 500},
    {reason::server_shutting_down, 503},
    {reason::server_overloaded, 503},
    {reason::validation_invalid_parameter, 400},
    {reason::validation_invalid_body, 400},
};

TEST(problem, reasons_have_their_statuses) {
  for (const auto& c : statuses) EXPECT_EQ(number(status_of(c.why)), c.want) << code(c.why);
}

TEST(problem, no_title_says_whose_fault_it_is_inside) {
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto why = static_cast<reason>(i);
    std::string title{public_title(why)};
    EXPECT_TRUE(title.ends_with('.')) << title;
    for (char& c : title) c = ascii::to_lower(c);
    for (const char* word : {"gatehouse", "upstream", "proxy", "127.", "localhost", "exception", "{", "%", "/"}) {
      EXPECT_EQ(title.find(word), std::string::npos) << title;
    }
  }
}

TEST(problem, the_document_is_complete) {
  std::array<char, 512> block{};
  arena memory{block};
  EXPECT_EQ(write_problem(memory, reason::limit_body_too_large, status::content_too_large,
                          "5e0f5b6e-0000-4000-8000-0000000000Ab"),
            R"({"type":"urn:problem-type:limit.body-too-large","title":"The request body is too large.","status":413,)"
            R"("instance":"urn:uuid:5e0f5b6e-0000-4000-8000-0000000000Ab"})");
  EXPECT_EQ(write_problem(memory, reason::upstream_error_replaced, status::service_unavailable, ""),
            R"({"type":"about:blank","title":"Service Unavailable","status":503})");
  EXPECT_EQ(write_problem(memory, reason::upstream_error_replaced, static_cast<status>(599), ""),
            R"({"type":"about:blank","title":"The service failed.","status":599})");
}

TEST(problem, a_request_id_that_is_no_uuid_is_left_out) {
  std::array<char, 512> block{};
  for (const char* id : {"a\"b", "from-the-proxy", "5e0f5b6e-0000-4000-8000-00000000000",
                         "5e0f5b6e00004000800000000000000a", "5e0f5b6e-0000-4000-8000-0000000000001",
                         "5e0f5b6e-0000-4000-8000-00000000000g", "5e0f5b6e-0000-4000-80000-0000000000a"}) {
    SCOPED_TRACE(id);
    arena memory{block};
    EXPECT_EQ(write_problem(memory, reason::http_not_found, status::not_found, id),
              R"({"type":"about:blank","title":"Not Found","status":404})");
  }
}

TEST(problem, in_too_little_memory_there_is_none) {
  std::array<char, 54> block{};  // one byte too few
  arena memory{block};
  EXPECT_EQ(write_problem(memory, reason::http_not_found, status::not_found, "").size(), 0U);
}

}  // namespace
}  // namespace gatehouse
