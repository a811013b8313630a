// app::listen: what it says, what it returns, how it ends.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <semaphore>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <gatehouse/net/development_certificate.hpp>
#include <gatehouse/rules/client_certificate.hpp>
#include <gatehouse/rules/error_hygiene.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/blocking.hpp>

#include "connection_harness.hpp"

namespace {

using namespace gatehouse;
using namespace std::chrono_literals;

/// A listening socket on a free port of 127.0.0.1.
class taken_port {
 public:
  taken_port() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (bind(fd_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(fd_, 1) != 0)
      throw std::runtime_error("bind");
    getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
  }
  taken_port(const taken_port&) = delete;
  taken_port& operator=(const taken_port&) = delete;
  ~taken_port() { close(fd_); }
  std::uint16_t port = 0;

 private:
  int fd_;
};

std::uint16_t free_port() { return taken_port{}.port; }

/// Waits, with a bound, for the answer to `request` on a connection of its own.
std::string exchange(std::uint16_t port, const std::string& request, const std::string& end) {
  for (int i = 0; i < 1000; ++i) {
    try {
      test::client c{port};
      c.send(request);
      for (int wait = 0; wait < 5000 && !c.received.ends_with(end) && !c.ended && !c.reset; ++wait) {
        c.read();
        std::this_thread::sleep_for(1ms);
      }
      return c.received;
    } catch (const std::runtime_error&) {  // not listening yet
      std::this_thread::sleep_for(10ms);
    }
  }
  return "nobody listens";
}

const std::string get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

struct said {
  int returned = -1;
  std::string out{};
  std::string err{};
};
said listen(app& a, const listen_options& options, const std::function<void()>& meanwhile = {}) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  said s;
  auto returned = std::async(std::launch::async, [&] { return a.listen(options); });
  if (meanwhile) meanwhile();
  s.returned = returned.get();
  s.out = testing::internal::GetCapturedStdout();
  s.err = testing::internal::GetCapturedStderr();
  return s;
}

TEST(app_listen, serves_until_stopped) {
  app a;
  a.get("/", [] { return "ok"; });
  a.get("/pool", blocking([] { return "from the pool"; }));
  const std::uint16_t port = free_port();
  const said s = listen(a, {.port = port, .threads = 2, .handle_signals = false}, [&] {
    EXPECT_TRUE(exchange(port, get, "ok").ends_with("\r\n\r\nok"));
    EXPECT_TRUE(
        exchange(port, "GET /pool HTTP/1.1\r\nHost: localhost\r\n\r\n", "pool").ends_with("\r\n\r\nfrom the pool"));
    a.stop();
  });
  EXPECT_EQ(s.returned, 0) << s.err;
  EXPECT_EQ(s.out, "listening on http://127.0.0.1:" + std::to_string(port) + "\n");
  EXPECT_EQ(s.err, "");
}

TEST(app_listen, logs_each_exchange_when_asked_to) {
  app a;
  a.get("/", blocking([] { return "ok"; }));
  const std::uint16_t port = free_port();
  // Standard error is a file here, so the lines are JSON.
  const said s = listen(a, {.port = port, .threads = 2, .handle_signals = false, .log = log_to_stderr()}, [&] {
    EXPECT_TRUE(exchange(port, get, "ok").ends_with("\r\n\r\nok"));
    EXPECT_TRUE(exchange(port, "GET /no?key=SECRET HTTP/1.1\r\nHost: localhost\r\n\r\n", "}").ends_with("}"));
    EXPECT_TRUE(exchange(port, "GET /../x HTTP/1.1\r\nHost: localhost\r\n\r\n", "}").ends_with("}"));
    a.stop();
  });
  EXPECT_EQ(s.returned, 0);
  EXPECT_EQ(std::ranges::count(s.err, '\n'), 3) << s.err;
  for (const char* part :
       {R"("client":"127.0.0.1","method":"GET","path":"/","status":200,)", R"("route":"/","aborted":false})",
        R"("path":"/no","query":["key"],"status":404,"reason":"http.not-found")",
        R"("path":"/../x","status":400,"reason":"http.ambiguous-path")"}) {
    EXPECT_NE(s.err.find(part), std::string::npos) << part << " in\n" << s.err;
  }
}

