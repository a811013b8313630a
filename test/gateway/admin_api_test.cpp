#include "admin_api.hpp"

#include <string>

#include <gtest/gtest.h>

#include <gatehouse/server/test_client.hpp>

#include "parse_time.hpp"

namespace gatehouse::program {
namespace {

const std::string token = "0123456789abcdef0123456789abcdef";

/// The API of a gateway that refused one request, asked in process.
class asked {
 public:
  explicit asked(const std::string& with_token = {})
      : api_(admin_api({.decisions = &decisions_,
                        .connections =
                            [](std::size_t, milliseconds) {
                              return connection_survey{
                                  .connections = {{.unix_socket = true, .state = "idle", .requests = 3},
                                                  {.peer = *ip_address::parse("::1"),
                                                   .peer_port = 7,
                                                   .state = "exchange",
                                                   .bytes_in = 10}},
                                  .left_out = 1,
                                  .silent_loops = 2};
                            },
                        .policy = [] { return std::string{"threads = 1\n"}; }},
                       with_token)),
        client_(api_) {
    exchange e;
    outcome o{.answered = status::not_found};
    e.request.method_text = "GET";
    e.request.path = "/\x1b[2J";
    e.id = "5e0f5b6e-0000-4000-8000-000000000001";
    e.why = reason::http_not_found;
    e.trace.add({.rule = "request_id"});
    e.trace.add({.rule = "route",
                 .when = decision_trace::phase::route,
                 .what = decision_trace::verdict::refuse,
                 .why = reason::http_not_found});
    decisions_.record(e, o);
    e.id = "5e0f5b6e-0000-4000-8000-000000000002";
    decisions_.record(e, o);
  }
  test_response get(std::string_view target, const header_list& headers = {}) { return client_.get(target, headers); }
  void deny(std::string_view origin) {
    exchange e;
    e.request.method_text = "GET";
    e.id = "5e0f5b6e-0000-4000-8000-000000000003";
    e.denied = {.why = reason::cors_origin_not_allowed, .origin = origin};
    decisions_.record(e, {.answered = status::ok});
  }

