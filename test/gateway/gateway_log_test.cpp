#include "gateway_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace gatehouse::program {
namespace {

/// The notes of a log for people, after exchanges whose cookies were noted by `fill`, one call each.
std::string notes_of(int exchanges, void (*fill)(noted_cookies&, int)) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  {
    access_log to({.descriptor = ends[1], .style = log_style::json, .requests = logged_requests::none});
    decision_log decisions;
    gateway_log log(to, decisions);
    exchange e;
    for (int i = 0; i < exchanges; ++i) {
      e.clear();
      fill(e.cookies, i);
      log.record(e, {});
    }
    to.close();
  }
  ::close(ends[1]);
  std::string out;
  std::array<char, 4096> piece{};
  for (ssize_t n; (n = ::read(ends[0], piece.data(), piece.size())) > 0;)
    out.append(piece.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  return out;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(gateway_log, says_once_for_each_name_what_was_added_to_a_cookie) {
  const std::string said = notes_of(3, [](noted_cookies& to, int) {
    to.add("theme", true, true);
    to.add("sid", false, true);
    to.add("lang", true, false);
  });
  EXPECT_EQ(count(said, "\"event\":\"hint\""), 3U) << said;
  EXPECT_EQ(count(said,
                  "Set-Cookie theme: HttpOnly and SameSite=Lax were added. If a page's script reads it: "
                  "cookies.readable_by_scripts = [\\\"theme\\\"]. If it has to come along from another site: "
                  "cookies.cross_site = [\\\"theme\\\"]."),
            1U)
      << said;
  EXPECT_EQ(count(said, "Set-Cookie sid: SameSite=Lax was added. If it has"), 1U) << said;
  EXPECT_EQ(count(said, "Set-Cookie lang: HttpOnly was added. If a page's"), 1U) << said;
}

TEST(gateway_log, does_not_speak_of_ever_new_cookies) {
  const std::string said = notes_of(1'000,
                                    [](noted_cookies& to, int i) { to.add("c" + std::to_string(i), true, true); });
  EXPECT_EQ(count(said, "\"event\":\"hint\""), 32U);
}

TEST(gateway_log, says_once_that_a_cookie_was_dropped) {
  const std::string said = notes_of(3, [](noted_cookies& to, int) { to.unreadable = to.no_memory = true; });
  EXPECT_EQ(count(said, "\"event\":\"cookie-dropped\""), 2U) << said;
}

}  // namespace
}  // namespace gatehouse::program