TEST(app_listen, the_log_has_the_time_of_a_handler_that_runs_on_the_loop) {
  app a;
  a.get("/", [] {
    const auto began = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - began < milliseconds{3}) {
    }
    return "ok";
  });
  const std::uint16_t port = free_port();
  const said s = listen(a, {.port = port, .threads = 1, .handle_signals = false, .log = log_to_stderr()}, [&] {
    EXPECT_TRUE(exchange(port, get, "ok").ends_with("\r\n\r\nok"));
    a.stop();
  });
  const std::string_view key = R"("duration_ms":)";
  const std::size_t at = s.err.find(key);
  ASSERT_NE(at, std::string::npos) << s.err;
  EXPECT_GE(std::strtod(s.err.c_str() + at + key.size(), nullptr), 3.0) << s.err;
}

TEST(app_listen, says_that_its_log_can_not_be_written) {
  app a;
  const said s = listen(a, {.log = access_log_options{.descriptor = -1, .ring_bytes = 1}});
  EXPECT_EQ(s.returned, 2);
  EXPECT_TRUE(s.err.starts_with("gatehouse: 2 mistakes; nothing was started\n")) << s.err;
  EXPECT_NE(s.err.find("[not-open]"), std::string::npos) << s.err;
  EXPECT_NE(s.err.find("[out-of-range]"), std::string::npos) << s.err;
}

TEST(app_listen, can_be_called_again) {
  app a;
  a.get("/", blocking([] { return "ok"; }));
  for (int i = 0; i < 2; ++i) {
    const std::uint16_t port = free_port();
    const said s = listen(a, {.port = port, .threads = 1, .handle_signals = false}, [&] {
      EXPECT_TRUE(exchange(port, get, "ok").ends_with("\r\n\r\nok"));
      a.stop();
    });
    EXPECT_EQ(s.returned, 0) << s.err;
  }
}

TEST(app_listen, says_that_the_port_is_taken) {
  const taken_port taken;
  app a;
  const said s = listen(a, {.port = taken.port});
  EXPECT_EQ(s.returned, 2);
  EXPECT_EQ(s.out, "");
  EXPECT_NE(s.err.find("another program listens on 127.0.0.1:" + std::to_string(taken.port)), std::string::npos)
      << s.err;
}

TEST(app_listen, prints_all_mistakes_as_one_block) {
  app a;
  a.get("no-slash", [] { return ""; });
  a.get("/:id", [](path<"nr"> nr) { return *nr; });
  const said s = listen(a, {.address = "localhost", .threads = 1000, .blocking_threads = 0});
  EXPECT_EQ(s.returned, 2);
  EXPECT_EQ(s.out, "");
  EXPECT_TRUE(s.err.starts_with("gatehouse: 5 mistakes; nothing was started\n")) << s.err;
  for (const char* code : {"[not-an-address]", "[out-of-range]", "[invalid-pattern]", "[no-such-parameter]"}) {
    EXPECT_NE(s.err.find(code), std::string::npos) << code << " in\n" << s.err;
  }
}

TEST(app_listen, in_public_needs_encryption_or_a_word) {
  app a;
  const said refused = listen(a, {.port = free_port(), .address = "0.0.0.0"});
  EXPECT_EQ(refused.returned, 2);
  EXPECT_NE(refused.err.find("plain-http-in-public"), std::string::npos) << refused.err;
  const std::uint16_t port = free_port();
  const said allowed = listen(
      a, {.port = port, .address = "0.0.0.0", .threads = 1, .insecure_plain_http = true, .handle_signals = false}, [&] {
        EXPECT_TRUE(exchange(port, get, "}").starts_with("HTTP/1.1 404 "));
        a.stop();
      });
  EXPECT_EQ(allowed.returned, 0) << allowed.err;
}

