#pragma once
// One HTTP/1 connection: bytes in, calls through, bytes out. One exchange at a time; pipelined requests wait in the
// buffer and their answers leave together.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/net/stream.hpp>
#include <gatehouse/net/timer_wheel.hpp>
#include <gatehouse/server/block_pool.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/wire/chunked_decoder.hpp>
#include <gatehouse/wire/request_parser.hpp>

#include "output.hpp"
#include "worker.hpp"

namespace gatehouse::detail::server {

class h1_connection final : private stream_owner, private call_transport {
 public:
  h1_connection(worker& w, stream_ptr s, const connection_info& info) noexcept;
  h1_connection(const h1_connection&) = delete;
  h1_connection& operator=(const h1_connection&) = delete;
  ~h1_connection();

  void start() noexcept;
  /// What its connection_info points to, for as long as an exchange may look at it.
  void keep(std::shared_ptr<const secure_channel> c) noexcept { channel_ = std::move(c); }
  /// Answers without reading and closes: over a cap.
  void start_refused(reason why) noexcept;
  /// The server stops: at once when idle, else with the answer of the request that runs.
  void shut_down() noexcept;
  /// Who let it in would not do so any more: as shut_down(), of this one alone.
  void retire() noexcept {
    retired_ = true;
    shut_down();
  }
  /// The time for that is over.
  void cut_off() noexcept { lost(reason::server_shutting_down); }
  /// What defer() asked for.
  void run_again() noexcept;
  [[nodiscard]] const connection_info& info() const noexcept { return info_; }
  [[nodiscard]] connection_summary summary() const noexcept;

  connection_hook hook{};  // the worker's
  bool deferred = false;   // the worker's

 private:
  enum class phase : std::uint8_t {
    idle,       // between requests, nothing received of the next
    head,       // some of a head received
    exchange,   // a call runs
    draining,   // answered; the rest of the request's content is dropped, then the next request
    tunnel,     // not HTTP any more
    flushing,   // the last answer leaves, then lingering
    lingering,  // FIN sent; what still arrives is dropped for a while, or the answer would be lost to a reset
    closed,
  };

  // stream_owner (h1_connection.cpp)
  std::span<char> receive_space() noexcept override;
  void on_received(std::size_t n) noexcept override;
  void on_end() noexcept override;
  void on_writable() noexcept override;
  void on_failure(int error_number) noexcept override;
  // call_transport (h1_transport.cpp)
  void want_content() noexcept override;
  void send_head(const response_head& head, const body_framing& framing) noexcept override;
  bool send_content(std::string_view piece) noexcept override;
  bool flush() noexcept override;
  void end(bool aborted) noexcept override;
  void begin_tunnel() noexcept override;
  void want_tunnel_bytes() noexcept override;
  [[nodiscard]] gatehouse::loop* on_loop() noexcept override { return &worker_->loop(); }
  [[nodiscard]] steady_time ended(bool precisely) noexcept override {
    if (precisely) worker_->loop().read_clock_again();
    return now();
  }

  [[nodiscard]] steady_time now() const noexcept { return worker_->loop().now(); }

  void process() noexcept;
  [[nodiscard]] bool progress() noexcept;
  [[nodiscard]] bool progress_head() noexcept;
  [[nodiscard]] bool progress_content() noexcept;
  [[nodiscard]] bool progress_drain() noexcept;
  [[nodiscard]] bool progress_tunnel() noexcept;
  [[nodiscard]] bool conclude() noexcept;
  void take_exchange() noexcept;
  void begin_exchange(const parse_progress& p) noexcept;
  void begin_refused(reason why) noexcept;
  void next_request() noexcept;

  struct content_piece {
    std::string_view bytes{};
    bool last = false;
    reason refused = reason::none;
  };
  [[nodiscard]] content_piece take_content() noexcept;
  [[nodiscard]] content_piece take_chunks() noexcept;
  void make_room() noexcept;
  [[nodiscard]] reason judge_announced(const content_piece& piece) const noexcept;
  [[nodiscard]] reason judge_rate(std::size_t bytes) noexcept;
  void ask_to_go_on() noexcept;
  void content_refused(reason why) noexcept;

  void wait() noexcept;
  void receive() noexcept;
  [[nodiscard]] std::size_t capacity() const noexcept { return in_.size() - body_padding; }
  [[nodiscard]] bool has_input() const noexcept { return begin_ != end_; }
  void push() noexcept;
  void after_send(int error_number) noexcept;
  void begin_linger() noexcept;
  void lost(reason why) noexcept;
  void close() noexcept;
  void read_expired() noexcept;
  void write_expired() noexcept;
  void expect(milliseconds within) noexcept;

  template <void (h1_connection::*Expired)() noexcept>
  class own_deadline final : public deadline {
   public:
    explicit own_deadline(h1_connection& c) noexcept : connection_(&c) {}

   private:
    void expired() noexcept override { (connection_->*Expired)(); }
    h1_connection* connection_;
  };

  worker* worker_;
  stream_ptr stream_;
  connection_info info_;
  std::shared_ptr<const secure_channel> channel_{};  // null without TLS
  bool retired_ = false;
  std::unique_ptr<h1_exchange> exchange_;
  request_parser parser_;
  chunked_decoder decoder_;  // not the exchange's: content that nobody wanted is read when that has ended
  output out_;
  own_deadline<&h1_connection::read_expired> read_deadline_{*this};
  own_deadline<&h1_connection::write_expired> write_deadline_{*this};
  steady_time opened_;

  // Received bytes: [begin_, end_) of in_ are not used up yet. Behind a head, content is received from content_start_
  // on.
  pooled_block in_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t content_start_ = 0;

  // The content of the request that runs.
  std::uint64_t content_left_ = 0;
  std::uint64_t content_received_ = 0;
  std::uint64_t drained_ = 0;
  steady_time wait_began_{};
  milliseconds waited_{0};
  body_framing::kind framing_ = body_framing::kind::none;

  std::uint64_t bytes_in_ = 0;  // of the connection
  std::uint32_t requests_ = 0;
  http_version version_ = http_version::http_1_1;
  phase phase_ = phase::idle;
  bool is_head_ = false;  // the request is HEAD
  bool content_whole_ = true;
  bool wants_ = false;             // the call asked for content or tunnel bytes
  bool expects_continue_ = false;  // and was not told to go on yet
  bool keep_alive_ = true;
  bool chunked_out_ = false;
  bool responded_ = false;  // the head of the response is out
  bool done_ = false;       // the call has ended
  bool cut_ = false;
  bool processing_ = false;
  bool told_to_wait_ = false;  // send_content returned false
  bool end_of_input_ = false;  // FIN received
  bool upgraded_ = false;
  bool waiting_to_send_ = false;  // the peer takes no more for now
  bool failed_ = false;           // sending failed
};

}  // namespace gatehouse::detail::server
