#include <gatehouse/json.hpp>

#include <string>

#include <gtest/gtest.h>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

namespace gatehouse {
namespace {

TEST(json, is_answered_and_taken) {
  app a;
  a.get("/value", [] { return json{{"a", {1, "two", nullptr}}}; });
  a.get("/not-utf8", [] { return json("\xff"); });
  a.get("/result", []() -> result<json> { return json::array({1}); });
  a.get("/blocking", blocking([] { return json(true); }));
  a.post("/echo", [](const json_body& in) { return *in; });
  a.post("/blocking", blocking([](json_body in) { return *in; }));
  a.post("/small", [](limited_json_body<4> in) { return *in; });
  test_client client(a);
  EXPECT_EQ(client.get("/value").body, R"({"a":[1,"two",null]})");
  EXPECT_EQ(client.get("/value").header("content-type"), "application/json");
  EXPECT_EQ(client.get("/not-utf8").body, "\"\xef\xbf\xbd\"");
  EXPECT_EQ(client.get("/result").body, "[1]");
  EXPECT_EQ(client.get("/blocking").body, "true");

  const std::string type = "application/json";
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  struct {
    const char* name;
    const char* path;
    std::string type;
    std::string body;
    int status;
    std::string want;
  } const rows[] = {
      {"an object", "/echo", type, R"( {"b":1, "a":{"b":2}} )", 200, R"({"a":{"b":2},"b":1})"},
      {"what HTML could read", "/echo", type, R"({"</script>":"<!--&"})", 200,
       R"({"\u003c/script\u003e":"\u003c!--\u0026"})"},
      {"on the pool", "/blocking", type, "[1]", 200, "[1]"},
      {"a scalar", "/echo", type, "1", 200, "1"},
      {"with a charset", "/echo", "Application/JSON; charset=utf-8", "[]", 200, "[]"},
      {"a type with +json", "/echo", "application/vnd.api+json", "[]", 200, "[]"},
      {"64 levels", "/echo", type, nested(64), 200, nested(64)},
      {"65 levels", "/echo", type, nested(65), 400, "*"},
      {"very many", "/echo", type, nested(100'000), 400, "*"},
      {"a key twice", "/echo", type, R"({"a":1,"a":1})", 400, "*"},
      {"a key twice, once escaped", "/echo", type, R"({"a":1,"\u0061":1})", 400, "*"},
      {"a key twice, deeper", "/echo", type, R"([{"b":{"a":1,"a":1}}])", 400, "*"},
      {"the same key in two objects", "/echo", type, R"([{"a":1},{"a":1}])", 200, R"([{"a":1},{"a":1}])"},
      {"nothing", "/echo", type, "", 400, "*"},
      {"not JSON", "/echo", type, "{", 400, "*"},
      {"more behind it", "/echo", type, "{} {}", 400, "*"},
      {"a comment", "/echo", type, "[1 /* x */]", 400, "*"},
      {"NaN", "/echo", type, "NaN", 400, "*"},
      {"not UTF-8", "/echo", type, "\"\xff\"", 400, "*"},
      {"another type", "/echo", "text/plain", "{}", 415, "*"},
      {"another charset", "/echo", "application/json; charset=utf-16", "{}", 415, "*"},
      {"only a suffix", "/echo", "+json", "{}", 415, "*"},
      {"no type", "/echo", "", "{}", 415, "*"},
      {"too large", "/small", type, "[1,2]", 413, "*"},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    header_list headers;
    if (!r.type.empty()) headers.emplace_back("Content-Type", r.type);
    const test_response got = client.post(r.path, r.body, headers);
    EXPECT_EQ(got.status, r.status);
    if (r.want != "*") {
      EXPECT_EQ(got.body, r.want);
    }
  }
}

}  // namespace
}  // namespace gatehouse
