#pragma once
// Lines from records. Appends to a text that the log's thread keeps, so that nothing is allocated once it has grown.

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include <gatehouse/server/access_log.hpp>

#include "access_log_record.hpp"
#include "access_log_repeats.hpp"

namespace gatehouse::detail::server {

/// What is not an exchange.
struct log_note {
  std::int64_t at_us = 0;
  log_level level = log_level::info;
  bool verbatim = false;  ///< the start-up screen: as it is, and not in JSON
  std::string event{};
  std::string text{};
  std::string id{};
};

/// "000" to "999", each in four bytes, so that one is a load and a store.
inline constexpr auto three_digits = [] {
  std::array<std::array<char, 4>, 1000> all{};
  for (std::size_t n = 0; n < all.size(); ++n) {
    all[n] = {static_cast<char>('0' + n / 100), static_cast<char>('0' + n / 10 % 10), static_cast<char>('0' + n % 10)};
  }
  return all;
}();

/// "007". `value` is below 1000; `to` has room for one byte more.
[[nodiscard]] inline char* write_three_digits(char* to, unsigned value) noexcept {
  std::memcpy(to, three_digits[value].data(), three_digits[value].size());
  return to + 3;
}

/// "7". As above.
[[nodiscard]] inline char* write_small_number(char* to, unsigned value) noexcept {
  const unsigned skipped = value < 10 ? 2 : (value < 100 ? 1 : 0);
  std::memcpy(to, three_digits[value].data() + skipped, 4 - skipped);
  return to + 3 - skipped;
}

/// The times of lines. Keeps the text of the last second: most lines are of the same one.
class line_clock {
 public:
  enum class zone : std::uint8_t {
    utc,    ///< "2026-01-31T12:00:00.123Z"
    local,  ///< "12:00:00.123"
  };
  explicit line_clock(zone z) noexcept : zone_(z) {}
  static constexpr std::size_t max_text = 24;
  /// `to` has room for max_text. Returns behind what was written.
  [[nodiscard]] char* write(char* to, std::int64_t microseconds) noexcept {
    constexpr std::int64_t per_second = 1'000'000;
    if (microseconds < begins_ || microseconds >= begins_ + per_second) render(microseconds / per_second);
    std::memcpy(to, text_.data(), text_.size());  // all of it: a copy of known size costs nothing
    to = write_three_digits(to + size_, static_cast<unsigned>(microseconds - begins_) / 1000);
    if (zone_ == zone::utc) *to++ = 'Z';
    return to;
  }
  void append(std::string& out, std::int64_t microseconds);

 private:
  void render(std::int64_t second) noexcept;
  zone zone_;
  std::int64_t begins_ = std::numeric_limits<std::int64_t>::min();  // microseconds: the second that `text_` is of
  std::array<char, 20> text_{};
  std::size_t size_ = 0;
};

class line_writer {
 public:
  virtual ~line_writer() = default;
  virtual void append(std::string& out, const log_record& r) = 0;
  virtual void append(std::string& out, const log_note& n) = 0;
  /// access_log::explained_by.
  virtual void explained_by(const std::string& /*command*/) {}
  virtual void append(std::string& out, const log_repeats& r) = 0;
};

/// Not fewer bytes than write_json_line writes of this record.
[[nodiscard]] std::size_t json_line_bound(const log_record& r) noexcept;

/// What of a JSON line is nearly always the same as in one of the last, as it goes out. OPTIMIZATION: copied instead of
/// written anew. Of one thread; a piece takes the place of another one, so their number is bounded.
class line_pieces {
 public:
  /// So much is copied, whatever the piece's size.
  static constexpr std::size_t longest = 96;
  struct piece {
    std::array<char, longest> text{};
    std::size_t size = 0;

    [[nodiscard]] char* write(char* to) const noexcept {
      std::memcpy(to, text.data(), text.size());
      return to + size;
    }
  };

  line_clock clock{line_clock::zone::utc};

