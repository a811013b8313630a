#include <gatehouse/server/extractors.hpp>

#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

namespace gatehouse {
namespace {

// Every handler here answers what it was given; so a row is a request and the whole answer.

template <typename T>
std::string shown(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "yes" : "no";
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(value);
  } else {
    return "[" + std::string{value} + "]";
  }
}
template <typename T>
std::string shown(const std::optional<T>& value) {
  return value ? shown(*value) : "nothing";
}

template <typename T>
void add_path(app& a, const std::string& type) {
  a.get("/path/" + type + "/:v", [](path<"v", T> v) { return shown(*v); });
}
template <typename T>
void add_query(app& a, const std::string& type) {
  a.get("/query/" + type, [](query<"v", T> v) { return shown(*v); });
}
template <typename T>
void add_header(app& a, const std::string& type) {
  a.get("/header/" + type, [](header<"x-v", T> v) { return shown(*v); });
}

app& echo() {
  static app made = [] {
    app a;
    add_path<std::int8_t>(a, "i8");
    add_path<std::uint8_t>(a, "u8");
    add_path<std::int32_t>(a, "i32");
    add_path<std::int64_t>(a, "i64");
    add_path<std::uint64_t>(a, "u64");
    add_path<double>(a, "double");
    add_path<bool>(a, "bool");
    add_path<std::string>(a, "string");
    add_path<std::string_view>(a, "view");
    a.get("/rest/*v", [](path<"v", std::string_view> v) { return shown(*v); });
    add_query<int>(a, "int");
    add_query<std::string>(a, "string");
    add_query<std::string_view>(a, "view");
    add_query<std::optional<int>>(a, "maybe-int");
    add_query<std::optional<std::string>>(a, "maybe-string");
    a.get("/query/encoded-name", [](query<"a b&c", std::string> v) { return shown(*v); });
    add_header<int>(a, "int");
    add_header<std::string>(a, "string");
    add_header<std::optional<bool>>(a, "maybe-bool");
    a.post("/text", [](body_text t) { return shown(*t); });
    a.post("/small", [](limited_body_text<4> t) { return shown(*t); });
    a.post("/large", [](limited_body_bytes<std::uint64_t{2} * 1024 * 1024> b) { return std::to_string(b->size()); });
    a.post("/bytes", [](body_bytes b) { return shown(*b); });
    a.post("/mixed/:a", [](body_bytes b, const request& r, path<"a", int> p, query<"q", std::optional<bool>> q) {
      return shown(*b) + shown(*p) + shown(*q) + std::string{r.path()} + std::string{r.body()};
    });
    a.post("/blocking/:a", blocking([](body_text b, const request& r, const path<"a">& p) {
             return shown(*b) + shown(*p) + std::string{r.host()} + std::string{r.header("x-v").value_or("-")} +
                    r.param("a").value_or("-") + std::string{r.query()} + std::string{r.path()};
           }));
    return a;
  }();
  return made;
}

struct row {
  const char* name;
  const char* target;
  int status;
  const char* want;  // the content of a 200
  header_list headers{};
};

void expect(const test_response& r, int status, std::string_view want) {
  EXPECT_EQ(r.status, status) << r.body;
  if (status == 200) {
    EXPECT_EQ(r.body, want);
    EXPECT_EQ(r.header("content-type"), "text/plain; charset=utf-8");
  } else {
    EXPECT_EQ(r.header("content-type"), "application/problem+json");
  }
}

const row path_rows[] = {
    {"a number", "/path/i64/42", 200, "42"},
    {"zero", "/path/i64/0", 200, "0"},
    {"negative", "/path/i64/-1", 200, "-1"},
    {"the smallest", "/path/i64/-9223372036854775808", 200, "-9223372036854775808"},
    {"the largest", "/path/i64/9223372036854775807", 200, "9223372036854775807"},
    {"one more", "/path/i64/9223372036854775808", 400, ""},
    {"the largest unsigned", "/path/u64/18446744073709551615", 200, "18446744073709551615"},
    {"one more unsigned", "/path/u64/18446744073709551616", 400, ""},
    {"unsigned and negative", "/path/u64/-1", 400, ""},
    {"a byte", "/path/i8/-128", 200, "-128"},
    {"too much for a byte", "/path/i8/128", 400, ""},
    {"an unsigned byte", "/path/u8/255", 200, "255"},
    {"too much for an unsigned byte", "/path/u8/256", 400, ""},
    {"a plus sign", "/path/i64/+1", 400, ""},
    {"leading zeros", "/path/i64/007", 400, ""},
    {"negative zero", "/path/i64/-0", 400, ""},
    {"a lone minus", "/path/i64/-", 400, ""},
    {"hexadecimal", "/path/i64/0x10", 400, ""},
    {"an exponent", "/path/i64/1e3", 400, ""},
    {"a space behind", "/path/i64/1%20", 400, ""},
    {"text behind", "/path/i64/1a", 400, ""},
    {"digits may be encoded", "/path/i64/%34%32", 200, "42"},
    {"digits of another script", "/path/i64/%D9%A1", 400, ""},
    {"a fraction", "/path/double/2.50", 200, "2.500000"},
    {"an exponent of a double", "/path/double/1E-2", 200, "0.010000"},
    {"infinity", "/path/double/inf", 400, ""},
    {"not a number", "/path/double/nan", 400, ""},
    {"more than finite", "/path/double/1e999", 400, ""},
    {"a hexadecimal double", "/path/double/0x1p3", 400, ""},
    {"no digit before the point", "/path/double/.5", 400, ""},
    {"no digit behind the point", "/path/double/5.", 400, ""},
    {"true", "/path/bool/true", 200, "yes"},
    {"false", "/path/bool/false", 200, "no"},
    {"another true", "/path/bool/TRUE", 400, ""},
    {"one", "/path/bool/1", 400, ""},
    {"text", "/path/string/abc", 200, "[abc]"},
    {"decoded", "/path/string/a%20b", 200, "[a b]"},
    {"decoded once", "/path/string/%2541", 200, "[%41]"},
    {"a plus stays one in a path", "/path/string/a+b", 200, "[a+b]"},
    {"UTF-8", "/path/string/caf%C3%A9", 200, "[caf\xc3\xa9]"},
    {"a view", "/path/view/a%20b", 200, "[a b]"},
    {"a view of nothing to decode", "/path/view/abc", 200, "[abc]"},
    {"the rest", "/rest/a/b%20c", 200, "[a/b c]"},
};

const row query_rows[] = {
    {"a number", "/query/int?v=5", 200, "5"},
    {"missing", "/query/int", 400, ""},
    {"missing among others", "/query/int?w=5", 400, ""},
    {"empty is no number", "/query/int?v=", 400, ""},
    {"among others", "/query/int?a=1&v=5&b", 200, "5"},
    {"twice", "/query/int?v=5&v=5", 400, ""},
    {"twice, once encoded", "/query/int?v=5&%76=6", 400, ""},
    {"another case is another name", "/query/int?V=5", 400, ""},
    {"PHP's brackets are another name", "/query/int?v[]=5", 400, ""},
    {"empty text", "/query/string?v=", 200, "[]"},
    {"without a sign", "/query/string?v", 200, "[]"},
    {"a plus is a space", "/query/string?v=a+b", 200, "[a b]"},
    {"an encoded plus is none", "/query/string?v=a%2Bb", 200, "[a+b]"},
    {"decoded once", "/query/string?v=%2526", 200, "[%26]"},
    {"an encoded separator does not separate", "/query/string?v=a%26v%3Db", 200, "[a&v=b]"},
    {"a later equals sign belongs to the value", "/query/string?v=a=b", 200, "[a=b]"},
    {"a semicolon does not separate", "/query/string?v=a;v=b", 200, "[a;v=b]"},
    {"NUL", "/query/string?v=a%00b", 400, ""},
    {"not UTF-8", "/query/string?v=%FF", 400, ""},
    {"overlong", "/query/string?v=%C0%AF", 400, ""},
    {"a surrogate", "/query/string?v=%ED%A0%80", 400, ""},
    {"beyond Unicode", "/query/string?v=%F4%90%80%80", 400, ""},
    {"a character cut short", "/query/string?v=%E2%82", 400, ""},
    {"the last of Unicode", "/query/string?v=%F4%8F%BF%BF", 200, "[\xf4\x8f\xbf\xbf]"},
    {"a lone percent sign", "/query/string?v=100%", 400, ""},
    {"one digit", "/query/string?v=%4", 400, ""},
    {"no hexadecimal", "/query/string?v=%zz", 400, ""},
    {"what others send does not matter", "/query/string?other=%zz&%=1&v=a", 200, "[a]"},
    {"a view", "/query/view?v=a+b", 200, "[a b]"},
    {"a name with separators", "/query/encoded-name?a+b%26c=1", 200, "[1]"},
    {"optional, there", "/query/maybe-int?v=5", 200, "5"},
    {"optional, missing", "/query/maybe-int", 200, "nothing"},
    {"optional, wrong", "/query/maybe-int?v=x", 400, ""},
    {"optional, twice", "/query/maybe-int?v=1&v=2", 400, ""},
    {"optional text, empty", "/query/maybe-string?v", 200, "[]"},
};

const row header_rows[] = {
    {"a number", "/header/int", 200, "5", {{"X-V", "5"}}},
    {"missing", "/header/int", 400, ""},
    {"twice", "/header/int", 400, "", {{"X-V", "5"}, {"x-v", "5"}}},
    {"text", "/header/string", 200, "[a, b]", {{"x-v", "a, b"}}},
    {"is not decoded", "/header/string", 200, "[%41+]", {{"x-v", "%41+"}}},
    {"not UTF-8", "/header/string", 400, "", {{"x-v", "\xff"}}},
    {"optional, missing", "/header/maybe-bool", 200, "nothing"},
    {"optional, wrong", "/header/maybe-bool", 400, "", {{"x-v", "maybe"}}},
};

template <std::size_t N>
void expect_all(const row (&rows)[N]) {
  test_client client{echo()};
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    const test_response got = client.get(r.target, r.headers);
    expect(got, r.status, r.want);
    if (r.status == 400) {
      EXPECT_EQ(got.body.find("%"), std::string::npos) << "nothing of the request is in it";
    }
  }
}

