// Connections used again, and the one repair that may be made when that fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy_fixture.hpp"
#include "upstream_pool.hpp"

namespace gatehouse::test {
namespace {

using testing::StartsWith;

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// One whole exchange; the connection it used.
upstream_peer exchange_on_new_connection(proxied& p, std::string_view answer = ok) {
  const auto client = p.get("/first");
  upstream_peer upstream = p.upstream.accept();
  upstream.take_until();
  upstream.send(answer);
  p.until_ended(*client);
  return upstream;
}

TEST(upstream_pool, idle_time_is_a_second_less_than_the_upstream_says) {
  using detail::proxy::idle_time;
  const milliseconds at_most{4'000};
  EXPECT_EQ(idle_time(at_most, std::nullopt), at_most);
  EXPECT_EQ(idle_time(at_most, seconds{5}), at_most);
  EXPECT_EQ(idle_time(at_most, seconds{3}), milliseconds{2'000});
  EXPECT_EQ(idle_time(at_most, seconds{1}), milliseconds{0});
  EXPECT_EQ(idle_time(at_most, seconds{0}), milliseconds{0});
  EXPECT_EQ(idle_time(at_most, seconds{86'400}), at_most);
}

TEST(upstream_pool, the_connection_used_last_is_used_next) {
  proxied p;
  const auto a = p.get("/a");
  upstream_peer first = p.upstream.accept();
  first.take_until();
  const auto b = p.get("/b");
  upstream_peer second = p.upstream.accept();
  second.take_until();
  second.send(ok);
  p.until_ended(*b);
  first.send(ok);
  p.until_ended(*a);
  const auto c = p.get("/c");
  EXPECT_THAT(first.take_until(), StartsWith("GET /c "));
  const auto d = p.get("/d");
  EXPECT_THAT(second.take_until(), StartsWith("GET /d "));
  EXPECT_FALSE(p.upstream.has_connection());
}

TEST(upstream_pool, idle_connections_are_closed_before_node_closes_them) {
  proxied p;
  upstream_peer upstream = exchange_on_new_connection(
      p, "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok");
  p.pass(milliseconds{3'900});
  EXPECT_EQ(upstream.take_all(), "");
  EXPECT_FALSE(upstream.ended());
  p.pass(milliseconds{200});
  upstream.take_to_end();
}

struct not_reused {
  const char* name;
  std::string answer;
};
const not_reused spoilt[] = {
    {"the upstream closes", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"},
    {"a timeout of a second", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"},
    {"bytes behind the length",
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"},
    {"bytes behind the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nX"},
    {"bytes behind a 204", "HTTP/1.1 204 No Content\r\n\r\nX"},
    {"bytes behind a 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok"},
};

TEST(upstream_pool, a_connection_that_may_be_out_of_step_is_closed) {
  for (const not_reused& r : spoilt) {
    SCOPED_TRACE(r.name);
    proxied p;
    const auto client = p.get();
    upstream_peer upstream = p.upstream.accept();
    upstream.take_until();
    upstream.send(r.answer);
    p.until_ended(*client);
    EXPECT_FALSE(client->cut);
    EXPECT_EQ(client->received.find("poison"), std::string::npos);
    EXPECT_EQ(client->received.find('X'), std::string::npos);
    upstream.take_to_end();
  }
}

TEST(upstream_pool, an_idle_connection_that_speaks_is_closed) {
  proxied p;
  upstream_peer upstream = exchange_on_new_connection(p);
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  upstream.take_to_end();
  const auto client = p.get();
  upstream_peer next = p.upstream.accept();
  next.take_until();
  next.send(ok);
  p.until_ended(*client);
  EXPECT_TRUE(client->received.ends_with("\r\n\r\nok"));
}

TEST(upstream_pool, an_idle_connection_that_was_closed_is_not_used) {
  proxied p;
  upstream_peer upstream = exchange_on_new_connection(p);
  upstream.close();
  p.settle();
  const auto client = p.request("POST / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_THAT(p.upstream.accept().take_until(), StartsWith("POST / "));
}

TEST(upstream_pool, at_most_so_many_idle_ones) {
  proxied p{{.idle_connections = 1}};
  const auto a = p.get("/a");
  upstream_peer first = p.upstream.accept();
  first.take_until();
  const auto b = p.get("/b");
  upstream_peer second = p.upstream.accept();
  second.take_until();
  first.send(ok);
  p.until_ended(*a);
  second.send(ok);
  p.until_ended(*b);
  first.take_to_end();
  EXPECT_EQ(second.take_all(), "");
  EXPECT_FALSE(second.ended());
}

struct retry_row {
  const char* name;
  std::string request;
  std::string before_it_dies;  // sent by the upstream
  bool reset;
  bool retried;
};
const retry_row retries[] = {
    {"GET, closed", "GET /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", false, true},
    {"GET, reset", "GET /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", true, true},
    {"HEAD", "HEAD /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", false, true},
    {"DELETE without content", "DELETE /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", false, true},
    {"POST without content reached it", "POST /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "", false, false},
    {"PUT with content", "PUT /r HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\n", "", false, false},
    {"GET with content", "GET /r HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\n", "", false, false},
    {"one byte came back", "GET /r HTTP/1.1\r\nHost: a.example\r\n\r\n", "H", false, false},
    {"an informational answer came back", "GET /r HTTP/1.1\r\nHost: a.example\r\n\r\n",
     "HTTP/1.1 102 Processing\r\n\r\n", false, false},
};

TEST(upstream_pool, only_what_is_safe_is_sent_again) {
  for (const retry_row& r : retries) {
    SCOPED_TRACE(r.name);
    proxied p;
    upstream_peer old = exchange_on_new_connection(p);
    const auto client = p.request(r.request);
    const std::string sent_first = old.take_until();
    old.send(r.before_it_dies);
    p.settle();
    if (r.reset) {
      old.reset();
    } else {
      old.close();
    }
    if (!r.retried) {
      p.until_ended(*client);
      EXPECT_TRUE(client->received.starts_with("HTTP/1.1 502 "));
      EXPECT_FALSE(p.upstream.has_connection());
      continue;
    }
    upstream_peer fresh = p.upstream.accept();
    EXPECT_EQ(fresh.take_until(), sent_first);
    fresh.close();
    p.until_ended(*client);
    EXPECT_TRUE(client->received.starts_with("HTTP/1.1 502 ")) << "once, not for ever";
    EXPECT_FALSE(p.upstream.has_connection());
  }
}

TEST(upstream_pool, a_retry_is_answered_like_any_other) {
  proxied p;
  upstream_peer old = exchange_on_new_connection(p);
  const auto client = p.get("/again");
  old.take_until();
  old.close();
  upstream_peer fresh = p.upstream.accept();
  fresh.take_until();
  fresh.send(ok);
  p.until_ended(*client);
  EXPECT_EQ(client->received, ok);
}

TEST(upstream_pool, a_loop_that_ends_without_a_word_is_survived) {
  for (int i = 0; i < 3; ++i) {
    proxied p;
    upstream_peer upstream = exchange_on_new_connection(p);
    p.says_goodbye = false;  // the idle connection's loop is gone before it
  }
}

/// A real loop whose names a test answers.
class named_loop final : public loop {
 public:
  explicit named_loop(loop& real) : real_(real) {}
  void run() override { real_.run(); }
  void poll(milliseconds wait) override { real_.poll(wait); }
  void stop() noexcept override { real_.stop(); }
  void post(std::function<void()> work) override { real_.post(std::move(work)); }
  [[nodiscard]] steady_time now() const noexcept override { return real_.now(); }
  void read_clock_again() noexcept override { real_.read_clock_again(); }
  [[nodiscard]] system_time system_now() const noexcept override { return real_.system_now(); }
  [[nodiscard]] timer_wheel& timers() noexcept override { return real_.timers(); }
  [[nodiscard]] result<std::unique_ptr<listener>, int> listen(const endpoint& at, bool share_port) override {
    return real_.listen(at, share_port);
  }
  [[nodiscard]] result<std::unique_ptr<listener>, int> listen_local(const std::string& path) override {
    return real_.listen_local(path);
  }
  [[nodiscard]] std::unique_ptr<connecting> connect(std::string_view, std::uint16_t port, milliseconds timeout,
                                                    connect_owner& owner) override {
    return real_.connect("127.0.0.1", port, timeout, owner);
  }
  [[nodiscard]] std::unique_ptr<connecting> connect_local(std::string_view path, milliseconds timeout,
                                                          connect_owner& owner) override {
    return real_.connect_local(path, timeout, owner);
  }
  [[nodiscard]] std::unique_ptr<resolving> resolve(std::string_view, resolve_owner& owner) override {
    asked.push_back(&owner);
    return std::make_unique<resolving>();
  }
  void on_signals(std::span<const int> signals, std::function<void(int)> handler) override {
    real_.on_signals(signals, std::move(handler));
  }
  [[nodiscard]] void* native() noexcept override { return real_.native(); }
  std::vector<resolve_owner*> asked{};

 private:
  loop& real_;
};

class nobody final : public stream_owner, public connect_owner {
 public:
  std::span<char> receive_space() noexcept override { return {}; }
  void on_received(std::size_t) noexcept override {}
  void on_end() noexcept override {}
  void on_writable() noexcept override {}
  void on_failure(int) noexcept override {}
  void on_connect(connect_result r) noexcept override { made = std::move(r); }
  connect_result made{};
};

TEST(upstream_pool, a_name_in_use_is_looked_up_again_and_what_it_left_is_not_used_again) {
  using namespace detail::proxy;
  virtual_clock clock;
  const auto real = loop::make(&clock);
  named_loop names{*real};
  recording_upstream upstream([&] { real->poll(milliseconds{1}); });
  loop_pulse pulse{names};
  upstream_pool pool{names, pulse, {.host = "api.internal", .port = upstream.port()}};
  const ip_address here = *ip_address::parse("127.0.0.1");
  const ip_address elsewhere = *ip_address::parse("10.0.0.1");
  const upstream_pool::keep keep{.at_most = std::chrono::hours{1}, .upstream_says = {}, .idle_at_most = 8};
  nobody user;
  const auto open = [&]() -> upstream_connection& {
    EXPECT_TRUE(pool.reserve(8));
    user.made = {};
    const auto attempt = names.connect("api.internal", upstream.port(), seconds{5}, user);
    while (user.made.connection == nullptr) real->poll(milliseconds{1});
    return pool.add(std::move(user.made.connection), user.made.address, user);
  };

  EXPECT_EQ(pool.take(user), nullptr);
  ASSERT_EQ(names.asked.size(), 1U) << "looked up as soon as it is used";
  upstream_connection& idle = open();
  upstream_connection& busy = open();
  pool.put_back(idle, keep);
  names.asked.back()->on_resolved(std::array{elsewhere, here});
  EXPECT_EQ(pool.idle(), 1U) << "its address is still one of the name's";

  clock.advance(resolved_names_hold - milliseconds{1});
  pool.put_back(*pool.take(user), keep);
  EXPECT_EQ(names.asked.size(), 1U);
  clock.advance(milliseconds{1});
  pool.put_back(*pool.take(user), keep);
  ASSERT_EQ(names.asked.size(), 2U);
  names.asked.back()->on_resolved({});
  EXPECT_EQ(pool.idle(), 1U) << "a look-up that failed says nothing";

  clock.advance(resolved_names_hold);
  pool.put_back(*pool.take(user), keep);
  ASSERT_EQ(names.asked.size(), 3U);
  names.asked.back()->on_resolved(std::array{elsewhere});
  EXPECT_EQ(pool.idle(), 0U) << "the name has moved away";
  pool.put_back(busy, keep);
  EXPECT_EQ(pool.idle(), 0U);
  EXPECT_EQ(pool.open(), 0U);
}

}  // namespace
}  // namespace gatehouse::test
