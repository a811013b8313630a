#include <gatehouse/rules/request_id.hpp>

#include <regex>
#include <set>

#include <gatehouse/rules/refusal.hpp>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

struct id_case {
  const char* name;
  bool trusted;
  std::initializer_list<test::name_value> lines;
  std::string_view kept;
};

const std::string longest(128, 'a');
const std::string too_long(129, 'a');

const id_case cases[] = {
    {"trusted peer", true, {{"X-Request-Id", "abc-DEF_1.2"}}, "abc-DEF_1.2"},
    {"any case of the name", true, {{"x-request-id", "abc"}}, "abc"},
    {"untrusted peer", false, {{"X-Request-Id", "abc"}}, ""},
    {"absent", true, {}, ""},
    {"empty", true, {{"X-Request-Id", ""}}, ""},
    {"128 characters", true, {{"X-Request-Id", longest}}, longest},
    {"129 characters", true, {{"X-Request-Id", too_long}}, ""},
    {"two lines", true, {{"X-Request-Id", "abc"}, {"X-Request-Id", "abc"}}, ""},
    {"space", true, {{"X-Request-Id", "a b"}}, ""},
    {"quote, which would end a JSON string", true, {{"X-Request-Id", "a\"b"}}, ""},
    {"newline escape for a terminal", true, {{"X-Request-Id", "a\x1b[2J"}}, ""},
    {"not ASCII", true, {{"X-Request-Id", "\xc3\xa4"}}, ""},
    {"markup", true, {{"X-Request-Id", "<b>"}}, ""},
    {"underscored alias", true, {{"X_Request_Id", "abc"}}, ""},
};

TEST(request_id_test, keeps_an_inbound_id_from_trusted_peers_only) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    request_head head;
    test::add_lines(head.fields, c.lines);
    EXPECT_EQ(request_id_policy::check(head, c.trusted), c.kept);
  }
}

TEST(request_id_test, a_generated_id_is_a_version_4_uuid_and_unique) {
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  test::test_exchange x;
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    x.reset();
    const std::string id(ensure_request_id(x.e));
    EXPECT_TRUE(std::regex_match(id, uuid)) << id;
    EXPECT_TRUE(seen.insert(id).second);
    EXPECT_EQ(ensure_request_id(x.e), id);
  }
}

// request_id stands before client_ip in the order, and still must know whom client_ip trusts.
TEST(request_id_test, knows_the_trusted_peer_although_it_runs_first) {
  const auto rules = test::make_policy({request_id(), client_ip({.trusted_proxies = {"10.0.0.0/8"}})});
  for (const bool trusted : {true, false}) {
    test::test_exchange x;
    x.e.connection.peer = *ip_address::parse(trusted ? "10.0.0.9" : "192.168.0.9");
    test::add_lines(x.e.request.fields, {{"X-Request-Id", "from-outside"}});
    std::size_t at = 0;
    EXPECT_EQ(rules->request(x.e, at).what(), step::kind::pass);
    EXPECT_EQ(x.e.id == "from-outside", trusted);
    response_head head;
    (void)rules->finalise(x.e, head);
    EXPECT_EQ(head.fields().get(field::x_request_id), x.e.id);
  }
}

TEST(request_id_test, a_refused_head_has_an_id_and_never_the_clients) {
  const auto rules = test::make_policy(test::standard_set_with(client_ip({.trusted_proxies = {"10.0.0.0/8"}})));
  test::test_exchange x;
  x.e.connection.peer = *ip_address::parse("10.0.0.9");
  x.e.head_refused = true;
  test::add_lines(x.e.request.fields, {{"X-Request-Id", "from-outside"}});
  response_head head;
  const std::string document(refuse_with_problem(x.e, reason::http_invalid_field_name, head));
  (void)rules->finalise(x.e, head);
  ASSERT_EQ(x.e.id.size(), 36U);
  EXPECT_EQ(head.fields().get(field::x_request_id), x.e.id);
  EXPECT_NE(document.find("urn:uuid:" + std::string(x.e.id)), std::string::npos);
}

TEST(request_id_test, replaces_what_the_application_sent) {
  const auto rules = test::make_policy(standard_set());
  test::test_exchange x;
  x.e.source = response_source::upstream;
  response_head head;
  test::add_lines(head, {{"X-Request-Id", "upstream"}, {"x-request-id", "again"}});
  (void)rules->finalise(x.e, head);
  EXPECT_EQ(head.fields().count(field::x_request_id), 1U);
  EXPECT_EQ(head.fields().get(field::x_request_id), x.e.id);
}

}  // namespace
}  // namespace gatehouse
