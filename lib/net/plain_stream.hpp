#pragma once

#include <gatehouse/net/stream.hpp>

#include "reactor.hpp"

namespace gatehouse::detail::net {

/// TCP without TLS. Lives on the heap from its making to close().
class plain_stream final : public stream, private descriptor_owner {
 public:
  /// What a connected descriptor is watched for.
  static const std::uint32_t watched_events;

  /// Takes over `socket`, connected and watched, and what epoll said of it already. (An edge is not told twice.)
  [[nodiscard]] static stream_ptr make(descriptor_ptr socket, std::uint32_t events_seen);

  void owner(stream_owner& o) noexcept override { owner_ = &o; }
  void receive() noexcept override;
  void stop_receiving() noexcept override { receiving_ = false; }
  [[nodiscard]] bool has_unread() const noexcept override;
  [[nodiscard]] send_result send(std::span<const const_bytes> pieces) noexcept override;
  void want_writable() noexcept override;
  void finish_sending() noexcept override;
  void abort() noexcept override;

 private:
  plain_stream(descriptor_ptr socket, std::uint32_t events_seen) noexcept;
  ~plain_stream();
  void close() noexcept override { delete this; }

  void on_ready(std::uint32_t events) noexcept override;
  void note(std::uint32_t events) noexcept;
  void receive_once() noexcept;
  void on_nothing_received() noexcept;
  void fail(int error_number) noexcept;

  descriptor_ptr socket_;
  stream_owner* owner_ = nullptr;
  bool* gone_ = nullptr;    // set while on_ready runs: where to note that this object is no more
  int lost_ = 0;            // why a send failed
  bool receiving_ = false;  // asked for by the owner
  bool awaiting_writable_ = false;
  bool readable_ = false;       // a recv may find something
  bool hung_up_ = false;        // FIN or RST is there, perhaps behind bytes
  bool blocked_ = false;        // the last send was short, and no event since said that it can go on
  bool write_watched_ = false;  // EPOLLOUT is registered
  bool finished_ = false;       // nothing more will be received
};

}  // namespace gatehouse::detail::net
