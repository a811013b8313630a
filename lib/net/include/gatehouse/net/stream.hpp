#pragma once
// A byte stream: plain TCP, or TLS over it (tls.hpp), behind the same calls. Boost.Asio and OpenSSL stay in the .cpp
// files.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace gatehouse {

/// What a stream tells its owner. Always on the loop's thread, never from inside a call to the stream, never after
/// close().
class stream_owner {
 public:
  /// Bytes are waiting: where to put them. Asked only now, so that an idle connection owns no buffer. An empty span
  /// means no memory: the stream reports on_failure(ENOBUFS).
  [[nodiscard]] virtual std::span<char> receive_space() noexcept = 0;
  /// `n` bytes (never 0) were put at the beginning of the space. The stream must be asked to receive() again for more.
  virtual void on_received(std::size_t n) noexcept = 0;
  /// The other end finished sending (FIN, or TLS close_notify; a TLS stream cut without one is a failure).
  virtual void on_end() noexcept = 0;
  /// After want_writable(): sending makes progress again.
  virtual void on_writable() noexcept = 0;
  /// The connection is lost; `error_number` is errno. No call follows; the owner closes.
  virtual void on_failure(int error_number) noexcept = 0;

 protected:
  ~stream_owner() = default;
};

/// Borrowed bytes to send.
using const_bytes = std::string_view;

class stream {
 public:
  /// How stream_ptr gives one up.
  struct closer {
    void operator()(stream* s) const noexcept { s->close(); }
  };
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Who is told; before anything else. May be changed while no callback runs (a connection handing a tunnel over).
  virtual void owner(stream_owner& o) noexcept = 0;
  /// Arms one receive. No effect when armed already.
  virtual void receive() noexcept = 0;
  /// Takes the armed receive back: nothing is delivered until the next receive(). (Backpressure; a close is then
  /// noticed only on the next receive or send.)
  virtual void stop_receiving() noexcept = 0;

  /// Whether the kernel has bytes that were not delivered yet: closing now would answer them with a reset. A system
  /// call.
  [[nodiscard]] virtual bool has_unread() const noexcept = 0;

  struct send_result {
    std::size_t sent = 0;  ///< taken by the kernel (or the TLS buffer): from the front of the pieces
    int error_number = 0;  ///< not 0: the connection is lost
    bool begun = false;    ///< bytes behind `sent` may have left, too: of a TLS record that the kernel took a part of
  };
  /// Sends what fits now, in one system call; never blocks. Of more than 8 pieces the rest is left, as in any short
  /// send.
  [[nodiscard]] virtual send_result send(std::span<const const_bytes> pieces) noexcept = 0;
  /// on_writable() once, when a send that was short can go on.
  virtual void want_writable() noexcept = 0;
  /// Sends FIN after what was sent (TLS: close_notify first).
  virtual void finish_sending() noexcept = 0;
  /// Closes with RST, so that what the peer has of an unfinished message can not look finished (a body delimited by
  /// close).
  virtual void abort() noexcept = 0;
  /// After on_failure(): what the other end, or OpenSSL, said about it, printable. Empty: the error number is all there
  /// is.
  [[nodiscard]] virtual std::string_view trouble() const noexcept { return {}; }

 protected:
  stream() = default;
  ~stream() = default;

 private:
  /// Closes and gives the object up; it may live on in the loop until its last operation is back, but tells nobody.
  virtual void close() noexcept = 0;
};

using stream_closer = stream::closer;
/// Dropping it closes the connection.
using stream_ptr = std::unique_ptr<stream, stream_closer>;

}  // namespace gatehouse
