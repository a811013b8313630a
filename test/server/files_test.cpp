#include <gatehouse/server/files.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

#include "connection_harness.hpp"
#include "file_types.hpp"
#include "open_app.hpp"
#include "open_beneath.hpp"

namespace gatehouse {
namespace {

namespace fs = std::filesystem;
using test::client;
using test::harness;
using test::open_app;

/// site/ with files of a fixed age, and a secret beside it.
class folder {
 public:
  folder() {
    std::string name = (fs::temp_directory_path() / "gatehouse-files-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    root_ = name;
    write("secret.txt", "secret");
    write("site/index.html", "<h1>home</h1>");
    write("site/app.js", "let a");
    write("site/app.js.br", "brotli");
    write("site/app.js.gz", "gzip");
    write("site/digits.txt", "0123456789");
    write("site/empty.txt", "");
    write("site/a b\xc3\xa4.txt", "spaces");
    write("site/no-extension", "bytes");
    write("site/.env", "secret");
    write("site/.git/config", "secret");
    write("site/docs/index.html", "docs");
    write("site/docs/page.html", "page");
    write("site/docs/.hidden.html", "secret");
    write("site/bare/file.txt", "file");
    write("site/large.bin", std::string(1'000'000, 'x'));
    fs::create_symlink("digits.txt", site() + "/link-inside.txt");
    fs::create_symlink("docs", site() + "/link-to-docs");
    fs::create_symlink("../secret.txt", site() + "/link-outside.txt");
    fs::create_symlink("..", site() + "/up");
    fs::create_symlink(root_.string(), site() + "/absolute");
    fs::create_symlink("loop", site() + "/loop");
    fs::create_symlink("/proc/self/root" + root_.string() + "/secret.txt", site() + "/magic");
    mkfifo((site() + "/pipe").c_str(), 0600);
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
      if (!entry.is_symlink() && entry.is_regular_file()) age(entry.path().string());
    }
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { fs::remove_all(root_); }

  [[nodiscard]] std::string site() const { return (root_ / "site").string(); }
  void write(const std::string& name, std::string_view content) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream{root_ / name, std::ios::binary} << content;
  }
  static void age(const std::string& path) {
    const timespec at[2] = {{.tv_sec = 784111777, .tv_nsec = 5}, {.tv_sec = 784111777, .tv_nsec = 5}};
    utimensat(AT_FDCWD, path.c_str(), at, 0);
  }

