// A route that is only for clients who have shown a certificate.
#include <gatehouse/rules/client_certificate.hpp>

#include <gtest/gtest.h>

#include <gatehouse/http/problem.hpp>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using test::test_exchange;

const client_certificate somebody{.subject = "CN=notes"};

struct connection_row {
  const char* name;
  bool tls;
  const client_certificate* client;
  reason want;
};
const connection_row connection_rows[] = {
    {"no TLS here", false, nullptr, reason::tls_client_certificate_required},
    {"TLS without a certificate", true, nullptr, reason::tls_client_certificate_required},
    {"a certificate that was verified", true, &somebody, reason::none},
};

TEST(require_client_certificate, asks_the_connection_and_nothing_that_a_client_can_write) {
  for (const connection_row& row : connection_rows) {
    SCOPED_TRACE(row.name);
    const secure_channel channel{.client = row.client};
    test_exchange x;
    x.e.connection.secure = row.tls;
    x.e.connection.channel = row.tls ? &channel : nullptr;
    x.e.peer_trusted = true;
    test::add_lines(x.e.request.fields, {{"Client-Cert", ":AAAA:"}, {"X-SSL-Client-Verify", "SUCCESS"}});
    EXPECT_EQ(client_certificate_policy::check(x.e.connection), row.want);
    EXPECT_EQ(x.e.connection.has_client_certificate(), row.want == reason::none) << "an ambient credential";
    state_registry states;
    auto made = require_client_certificate().make(states);
    ASSERT_TRUE(made.has_value());
    slot s;
    EXPECT_EQ((*made)->on_request(x.e, s).why(), row.want);
    EXPECT_FALSE((*made)->report_only());
  }
  EXPECT_EQ(status_of(reason::tls_client_certificate_required), status::forbidden);
}

TEST(require_client_certificate, lets_preflights_be_answered_for_which_browsers_show_none) {
  std::vector<pending_rule> all = standard_set();
  all.push_back(cors({.origins = {"https://app.example"}, .credentials = true}));
  all.push_back(require_client_certificate());
  state_registry states;
  const auto made = policy::make(all, states);
  ASSERT_TRUE(made.has_value());
  const auto ask = [&](method verb, std::initializer_list<test::name_value> lines) {
    const secure_channel channel{};
    test_exchange x;
    x.e.connection.secure = true;
    x.e.connection.channel = &channel;
    x.e.request.verb = verb;
    x.e.request.method_text = to_string(verb);
    test::add_lines(x.e.request.fields, lines);
    std::size_t at = 0;
    const step s = (*made)->request(x.e, at);
    return s.what() == step::kind::answer ? std::string{"answer"} : std::string{code(s.why())};
  };
  EXPECT_EQ(ask(method::options, {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "PUT"}}),
            "answer");
  EXPECT_EQ(ask(method::options, {{"Origin", "https://app.example"}}), "tls.client-certificate-required")
      << "no preflight";
  EXPECT_EQ(ask(method::put, {{"Origin", "https://app.example"}}), "tls.client-certificate-required");
}

}  // namespace
}  // namespace gatehouse
