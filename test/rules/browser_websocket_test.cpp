#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/rules/browser.hpp>

#include "browser_kit.hpp"

namespace gatehouse {
namespace {

struct socket_case {
  const char* name;
  std::vector<std::string> protocols;
  browser_response answer;
  browser_why why;
};

const header_list switched{
    {"Upgrade", "WebSocket"}, {"Connection", "keep-alive, Upgrade"}, {"Sec-WebSocket-Accept", "x"}};
header_list choosing(const char* protocol) {
  header_list out = switched;
  out.emplace_back("Sec-WebSocket-Protocol", protocol);
  return out;
}

TEST(browser_websocket_test, what_opens_a_socket) {
  const socket_case cases[] = {
      {"101", {}, {.status = 101, .headers = switched}, browser_why::socket_open},
      {"403", {}, {.status = 403}, browser_why::socket_not_switched},
      {"a redirect", {}, {.status = 302, .headers = {{"Location", "/x"}}}, browser_why::socket_not_switched},
      {"200 with the fields", {}, {.status = 200, .headers = switched}, browser_why::socket_not_switched},
      {"without the fields", {}, {.status = 101}, browser_why::socket_upgrade_missing},
      {"a chosen protocol", {"a", "b"}, {.status = 101, .headers = choosing("b")}, browser_why::socket_open},
      {"none chosen", {"a", "b"}, {.status = 101, .headers = switched}, browser_why::socket_protocol},
      {"another chosen", {"a", "b"}, {.status = 101, .headers = choosing("c")}, browser_why::socket_protocol},
      {"none was offered", {}, {.status = 101, .headers = choosing("a")}, browser_why::socket_protocol},
      {"nothing", {}, {}, browser_why::no_answer},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    browser_websocket w(
        {.page = "http://localhost:3000", .url = "ws://localhost:5000/s", .protocols = c.protocols, .cookie = "sid=1"});
    ASSERT_NE(w.sends(), nullptr);
    EXPECT_EQ(test::line_of(*w.sends()), "GET ws://localhost:5000/s | Origin: http://localhost:3000 | Cookie: sid=1");
    w.receives(c.answer);
    EXPECT_EQ(w.sends(), nullptr);
    EXPECT_EQ(w.why(), c.why);
    EXPECT_EQ(w.is_open(), c.why == browser_why::socket_open);
  }
}

TEST(browser_websocket_test, urls) {
  const auto sends = [](const char* from, const char* url) {
    const browser_websocket w({.page = from, .url = url});
    return w.sends() != nullptr ? w.sends()->url.text() : std::string{word(w.why())};
  };
  EXPECT_EQ(sends("http://localhost:3000", "http://localhost:5000/s"), "ws://localhost:5000/s");
  EXPECT_EQ(sends("http://localhost:3000", "/s"), "ws://localhost:3000/s");
  EXPECT_EQ(sends("https://a.example", "wss://b.example"), "wss://b.example/");
  EXPECT_EQ(sends("https://a.example", "ws://b.example"), "mixed-content");
  EXPECT_EQ(sends("http://localhost:3000", "ftp://localhost/"), "socket-url-invalid");
  EXPECT_EQ(sends("http://localhost:3000", "ws://localhost/#x"), "socket-url-invalid");
  EXPECT_EQ(sends("null", "/s"), "socket-url-invalid");
}

}  // namespace
}  // namespace gatehouse