 private:
  fs::path root_;
};

constexpr auto modified = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr auto etag_of_digits = "\"a-2ebc98a1-5\"";

struct row {
  const char* name;
  const char* request;  // method and target
  header_list headers;
  int status;
  std::string body;  // "*": anything (a problem)
  header_list want;  // "": not there
};

void expect(app& a, const std::vector<row>& rows) {
  test_client client(a);
  for (const row& r : rows) {
    SCOPED_TRACE(r.name);
    std::string bytes = std::string{r.request} + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : r.headers) bytes += name + ": " + value + "\r\n";
    const test_response got = client.request(bytes + "\r\n");
    EXPECT_EQ(got.status, r.status) << got.body;
    if (r.body != "*") {
      EXPECT_EQ(got.body, r.body);
    }
    EXPECT_EQ(got.body.find("secret"), std::string::npos);
    for (const auto& [name, value] : r.want) EXPECT_EQ(got.header(name), value) << name;
    EXPECT_EQ(got.header("x-content-type-options"), "nosniff");
  }
}

TEST(files, are_found_below_their_directory_only) {
  const folder f;
  app a;
  a.files("/", f.site());
  const std::string long_name = "GET /" + std::string(300, 'x');
  expect(a, {
                {"a file",
                 "GET /digits.txt",
                 {},
                 200,
                 "0123456789",
                 {{"Content-Type", "text/plain; charset=utf-8"},
                  {"ETag", etag_of_digits},
                  {"Last-Modified", modified},
                  {"Cache-Control", "no-cache"},
                  {"Accept-Ranges", "bytes"},
                  {"Content-Length", "10"},
                  {"Vary", ""}}},
                {"HEAD", "HEAD /digits.txt", {}, 200, "", {{"Content-Length", "10"}, {"ETag", etag_of_digits}}},
                {"a query changes nothing", "GET /digits.txt?v=1", {}, 200, "0123456789", {}},
                {"a script", "GET /app.js", {}, 200, "let a", {{"Content-Type", "text/javascript; charset=utf-8"}}},
                {"compressed siblings are not looked for",
                 "GET /app.js",
                 {{"Accept-Encoding", "br"}},
                 200,
                 "let a",
                 {{"Content-Encoding", ""}, {"Vary", ""}}},
                {"an encoded name", "GET /a%20b%C3%A4.txt", {}, 200, "spaces", {}},
                {"no extension", "GET /no-extension", {}, 200, "bytes", {{"Content-Type", "application/octet-stream"}}},
                {"an empty file", "GET /empty.txt", {}, 200, "", {{"Content-Length", "0"}}},
                {"the index", "GET /", {}, 200, "<h1>home</h1>", {{"Content-Type", "text/html; charset=utf-8"}}},
                {"the index of a folder", "GET /docs/", {}, 200, "docs", {}},
                {"a folder without its slash", "GET /docs?a=1\\b", {}, 301, "", {{"Location", "/docs/?a=1%5Cb"}}},
                {"a file in a folder", "GET /docs/page.html", {}, 200, "page", {}},
                {"a folder without an index", "GET /bare", {}, 404, "*", {}},
                {"the same with its slash: nothing is listed", "GET /bare/", {}, 404, "*", {}},
                {"a file is no folder", "GET /digits.txt/", {}, 404, "*", {}},
                {"nothing below a file", "GET /digits.txt/x", {}, 404, "*", {}},
                {"missing", "GET /nowhere.txt", {}, 404, "*", {{"Content-Type", "application/problem+json"}}},
                {"missing, for a browser", "GET /nowhere", {{"Accept", "text/html"}}, 404, "*", {}},
                {"case matters", "GET /Digits.txt", {}, 404, "*", {}},
                {"a dot file", "GET /.env", {}, 404, "*", {}},
                {"in a dot folder", "GET /.git/config", {}, 404, "*", {}},
                {"a dot file in a folder", "GET /docs/.hidden.html", {}, 404, "*", {}},
                {"dot segments never get here", "GET /docs/../../secret.txt", {}, 400, "*", {}},
                {"nor encoded ones", "GET /docs/%2e%2e/%2e%2e/secret.txt", {}, 400, "*", {}},
                {"a link that stays inside", "GET /link-inside.txt", {}, 200, "0123456789", {}},
                {"a link to a folder inside", "GET /link-to-docs/page.html", {}, 200, "page", {}},
                {"a link to outside", "GET /link-outside.txt", {}, 404, "*", {}},
                {"a link upwards", "GET /up/secret.txt", {}, 404, "*", {}},
                {"an absolute link", "GET /absolute/secret.txt", {}, 404, "*", {}},
                {"a link through /proc", "GET /magic", {}, 404, "*", {}},
                {"a link to itself", "GET /loop", {}, 404, "*", {}},
                {"a pipe", "GET /pipe", {}, 404, "*", {}},
                {"a long name", long_name.c_str(), {}, 404, "*", {}},
                {"POST", "POST /digits.txt", {}, 405, "*", {{"Allow", "GET, HEAD, OPTIONS"}}},
                {"OPTIONS", "OPTIONS /digits.txt", {}, 204, "", {{"Allow", "GET, HEAD, OPTIONS"}}},
            });
}

TEST(files, answer_conditions_and_ranges) {
  const folder f;
  app a;
  a.files("/f/", f.site());  // the slash is forgiven
  const auto range = [](const char* value) { return header_list{{"Range", value}}; };
  expect(
      a,
      {
          {"not modified, by tag",
           "GET /f/digits.txt",
           {{"If-None-Match", etag_of_digits}},
           304,
           "",
           {{"ETag", etag_of_digits},
            {"Last-Modified", modified},
            {"Cache-Control", "no-cache"},
            {"Content-Type", ""},
            {"Content-Length", ""}}},
          {"not modified, by a weak tag", "GET /f/digits.txt", {{"If-None-Match", "W/\"a-2ebc98a1-5\""}}, 304, "", {}},
          {"not modified, by date", "GET /f/digits.txt", {{"If-Modified-Since", modified}}, 304, "", {}},
          {"not modified, HEAD", "HEAD /f/digits.txt", {{"If-Modified-Since", modified}}, 304, "", {}},
          {"modified",
           "GET /f/digits.txt",
           {{"If-None-Match", "\"x\""}, {"If-Modified-Since", modified}},
           200,
           "0123456789",
           {}},
          {"another was expected", "GET /f/digits.txt", {{"If-Match", "\"x\""}}, 412, "*", {{"ETag", ""}}},
          {"it changed since",
           "GET /f/digits.txt",
           {{"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}},
           412,
           "*",
           {}},
          {"a missing file has no conditions", "GET /f/nowhere.txt", {{"If-None-Match", "*"}}, 404, "*", {}},
          {"a range",
           "GET /f/digits.txt",
           range("bytes=2-4"),
           206,
           "234",
           {{"Content-Range", "bytes 2-4/10"},
            {"Content-Length", "3"},
            {"Content-Type", "text/plain; charset=utf-8"},
            {"ETag", etag_of_digits}}},
          {"the last bytes", "GET /f/digits.txt", range("bytes=-3"), 206, "789", {{"Content-Range", "bytes 7-9/10"}}},
          {"the whole as a range",
           "GET /f/digits.txt",
           range("bytes=0-"),
           206,
           "0123456789",
           {{"Content-Range", "bytes 0-9/10"}}},
          {"ranges that touch are one",
           "GET /f/digits.txt",
           range("bytes=0-1,2-3"),
           206,
           "0123",
           {{"Content-Range", "bytes 0-3/10"}}},
          {"several: whole", "GET /f/digits.txt", range("bytes=0-1,5-6"), 200, "0123456789", {{"Content-Range", ""}}},
          {"behind the end",
           "GET /f/digits.txt",
           range("bytes=10-"),
           416,
           "*",
           {{"Content-Range", "bytes */10"}, {"Content-Type", "application/problem+json"}, {"ETag", ""}}},
          {"not valid: whole", "GET /f/digits.txt", range("bytes=4-2"), 200, "0123456789", {{"Content-Range", ""}}},
          {"of HEAD: not looked at", "HEAD /f/digits.txt", range("bytes=2-4"), 200, "", {{"Content-Length", "10"}}},
          {"of an empty file", "GET /f/empty.txt", range("bytes=0-1"), 416, "*", {{"Content-Range", "bytes */0"}}},
          {"if it is still the same",
           "GET /f/digits.txt",
           {{"Range", "bytes=2-4"}, {"If-Range", etag_of_digits}},
           206,
           "234",
           {}},
          {"if it is another",
           "GET /f/digits.txt",
           {{"Range", "bytes=2-4"}, {"If-Range", "\"x\""}},
           200,
           "0123456789",
           {}},
          {"if it is of this date",
           "GET /f/digits.txt",
           {{"Range", "bytes=2-4"}, {"If-Range", modified}},
           206,
           "234",
           {}},
          {"304 before a range",
           "GET /f/digits.txt",
           {{"Range", "bytes=2-4"}, {"If-None-Match", etag_of_digits}},
           304,
           "",
           {}},
          {"a range of a large file",
           "GET /f/large.bin",
           range("bytes=100000-599999"),
           206,
           std::string(500'000, 'x'),
           {{"Content-Range", "bytes 100000-599999/1000000"}}},
          {"a large file", "GET /f/large.bin", {}, 200, std::string(1'000'000, 'x'), {{"Content-Length", "1000000"}}},
          {"a large file, HEAD", "HEAD /f/large.bin", {}, 200, "", {{"Content-Length", "1000000"}}},
          {"the mount itself has an index", "GET /f", {}, 301, "", {{"Location", "/f/"}}},
      });
}

TEST(files, a_file_that_may_still_change_has_a_weak_tag) {
  folder f;
  f.write("site/new.txt", "new");
  app a;
  a.files("/", f.site());
  test_client client(a);
  const test_response got = client.get("/new.txt");
  EXPECT_TRUE(got.header("etag").starts_with("W/\"3-"));
  const std::string tag{got.header("etag")};
  EXPECT_EQ(client.get("/new.txt", {{"If-None-Match", tag}}).status, 304);
  EXPECT_EQ(client.get("/new.txt", {{"Range", "bytes=0-0"}, {"If-Range", tag}}).status, 200);
}

TEST(files, of_a_built_frontend) {
  const folder f;
  app a;
  a.files("/", f.site(), {.spa = true, .max_age = seconds{3600}});
  a.get("/api/notes", [] { return "notes"; });
  const header_list page{{"Accept", "text/html,*/*;q=0.8"}};
  const header_list kept{{"Cache-Control", "public, max-age=3600"}};
  const header_list asked{{"Cache-Control", "no-cache"}};
  expect(a,
         {
             {"a page",
              "GET /notes/7",
              page,
              200,
              "<h1>home</h1>",
              {{"Cache-Control", "no-cache"}, {"Vary", "Accept"}, {"Content-Type", "text/html; charset=utf-8"}}},
             {"a page, HEAD", "HEAD /notes/7", page, 200, "", {{"Content-Length", "13"}}},
             {"a page with a slash", "GET /notes/", page, 200, "<h1>home</h1>", {}},
             {"a page below a file", "GET /digits.txt/x", page, 200, "<h1>home</h1>", {}},
             {"the index itself", "GET /", {}, 200, "<h1>home</h1>", asked},
             {"an asset", "GET /app.js", page, 200, "let a", kept},
             {"an asset that is missing", "GET /gone.js", page, 404, "*", {{"Cache-Control", "no-store, max-age=0"}}},
             {"what a script asks for", "GET /notes/7", {{"Accept", "*/*"}}, 404, "*", {}},
             {"without Accept", "GET /notes/7", {}, 404, "*", {}},
             {"JSON", "GET /notes/7", {{"Accept", "application/json"}}, 404, "*", {}},
             {"a dot file", "GET /.env", page, 404, "*", {}},
             {"routes come first", "GET /api/notes", page, 200, "notes", {}},
             {"another method", "POST /notes/7", page, 405, "*", {}},
             {"not modified",
              "GET /notes/7",
              {{"Accept", "text/html"}, {"If-Modified-Since", modified}},
              304,
              "",
              {{"Vary", "Accept"}}},
         });
}

TEST(files, that_were_compressed_before) {
  const folder f;
  app a;
  a.files("/", f.site(), {.max_age = std::chrono::hours{24 * 365}, .immutable = true, .precompressed = true});
  const auto accept = [](const char* value) { return header_list{{"Accept-Encoding", value}}; };
  const std::string script = "text/javascript; charset=utf-8";
  expect(a,
         {
             {"brotli",
              "GET /app.js",
              accept("gzip, br"),
              200,
              "gzip",
              {{"Content-Encoding", "gzip"},
               {"Vary", "Accept-Encoding"},
               {"Content-Type", script},
               {"ETag", "\"4-2ebc98a1-5gzip\""},
               {"Cache-Control", "public, max-age=31536000, immutable"}}},
             {"as the client likes it",
              "GET /app.js",
              accept("br, gzip"),
              200,
              "brotli",
              {{"Content-Encoding", "br"}, {"ETag", "\"6-2ebc98a1-5br\""}, {"Content-Type", script}}},
             {"not at all", "GET /app.js", {}, 200, "let a", {{"Content-Encoding", ""}, {"Vary", "Accept-Encoding"}}},
             {"excluded", "GET /app.js", accept("gzip;q=0, br;q=0"), 200, "let a", {{"Content-Encoding", ""}}},
             {"what was not compressed",
              "GET /digits.txt",
              accept("br"),
              200,
              "0123456789",
              {{"Content-Encoding", ""}, {"Vary", "Accept-Encoding"}}},
             {"a range of the compressed",
              "GET /app.js",
              {{"Accept-Encoding", "br"}, {"Range", "bytes=0-1"}},
              206,
              "br",
              {{"Content-Encoding", "br"}, {"Content-Range", "bytes 0-1/6"}}},
             {"a tag of the other coding",
              "GET /app.js",
              {{"Accept-Encoding", "br"}, {"If-None-Match", "\"4-2ebc98a1-5gzip\""}},
              200,
              "brotli",
              {}},
         });
}

TEST(files, may_be_mounted_in_a_group_with_a_parameter) {
  const folder f;
  app a;
  a.group("/of/:user").files("/files", f.site(), {.index = ""});
  expect(a, {
                {"a file", "GET /of/me/files/digits.txt", {}, 200, "0123456789", {}},
                {"no index", "GET /of/me/files/", {}, 404, "*", {}},
                {"nor of a folder", "GET /of/me/files/docs", {}, 404, "*", {}},
                {"elsewhere", "GET /of/me/digits.txt", {}, 404, "*", {}},
            });
}

TEST(files, follow_a_directory_that_is_replaced) {
  folder f;
  app a;
  a.files("/", f.site() + "/docs", {});
  test_client client(a);
  EXPECT_EQ(client.get("/page.html").body, "page");
  fs::remove_all(f.site() + "/docs");
  EXPECT_EQ(client.get("/page.html").status, 404);
  f.write("site/docs/page.html", "another");
  EXPECT_EQ(client.get("/page.html").body, "another");
}

TEST(files, mistakes_are_reported_all_at_once) {
  const folder f;
  app a;
  a.files("/a", f.site() + "/nowhere");
  a.files("/b", f.site() + "/digits.txt");
  a.files("/c", f.site(), {.max_age = seconds{-1}});
  a.files("/d", f.site(), {.immutable = true});
  a.files("/e", f.site(), {.spa = true, .index = ""});
  a.files("/f", f.site(), {.index = "../secret.txt"});
  std::string codes;
  for (const config_error& e : a.check()) codes += e.code + " ";
  EXPECT_EQ(codes,
            "not-a-directory not-a-directory out-of-range immutable-without-age spa-without-index invalid-index ");
}

TEST(files, a_slow_client_is_waited_for_and_one_that_leaves_is_not) {
  folder f;
  f.write("site/huge.bin", std::string(std::size_t{24} * 1024 * 1024, 'x'));
  open_app a;
  a.files("/", f.site());
  harness h{a.service()};
  client slow = h.connect(4096);
  client leaves = h.connect(4096);
  for (client* c : {&slow, &leaves}) c->send("GET /huge.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
  h.settle();
  leaves.abort();
  h.settle();
  ASSERT_TRUE(h.receive_until(slow, [](const std::string& all) { return all.size() > std::size_t{24} * 1024 * 1024; }));
  EXPECT_FALSE(slow.reset);
  slow.received.clear();
  slow.send("GET /digits.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(h.receive_until(slow, [](const std::string& all) { return all.ends_with("0123456789"); }));
}

TEST(files, one_that_shrinks_while_it_is_sent_is_cut_off) {
  folder f;
  f.write("site/huge.bin", std::string(std::size_t{24} * 1024 * 1024, 'x'));
  open_app a;
  a.files("/", f.site());
  harness h{a.service()};
  client c = h.connect(4096);
  c.send("GET /huge.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
  h.settle();
  fs::resize_file(f.site() + "/huge.bin", 10);
  ASSERT_TRUE(h.receive_end(c));
  EXPECT_TRUE(c.reset);
}

TEST(open_beneath, both_ways_stay_inside) {
  using namespace detail::server;
  const folder f;
  const file_descriptor root{open(f.site().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  struct {
    const char* path;
    bool beneath;
    bool without_links;
  } const rows[] = {
      {"digits.txt", true, true},
      {"docs/page.html", true, true},
      {"", true, true},
      {"link-inside.txt", true, false},
      {"link-to-docs/page.html", true, false},
      {"nowhere", false, false},
      {"link-outside.txt", false, false},
      {"up/secret.txt", false, false},
      {"absolute/secret.txt", false, false},
      {"magic", false, false},
      {"loop", false, false},
      {"../secret.txt", false, false},
      {"docs/../../secret.txt", false, false},
      {"digits.txt/x", false, false},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.path);
    const opened_file beneath = open_beneath(root.get(), r.path);
    EXPECT_EQ(bool{beneath.file}, r.beneath);
    EXPECT_EQ(beneath.error_number == 0, r.beneath);
    const opened_file plain = open_without_links(root.get(), r.path);
    EXPECT_EQ(bool{plain.file}, r.without_links);
    EXPECT_EQ(plain.error_number == 0, r.without_links);
  }
}

TEST(file_types, are_known_by_extension) {
  using detail::server::media_type_of_file;
  EXPECT_EQ(media_type_of_file("a.html"), "text/html; charset=utf-8");
  EXPECT_EQ(media_type_of_file("a.b.CSS"), "text/css; charset=utf-8");
  EXPECT_EQ(media_type_of_file("dir.png/file"), "application/octet-stream");
  EXPECT_EQ(media_type_of_file("a.woff2"), "font/woff2");
  EXPECT_EQ(media_type_of_file("a."), "application/octet-stream");
  EXPECT_EQ(media_type_of_file(""), "application/octet-stream");
  EXPECT_EQ(media_type_of_file("a." + std::string(1000, 'x')), "application/octet-stream");
}

}  // namespace
}  // namespace gatehouse
