#pragma once
// One line for every exchange, and for what the gateway itself has to say. The loops only put a few hundred bytes into
// a ring of their own; one thread collects and writes them. What is logged is a list of allowed fields, not of
// forbidden ones: docs/logging.md.

#include <cstdint>
#include <memory>
#include <string_view>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/server/call.hpp>

namespace gatehouse {

enum class log_style : std::uint8_t {
  terminal,  ///< lines for people
  json,      ///< one JSON object a line
};
enum class logged_client : std::uint8_t {
  full,     ///< 192.0.2.7
  network,  ///< 192.0.2.0, 2001:db8:1::
  none,     ///< no address at all
};
enum class logged_requests : std::uint8_t {
  all,
  problems,  ///< refused, failed, broken off, unreadable for the page, or refused if a rule did more than watch
  none,      ///< only what is no request: notes
};
enum class log_level : std::uint8_t { info, warning, error };

struct access_log_options {
  static constexpr std::size_t min_ring_bytes = 32 * 1024;  ///< a few of the longest lines
  int descriptor = 2;  ///< borrowed; never set to non-blocking, because others may share it
  log_style style = log_style::json;
  bool colour = false;  ///< terminal only
  logged_client client = logged_client::full;
  logged_requests requests = logged_requests::all;
  std::uint32_t sample_repeats = 100;   ///< lines a second of one reason on one route; more are counted; 0: no bound
  std::size_t ring_bytes = 256 * 1024;  ///< of each loop; at least min_ring_bytes, rounded up to a power of two
  milliseconds stuck_reader_timeout{2'000};  ///< how long flush() and close() wait for a reader that takes nothing
};

/// To standard error: lines for people where that is a terminal, JSON elsewhere.
[[nodiscard]] access_log_options log_to_stderr() noexcept;

/// Thread-safe. Recording never blocks and, once a thread has its ring, allocates nothing; a line that finds the ring
/// full, or a disk that is, is dropped and counted, and the log says how many were.
class access_log final : public exchange_log {
 public:
  explicit access_log(const access_log_options& options);
  ~access_log() override;

  void record(const exchange& e, const outcome& o) noexcept override;
  /// Of those that have to do with a client's certificate; what else fails, scanners make fail all day, and is only
  /// counted. One line a second, with the number of those between.
  void refused_handshake(const connection_info& from, tls_failure why, std::string_view particulars) noexcept override;
  /// Something that is not an exchange: started, upstream down, a warning. `event` is its name in JSON
  /// ("upstream-down"); `text` a sentence, escaped here; `id` the exchange it is about, or empty. At most 256 wait at a
  /// time.
  void note(log_level level, std::string_view event, std::string_view text, std::string_view id = {}) noexcept;
  /// Lines for people as they are (the start-up screen); nothing in JSON. Nothing is escaped: trusted text only.
  void screen(std::string_view text) noexcept;

  /// From now on the explanation of a refusal for people names this command with the request's id behind it:
  /// "gatehouse explain". Trusted text.
  void explained_by(std::string_view command) noexcept;

  /// Returns when all that was recorded before is written. False: the reader is stuck or gone.
  bool flush() noexcept;
  /// Writes what is left and ends the thread; nothing may be recorded after. The destructor does it, too.
  void close() noexcept;

  [[nodiscard]] std::uint64_t dropped() const noexcept;

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace gatehouse
