#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gatehouse/base/internal_limits.hpp>
#include <gatehouse/net/tls.hpp>

#include "openssl.hpp"
#include "tls_client_context.hpp"
#include "tls_context.hpp"

namespace gatehouse::detail::net {

/// What a tls_stream tells whoever makes its handshake.
class handshake_listener {
 public:
  /// The first byte came. False: it is one too many, and the stream is given up.
  virtual bool on_handshake_begun() noexcept = 0;
  virtual void on_handshake_done() noexcept = 0;
  virtual void on_handshake_failed(tls_failure why) noexcept = 0;

 protected:
  ~handshake_listener() = default;
};

struct tls_buffers;

/// TLS over a plain stream, either side of it. OpenSSL reads from and writes to buffers that all connections of a
/// thread share, through a BIO of our own; what is kept for a connection is only what could not go on: ciphertext that
/// the kernel did not take, or that the owner did not ask for yet. While idle it owns neither, and OpenSSL has given
/// its own back.
class tls_stream final : public stream, private stream_owner {
 public:
  /// The server's side. Waits for the first byte with nothing but itself; `with` is kept as long as it lives.
  tls_stream(gatehouse::loop& l, stream_ptr plain, std::shared_ptr<const tls_contexts> with,
             handshake_listener& listener, std::string_view to_plain_text);
  /// The client's side, of what make_client() made for `facts`.
  tls_stream(gatehouse::loop& l, stream_ptr plain, ssl_ptr client, std::unique_ptr<client_facts> facts,
             handshake_listener& listener);
  ~tls_stream();

  /// Begins to listen for the first byte.
  void start() noexcept;
  /// Sends the client's first flight; how that ends the listener is told, at the earliest from inside of this.
  void start_client() noexcept;
  /// Of the client's side.
  [[nodiscard]] const client_facts& asked() const noexcept { return *client_; }
  /// The protocol that ALPN chose; empty: none.
  [[nodiscard]] std::string_view chosen_protocol() const noexcept;
  /// Of the server's side, inside of on_handshake_done().
  [[nodiscard]] const handshake_facts& handshake() const noexcept { return *facts_.handshake; }
  /// Inside of on_handshake_failed(): what is wrong with the certificate that the client has shown; printable.
  [[nodiscard]] std::string_view client_problem() const noexcept {
    return facts_.handshake == nullptr ? std::string_view{} : facts_.handshake->client_problem;
  }
  [[nodiscard]] bool was_resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }
  [[nodiscard]] std::string_view protocol() const noexcept { return SSL_get_version(ssl_.get()); }
  [[nodiscard]] const std::shared_ptr<const tls_contexts>& contexts() const noexcept { return with_; }
  /// The handshake is over, one way or the other: its listener is told nothing more.
  void forget_listener() noexcept { listener_ = nullptr; }

  void owner(stream_owner& o) noexcept override { owner_ = &o; }
  void receive() noexcept override;
  void stop_receiving() noexcept override;
  [[nodiscard]] bool has_unread() const noexcept override;
  [[nodiscard]] send_result send(std::span<const const_bytes> pieces) noexcept override;
  void want_writable() noexcept override;
  void finish_sending() noexcept override;
  void abort() noexcept override;
  [[nodiscard]] std::string_view trouble() const noexcept override {
    return client_ == nullptr ? std::string_view{} : client_->trouble;
  }

 private:
  enum class phase : std::uint8_t {
    silent,  // nothing came yet
    handshake,
    open,
    plain_text,  // it was none: answered, and what still comes is dropped
    over,        // failed, or the other end finished
  };

  void close() noexcept override;
  // What the plain stream tells.
  std::span<char> receive_space() noexcept override;
  void on_received(std::size_t n) noexcept override;
  void on_end() noexcept override;
  void on_writable() noexcept override;
  void on_failure(int error_number) noexcept override;

  void begin(char first_byte) noexcept;
  void begin_client(char first_byte) noexcept;
  [[nodiscard]] std::size_t messages() const noexcept;
  void note_trouble();
  void answer_plain_text() noexcept;
  void go_on() noexcept;
  void shake_hands() noexcept;
  [[nodiscard]] tls_failure why_refused() const noexcept;
  void deliver() noexcept;
  [[nodiscard]] bool deliver_once() noexcept;
  void on_nothing_read(int result) noexcept;
  void keep_input();
  void drop_input() noexcept;
  void go_on_later() noexcept;
  void fail(int error_number, tls_failure why) noexcept;
  [[nodiscard]] bool wants_input() const noexcept;

  // Ciphertext on its way out.
  [[nodiscard]] bool flush() noexcept;
  [[nodiscard]] std::size_t encrypt(std::span<const const_bytes> pieces, std::size_t skip) noexcept;
  void say_goodbye() noexcept;

  // Ciphertext that could not go on; nearly always there is none, and then no place for it.
  struct waiting_bytes {
    std::string held{};     // of input_, while nobody asks for more
    std::string pending{};  // what the kernel did not take
  };
  [[nodiscard]] std::string_view held() const noexcept {
    return waiting_ == nullptr ? std::string_view{} : waiting_->held;
  }
  [[nodiscard]] std::string_view pending() const noexcept {
    return waiting_ == nullptr ? std::string_view{} : waiting_->pending;
  }
  [[nodiscard]] waiting_bytes& waiting();
  void settle_waiting() noexcept;

  friend struct tls_buffers;
  [[nodiscard]] static bio_ptr make_bio(tls_buffers& of) noexcept;
  [[nodiscard]] bool attach_bio() noexcept;
  void share_bio() noexcept;
  [[nodiscard]] SSL* ssl() noexcept;
  static BIO_METHOD* bio_method();
  static int bio_read(BIO* bio, char* out, std::size_t size, std::size_t* taken);
  static int bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* taken);
  static long bio_control(BIO* bio, int command, long, void*);

  gatehouse::loop& loop_;
  std::shared_ptr<tls_buffers> buffers_;
  stream_ptr plain_;
  std::shared_ptr<const tls_contexts> with_;
  handshake_listener* listener_;
  stream_owner* owner_ = nullptr;
  std::string_view to_plain_text_;
  ssl_ptr ssl_{};
  server_facts facts_{};
  std::unique_ptr<client_facts> client_{};  // null: this is the server's side
  std::string_view input_{};                // ciphertext that OpenSSL has not taken yet
  std::unique_ptr<waiting_bytes> waiting_{};
  std::size_t ahead_ = 0;  // plaintext that is in pending() and was not called sent
  std::uint64_t received_ = 0;
  std::uint64_t answers_ = 0;  // that OpenSSL gave by itself
  std::size_t dropped_ = 0;
  std::shared_ptr<tls_stream*> later_{};  // for work that was posted: null in it when this object is no more
  int lost_ = 0;                          // why sending is impossible
  phase phase_ = phase::silent;
  bool receiving_ = false;  // asked for by the owner
  bool awaiting_writable_ = false;
  bool finished_ = false;  // the other end's close_notify came
  bool posted_ = false;
  bool finish_wanted_ = false;
  bool said_goodbye_ = false;
  bool aborted_ = false;
  bool inside_ = false;  // go_on() runs
  bool closed_ = false;  // while it did
};

}  // namespace gatehouse::detail::net
