// The proxy in the real server, over real sockets on both sides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <thread>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/server/server.hpp>

#include "malloc_counter.hpp"
#include "proxy_fixture.hpp"
#include "recording_upstream.hpp"

namespace gatehouse::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A blocking client.
class socket_client {
 public:
  explicit socket_client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  }
  socket_client(const socket_client&) = delete;
  socket_client& operator=(const socket_client&) = delete;
  ~socket_client() { close(); }

  void send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      ASSERT_GT(n, 0);
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  std::string take_until(std::string_view ending) {
    std::string out;
    std::array<char, 4096> buffer;
    while (!out.ends_with(ending)) {
      const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (n <= 0) return out + (n == 0 ? "<end>" : "<reset>");
      out.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return out;
  }
  std::string take_to_end() { return take_until("no server sends this"); }
  void close() {
    if (fd_ != -1) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// A server that forwards everything, on a thread of its own.
class running_server {
 public:
  explicit running_server(const std::string& url, proxy_options options = {}, std::vector<pending_rule> rules = {})
      : server_(settings(), std::make_shared<one_route>(make_proxy(url, std::move(options)), std::move(rules))) {
    const auto opened = server_.open();
    if (!opened) throw std::runtime_error(opened.error().front().message);
    thread_ = std::thread([this] { server_.run(); });
  }
  running_server(const running_server&) = delete;
  running_server& operator=(const running_server&) = delete;
  ~running_server() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return server_.listening().front().port; }

 private:
  static server_options settings() {
    server_options o;
    o.listen = {*endpoint::parse("127.0.0.1:0")};
    o.threads = 1;
    o.handle_signals = false;
    o.limits.shutdown_timeout = milliseconds{200};
    return o;
  }
  server server_;
  std::thread thread_;
};

std::string without_date(const std::string& text) {
  static const std::regex date{"Date: [^\r]*\r\n"};
  return std::regex_replace(text, date, "");
}

const std::string request = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(proxy_server, one_connection_on_each_side_serves_many_requests) {
  recording_upstream upstream;
  running_server s{upstream.url()};
  socket_client client{s.port()};
  upstream_peer peer;
  for (int i = 0; i < 3; ++i) {
    client.send(request);
    if (i == 0) peer = upstream.accept();
    EXPECT_THAT(peer.take_until(), StartsWith("GET /x HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n"));
    peer.send("HTTP/1.1 200 OK\r\nDate: theirs\r\nContent-Length: 2\r\n\r\nok");
    const std::string received = client.take_until("ok");
    EXPECT_EQ(without_date(received), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_THAT(received, Not(HasSubstr("theirs")));
    EXPECT_THAT(received, HasSubstr("\r\nDate: "));
  }
}

TEST(proxy_server, pipelined_requests_are_answered_in_order) {
  recording_upstream upstream;
  running_server s{upstream.url()};
  socket_client client{s.port()};
  client.send("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  upstream_peer peer = upstream.accept();
  for (const std::string n : {"1", "2"}) {
    EXPECT_THAT(peer.take_until(), StartsWith("GET /" + n));
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + n);
  }
  EXPECT_EQ(without_date(client.take_until("\r\n\r\n2")),
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
}

TEST(proxy_server, a_cut_answer_never_looks_whole) {
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world";
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n";
  recording_upstream upstream;
  running_server s{upstream.url()};
  for (const std::string& answer : {length, chunked}) {
    for (std::size_t size = answer.find("\r\n\r\n") + 4; size < answer.size(); ++size) {
      SCOPED_TRACE(answer.substr(0, size));
      socket_client client{s.port()};
      client.send(request);
      upstream_peer peer = upstream.accept();
      peer.take_until();
      peer.send(std::string_view{answer}.substr(0, size));
      peer.close();
      const std::string received = client.take_to_end();
      EXPECT_THAT(received, testing::AnyOf(testing::EndsWith("<end>"), testing::EndsWith("<reset>")));
      EXPECT_THAT(received, Not(HasSubstr("0\r\n\r\n")));
      EXPECT_THAT(received, Not(HasSubstr("hello, world")));
    }
  }
}

TEST(proxy_server, a_reset_of_an_undelimited_answer_is_a_reset_for_a_client_of_1_0) {
  recording_upstream upstream;
  running_server s{upstream.url()};
  socket_client client{s.port()};
  client.send("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
  upstream_peer peer = upstream.accept();
  peer.take_until();
  peer.send("HTTP/1.0 200 OK\r\n\r\nhalf");
  EXPECT_THAT(client.take_until("half"), HasSubstr("Connection: close\r\n\r\nhalf"));
  peer.reset();
  EXPECT_EQ(client.take_to_end(), "<reset>") << "a FIN would look like the end";
}

TEST(proxy_server, a_client_that_leaves_in_the_middle_frees_the_upstream) {
  recording_upstream upstream;
  running_server s{upstream.url()};
  {
    socket_client client{s.port()};
    client.send("POST /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf");
    upstream_peer peer = upstream.accept();
    EXPECT_THAT(peer.take_until("half"), HasSubstr("Content-Length: 100\r\n\r\nhalf"));
    client.close();
    EXPECT_EQ(peer.take_to_end(), "");
  }
  socket_client client{s.port()};
  client.send(request);
  upstream_peer peer = upstream.accept();
  peer.take_until();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  client.take_until("half");
  client.close();
  peer.take_to_end();
}

TEST(proxy_server, expect_is_answered_here_once_the_upstream_stands) {
  recording_upstream upstream;
  running_server s{upstream.url()};
  socket_client client{s.port()};
  client.send("POST /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.take_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  upstream_peer peer = upstream.accept();
  EXPECT_THAT(peer.take_until(), Not(HasSubstr("Expect")));
  client.send("body");
  EXPECT_EQ(peer.take(4), "body");
  peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(without_date(client.take_until("\r\n\r\n")), "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
}

TEST(proxy_server, a_websocket_both_ways) {
  recording_upstream upstream;
  running_server s{upstream.url()};
  socket_client client{s.port()};
  client.send(
      "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
      "13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  upstream_peer peer = upstream.accept();
  EXPECT_THAT(peer.take_until(), HasSubstr("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
  peer.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
      "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhi");
  EXPECT_EQ(client.take_until("hi"),
            "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nConnection: "
            "Upgrade\r\n"
            "Upgrade: websocket\r\n\r\nhi");
  const std::string large(1'000'000, 'w');
  std::thread sender{[&] { client.send(large); }};
  EXPECT_EQ(peer.take(large.size()), large);
  sender.join();
  std::thread answerer{[&] { peer.send(large); }};
  EXPECT_EQ(client.take_until(large), large);
  answerer.join();
  peer.close();
  EXPECT_EQ(client.take_to_end(), "<end>");
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(proxy_server, no_descriptor_is_left_behind) {
  const std::size_t before = open_descriptors();
  {
    recording_upstream upstream;
    running_server s{upstream.url()};
    for (int i = 0; i < 20; ++i) {
      socket_client client{s.port()};
      client.send(request);
      upstream_peer peer = upstream.accept();
      peer.take_until();
      if (i % 4 == 0) client.close();
      if (i % 4 == 1) peer.reset();
      if (i % 4 == 2) peer.send("garbage\r\n\r\n");
      if (i % 4 == 3) peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      if (i % 4 != 0) client.take_until(i % 4 == 3 ? "\r\n\r\n" : "}");
    }
    upstream.stop_listening();
    socket_client refused{s.port()};
    refused.send(request);
    EXPECT_THAT(refused.take_until("}"), StartsWith("HTTP/1.1 502 "));
  }
  EXPECT_EQ(open_descriptors(), before);
}

/// One exchange without an allocation on this side either.
void exchange_quietly(int client, int upstream, std::string_view answer) {
  static std::array<char, 8192> buffer;
  ASSERT_GT(::send(client, request.data(), request.size(), MSG_NOSIGNAL), 0);
  ASSERT_GT(::recv(upstream, buffer.data(), buffer.size(), 0), 0);
  ASSERT_GT(::send(upstream, answer.data(), answer.size(), MSG_NOSIGNAL), 0);
  ASSERT_GT(::recv(client, buffer.data(), buffer.size(), 0), 0);
}

TEST(proxy_server, a_warm_request_allocates_nothing) {
  // A blocking upstream, since recording_upstream records into strings.
  const int door = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ASSERT_EQ(::bind(door, reinterpret_cast<sockaddr*>(&at), size), 0);
  ASSERT_EQ(::listen(door, 1), 0);
  ASSERT_EQ(::getsockname(door, reinterpret_cast<sockaddr*>(&at), &size), 0);
  running_server s{"http://127.0.0.1:" + std::to_string(ntohs(at.sin_port)), {}, standard_set()};
  socket_client client{s.port()};
  client.send(request);
  const int upstream = ::accept(door, nullptr, nullptr);
  std::array<char, 8192> buffer;
  ASSERT_GT(::recv(upstream, buffer.data(), buffer.size(), 0), 0);
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  ASSERT_GT(::send(upstream, answer.data(), answer.size(), MSG_NOSIGNAL), 0);
  client.take_until("{}");
  for (int i = 0; i < 50; ++i) exchange_quietly(client.fd(), upstream, answer);

  const malloc_counter all{malloc_counter::every_thread};
  for (int i = 0; i < 1000; ++i) exchange_quietly(client.fd(), upstream, answer);
  EXPECT_EQ(all.count(), 0U);
  ::close(upstream);
  ::close(door);
}

// ------------------------------------------------------------------------------------------------ over TLS

/// What OpenSSL allocates for itself, told apart from what we do. Set up before anything uses it.
std::atomic<std::uint64_t> of_openssl{0};
const bool openssl_is_counted = CRYPTO_set_mem_functions(
                                    [](std::size_t size, const char*, int) {
                                      ++of_openssl;
                                      return std::malloc(size);
                                    },
                                    [](void* at, std::size_t size, const char*, int) {
                                      ++of_openssl;
                                      return std::realloc(at, size);
                                    },
                                    [](void* at, const char*, int) { std::free(at); }) == 1;

/// A blocking upstream that speaks TLS with a certificate of its own.
class tls_upstream {
 public:
  tls_upstream() : door_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), context_(SSL_CTX_new(TLS_server_method())) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(door_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(door_, 1), 0);
    EXPECT_EQ(::getsockname(door_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), -1'000);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 1'000);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    EXPECT_EQ(SSL_CTX_use_certificate(context_, certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context_, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  tls_upstream(const tls_upstream&) = delete;
  tls_upstream& operator=(const tls_upstream&) = delete;
  ~tls_upstream() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(fd_);
    ::close(door_);
  }
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  void accept() {
    fd_ = ::accept(door_, nullptr, nullptr);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    ASSERT_EQ(SSL_accept(ssl_), 1);
  }
  void answer(std::string_view text) {
    static std::array<char, 8192> buffer;
    std::size_t n = 0;
    ASSERT_EQ(SSL_read_ex(ssl_, buffer.data(), buffer.size(), &n), 1);
    ASSERT_EQ(SSL_write_ex(ssl_, text.data(), text.size(), &n), 1);
  }

 private:
  int door_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

TEST(proxy_server, a_warm_request_over_upstream_tls_allocates_nothing_but_what_openssl_does) {
  ASSERT_TRUE(openssl_is_counted);
  tls_upstream upstream;
  running_server s{upstream.url(), {.tls = {.dangerously_accept_any_certificate = true}}, standard_set()};
  socket_client client{s.port()};
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  static std::array<char, 8192> buffer;
  const auto exchange = [&] {
    ASSERT_GT(::send(client.fd(), request.data(), request.size(), MSG_NOSIGNAL), 0);
    upstream.answer(answer);
    ASSERT_GT(::recv(client.fd(), buffer.data(), buffer.size(), 0), 0);
  };
  client.send(request);
  upstream.accept();
  upstream.answer(answer);
  client.take_until("{}");
  for (int i = 0; i < 50; ++i) exchange();

  const malloc_counter all{malloc_counter::every_thread};
  const std::uint64_t before = of_openssl.load();
  constexpr int requests = 1'000;
  for (int i = 0; i < requests; ++i) exchange();
  const std::uint64_t openssl = of_openssl.load() - before;
  EXPECT_EQ(all.count() - openssl, 0U);
  // Both sides of it are in this process. It was 11 with OpenSSL 3.0: buffers of records that go back when they are
  // empty, so that an idle connection owns none.
  EXPECT_LE(openssl, requests * 16U);
  RecordProperty("openssl_allocations", std::to_string(openssl));
}

}  // namespace
}  // namespace gatehouse::test