 private:
  decision_log decisions_;
  app api_;
  test_client client_;
};

TEST(admin_api, denied_origins_with_a_sample) {
  asked api;
  EXPECT_EQ(api.get("/denied-origins").body, R"({"origins":[],"left_out":0})");
  for (int i = 0; i < 3; ++i) api.deny("http://localhost:5173");
  api.deny("\"\x1b");
  EXPECT_EQ(
      api.get("/denied-origins").body,
      R"({"origins":[{"origin":"http://localhost:5173","count":3,"reason":"cors.origin-not-allowed","method":"GET",)"
      R"("route":"","id":"5e0f5b6e-0000-4000-8000-000000000003","fix":"--allow-origin http://localhost:5173"},)"
      R"({"origin":"\"\u001b","count":1,"reason":"cors.origin-not-allowed","method":"GET","route":"",)"
      R"("id":"5e0f5b6e-0000-4000-8000-000000000003"}],"left_out":0})");
  for (int i = 0; i < 60; ++i) api.deny("http://localhost:" + std::to_string(1'000 + i));
  EXPECT_NE(api.get("/denied-origins").body.find(R"("left_out":12})"), std::string::npos);
}

TEST(admin_api, who_may_ask) {
  struct row {
    const char* name;
    header_list headers;
    int status;
  };
  const row rows[] = {
      {"curl", {}, 200},
      {"typed into a browser", {{"Sec-Fetch-Site", "none"}}, 200},
      {"a page of ours", {{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://localhost"}}, 200},
      {"another site", {{"Sec-Fetch-Site", "cross-site"}}, 403},
      {"another port", {{"Sec-Fetch-Site", "same-site"}}, 403},
      {"two answers", {{"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}}, 400},
      {"an empty one", {{"Sec-Fetch-Site", ""}}, 403},
      {"another origin", {{"Origin", "http://localhost:3000"}}, 403},
      {"another scheme", {{"Origin", "https://localhost"}}, 403},
      {"an opaque origin", {{"Origin", "null"}}, 403},
      {"two origins", {{"Origin", "http://localhost"}, {"Origin", "http://localhost"}}, 400},
      {"a name that was rebound", {{"Host", "evil.example"}}, 421},
  };
  asked api;
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    EXPECT_EQ(api.get("/policy", r.headers).status, r.status);
  }
}

TEST(admin_api, the_token) {
  EXPECT_TRUE(carries_token("Bearer " + token, token));
  EXPECT_TRUE(carries_token("bearer " + token, token));
  for (const std::string& wrong :
       {std::string{}, std::string{"Bearer"}, std::string{"Bearer "}, "Basic " + token, token, "Bearer " + token + "0",
        "Bearer " + token.substr(1), "Bearer  " + token, "Bearer " + std::string(32, '0')}) {
    EXPECT_FALSE(carries_token(wrong, token)) << wrong;
  }
  asked api(token);
  const test_response refused = api.get("/policy");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(refused.body.find(token), std::string::npos);
  EXPECT_EQ(api.get("/policy", {{"Authorization", "Bearer " + token}}).status, 200);
  // A page of another site does not learn whether it has one.
  EXPECT_EQ(api.get("/policy", {{"Origin", "null"}}).status, 403);
}

TEST(admin_api, decisions) {
  asked api;
  struct row {
    std::string_view target;
    int status;
  };
  const row rows[] = {{"/decisions", 200},
                      {"/decisions?limit=0", 200},
                      {"/decisions?limit=1000&reason=http.not-found&since=10m", 200},
                      {"/decisions?limit=1001", 400},
                      {"/decisions?limit=-1", 400},
                      {"/decisions?reason=none-such", 400},
                      {"/decisions?since=now", 400},
                      {"/decisions/5e0f5b6e-0000-4000-8000-000000000001", 200},
                      {"/decisions/5e0f5b6e", 409},
                      {"/decisions/5e0f5", 400},
                      {"/decisions/5e0f5b6f", 404},
                      {"/else", 404}};
  for (const row& r : rows) EXPECT_EQ(api.get(r.target).status, r.status) << r.target;
  const test_response one = api.get("/decisions/5e0f5b6e-0000-4000-8000-000000000001");
  EXPECT_EQ(one.header("Content-Type"), "application/json");
  EXPECT_NE(one.body.find(R"("reason":"http.not-found")"), std::string::npos) << one.body;
  EXPECT_NE(one.body.find(R"({"rule":"route","phase":"route","verdict":"refuse","reason":"http.not-found"})"),
            std::string::npos)
      << one.body;
  const test_response words = api.get("/decisions/5e0f5b6e-0000-4000-8000-000000000001", {{"Accept", "text/plain"}});
  EXPECT_EQ(words.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_NE(words.body.find("  route             REFUSED  http.not-found\n"), std::string::npos) << words.body;
  EXPECT_EQ(words.body.find('\x1b'), std::string::npos) << words.body;
}

TEST(admin_api, connections_and_policy) {
  asked api;
  EXPECT_EQ(api.get("/connections").body,
            R"({"connections":[{"peer":"unix","state":"idle","age_ms":0,"requests":3,"bytes_in":0,"bytes_out":0},)"
            R"({"peer":"[::1]:7","state":"exchange","age_ms":0,"requests":0,"bytes_in":10,"bytes_out":0}],)"
            R"("left_out":1,"silent_loops":2})");
  const test_response policy = api.get("/policy");
  EXPECT_EQ(policy.header("Content-Type"), "application/toml");
  EXPECT_EQ(policy.body, "threads = 1\n");
}

TEST(parse_time, takes_what_the_log_says_and_nothing_else) {
  using namespace std::chrono_literals;
  const system_time noon{std::chrono::seconds{1'700'049'600}};
  EXPECT_EQ(parse_time("2023-11-15T12:00:00Z"), noon);
  EXPECT_EQ(parse_time("2023-11-15T12:00:00.250Z"), noon + 250ms);
  for (const std::string_view wrong :
       {"", "Z", "2023-11-15", "2023-11-15T12:00:00", "2023-11-15 12:00:00Z", "2023-11-15T12:00:00.1Z",
        "2023-11-15T12:00:00.Z", "2023-02-30T12:00:00Z", "2023-11-15T24:00:00Z", "2023-11-15T12:60:00Z",
        "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2023-11-15T12:00:00+00:00Z", "+023-11-15T12:00:00Z"}) {
    EXPECT_FALSE(parse_time(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace gatehouse::program
