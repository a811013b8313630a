#pragma once
// One request of a test_client: a transport whose two ends are strings.

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <gatehouse/base/random.hpp>
#include <gatehouse/net/loop.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/test_client.hpp>
#include <gatehouse/wire/chunked_decoder.hpp>

namespace gatehouse::detail::server {

class test_call final : private call_transport {
 public:
  /// Both outlive it.
  test_call(const dispatcher& routes, const limits& bounds);
  test_call(const test_call&) = delete;
  test_call& operator=(const test_call&) = delete;

  /// Sends `bytes`, one request, and waits for the answer.
  [[nodiscard]] test_response run(std::string_view bytes);
  /// Whether its handler let go of it. If not, it must not be destroyed.
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  void want_content() noexcept override { wants_content_ = true; }
  void send_head(const response_head& head, const body_framing& framing) noexcept override;
  bool send_content(std::string_view piece) noexcept override;
  bool flush() noexcept override { return true; }
  void end(bool aborted) noexcept override;
  void begin_tunnel() noexcept override { hang_up_ = true; }
  void want_tunnel_bytes() noexcept override {}
  [[nodiscard]] loop* on_loop() noexcept override;
  [[nodiscard]] steady_time ended(bool /*precisely*/) noexcept override { return clock_.steady(); }

  void begin() noexcept;
  void work_until(steady_time deadline);
  void feed() noexcept;
  void feed_chunked() noexcept;

  limits bounds_;
  gatehouse::call::surroundings around_{};
  real_clock clock_{};
  system_random random_{};
  loop* loop_ = nullptr;  // only when a handler asked for one
  std::array<char, std::size_t{64} * 1024> memory_;

  std::string bytes_;
  std::string_view left_;  // of the content, not delivered yet
  body_framing framing_{};
  chunked_decoder decoder_{bounds_};
  bool wants_content_ = false;
  bool content_ended_ = false;
  bool hang_up_ = false;
  bool ended_ = false;
  bool aborted_ = false;
  std::string head_;
  std::string body_;
  gatehouse::call call_{};  // last: ends before what it uses
};

}  // namespace gatehouse::detail::server