TEST(extractors, read_the_path) { expect_all(path_rows); }
TEST(extractors, read_the_query) { expect_all(query_rows); }
TEST(extractors, read_fields) { expect_all(header_rows); }

struct body_row {
  const char* name;
  const char* target;
  std::string body;
  header_list headers;
  int status;
  const char* want;
};
const body_row body_rows[] = {
    {"text", "/text", "hi", {{"Content-Type", "text/plain"}}, 200, "[hi]"},
    {"with its charset", "/text", "hi", {{"Content-Type", "Text/Plain; Charset=UTF-8"}}, 200, "[hi]"},
    {"with its charset in quotes", "/text", "hi", {{"Content-Type", "text/csv;charset=\"utf-8\""}}, 200, "[hi]"},
    {"another charset", "/text", "hi", {{"Content-Type", "text/plain; charset=utf-7"}}, 415, ""},
    {"another parameter", "/text", "hi", {{"Content-Type", "text/plain; boundary=x"}}, 415, ""},
    {"JSON is not text", "/text", "{}", {{"Content-Type", "application/json"}}, 415, ""},
    {"no type", "/text", "hi", {}, 415, ""},
    {"compressed", "/text", "hi", {{"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}}, 415, ""},
    {"not UTF-8", "/text", "\xff", {{"Content-Type", "text/plain"}}, 400, ""},
    {"empty", "/text", "", {}, 200, "[]"},
    {"within its own limit", "/small", "1234", {{"Content-Type", "text/plain"}}, 200, "[1234]"},
    {"over its own limit", "/small", "12345", {{"Content-Type", "text/plain"}}, 413, ""},
    {"a limit larger than the general one", "/large", std::string(1'500'000, 'x'), {}, 200, "1500000"},
    {"over the general limit", "/bytes", std::string(1'100'000, 'x'), {}, 413, ""},
    {"bytes of any type", "/bytes", "\x01", {{"Content-Type", "application/json"}}, 200, "[\x01]"},
    {"everything, in any order", "/mixed/7?q=true", "b", {}, 200, "[b]7yes/mixed/7b"},
    {"one of them wrong", "/mixed/x?q=true", "b", {}, 400, ""},
    {"on the thread pool",
     "/blocking/a%20b?q",
     "b",
     {{"Content-Type", "text/plain"}, {"X-V", "v"}},
     200,
     "[b][a b]localhostva bq/blocking/a%20b"},
};

TEST(extractors, read_the_content) {
  test_client client{echo()};
  for (const body_row& r : body_rows) {
    SCOPED_TRACE(r.name);
    expect(client.post(r.target, r.body, r.headers), r.status, r.want);
  }
}

TEST(extractors, read_chunked_content) {
  test_client client{echo()};
  const test_response r = client.request(
      "POST /text HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  expect(r, 200, "[abc]");
}

TEST(extractors, a_handler_can_be_called_without_a_server) {
  const auto handler = [](path<"id", std::int64_t> id) { return *id + 1; };
  EXPECT_EQ(handler(path<"id", std::int64_t>{41}), 42);
}

}  // namespace
}  // namespace gatehouse
