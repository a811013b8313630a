#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/server/block_pool.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/wire/response_parser.hpp>
#include <gatehouse/wire/serializer.hpp>

#include "loop_state.hpp"
#include "outgoing_bytes.hpp"
#include "response_content.hpp"

namespace gatehouse::detail::proxy {

/// One request on its way to an upstream and the answer on its way back: a state machine of callbacks on the loop of
/// the call. Its object is used again and again; it owns blocks only while bytes are waiting in them.
///
/// choosing -> connecting -> head -> content                      -> done
///                                           -> diagnosis (replaced once it was seen)
///                                -> diagnosis (content replaced) -> done
///                                -> tunnel (verified 101)        -> done
/// The request's content flows at the same time, in head and content. Whoever calls done(), finish() or fail() returns
/// at once: the object may serve the next request when they return.
class proxy_exchange final : private call_events, private stream_owner, private connect_owner, private deadline {
 public:
  explicit proxy_exchange(loop_state& home) noexcept;
  proxy_exchange(const proxy_exchange&) = delete;
  proxy_exchange& operator=(const proxy_exchange&) = delete;

  void begin(call& c, const forwarding& f) noexcept;
  /// The loop is gone: lets go of what stands on it. Not destroyed, since that would reach into the loop.
  void forget() noexcept { (void)connecting_.release(); }

 private:
  enum class phase : std::uint8_t { idle, connecting, head, content, diagnosis, tunnel };

  // Connection, retry, end (proxy_exchange.cpp).
  void choose_upstream() noexcept;
  [[nodiscard]] bool take_connection() noexcept;
  void connect() noexcept;
  void not_connected(const connect_result& r) noexcept;
  void judge(bool well) noexcept;
  void count_failure() noexcept;
  void let_go_of_probe() noexcept;
  [[nodiscard]] bool may_retry_here() const noexcept;
  [[nodiscard]] bool may_retry_elsewhere() const noexcept;
  [[nodiscard]] bool retry(reason why) noexcept;
  void take_back_request() noexcept;
  void let_go_of_connection(bool keep) noexcept;
  call& release() noexcept;
  void finish(bool keep_connection) noexcept;
  void fail(reason why) noexcept;
  void broken(reason why) noexcept;
  void upstream_gone(bool cleanly) noexcept;
  void expire_in(milliseconds time) noexcept;

  // The request (proxy_request.cpp).
  void send_request() noexcept;
  [[nodiscard]] std::size_t write_head(const fields& lines, std::string_view target) noexcept;
  [[nodiscard]] std::string_view forwarded_target() noexcept;
  void send_more() noexcept;
  void piece_sent() noexcept;
  void sending_failed() noexcept;

  // The response (proxy_response.cpp).
  void read_head() noexcept;
  void wait_for_more_head() noexcept;
  void answer(const received_response& r, std::size_t head_size) noexcept;
  void note_product(const fields& f) noexcept;
  void note_page(const fields& f) noexcept;
  void note_untyped() noexcept;
  void take_content(std::string_view input) noexcept;
  void deliver(std::string_view content) noexcept;
  void look_for_replacement() noexcept;
  void keep_for_log(std::string_view content) noexcept;
  void content_whole(bool keep_connection) noexcept;
  void go_on_receiving() noexcept;
  void response_complete(bool nothing_behind) noexcept;

  // What follows another answer than the usual one (proxy_tunnel.cpp).
  void answer_upgrade(const received_response& r, std::size_t head_size) noexcept;
  void tunnel_to_client(std::string_view bytes) noexcept;
  void tunnel_sent(outgoing_bytes::state s) noexcept;
  void begin_diagnosis() noexcept;
  void finish_diagnosis(bool keep_connection) noexcept;

  // call_events
  void on_content(std::string_view piece, bool last) noexcept override;
  void on_drained() noexcept override;
  void on_abort(reason why) noexcept override;
  void on_tunnel(std::string_view bytes) noexcept override;
  // connect_owner
  void on_connect(connect_result r) noexcept override;
  // stream_owner, passed on by upstream_connection
  std::span<char> receive_space() noexcept override;
  void on_received(std::size_t n) noexcept override;
  void on_end() noexcept override;
  void on_writable() noexcept override;
  void on_failure(int error_number) noexcept override;
  // deadline
  void expired() noexcept override;

  loop_state& home_;
  call* call_ = nullptr;
  const forwarding* route_ = nullptr;
  const settings* settings_ = nullptr;
  const upstream* upstream_ = nullptr;
  std::uint64_t tried_ = 0;        // upstreams, a bit each
  reason why_not_ = reason::none;  // what the one that was tried last failed with
  upstream_pool* pool_ = nullptr;
  upstream_tally* tally_ = nullptr;
  upstream_connection* connection_ = nullptr;
  std::unique_ptr<connecting> connecting_{};

  outgoing_bytes outgoing_{};
  pooled_block out_{};  // the request head while it is sent
  char chunk_head_[max_chunk_head] = {};
  std::string tunnel_rest_{};  // bytes of the client that the upstream does not take yet

  pooled_block in_{};
  std::size_t have_ = 0;  // bytes in in_
  response_parser parser_;
  response_content content_{};
  std::span<char> diagnosis_{};  // in the exchange's memory: how the content began that the rules replaced
  std::size_t dropped_ = 0;      // of that content

  status answered_ = status::ok;
  std::optional<seconds> upstream_keeps_{};
  std::uint8_t informational_ = 0;
  std::uint8_t connects_failed_ = 0;
  phase phase_ = phase::idle;
  bool more_content_ = false;  // of the request, to be read from the client
  bool request_done_ = false;  // sent whole
  bool stopped_sending_ = false;
  bool send_lost_ = false;  // the kernel refused to send: what is received may be cut off anywhere
  bool retried_here_ = false;
  bool retried_elsewhere_ = false;
  bool probing_ = false;
  bool reusable_ = false;
  bool endless_ = false;       // an event stream: silence is no fault
  bool paused_ = false;        // the client has enough to read
  bool client_ended_ = false;  // of a tunnel
};

}  // namespace gatehouse::detail::proxy
