// Several upstreams: who gets a request, what happens when one fails, how it comes back.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <gatehouse/proxy/service.hpp>

#include "proxy_fixture.hpp"

namespace gatehouse::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Several upstreams behind one handler, on one loop with a virtual clock.
class several {
 public:
  explicit several(std::size_t count, proxy_options options = {}) {
    for (std::size_t i = 0; i < count; ++i) {
      upstreams.push_back(std::make_unique<recording_upstream>([this] { step(); }));
      urls_.push_back(upstreams.back()->url());
    }
    options.events = &events;
    auto made = service::make(urls_, std::move(options), "service.x", "service.x.upstreams");
    if (!made) throw std::runtime_error(made.error().front().message);
    to = *made;
    routes_ = std::make_unique<one_route>(forward_to(to, ""), std::vector<pending_rule>{});
  }
  several(const several&) = delete;
  several& operator=(const several&) = delete;
  ~several() { close_idle_upstreams(*events_loop); }

  std::unique_ptr<played_call> request(std::string head) {
    return std::make_unique<played_call>(*events_loop, *routes_, std::move(head), peer_facts{});
  }
  std::unique_ptr<played_call> get() { return request("GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n"); }
  void step() { events_loop->poll(milliseconds{1}); }
  void settle() {
    for (int i = 0; i < 6; ++i) step();
  }
  void pass(milliseconds time) {
    settle();
    clock.advance(time);
    settle();
  }
  void until_ended(const played_call& c) {
    for (int i = 0; i < 2'000 && !c.is_over; ++i) step();
    if (!c.is_over) throw std::runtime_error("it never ends");
  }
  /// The number of the upstream that a request came to; answered there, or not.
  std::size_t answered_by(const played_call& c, std::string_view answer = ok) {
    for (int i = 0; i < 2'000; ++i) {
      for (std::size_t at = 0; at < upstreams.size(); ++at) {
        if (!upstreams[at]->has_connection()) continue;
        upstream_peer peer = upstreams[at]->accept();
        (void)peer.take_until();
        peer.send(answer);
        peer.finish_sending();
        until_ended(c);
        return at;
      }
    }
    throw std::runtime_error("no upstream was asked");
  }

  virtual_clock clock{};
  written_events events{};
  std::unique_ptr<loop> events_loop = loop::make(&clock);
  std::vector<std::unique_ptr<recording_upstream>> upstreams{};
  std::shared_ptr<const service> to{};

 private:
  std::vector<std::string> urls_{};
  std::unique_ptr<one_route> routes_{};
};

std::string status_line(const played_call& c) { return c.received.substr(0, c.received.find('\r')); }

TEST(service, requests_go_in_turn) {
  several s(3, {.keep_alive_timeout = milliseconds{0}});
  std::vector<std::size_t> seen;
  for (int i = 0; i < 6; ++i) {
    const auto c = s.get();
    seen.push_back(s.answered_by(*c));
  }
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], (seen[0] + i) % 3);
}

TEST(service, the_least_loaded_has_the_fewest_requests_under_way) {
  several s(2, {.balance = "least-loaded", .keep_alive_timeout = milliseconds{0}});
  const auto slow = s.get();
  s.settle();
  const std::size_t busy = s.upstreams[0]->has_connection() ? 0 : 1;
  upstream_peer held = s.upstreams[busy]->accept();
  (void)held.take_until();
  for (int i = 0; i < 4; ++i) {
    const auto c = s.get();
    EXPECT_EQ(s.answered_by(*c), 1 - busy);
  }
}

TEST(service, what_could_not_be_sent_to_one_goes_to_another_whatever_its_method) {
  several s(2, {.keep_alive_timeout = milliseconds{0}});
  s.upstreams[0]->stop_listening();
  for (const std::string_view method : {"GET", "POST", "DELETE"}) {
    for (int i = 0; i < 2; ++i) {
      SCOPED_TRACE(method);
      const auto c = s.request(std::string{method} + " /x HTTP/1.1\r\nHost: a.example\r\n\r\n");
      EXPECT_EQ(s.answered_by(*c), 1U);
      EXPECT_EQ(status_line(*c), "HTTP/1.1 200 OK");
    }
  }
}

TEST(service, when_none_can_be_reached_the_last_failure_is_the_answer) {
  several s(2);
  for (const auto& u : s.upstreams) u->stop_listening();
  const auto c = s.get();
  s.until_ended(*c);
  EXPECT_EQ(status_line(*c), "HTTP/1.1 502 Bad Gateway");
  EXPECT_THAT(s.events.lines, ElementsAre(StartsWith("unreachable: nothing listens on 127.0.0.1:"),
                                          StartsWith("unreachable: nothing listens on 127.0.0.1:")));
}