// spec/browser_hardening.md section 5, behaviour 2: the switch *and* a loopback address.
TEST(app_listen, says_what_went_wrong_on_loopback_only) {
  for (const bool shown : {true, false}) {
    app a;
    a.use(error_hygiene({.dev_errors = shown}));
    a.get("/", []() -> std::string { throw std::runtime_error("MARK-\"4711\""); });
    const std::uint16_t port = free_port();
    const said s = listen(a, {.port = port, .threads = 1, .handle_signals = false}, [&] {
      const std::string answer = exchange(port, get, "}");
      EXPECT_EQ(answer.find(R"("detail":"server.handler-failed: MARK-\"4711\"")") != std::string::npos, shown)
          << answer;
      EXPECT_EQ(answer.find("MARK") != std::string::npos, shown) << answer;
      a.stop();
    });
    EXPECT_EQ(s.returned, 0) << s.err;
  }
  app a;
  a.use(error_hygiene({.dev_errors = true}));
  const said refused = listen(a, {.port = free_port(), .address = "0.0.0.0", .insecure_plain_http = true});
  EXPECT_EQ(refused.returned, 2);
  EXPECT_NE(refused.err.find("errors.dev_errors \"true\": others reach 0.0.0.0"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("[dev-errors-off-loopback]"), std::string::npos) << refused.err;
}

TEST(app_listen, speaks_https_with_a_certificate) {
  std::string folder = (std::filesystem::temp_directory_path() / "gatehouse-listen-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ::setenv("XDG_DATA_HOME", folder.c_str(), 1);
  app a;
  a.get("/", [] { return "ok"; });
  const auto asks_in_plain_text = [&a](std::uint16_t port) {
    EXPECT_TRUE(
        exchange(port, get, "}").ends_with("This port is for HTTPS, and this is plain HTTP.\",\"status\":400}"));
    a.stop();
  };
  std::uint16_t port = free_port();
  const said made = listen(a, {.port = port, .threads = 1, .tls = tls::dev({"app.test"}), .handle_signals = false},
                           [&] { asks_in_plain_text(port); });
  EXPECT_EQ(made.returned, 0) << made.err;
  EXPECT_EQ(made.out, "listening on https://127.0.0.1:" + std::to_string(port) + "\n");
  port = free_port();
  const std::string files = folder + "/gatehouse/dev/";
  const said named = listen(a,
                            {.port = port,
                             .address = "0.0.0.0",
                             .threads = 1,
                             .tls = tls::files(files + "cert.pem", files + "key.pem"),
                             .handle_signals = false},
                            [&] { asks_in_plain_text(port); });
  EXPECT_EQ(named.returned, 0) << "it may be public then\n" << named.err;
  std::filesystem::remove_all(folder);
  ::unsetenv("XDG_DATA_HOME");
}

/// What comes back to a client that shows this certificate (null: none), until the connection ends; "" without one.
std::string over_tls(std::uint16_t port, const development_client* shown, const std::string& path) {
  using context_ptr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
  using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
  const context_ptr context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (shown != nullptr) {
    SSL_CTX_use_certificate_file(context.get(), shown->certificate.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), shown->key.c_str(), SSL_FILETYPE_PEM);
  }
  const bio_ptr to(BIO_new_ssl_connect(context.get()), BIO_free_all);
  BIO_set_conn_hostname(to.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (BIO_write(to.get(), request.data(), static_cast<int>(request.size())) <= 0) return {};
  std::string out;
  std::array<char, 4096> piece{};
  for (int n = 0; (n = BIO_read(to.get(), piece.data(), piece.size())) > 0;) {
    out.append(piece.data(), static_cast<std::size_t>(n));
  }
  return out.substr(out.empty() ? 0 : out.find("\r\n\r\n") + 4);
}

TEST(app_listen, knows_clients_by_their_certificates) {
  std::string folder = (std::filesystem::temp_directory_path() / "gatehouse-listen-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ::setenv("XDG_DATA_HOME", folder.c_str(), 1);
  const auto notes = make_development_client(folder + "/gatehouse/dev", "notes", std::chrono::system_clock::now());
  ASSERT_TRUE(notes.has_value());
  const auto who = [](const request& r) {
    const client_certificate* const c = r.client_certificate();
    return c == nullptr ? std::string{"nobody"} : c->subject + ' ' + c->dns_names.front();
  };
  const std::string known = "CN=notes,O=Gatehouse development CA notes";
  for (const bool required : {false, true}) {
    app a;
    a.get("/me", who);
    a.get("/later", blocking(who));
    if (required) a.use(require_client_certificate());
    const std::uint16_t port = free_port();
    const said s = listen(a,
                          {.port = port,
                           .threads = 1,
                           .tls = tls::dev().client_ca({folder + "/gatehouse/dev/ca.pem"}, "optional"),
                           .handle_signals = false},
                          [&] {
                            exchange(port, get, "}");  // it listens
                            EXPECT_EQ(over_tls(port, &*notes, "/me"), known);
                            EXPECT_EQ(over_tls(port, &*notes, "/later"), known);
                            const std::string refused = over_tls(port, nullptr, "/me");
                            if (required) {
                              EXPECT_NE(refused.find("A client certificate is required."), std::string::npos)
                                  << refused;
                            } else {
                              EXPECT_EQ(refused, "nobody");
                              EXPECT_EQ(over_tls(port, nullptr, "/later"), "nobody");
                            }
                            a.stop();
                          });
    EXPECT_EQ(s.returned, 0) << s.err;
  }
  app a;
  const std::string files = folder + "/gatehouse/dev/";
  const said s = listen(
      a, {.port = 0, .tls = tls::files(files + "cert.pem", files + "key.pem").client_ca({files + "client-notes.pem"})});
  EXPECT_EQ(s.returned, 2);
  EXPECT_NE(s.err.find("[not-an-authority]"), std::string::npos) << s.err;
  std::filesystem::remove_all(folder);
  ::unsetenv("XDG_DATA_HOME");
}

TEST(app_listen, does_not_start_without_the_certificate_that_it_was_told) {
  app a;
  const said s = listen(a, {.port = 0, .tls = tls::files("/nonexistent/c.pem", "/nonexistent/c.key")});
  EXPECT_EQ(s.returned, 2);
  EXPECT_EQ(s.out, "");
  EXPECT_TRUE(s.err.starts_with("gatehouse: 2 mistakes; nothing was started\n  tls.certificate \"/nonexistent/c.pem\""))
      << s.err;
}

TEST(app_listen, refuses_what_neither_threads_nor_queue_can_take) {
  std::binary_semaphore begun{0};
  std::binary_semaphore go{0};
  app a;
  a.get("/", blocking([&] {
          begun.release();
          go.acquire();
          return "late";
        }));
  const std::uint16_t port = free_port();
  const listen_options small{
      .port = port, .threads = 1, .blocking_threads = 1, .blocking_queue = 0, .handle_signals = false};
  const said s = listen(a, small, [&] {
    auto first = std::async(std::launch::async, [&] { return exchange(port, get, "late"); });
    begun.acquire();  // the only thread is busy
    EXPECT_TRUE(exchange(port, get, "}").starts_with("HTTP/1.1 503 "));
    go.release();
    EXPECT_TRUE(first.get().ends_with("\r\n\r\nlate"));
    a.stop();
  });
  EXPECT_EQ(s.returned, 0) << s.err;
}

TEST(app_listen, stops_with_a_blocking_handler_still_at_work) {
  std::binary_semaphore begun{0};
  app a;
  a.get("/", blocking([&] {
          begun.release();
          std::this_thread::sleep_for(300ms);
          return "late";
        }));
  const std::uint16_t port = free_port();
  const said s = listen(a, {.port = port, .threads = 1, .handle_signals = false}, [&] {
    auto answer = std::async(std::launch::async, [&] { return exchange(port, get, "late"); });
    begun.acquire();
    a.stop();
    EXPECT_TRUE(answer.get().ends_with("\r\n\r\nlate")) << "what runs is finished";
  });
  EXPECT_EQ(s.returned, 0) << s.err;
}

}  // namespace
