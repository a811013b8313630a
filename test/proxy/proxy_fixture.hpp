#pragma once
// A proxy between a client that a test plays (a call_transport that keeps the exact bytes) and an upstream that it
// plays, too (real sockets). One thread, a virtual clock: nothing happens that the test did not let happen.

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/rules/policy.hpp>
#include <gatehouse/rules/standard_set.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/wire/request_parser.hpp>
#include <gatehouse/wire/serializer.hpp>

#include "recording_upstream.hpp"

namespace gatehouse::test {

/// What `upstream_events` were told, one line each.
class written_events final : public upstream_events {
 public:
  void on_unreachable(const exchange&, std::string_view, int, std::string_view text) noexcept override {
    lines.push_back("unreachable: " + std::string{text});
  }
  void on_error_replaced(const exchange&, status s, std::string_view body) noexcept override {
    lines.push_back("replaced " + std::to_string(number(s)) + ": " + std::string{body});
  }
  void on_broken_response(const exchange&, std::string_view, reason why) noexcept override {
    lines.push_back("broken: " + std::string{code(why)});
  }
  void on_health_changed(std::string_view, bool, std::string_view text) noexcept override {
    lines.push_back("health: " + std::string{text});
  }
  void on_powered_by(std::string_view product) noexcept override {
    lines.push_back("powered by " + std::string{product});
  }
  void on_untyped(const exchange&) noexcept override { lines.push_back("untyped"); }
  std::vector<std::string> lines{};
};

/// One policy, one handler.
class one_route final : public dispatcher {
 public:
  one_route(std::shared_ptr<const handler> to, std::vector<pending_rule> wanted) : to_(std::move(to)) {
    auto made = policy::make(wanted, states_);
    if (!made) throw std::runtime_error("policy: " + made.error().front().message);
    policy_ = std::move(*made);
  }
  [[nodiscard]] route_match find(const request_head&, path_parameters&) const noexcept override {
    return {.route = &info_, .handler = to_.get(), .rules = policy_.get()};
  }

 private:
  std::shared_ptr<const handler> to_;
  state_registry states_;
  std::shared_ptr<const policy> policy_;
  route_info info_{.pattern = "/*", .body_bytes = 1'000'000'000};
};

struct peer_facts {
  std::string peer = "203.0.113.7";
  bool trusted = false;
  std::string id = "rid-1";
};

/// One request of the played client.
class played_call final : public call_transport {
 public:
  played_call(loop& l, const dispatcher& routes, std::string head, const peer_facts& facts)
      : loop_(l), text_(std::move(head)), id_(facts.id) {
    exchange& e = call_.context();
    e.memory = arena{memory_};
    e.random = &random_;
    e.connection.peer = *ip_address::parse(facts.peer);
    e.client = e.connection.peer;
    e.peer_trusted = facts.trusted;
    e.id = id_;
    request_parser parser{bounds_};
    const parse_progress p = parser.parse(text_, e.request);
    if (p.what != parse_progress::kind::complete) throw std::runtime_error("the request is not valid: " + text_);
    call_.begin(*this, {.routes = &routes, .bounds = &bounds_});
  }

  ~played_call() {
    if (!is_over) leave();
  }

  // What the client does.
  void give(std::string piece, bool last) {  // only when `wants`
    wants = false;
    piece_ = std::move(piece);
    call_.content_arrived(piece_, last);
  }
  void leave() { call_.client_gone(reason::http_client_closed); }
  void break_content(reason why) { call_.content_failed(why); }
  void drain() {
    full = false;
    call_.drained();
  }
  void give_tunnel(std::string_view bytes) {
    wants = false;
    call_.tunnel_bytes(bytes);
  }

  std::string received{};   // as an HTTP/1.1 client would, without Date and Connection
  std::size_t flushed = 0;  // bytes that have left
  bool wants = false;       // content or tunnel bytes
  bool full = false;        // what the client takes: nothing more
  bool is_over = false;
  bool cut = false;
  bool tunnel = false;

 private:
  void want_content() noexcept override { wants = true; }
  void send_head(const response_head& head, const body_framing& framing) noexcept override {
    std::array<char, 65536> out;
    const bool upgrade = head.status() == status::switching_protocols;
    const std::size_t size = write_response_head(out, head, {.framing = framing, .upgrade_websocket = upgrade});
    received.append(out.data(), size);
    chunked_ = framing.how == body_framing::kind::chunked;
  }
  bool send_content(std::string_view piece) noexcept override {
    std::array<char, max_chunk_head> chunk;
    if (chunked_) received.append(chunk.data(), write_chunk_head(chunk.data(), piece.size()));
    received.append(piece);
    if (chunked_) received.append(chunk_tail);
    return !full;
  }
  bool flush() noexcept override {
    flushed = received.size();
    return true;
  }
  void end(bool aborted) noexcept override {
    is_over = true;
    cut = aborted;
    if (chunked_ && !aborted) received.append(last_chunk);
    flushed = received.size();
  }
  void begin_tunnel() noexcept override { tunnel = true; }
  void want_tunnel_bytes() noexcept override { wants = true; }
  [[nodiscard]] loop* on_loop() noexcept override { return &loop_; }
  [[nodiscard]] steady_time ended(bool /*precisely*/) noexcept override { return loop_.now(); }

  loop& loop_;
  std::string text_;
  std::string id_;
  std::string piece_{};
  limits bounds_{};
  system_random random_{};
  std::array<char, 16384> memory_{};
  call call_{};
  bool chunked_ = false;
};

inline std::shared_ptr<const handler> make_proxy(const std::string& url, proxy_options options) {
  auto made = proxy(url, std::move(options)).make();
  if (!made) throw std::runtime_error(made.error().front().message);
  return *made;
}

/// The proxy, its loop and its upstream.
class proxied {
 public:
  explicit proxied(proxy_options options = {}, std::vector<pending_rule> rules = {}, int receive_buffer = 0)
      : upstream([this] { step(); }, receive_buffer),
        routes_((options.events = &events, make_proxy(upstream.url(), options)), std::move(rules)) {}
  proxied(const proxied&) = delete;
  proxied& operator=(const proxied&) = delete;
  ~proxied() {
    if (says_goodbye) close_idle_upstreams(*events_loop);
  }

  std::unique_ptr<played_call> request(std::string head, const peer_facts& facts = {}) {
    return std::make_unique<played_call>(*events_loop, routes_, std::move(head), facts);
  }
  std::unique_ptr<played_call> get(std::string_view path = "/") {
    return request("GET " + std::string{path} + " HTTP/1.1\r\nHost: a.example\r\n\r\n");
  }

  void step() { events_loop->poll(milliseconds{1}); }
  /// Lets everything that is ready happen.
  void settle() {
    for (int i = 0; i < 6; ++i) step();
  }
  void until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it never happens");
      step();
    }
  }
  void until_ended(const played_call& c) {
    until([&] { return c.is_over; });
  }
  void pass(milliseconds time) {
    settle();
    clock.advance(time);
    settle();
  }

  bool says_goodbye = true;
  virtual_clock clock{};
  written_events events{};
  std::unique_ptr<loop> events_loop = loop::make(&clock);
  recording_upstream upstream;

 private:
  one_route routes_;
};

}  // namespace gatehouse::test