  /// `","client":"127.0.0.1","method":"GET","path":`, of a method that is known.
  [[nodiscard]] const piece& asker(const record_numbers& n, logged_client how) noexcept {
    known_asker& known = askers_[(n.client.bytes().back() ^ static_cast<unsigned>(n.verb)) % askers_.size()];
    if (n.client != known.client || n.verb != known.verb) render(known, n, how);
    return known.line;
  }
  /// `,"route":"/notes/:id","aborted":false}` and the line's end. Null: of a route that is too long for it.
  [[nodiscard]] const piece* ending(std::string_view route) noexcept {
    if (route.empty() || route.size() > longest_route) return nullptr;
    known_ending& known = endings_[(route.size() ^ static_cast<unsigned char>(route.back())) % endings_.size()];
    if (route != known.route_text()) render(known, route);
    return known.line.size == 0 ? nullptr : &known.line;
  }

 private:
  static constexpr std::size_t longest_route = longest - sizeof(R"(,"route":"","aborted":false}.)");
  struct known_asker {
    ip_address client{};
    method verb = method::unknown;  // there is no piece of it
    piece line{};
  };
  struct known_ending {
    std::size_t route_size = 0;  // there is none of no route
    std::array<char, longest> route{};
    piece line{};

    [[nodiscard]] std::string_view route_text() const noexcept { return {route.data(), route_size}; }
  };
  static void render(known_asker& known, const record_numbers& n, logged_client how) noexcept;
  static void render(known_ending& known, std::string_view route) noexcept;

  std::array<known_asker, 16> askers_{};
  std::array<known_ending, 8> endings_{};
};

/// The line of a request, its end included, to a space of json_line_bound(r). `pieces` are of lines with the same
/// `client`. Returns behind what was written.
[[nodiscard]] char* write_json_line(char* to, const log_record& r, logged_client client, line_pieces& pieces) noexcept;

class json_lines final : public line_writer {
 public:
  explicit json_lines(logged_client client) noexcept : client_(client) {}
  void append(std::string& out, const log_record& r) override;
  void append(std::string& out, const log_note& n) override;
  void append(std::string& out, const log_repeats& r) override;

 private:
  void append_time(std::string& out, std::int64_t at_us);
  logged_client client_;
  line_pieces pieces_{};
};

class terminal_lines final : public line_writer {
 public:
  terminal_lines(bool colour, logged_client client) noexcept : colour_(colour), client_(client) {}
  void append(std::string& out, const log_record& r) override;
  void append(std::string& out, const log_note& n) override;
  void explained_by(const std::string& command) override { explained_by_ = command; }
  void append(std::string& out, const log_repeats& r) override;

 private:
  void append_refusal(std::string& out, const log_record& r);
  [[nodiscard]] bool is_new_origin(const log_record& r) const;
  void remember_origin(const log_record& r);
  void begin_colour(std::string& out, std::string_view sequence) const;
  void end_colour(std::string& out) const;

  void append_client(std::string& out, std::string_view before, const ip_address& client) const;

  bool colour_;
  std::string explained_by_{};  // empty: by nothing
  logged_client client_;
  line_clock clock_{line_clock::zone::local};
  std::array<std::uint64_t, reason_count> seen_{};  // the first refusal of each kind is explained, later ones are
                                                    // counted
  std::array<std::size_t, 64> origins_seen_{};      // origin, route and reason of what was explained
  std::size_t origins_ = 0;
};

/// The address as it may be logged: of a network all but its first bits (IPv4: 24, IPv6: 48) are zero.
[[nodiscard]] ip_address logged_address(const ip_address& client, logged_client how) noexcept;

/// `text` with control bytes (C1 and bidirectional overrides included) and what is no UTF-8 as \xNN: nothing that a
/// client or an upstream sent can move a terminal's cursor or start a line.
void append_printable(std::string& out, std::string_view text);

}  // namespace gatehouse::detail::server
