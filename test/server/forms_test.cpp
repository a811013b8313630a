#include <gatehouse/server/forms.hpp>

#include <string>

#include <gtest/gtest.h>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

namespace gatehouse {
namespace {

std::string shown(const form_fields& f) {
  std::string all;
  for (const auto& [name, value] : f.all()) all += name + "=" + value + "|";
  return all;
}
std::string shown(const multipart_parts& m) {
  std::string all = shown(static_cast<const form_fields&>(m));
  for (const uploaded_file& f : m.files()) {
    all.append(f.field).append("<").append(f.name).append(",").append(f.type).append(">=").append(f.content).append(
        "|");
  }
  return all;
}

struct echo_app : app {
  echo_app() {
    post("/form", [](const form& f) { return shown(f); });
    post("/form/blocking", blocking([](form f) { return shown(f); }));
    post("/form/small", [](limited_form<4> f) { return shown(f); });
    post("/multipart", [](const multipart& m) { return shown(m); });
    post("/multipart/blocking", blocking([](multipart m) { return shown(m); }));
    post("/multipart/small", [](limited_multipart<4> m) { return shown(m); });
    get("/cookie", [](cookie<"sid"> sid) { return *sid; });
    get("/cookie/maybe", [](cookie<"sid", std::optional<int>> sid) { return *sid ? std::to_string(**sid) : "none"; });
    get("/cookie/request", [](const request& r) { return std::string{r.cookie("sid").value_or("none")}; });
    get("/accepts", [](const request& r) {
      const auto best = r.accepts({"application/json", "text/html"});
      return best ? std::string{*best} : std::string{"406"};
    });
    get("/language", [](const request& r) { return std::string{r.accepts_language({"en", "de"}).value_or("none")}; });
  }
};

TEST(forms, are_read) {
  const std::string urlencoded = "application/x-www-form-urlencoded";
  const std::string multipart_type = "multipart/form-data; boundary=b";
  const std::string upload =
      "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\ngr\xc3\xbc\xc3\x9f\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../x.png\"\r\nContent-Type: "
      "image/png\r\n\r\n\xff\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n--b--\r\n";
  const std::string upload_read = "title=gr\xc3\xbc\xc3\x9f|f<x.png,image/png>=\xff|";
  const auto one_field = [](const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + value + "\r\n--b--\r\n";
  };
  struct {
    const char* name;
    const char* path;
    std::string type;
    std::string body;
    int status;
    std::string want;
  } const rows[] = {
      {"a form", "/form", urlencoded, "a=1&b+c=%C3%A4+x&a=2", 200, "a=1|b c=\xc3\xa4 x|a=2|"},
      {"a form with a charset", "/form", urlencoded + "; charset=UTF-8", "a=1", 200, "a=1|"},
      {"a form on the pool", "/form/blocking", urlencoded, "a=1", 200, "a=1|"},
      {"no content", "/form", "", "", 200, ""},
      {"another type", "/form", "text/plain", "a=1", 415, "*"},
      {"no type", "/form", "", "a=1", 415, "*"},
      {"multipart is no form", "/form", multipart_type, upload, 415, "*"},
      {"not UTF-8", "/form", urlencoded, "a=%FF", 400, "*"},
      {"a NUL", "/form", urlencoded, "a=%00", 400, "*"},
      {"a percent sign", "/form", urlencoded, "a=100%", 400, "*"},
      {"a name that is not UTF-8", "/form", urlencoded, "%FF=1", 400, "*"},
      {"too many fields", "/form", urlencoded,
       [] {
         std::string all;
         for (int i = 0; i <= 100; ++i) all += "a=1&";
         return all;
       }(),
       400, "*"},
      {"too large", "/form/small", urlencoded, "a=123", 413, "*"},
      {"multipart", "/multipart", multipart_type, upload, 200, upload_read},
      {"multipart on the pool", "/multipart/blocking", multipart_type, upload, 200, upload_read},
      {"multipart without content", "/multipart", "", "", 200, ""},
      {"multipart of another boundary", "/multipart", "multipart/form-data; boundary=c", upload, 400, "*"},
      {"multipart without a boundary", "/multipart", "multipart/form-data", upload, 415, "*"},
      {"a form is not multipart", "/multipart", urlencoded, "a=1", 415, "*"},
      {"a field that is not UTF-8", "/multipart", multipart_type, one_field("\xff"), 400, "*"},
      {"a field with a NUL", "/multipart", multipart_type, one_field(std::string(1, '\0')), 400, "*"},
      {"multipart, too large", "/multipart/small", multipart_type, upload, 413, "*"},
  };
  echo_app a;
  test_client client(a);
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
  EXPECT_EQ(client.post("/form", "a=1", {{"Content-Type", urlencoded}, {"Content-Encoding", "gzip"}}).status, 415);
}

TEST(forms, a_field_is_there_once_or_it_is_not) {
  const form_fields f({{"a", "1"}, {"b", "2"}, {"a", "3"}, {"", "4"}});
  EXPECT_EQ(f.get("b"), "2");
  EXPECT_EQ(f.get(""), "4");
  EXPECT_EQ(f.get("a"), std::nullopt);
  EXPECT_EQ(f.get("c"), std::nullopt);
  EXPECT_EQ(f.all("a"), (std::vector<std::string_view>{"1", "3"}));
  const multipart_parts m({}, {{.field = "x", .name = "1"}, {.field = "y", .name = "2"}, {.field = "x", .name = "3"}});
  EXPECT_EQ(m.file("y")->name, "2");
  EXPECT_EQ(m.file("x"), nullptr);
  EXPECT_EQ(m.file("z"), nullptr);
}

TEST(request, cookies_and_preferences_are_read) {
  struct {
    const char* path;
    const char* field;
    const char* value;
    int status;
    const char* want;
  } const rows[] = {
      {"/cookie", "Cookie", "theme=dark; sid=abc", 200, "abc"},
      {"/cookie", "Cookie", "sid=\"a b\"", 200, "\"a b\""},
      {"/cookie", "Cookie", "sid=1; sid=2", 400, "*"},
      {"/cookie", "Cookie", "sid=1; sid=1", 400, "*"},
      {"/cookie", "Cookie", "SID=1", 400, "*"},
      {"/cookie", "Cookie", "sid=\xff", 400, "*"},
      {"/cookie", "X-Other", "sid=1", 400, "*"},
      {"/cookie/maybe", "X-Other", "sid=1", 200, "none"},
      {"/cookie/maybe", "Cookie", "sid=42", 200, "42"},
      {"/cookie/maybe", "Cookie", "sid=x", 400, "*"},
      {"/cookie/request", "Cookie", "sid=x", 200, "x"},
      {"/cookie/request", "Cookie", "sid=x; sid=y", 200, "none"},
      {"/cookie/request", "X-Other", "", 200, "none"},
      {"/accepts", "Accept", "text/html, application/json;q=0.5", 200, "text/html"},
      {"/accepts", "Accept", "image/png", 200, "406"},
      {"/accepts", "X-Other", "", 200, "application/json"},
      {"/language", "Accept-Language", "de-AT, en;q=0.1", 200, "de"},
      {"/language", "Accept-Language", "fr", 200, "none"},
  };
  echo_app a;
  test_client client(a);
  for (const auto& r : rows) {
    SCOPED_TRACE(std::string{r.path} + " " + r.value);
    const test_response got = client.get(r.path, {{r.field, r.value}});
    EXPECT_EQ(got.status, r.status);
    if (std::string_view{r.want} != "*") {
      EXPECT_EQ(got.body, r.want);
    }
  }
}

}  // namespace
}  // namespace gatehouse