struct cut_row {
  std::string_view name;
  std::string_view head;
  bool again;
};
constexpr cut_row cuts[] = {
    {"GET", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"DELETE", "DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"POST may have been done", "POST /x HTTP/1.1\r\nHost: a\r\n\r\n", false},
    {"PUT has content that is gone", "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", false},
};

TEST(service, a_request_that_an_upstream_ended_under_goes_to_another_if_it_may_be_repeated) {
  for (const cut_row& r : cuts) {
    SCOPED_TRACE(r.name);
    several s(2, {.keep_alive_timeout = milliseconds{0}});
    const auto c = s.request(std::string{r.head});
    s.settle();
    const std::size_t first = s.upstreams[0]->has_connection() ? 0 : 1;
    {
      upstream_peer peer = s.upstreams[first]->accept();
      (void)peer.take_until();
      if (c->wants) c->give("x", true);
      s.settle();
      peer.close();
    }
    if (r.again) {
      EXPECT_EQ(s.answered_by(*c), 1 - first);
      EXPECT_EQ(status_line(*c), "HTTP/1.1 200 OK");
    } else {
      s.until_ended(*c);
      EXPECT_EQ(status_line(*c), "HTTP/1.1 502 Bad Gateway");
      EXPECT_FALSE(s.upstreams[1 - first]->has_connection());
    }
  }
}

TEST(service, one_that_fails_is_left_out_and_comes_back_by_one_probe) {
  several s(2, {.keep_alive_timeout = milliseconds{0}});
  // Three garbled answers take one out.
  std::size_t bad = 2;
  for (int failures = 0; failures < 3;) {
    const auto c = s.get();
    s.settle();
    const std::size_t at = s.upstreams[0]->has_connection() ? 0 : 1;
    if (bad == 2) bad = at;
    (void)s.answered_by(*c, at == bad ? "SSH-2.0-OpenSSH_9.2\r\n" : ok);
    if (at == bad) {
      ++failures;
      EXPECT_EQ(status_line(*c), "HTTP/1.1 502 Bad Gateway");
    }
  }
  EXPECT_THAT(s.events.lines.back(), HasSubstr("is out of use"));
  EXPECT_FALSE(s.to->upstreams()[bad].in_use);
  for (int i = 0; i < 6; ++i) {
    const auto c = s.get();
    EXPECT_EQ(s.answered_by(*c), 1 - bad);
  }
  // Its time is over: of two requests one probes, the other does not wait for what comes of it.
  s.pass(seconds{1});
  std::size_t probes = 0;
  for (int i = 0; i < 2; ++i) {
    const auto c = s.get();
    probes += s.answered_by(*c) == bad ? 1U : 0U;
  }
  EXPECT_EQ(probes, 1U);
  EXPECT_THAT(s.events.lines.back(), HasSubstr("is in use again"));
}

TEST(service, when_all_are_out_one_request_probes_and_the_others_are_answered_at_once) {
  several s(2, {.keep_alive_timeout = milliseconds{0}, .passive_health = {.failures = 1}});
  for (int i = 0; i < 2; ++i) {
    const auto c = s.get();
    (void)s.answered_by(*c, "noise\r\n\r\n");
  }
  const auto first = s.get();
  const auto second = s.get();
  const auto third = s.get();
  s.settle();
  EXPECT_FALSE(first->is_over);
  EXPECT_FALSE(second->is_over) << "each upstream has one probe";
  s.until_ended(*third);
  EXPECT_EQ(status_line(*third), "HTTP/1.1 503 Service Unavailable");
  // Which of them is whose depends on whose turn it was when the process came to this test.
  std::vector<upstream_peer> probed;
  for (const auto& u : s.upstreams) {
    probed.push_back(u->accept());
    (void)probed.back().take_until();
    probed.back().send(ok);
  }
  s.until_ended(*first);
  s.until_ended(*second);
  EXPECT_EQ(status_line(*first), "HTTP/1.1 200 OK");
  EXPECT_EQ(status_line(*second), "HTTP/1.1 200 OK");
}

TEST(service, a_single_upstream_is_never_taken_out_by_requests) {
  several s(1, {.keep_alive_timeout = milliseconds{0}, .passive_health = {.failures = 1}});
  for (int i = 0; i < 3; ++i) {
    const auto c = s.get();
    (void)s.answered_by(*c, "noise\r\n\r\n");
  }
  const auto c = s.get();
  (void)s.answered_by(*c);
  EXPECT_EQ(status_line(*c), "HTTP/1.1 200 OK");
}

TEST(service, an_abandoned_probe_lets_the_next_request_probe) {
  several s(2, {.keep_alive_timeout = milliseconds{0}, .passive_health = {.failures = 1}});
  for (int i = 0; i < 2; ++i) {
    const auto c = s.get();
    (void)s.answered_by(*c, "noise\r\n\r\n");
  }
  for (int i = 0; i < 4; ++i) {
    auto c = s.get();
    s.settle();
    c->leave();
    s.settle();
  }
  for (const auto& u : s.upstreams) {
    while (u->has_connection()) (void)u->accept();
  }
  const auto c = s.get();
  (void)s.answered_by(*c);
  EXPECT_EQ(status_line(*c), "HTTP/1.1 200 OK");
}

TEST(service, questions_take_out_what_answers_them_badly) {
  several s(1, {.active_health = {.path = "/health?deep=1", .unhealthy = 2, .healthy = 1}});
  s.to->attach(*s.events_loop);
  const auto answer = [&](std::string_view with) {
    upstream_peer peer = s.upstreams[0]->accept();
    const std::string asked = peer.take_until();
    if (with.empty()) {
      s.pass(seconds{2});
    } else {
      peer.send(with);
      s.settle();
    }
    s.pass(seconds{5});
    return asked;
  };
  EXPECT_EQ(answer("HTTP/1.1 204 No Content\r\n\r\n"),
            "GET /health?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(s.upstreams[0]->port()) +
                "\r\nUser-Agent: gatehouse-health\r\nAccept: */*\r\nConnection: close\r\n\r\n");
  (void)answer("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(s.to->upstreams()[0].in_use);
  (void)answer("");  // silence
  EXPECT_FALSE(s.to->upstreams()[0].in_use);
  const auto c = s.get();
  s.until_ended(*c);
  EXPECT_EQ(status_line(*c), "HTTP/1.1 503 Service Unavailable");
  (void)answer("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(s.to->upstreams()[0].in_use);
  EXPECT_THAT(s.events.lines, ElementsAre(HasSubstr("is out of use"), HasSubstr("is in use again")));
  s.to->detach(*s.events_loop);
  s.pass(seconds{60});
  EXPECT_TRUE(s.to->upstreams()[0].in_use) << "nobody asks any more";
}

/// Listens on a Unix socket and answers one request at a time.
class local_upstream {
 public:
  local_upstream()
      : path(std::filesystem::temp_directory_path() / ("gatehouse-" + std::to_string(::getpid()) + ".sock")) {
    std::filesystem::remove(path);
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::strncpy(at.sun_path, path.c_str(), sizeof at.sun_path - 1);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(fd_, 8) != 0) {
      throw std::runtime_error("no Unix socket");
    }
  }
  local_upstream(const local_upstream&) = delete;
  local_upstream& operator=(const local_upstream&) = delete;
  ~local_upstream() {
    ::close(fd_);
    std::filesystem::remove(path);
  }
  upstream_peer accept() { return {::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), nullptr}; }
  std::filesystem::path path;

 private:
  int fd_ = -1;
};

TEST(service, an_upstream_may_be_a_unix_socket) {
  local_upstream upstream;
  virtual_clock clock;
  const auto events_loop = loop::make(&clock);
  const one_route routes{make_proxy("unix:" + upstream.path.string(), {.host = "upstream"}), {}};
  played_call c{*events_loop, routes, "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n", {}};
  events_loop->poll(milliseconds{1});
  upstream_peer peer = upstream.accept();
  for (int i = 0; i < 3; ++i) events_loop->poll(milliseconds{1});
  EXPECT_THAT(peer.take_until(), StartsWith("GET /x HTTP/1.1\r\nHost: localhost\r\n"));
  peer.send(ok);
  for (int i = 0; i < 1'000 && !c.is_over; ++i) events_loop->poll(milliseconds{1});
  EXPECT_EQ(status_line(c), "HTTP/1.1 200 OK");
  close_idle_upstreams(*events_loop);
}

TEST(service, a_unix_socket_that_is_not_there) {
  virtual_clock clock;
  const auto events_loop = loop::make(&clock);
  written_events events;
  const one_route routes{make_proxy("unix:/nonexistent/x.sock", {.events = &events}), {}};
  played_call c{*events_loop, routes, "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n", {}};
  for (int i = 0; i < 1'000 && !c.is_over; ++i) events_loop->poll(milliseconds{1});
  EXPECT_EQ(status_line(c), "HTTP/1.1 502 Bad Gateway");
  EXPECT_THAT(events.lines, ElementsAre("unreachable: there is no socket unix:/nonexistent/x.sock"));
  close_idle_upstreams(*events_loop);
}

struct strip_row {
  std::string_view name;
  std::string_view target;
  std::string_view forwarded;
};
constexpr strip_row strips[] = {
    {"below it", "/notes/1?q=/notes", "/1?q=/notes"},
    {"itself", "/notes", "/"},
    {"itself with a query", "/notes?q=1", "/?q=1"},
    {"with a slash", "/notes/", "/"},
    {"only at the end of a segment", "/notesx/1", "/notesx/1"},
    {"once", "/notes/notes/1", "/notes/1"},
    {"elsewhere", "/x/notes/1", "/x/notes/1"},
    {"what was sent stays as it is", "/notes/%7Euser", "/%7Euser"},
};

TEST(service, a_prefix_is_cut_off_where_a_segment_ends) {
  for (const strip_row& r : strips) {
    SCOPED_TRACE(r.name);
    proxied p({.strip_prefix = "/notes"});
    const auto c = p.get(r.target);
    upstream_peer peer = p.upstream.accept();
    EXPECT_THAT(peer.take_until(), StartsWith("GET " + std::string{r.forwarded} + " HTTP/1.1\r\n"));
    c->leave();
  }
}

struct schemes_case {
  const char* name;
  std::vector<std::string> urls;
  tls_client_config tls;
  std::vector<std::string> want;  // key, a blank, code
};

TEST(service, is_reached_over_tls_as_a_whole_or_not_at_all) {
  const tls_client_config any{.dangerously_accept_any_certificate = true};
  const schemes_case rows[] = {
      {"all https", {"https://a", "https://b:8443"}, any, {}},
      {"none", {"http://a", "unix:/run/b.sock"}, {}, {}},
      {"both", {"https://a", "http://b"}, any, {"service.x.upstreams mixed-schemes"}},
      {"https and a socket", {"https://a", "unix:/run/b.sock"}, {}, {"service.x.upstreams mixed-schemes"}},
      {"[tls] without https", {"http://a"}, any, {"service.x.tls tls-without-https"}},
      {"a missing file", {"https://a"}, {.ca = {"/nowhere/ca.pem"}}, {"service.x.tls.ca cannot-read"}},
      {"both, and a missing file",
       {"https://a", "http://b"},
       {.ca = {"/nowhere/ca.pem"}},
       {"service.x.upstreams mixed-schemes", "service.x.tls.ca cannot-read"}},
      {"no valid URL, and a missing file",
       {"a:1"},
       {.ca = {"/nowhere/ca.pem"}},
       {"service.x.upstreams missing-scheme", "service.x.tls.ca cannot-read"}},
      {"the same host and port", {"https://a", "https://a:443"}, any, {"service.x.upstreams[1] duplicate"}},
  };
  for (const schemes_case& row : rows) {
    SCOPED_TRACE(row.name);
    const auto made = service::make(row.urls, {.tls = row.tls}, "service.x", "service.x.upstreams");
    std::vector<std::string> got;
    if (!made) {
      for (const config_error& e : made.error()) got.push_back(e.key + ' ' + e.code);
    }
    EXPECT_EQ(got, row.want);
  }
}

TEST(service, every_mistake_is_told_with_its_place) {
  const std::vector<std::string> urls{"http://a:1", "b:2", "http://a:1", "unix://x"};
  const auto made = service::make(urls,
                                  {.balance = "random",
                                   .passive_health = {.out_for = seconds{2}, .out_at_most = seconds{1}},
                                   .active_health = {.path = "health", .unhealthy = 0}},
                                  "service.x", "service.x.upstreams");
  ASSERT_FALSE(made.has_value());
  std::vector<std::string> told;
  for (const config_error& e : made.error()) told.push_back(e.key + " " + e.code);
  EXPECT_THAT(
      told, ElementsAre("service.x.upstreams[1] missing-scheme", "service.x.upstreams[2] duplicate",
                        "service.x.upstreams[3] not-a-socket-path", "service.x.balance unknown-value",
                        "service.x.passive_health.out_at_most out-of-range",
                        "service.x.active_health.path invalid-path", "service.x.active_health.unhealthy out-of-range"));
  const auto none = service::make({}, {}, "service.x", "service.x.upstreams");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().front().key + " " + none.error().front().code, "service.x.upstreams out-of-range");
  const auto prefix = proxy("http://a", {.strip_prefix = "/x/"}, "p").make();
  ASSERT_FALSE(prefix.has_value());
  EXPECT_EQ(prefix.error().front().key + " " + prefix.error().front().code, "p.strip_prefix invalid-prefix");
  EXPECT_TRUE(proxy({"http://a", "http://b"}).make().has_value());
}

}  // namespace
}  // namespace gatehouse::test
