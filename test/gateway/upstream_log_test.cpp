#include "upstream_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse::program {
namespace {

TEST(first_line, finds_what_went_wrong) {
  EXPECT_EQ(first_line("Error: boom\n    at handler (/srv/app.js:3)"), "Error: boom");
  EXPECT_EQ(first_line("\r\n\r\n  Traceback (most recent call last):\r\n"), "Traceback (most recent call last):");
  EXPECT_EQ(first_line(""), "");
  EXPECT_EQ(first_line(std::string(10'000, 'x')).size(), 200U);
}

TEST(first_line, of_an_error_page_is_its_text) {
  EXPECT_EQ(
      first_line("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
                 "charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n"
                 "<pre>Error: can&#39;t &lt;connect&gt;<br> &nbsp; &nbsp;at /srv/app.js:3</pre>\n</body>\n</html>\n"),
      "Error: can't <connect>");
  EXPECT_EQ(first_line("<html"), "");
}

/// What `say` has in the log, through a pipe.
template <typename Say>
std::string logged(log_style style, const Say& say) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  {
    access_log log({.descriptor = ends[1], .style = style});
    upstream_log upstream(log, style);
    say(upstream);
    log.close();
  }
  ::close(ends[1]);
  std::string out;
  char piece[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], piece, sizeof(piece))) > 0;) out.append(piece, static_cast<std::size_t>(n));
  ::close(ends[0]);
  return out;
}

TEST(upstream_log, a_replaced_error_is_whole_in_json_and_cannot_forge_a_line) {
  exchange e;
  e.id = "the-id";
  // As much as the proxy hands over (4 KiB), with what would end a line or a string.
  std::string body = "Error: \"boom\"\r\n{\"level\":\"info\"}\x1b[2J\xff</script>\n";
  body.append(4 * 1024 - body.size(), 'x');
  body.back() = '!';
  const std::string line = logged(
      log_style::json, [&](upstream_log& l) { l.on_error_replaced(e, status::internal_server_error, body); });
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
  EXPECT_TRUE(line.ends_with("xxx!\"}\n")) << line;
  EXPECT_NE(line.find(R"("event":"upstream-error","id":"the-id")"), std::string::npos) << line;
  EXPECT_NE(line.find(R"(it said: Error: \"boom\"\r\n)"), std::string::npos) << line;
  for (const char c : line) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << line;
  EXPECT_GT(line.size(), 4U * 1024);
}

TEST(upstream_log, an_answer_without_a_type_is_told_by_its_route) {
  exchange e;
  e.id = "the-id";
  const route_info route{.pattern = "/notes/:id"};
  for (const auto& [of, said] : {std::pair{&route, "an answer of /notes/:id came"},
                                 {static_cast<const route_info*>(nullptr), "an answer of the upstream came"}}) {
    e.route = of;
    const std::string line = logged(log_style::json, [&](upstream_log& l) { l.on_untyped(e); });
    EXPECT_NE(line.find(said), std::string::npos) << line;
    EXPECT_NE(line.find(R"("event":"hint","id":"the-id")"), std::string::npos) << line;
  }
}

TEST(upstream_log, a_replaced_error_is_one_short_line_for_people) {
  const std::string line = logged(log_style::terminal, [](upstream_log& l) {
    l.on_error_replaced({}, status::internal_server_error, "\x1b]0;owned\x07 boom\nhunter2");
  });
  EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
  EXPECT_NE(line.find(R"(it said: \x1b]0;owned\x07 boom)"), std::string::npos) << line;
  EXPECT_EQ(line.find("hunter2"), std::string::npos) << line;
}

}  // namespace
}  // namespace gatehouse::program
