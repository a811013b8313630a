#include <gatehouse/http/problem_members.hpp>

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

constexpr std::string_view id = "5e0f5b6e-0000-4000-8000-00000000000a";

/// The document as it is passed on with 503; "refused" when it is not.
std::string passed_on(std::string_view document, std::string_view request_id = {}) {
  std::array<char, 8192> block{};
  arena memory{block};
  const auto members = read_problem(document);
  if (!members) return "refused";
  return std::string(write_problem(memory, *members, status::service_unavailable, request_id));
}

struct problem_case {
  const char* name;
  std::string document;
  std::string want;
};

const std::string bare = R"({"type":"about:blank","title":"Service Unavailable","status":503})";
const std::string refused = "refused";
std::string repeated(std::size_t n, const char* text) {
  std::string out;
  while (n-- != 0) out += text;
  return out;
}

const problem_case cases[] = {
    {"all that is passed on",
     R"({"type":"https://example.com/e/stock","title":"Out of stock","status":503,"detail":"3 are left."})",
     R"({"type":"https://example.com/e/stock","title":"Out of stock","status":503,"detail":"3 are left."})"},
    {"in another order, with spaces", " {\r\n\t\"detail\" : \"d\" , \"title\":\"t\" } ",
     R"({"type":"about:blank","title":"t","status":503,"detail":"d"})"},
    {"nothing", "{}", bare},
    {"the status is the real one", R"({"status":200})", bare},
    {"what only developers read is dropped",
     R"({"title":"t","trace":"at x","exception":"E","stack":["x"],"stackTrace":"x","stack_trace":[{"a":[1,{}]}],"debug":{"sql":"SELECT"},"debugMessage":"x","path":"/srv","timestamp":1.5e-3,"errors":[]})",
     R"({"type":"about:blank","title":"t","status":503})"},
    {"its instance is not ours", R"({"instance":"/users/4711"})", bare},
    {"a value of another type is ignored", R"({"type":5,"title":null,"detail":["x"]})", bare},
    {"a type that is no URI reference", R"({"type":"not a URI"})", bare},
    {"a type with a quote in it", R"({"type":"a\"b"})", bare},
    {"a relative type", R"({"type":"/errors/stock"})",
     R"({"type":"/errors/stock","title":"Service Unavailable","status":503})"},
    {"an ampersand", R"({"type":"/e?a&b"})", R"({"type":"/e?a\u0026b","title":"Service Unavailable","status":503})"},
    {"slashes that are escaped", R"({"type":"https:\/\/example.com\/e"})",
     R"({"type":"https:\/\/example.com\/e","title":"Service Unavailable","status":503})"},
    {"escapes stay what they are", R"({"title":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"})",
     R"({"type":"about:blank","title":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","status":503})"},
    {"what would be HTML is none", R"({"detail":"<script>a&b</script>"})",
     R"({"type":"about:blank","title":"Service Unavailable","status":503,"detail":"\u003cscript\u003ea\u0026b\u003c/script\u003e"})"},
    {"UTF-8", "{\"title\":\"\xc3\xa9\xe2\x82\xac\"}",
     "{\"type\":\"about:blank\",\"title\":\"\xc3\xa9\xe2\x82\xac\",\"status\":503}"},
    {"a name that is spelt with escapes is another member", R"({"t\u0069tle":"x"})", bare},
    {"other members twice", R"({"a":1,"a":2})", bare},
    {"as long as may be", R"({"title":")" + std::string(1024, 'x') + "\"}",
     R"({"type":"about:blank","title":")" + std::string(1024, 'x') + R"(","status":503})"},
    {"longer", R"({"title":")" + std::string(1025, 'x') + "\"}", bare},
    {"as deep as may be", R"({"a":)" + repeated(32, "[") + repeated(32, "]") + "}", bare},
    {"numbers", R"({"a":[0,-0,1,-12,1.5,1e5,1E+5,1.25e-12]})", bare},
    {"words", R"({"a":[true,false,null]})", bare},

    {"nothing at all", "", refused},
    {"a text", "\"x\"", refused},
    {"an array", "[]", refused},
    {"something behind", "{}x", refused},
    {"two objects", "{}{}", refused},
    {"one that does not end", R"({"title":"t")", refused},
    {"a text that does not end", R"({"title":"t)", refused},
    {"a comma at the end", R"({"title":"t",})", refused},
    {"no comma", R"({"title":"t" "detail":"d"})", refused},
    {"no colon", R"({"title" "t"})", refused},
    {"a name without quotes", R"({title:"t"})", refused},
    {"single quotes", R"({'title':'t'})", refused},
    {"a comment", R"({/*x*/"title":"t"})", refused},
    {"a title twice", R"({"title":"a","title":"b"})", refused},
    {"a title twice, once no text", R"({"title":1,"title":"b"})", refused},
    {"a line end in a text", "{\"title\":\"a\nb\"}", refused},
    {"NUL in a text", std::string("{\"title\":\"a\0b\"}", 15), refused},
    {"an escape that is none", R"({"title":"\x41"})", refused},
    {"an escape that is cut off", R"({"title":"\u12"})", refused},
    {"bytes that are no UTF-8", "{\"title\":\"\xff\"}", refused},
    {"an overlong slash", "{\"title\":\"\xc0\xaf\"}", refused},
    {"a byte-order mark", "\xef\xbb\xbf{}", refused},
    {"a leading zero", R"({"a":01})", refused},
    {"a plus", R"({"a":+1})", refused},
    {"a dot without digits", R"({"a":1.})", refused},
    {"an exponent without digits", R"({"a":1e})", refused},
    {"NaN", R"({"a":NaN})", refused},
    {"brackets that do not match", R"({"a":[1}})", refused},
    {"a comma at the end of an array", R"({"a":[1,]})", refused},
    {"a nested name without a value", R"({"a":{"b"}})", refused},
    {"deeper", R"({"a":)" + repeated(33, "[") + repeated(33, "]") + "}", refused},
    {"too long", "{}" + std::string(16 * 1024, ' '), refused},
};

TEST(problem_members, what_is_passed_on_of_another_servers_document) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(passed_on(c.document), c.want);
  }
}

TEST(problem_members, what_was_written_is_read_as_the_same) {
  for (const auto& c : cases) {
    if (c.want == refused) continue;
    SCOPED_TRACE(c.name);
    EXPECT_EQ(passed_on(c.want), c.want);
  }
}

TEST(problem_members, the_instance_is_the_requests_id) {
  EXPECT_EQ(passed_on("{}", id),
            R"({"type":"about:blank","title":"Service Unavailable","status":503,"instance":"urn:uuid:)" +
                std::string(id) + "\"}");
  EXPECT_EQ(passed_on("{}", "from-a-proxy"), bare);
}

TEST(problem_members, in_too_little_memory_there_is_none) {
  std::array<char, 64> block{};
  arena memory{block};
  EXPECT_EQ(write_problem(memory, problem_members{}, status::service_unavailable, "").size(), 0U);
}

}  // namespace
}  // namespace gatehouse
