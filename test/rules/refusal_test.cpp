#include <gatehouse/rules/refusal.hpp>

#include <gmock/gmock.h>

#include <gatehouse/http/problem.hpp>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::sent_fields;
using testing::ElementsAre;

TEST(refusal_test, every_reason_becomes_a_bland_document_with_the_id) {
  for (std::size_t i = 1; i < reason_count; ++i) {
    const auto why = static_cast<reason>(i);
    SCOPED_TRACE(code(why));
    test::test_exchange x;
    x.e.source = response_source::upstream;
    response_head head;
    const std::string document(refuse_with_problem(x.e, why, head));
    EXPECT_EQ(head.status(), status_of(why));
    EXPECT_THAT(sent_fields(head),
                ElementsAre("cache-control: no-store, max-age=0", "content-type: application/problem+json"));
    EXPECT_NE(document.find("\"status\":" + std::to_string(number(status_of(why)))), std::string::npos);
    EXPECT_NE(document.find(std::string(x.e.id)), std::string::npos);
    EXPECT_EQ(x.e.why, why);
    EXPECT_EQ(x.e.source, response_source::gatehouse);
  }
}

TEST(refusal_test, what_went_wrong_is_told_by_the_switch_and_on_loopback_only) {
  struct detail_case {
    const char* name;
    bool dev_errors;
    bool loopback;
    std::string said;
    const char* detail;  // null: none
  };
  const std::string long_text(2'000, 'x');
  const std::string cut = "server.handler-failed: " + std::string(512, 'x');
  const detail_case details[] = {
      {"both", true, true, "bad \"thing\"\n<b>", R"(server.handler-failed: bad \"thing\"\n\u003cb\u003e)"},
      {"both, nothing more is known", true, true, "", "server.handler-failed"},
      {"both, a long text", true, true, long_text, cut.c_str()},
      {"not on loopback", true, false, "bad", nullptr},
      {"not asked for", false, true, "bad", nullptr},
  };
  for (const auto& c : details) {
    SCOPED_TRACE(c.name);
    const auto rules = test::make_policy({error_hygiene({.dev_errors = c.dev_errors})});
    test::test_exchange x;
    x.e.rules = rules.get();
    x.e.connection.loopback_listener = c.loopback;
    response_head head;
    const std::string document(refuse_with_problem(x.e, reason::server_handler_failed, head, c.said));
    const std::string detail = c.detail == nullptr ? "" : ",\"detail\":\"" + std::string(c.detail) + '"';
    EXPECT_EQ(document, R"({"type":"about:blank","title":"Internal Server Error","status":500)" + detail +
                            ",\"instance\":\"urn:uuid:" + std::string(x.e.id) + "\"}");
  }
}

TEST(refusal_test, nothing_of_an_earlier_head_survives) {
  test::test_exchange x;
  response_head head;
  test::add_lines(head, {{"X-Secret", "1"}, {"Set-Cookie", "a=b"}, {"Content-Encoding", "gzip"}});
  const field_block block({{.id = field::x_frame_options, .name = "X-Frame-Options", .value = "DENY"}});
  head.attach(&block);
  (void)refuse_with_problem(x.e, reason::http_not_found, head);
  EXPECT_EQ(sent_fields(head).size(), 2U);
}

TEST(refusal_test, without_memory_the_status_still_says_it) {
  test::test_exchange x;
  (void)x.e.memory.allocate(x.e.memory.left());
  response_head head;
  EXPECT_TRUE(refuse_with_problem(x.e, reason::limit_exchange_memory, head).empty());
  EXPECT_EQ(head.status(), status_of(reason::limit_exchange_memory));
  EXPECT_THAT(sent_fields(head), ElementsAre("cache-control: no-store, max-age=0"));
  EXPECT_EQ(x.e.id.size(), 36U);
}

}  // namespace
}  // namespace gatehouse
