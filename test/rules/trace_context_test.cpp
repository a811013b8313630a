#include <gatehouse/rules/trace_context.hpp>

#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using origin = exchange::trace_origin;

constexpr std::string_view valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view trace = "0af7651916cd43dd8448eb211c80319c";

struct grammar_case {
  const char* name;
  std::string_view sent;
  /// What goes on; empty: the sent one is not valid, and a trace is begun.
  std::string_view kept;
};

// https://www.w3.org/TR/trace-context-1/#traceparent-header-field-values
const grammar_case cases[] = {
    {"valid, sampled", valid, valid},
    {"valid, not sampled", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"},
    {"flags that nobody defined", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff",
     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff"},
    {"ids with a single bit", "00-00000000000000000000000000000001-0000000000000001-00",
     "00-00000000000000000000000000000001-0000000000000001-00"},
    {"a higher version goes on as the one we know, with the flag we know",
     "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", valid},
    {"a higher version with more behind",
     "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be", valid},
    {"a higher version, not sampled", "fe-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fe",
     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"},
    {"a higher version that ends with its dash", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-", valid},
    {"a higher version with more that is no new part", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
     ""},
    {"a higher version with longer flags", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0100", ""},
    {"a higher version that is too short", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", ""},
    {"version ff", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""},
    {"version ff with more behind", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", ""},
    {"version 00 with more behind", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", ""},
    {"version 00 with a dash behind", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-", ""},
    {"version 00 with a space behind", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ", ""},
    {"no flags", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", ""},
    {"half of the flags", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1", ""},
    {"trace id all zero", "00-00000000000000000000000000000000-b7ad6b7169203331-01", ""},
    {"parent id all zero", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", ""},
    {"capitals in the trace id", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", ""},
    {"a capital in the parent id", "00-0af7651916cd43dd8448eb211c80319c-B7ad6b7169203331-01", ""},
    {"a capital in the flags", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0A", ""},
    {"a capital in the version", "0A-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""},
    {"no digit in the version", "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""},
    {"no digit in the trace id", "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01", ""},
    {"no digit in the parent id", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333.-01", ""},
    {"no digit in the flags", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0 ", ""},
    {"a trace id that is too short, and something longer", "00-0af7651916cd43dd8448eb211c8031-b7ad6b7169203331abcd-01",
     ""},
    {"underscores between", "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01", ""},
    {"the second dash is none", "00-0af7651916cd43dd8448eb211c80319c0b7ad6b7169203331-01", ""},
    {"the last dash is none", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331001", ""},
    {"a dash in front", "-00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""},
    {"not ASCII",
     "00-\xc3\xa4\xc3\xa4"
     "51916cd43dd8448eb211c80319c0-b7ad6b7169203331-01",
     ""},
    {"empty", "", ""},
    {"a word", "none", ""},
};

/// What the rule makes of a request with this traceparent; nullptr: without one.
void run(test::test_exchange& x, const char* begin, std::optional<std::string_view> sent) {
  const auto rules = test::make_policy({request_id(), trace_context({.begin = begin})});
  if (sent) test::add_lines(x.e.request.fields, {{"traceparent", *sent}, {"tracestate", "vendor=1"}});
  std::size_t at = 0;
  EXPECT_EQ(rules->request(x.e, at).what(), step::kind::pass);
}

bool is_begun(std::string_view text, const std::string& flags) {
  const std::regex grammar("00-[0-9a-f]{32}-[0-9a-f]{16}-" + flags);
  return std::regex_match(text.begin(), text.end(), grammar) && traceparent::parse(text).has_value();
}

TEST(trace_context_test, keeps_what_the_grammar_allows_and_begins_anew_otherwise) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    test::test_exchange x;
    run(x, "sampled", c.sent);
    if (c.kept.empty()) {
      EXPECT_FALSE(traceparent::parse(c.sent));
      EXPECT_EQ(x.e.trace_from, origin::us);
      EXPECT_TRUE(is_begun(ensure_traceparent(x.e), "01")) << x.e.traceparent;
    } else {
      EXPECT_EQ(x.e.trace_from, origin::client);
      EXPECT_EQ(ensure_traceparent(x.e), c.kept);
      EXPECT_EQ(x.e.trace_id, c.kept.substr(3, 32));
    }
  }
}

TEST(trace_context_test, tells_the_parts) {
  const auto parsed = traceparent::parse(valid);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->version, 0);
  EXPECT_EQ(parsed->trace_id, trace);
  EXPECT_EQ(parsed->parent_id, "b7ad6b7169203331");
  EXPECT_EQ(parsed->flags, traceparent::sampled);
}

TEST(trace_context_test, a_new_trace_has_the_digits_of_the_request_id_and_a_parent_of_its_own) {
  std::set<std::string> parents;
  test::test_exchange x;
  for (int i = 0; i < 1'000; ++i) {
    x.reset();
    EXPECT_EQ(x.e.trace_id, "");
    EXPECT_EQ(x.e.trace_from, origin::unjudged);
    run(x, "sampled", std::nullopt);
    EXPECT_EQ(x.e.trace_id, std::regex_replace(std::string(x.e.id), std::regex("-"), ""));
    EXPECT_EQ(x.e.traceparent, "") << "nobody has asked";
    const std::string_view parent = ensure_traceparent(x.e);
    EXPECT_EQ(parent.substr(3, 32), x.e.trace_id);
    EXPECT_TRUE(parents.emplace(parent.substr(36, 16)).second);
    EXPECT_EQ(ensure_traceparent(x.e), parent) << "the same when it is asked again";
  }
}

TEST(trace_context_test, a_request_id_that_a_proxy_sent_is_not_made_a_trace) {
  const auto rules = test::make_policy(test::standard_set_with(client_ip({.trusted_proxies = {"10.0.0.0/8"}})));
  std::set<std::string> seen;
  test::test_exchange x;
  x.e.connection.peer = *ip_address::parse("10.0.0.9");
  for (int i = 0; i < 100; ++i) {
    x.reset();
    // Of the size of our own: only where it stands tells them apart.
    test::add_lines(x.e.request.fields, {{"X-Request-Id", "------------------------------------"}});
    std::size_t at = 0;
    EXPECT_EQ(rules->request(x.e, at).what(), step::kind::pass);
    EXPECT_EQ(x.e.id, "------------------------------------");
    EXPECT_TRUE(is_begun(ensure_traceparent(x.e), "01")) << x.e.traceparent;
    EXPECT_TRUE(seen.emplace(x.e.trace_id).second);
  }
}

TEST(trace_context_test, begins_as_it_is_told) {
  {
    test::test_exchange x;
    run(x, "not-sampled", std::nullopt);
    EXPECT_TRUE(is_begun(ensure_traceparent(x.e), "00")) << x.e.traceparent;
  }
  for (const auto sent : {std::optional<std::string_view>{}, std::optional<std::string_view>{"none"}}) {
    test::test_exchange x;
    run(x, "never", sent);
    EXPECT_EQ(ensure_traceparent(x.e), "");
    EXPECT_EQ(x.e.trace_id, "");
    EXPECT_EQ(x.e.trace_from, origin::us);
  }
  test::test_exchange x;
  run(x, "never", valid);
  EXPECT_EQ(ensure_traceparent(x.e), valid);
}

TEST(trace_context_test, a_word_that_is_none_of_its_own_is_an_error) {
  const auto made = trace_context_policy::make({.begin = "Never"});
  ASSERT_FALSE(made);
  EXPECT_EQ(test::summaries(made.error()), std::vector<std::string>{"trace_context.begin|Never|unknown-value|never"});
}

}  // namespace
}  // namespace gatehouse
