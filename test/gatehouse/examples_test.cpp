// The examples, started as a user would and asked over a socket.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace {

/// A program that prints "listening on http://127.0.0.1:PORT"; stopped with SIGTERM.
class program {
 public:
  program(const std::string& name, std::vector<std::string> arguments) {
    const char* const folder = std::getenv("GATEHOUSE_EXAMPLES_DIR");
    std::string path = std::string{folder == nullptr ? "." : folder} + "/" + name;
    std::vector<char*> argv{path.data()};
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      execv(path.c_str(), argv.data());
      _exit(127);
    }
    close(ends[1]);
    FILE* const out = fdopen(ends[0], "r");
    char line[256] = "";
    if (std::fgets(line, sizeof line, out) != nullptr) first_line = line;
    std::fclose(out);
    const std::string before = "listening on http://127.0.0.1:";
    if (first_line.starts_with(before)) port = static_cast<std::uint16_t>(std::stoi(first_line.substr(before.size())));
  }
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program() {
    if (pid_ > 0) static_cast<void>(stop());
  }
  /// Its exit status after SIGTERM.
  int stop() {
    int status = 0;
    kill(pid_, SIGTERM);
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string first_line;
  std::uint16_t port = 0;

 private:
  pid_t pid_ = -1;
};

std::string get(std::uint16_t port, const std::string& target) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) {
    const std::string request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    static_cast<void>(send(fd, request.data(), request.size(), MSG_NOSIGNAL));
    char buffer[4096];
    for (ssize_t n = 0; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(n));
  }
  close(fd);
  return answer;
}

void expect(const std::string& answer, const std::string& status, const std::string& body) {
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + status)) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + body)) << answer;
  EXPECT_NE(answer.find("\r\nX-Content-Type-Options: nosniff\r\n"), std::string::npos) << answer;
}

TEST(examples, hello) {
  program hello{"example_hello", {"0"}};
  ASSERT_NE(hello.port, 0) << hello.first_line;
  expect(get(hello.port, "/health"), "200", "ok");
  expect(get(hello.port, "/hello/big%20world"), "200", "hello big world");
  expect(get(hello.port, "/square/-12"), "200", "144");
  EXPECT_TRUE(get(hello.port, "/square/many").starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(hello.stop(), 0);
}

TEST(examples, gateway) {
  program service{"example_hello", {"0"}};
  ASSERT_NE(service.port, 0) << service.first_line;
  program gateway{"example_gateway", {"http://127.0.0.1:" + std::to_string(service.port), "0"}};
  ASSERT_NE(gateway.port, 0) << gateway.first_line;
  expect(get(gateway.port, "/health"), "200", "ok");
  expect(get(gateway.port, "/hello/world"), "200", "hello world");
  EXPECT_TRUE(get(gateway.port, "/nothing").starts_with("HTTP/1.1 404 "));
  EXPECT_EQ(service.stop(), 0);
  EXPECT_TRUE(get(gateway.port, "/hello/world").starts_with("HTTP/1.1 502 "));
  EXPECT_EQ(gateway.stop(), 0);
}

TEST(examples, a_taken_port_is_said_and_returned) {
  program first{"example_hello", {"0"}};
  ASSERT_NE(first.port, 0);
  program second{"example_hello", {std::to_string(first.port)}};
  EXPECT_EQ(second.first_line, "");
  EXPECT_EQ(second.stop(), 2);
}

}  // namespace
