#include "side_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include <gatehouse/gatehouse.hpp>

namespace gatehouse::program {
namespace {

/// What is answered to `request` on a connection of its own, until it is closed.
std::string answer_to(const std::string& url, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval patience{.tv_sec = 15, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  std::string out;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char piece[4096];
    for (ssize_t n = 0; (n = ::recv(fd, piece, sizeof piece, 0)) > 0;) out.append(piece, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return out;
}

const std::string get = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

app hello() {
  app a;
  a.get("/", [] { return "hello"; });
  a.get("/pool", blocking([] { return "from the pool"; }));
  return a;
}

TEST(side_listener, serves_an_app_with_all_protection_on_a_thread_of_its_own) {
  side_listener side("telemetry.listen", hello());
  ASSERT_TRUE(side.open({"127.0.0.1:0", "127.0.0.1:0"}).empty());
  side.start();
  ASSERT_EQ(side.addresses().size(), 2U);
  for (const std::string& at : side.addresses()) {
    const std::string answer = answer_to(at, get);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhello")) << answer;
    EXPECT_NE(answer.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos) << answer;
  }
  const std::string at = side.addresses().front();
  EXPECT_TRUE(
      answer_to(at, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 421 "));
  EXPECT_TRUE(answer_to(at, "GET  / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(answer_to(at, "GET /pool HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                  .ends_with("\r\n\r\nfrom the pool"));
}

TEST(side_listener, says_what_stands_in_the_way_under_its_own_key) {
  side_listener first("telemetry.listen", hello());
  ASSERT_TRUE(first.open({"127.0.0.1:0"}).empty());
  const std::string address = first.addresses().front().substr(std::string_view{"http://"}.size());
  side_listener second("admin.listen", hello());
  const config_errors errors = second.open({address});
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors.front().key, "admin.listen");
  EXPECT_EQ(errors.front().code, "address-in-use");
  EXPECT_EQ(errors.front().message, "admin.listen: another program listens on " + address);
  EXPECT_FALSE(errors.front().suggestion.empty());
  EXPECT_TRUE(second.addresses().empty());
}

TEST(side_listener, ends_with_a_connection_open_and_without_having_begun) {
  const side_listener never("telemetry.listen", hello());
  side_listener opened("telemetry.listen", hello());
  ASSERT_TRUE(opened.open({"127.0.0.1:0"}).empty());

  side_listener side("telemetry.listen", hello());
  ASSERT_TRUE(side.open({"127.0.0.1:0"}).empty());
  side.start();
  std::thread kept(
      [at = side.addresses().front()] { (void)answer_to(at, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); });
  EXPECT_TRUE(answer_to(side.addresses().front(), get).ends_with("hello"));
  side.stop();
  side.stop();
  kept.join();
}

}  // namespace
}  // namespace gatehouse::program
