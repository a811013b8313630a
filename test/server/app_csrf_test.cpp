// Signed tokens in an app: issued by a handler, asked for by the guard, in a field or in a form.
#include <string>

#include <gtest/gtest.h>

#include <gatehouse/rules/cors.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/csrf_tokens.hpp>
#include <gatehouse/server/forms.hpp>
#include <gatehouse/server/test_client.hpp>

namespace gatehouse {
namespace {

const csrf_config guard{
    .token_keys = {"kX3v9QpL0sZt7RmY2wBc5NdF8hJg1aUe"}, .session_cookie = "session", .require_token = true};

app payments() {
  app a;
  a.use(csrf_guard(guard));
  a.get("/csrf-token", csrf_tokens(guard));
  a.post("/pay", [](const form& in) { return "paid " + std::string{in.get("to").value_or("nobody")}; });
  a.post("/pay-json", [] { return "paid"; });
  return a;
}

header_list with(header_list more) {
  more.emplace_back("Sec-Fetch-Site", "same-origin");
  return more;
}
const std::pair<std::string, std::string> ada{"Cookie", "session=ada"};
const std::pair<std::string, std::string> urlencoded{"Content-Type", "application/x-www-form-urlencoded"};

/// What stands in {"token":"..."}.
std::string token_of(const test_response& r) {
  constexpr std::string_view before = R"({"token":")";
  constexpr std::string_view behind = R"("})";
  EXPECT_TRUE(r.body.starts_with(before) && r.body.ends_with(behind)) << r.body;
  if (r.body.size() != before.size() + csrf_token_size + behind.size()) return {};
  return r.body.substr(before.size(), csrf_token_size);
}

TEST(app_csrf, a_token_opens_what_needs_one) {
  app a = payments();
  test_client client(a);
  const test_response issued = client.get("/csrf-token", with({ada}));
  ASSERT_EQ(issued.status, 200);
  EXPECT_EQ(issued.header("content-type"), "application/json");
  EXPECT_EQ(issued.header("cache-control"), "no-store");
  EXPECT_EQ(issued.header("set-cookie"), "");
  EXPECT_EQ(issued.header("access-control-allow-origin"), "");
  const std::string token = token_of(issued);
  EXPECT_NE(token_of(client.get("/csrf-token", with({ada}))), token);

  struct row {
    const char* name;
    std::string path;
    std::string content;
    header_list fields;
    int status;
  };
  const row rows[] = {
      {"none", "/pay-json", "", with({ada}), 403},
      {"in its field", "/pay-json", "", with({ada, {"X-CSRF-Token", token}}), 200},
      {"of another session", "/pay-json", "", with({{"Cookie", "session=eve"}, {"X-CSRF-Token", token}}), 403},
      {"in a form, which the handler reads as well", "/pay", "to=Bob&csrf_token=" + token, with({ada, urlencoded}),
       200},
      {"a form without", "/pay", "to=Bob", with({ada, urlencoded}), 403},
      {"a form that is longer than is looked into", "/pay",
       "csrf_token=" + token + "&to=" + std::string(max_csrf_form_bytes, 'a'), with({ada, urlencoded}), 403},
      {"in the query", "/pay-json?csrf_token=" + token, "", with({ada}), 403},
  };
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const test_response answer = client.post(r.path, r.content, r.fields);
    EXPECT_EQ(answer.status, r.status);
    if (r.status == 403) {
      EXPECT_NE(answer.body.find(R"("type":"urn:problem-type:csrf.token")"), std::string::npos) << answer.body;
    } else {
      EXPECT_EQ(answer.body, r.path == "/pay" ? "paid Bob" : "paid");
    }
  }
}

TEST(app_csrf, who_has_no_session_gets_an_id) {
  app a = payments();
  test_client client(a);
  const test_response issued = client.get("/csrf-token", with({}));
  const std::string set{issued.header("set-cookie")};
  const std::string pair = set.substr(0, set.find(';'));
  EXPECT_EQ(set, pair + "; Path=/; Secure; HttpOnly; SameSite=Strict");
  ASSERT_TRUE(pair.starts_with("__Host-gh-csrf=")) << set;
  EXPECT_EQ(pair.size(), std::string_view{"__Host-gh-csrf="}.size() + csrf_random_id_size);
  const std::string token = token_of(issued);
  EXPECT_EQ(client.post("/pay-json", "", with({{"Cookie", pair}, {"X-CSRF-Token", token}})).status, 200);
  EXPECT_EQ(client.post("/pay-json", "", with({ada, {"X-CSRF-Token", token}})).status, 403);
  // It has one now.
  EXPECT_EQ(client.get("/csrf-token", with({{"Cookie", pair}})).header("set-cookie"), "");
}

TEST(app_csrf, pages_of_others_get_no_token) {
  app a = payments();
  a.use(cors({.origins = {"https://app.example.com"}, .credentials = true}));
  test_client client(a);
  for (const header_list& fields :
       {header_list{ada, {"Origin", "https://app.example.com"}}, header_list{ada, {"Sec-Fetch-Site", "same-site"}},
        header_list{ada, {"Sec-Fetch-Site", "none"}}}) {
    const test_response r = client.get("/csrf-token", fields);
    EXPECT_EQ(r.status, 403);
    EXPECT_EQ(r.body.find("token"), std::string::npos) << r.body;
    EXPECT_EQ(r.header("set-cookie"), "");
  }
}

TEST(app_csrf, an_endpoint_without_keys_is_a_mistake) {
  app a;
  a.get("/csrf-token", csrf_tokens({}));
  const config_errors errors = a.check();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors.front().key + ' ' + errors.front().code, "csrf.token_keys empty");
}

}  // namespace
}  // namespace gatehouse
