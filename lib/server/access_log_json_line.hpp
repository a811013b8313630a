#pragma once
// The line of a request as JSON. OPTIMIZATION: it is written for every request, so all of it that a request without a
// reason needs is inline: where a record is known to have no more, nobody asks for the rest.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <gatehouse/base/byte_words.hpp>
#include <gatehouse/http/json_writer.hpp>

#include "access_log_clock.hpp"
#include "access_log_record.hpp"

namespace gatehouse::detail::server {

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
  [[nodiscard]] const piece& asker(const ip_address& client, method verb, logged_client how) noexcept {
    known_asker& known = askers_[(client.bytes().back() ^ static_cast<unsigned>(verb)) % askers_.size()];
    if (client != known.client || verb != known.verb) render(known, client, verb, how);
    return known.line;
  }
  /// `,"route":"/notes/:id","aborted":false}` and the line's end. Null: of a route that is too long for it.
  [[nodiscard]] const piece* ending(std::string_view route) noexcept {
    if (route.empty() || route.size() > longest_route) return nullptr;
    known_ending& known = endings_[(route.size() ^ static_cast<unsigned char>(route.back())) % endings_.size()];
    if (route.size() != known.route_size || !same_bytes(route, known.route.data())) render(known, route);
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
  };
  /// OPTIMIZATION: with no call, most of them being short.
  [[nodiscard]] static bool same_bytes(std::string_view text, const char* other) noexcept {
    std::size_t at = 0;
    for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
      if (byte_words::load(text.data() + at) != byte_words::load(other + at)) return false;
    }
    for (; at < text.size(); ++at) {
      if (text[at] != other[at]) return false;
    }
    return true;
  }
  static void render(known_asker& known, ip_address client, method verb, logged_client how) noexcept;
  static void render(known_ending& known, std::string_view route) noexcept;

  std::array<known_asker, 16> askers_{};
  std::array<known_ending, 8> endings_{};
};

/// Where the next byte of a line goes; there is room for it.
struct line_cursor {
  explicit line_cursor(char* from) noexcept : at(from) {}

  template <std::size_t Size>
  void literal(const char (&words)[Size]) noexcept {
    std::memcpy(at, words, Size - 1);
    at += Size - 1;
  }
  /// What needs no escapes, and in which nothing is that would break a line (log_ring): words of our own, and ids, of
  /// which the rules request_id and trace_context let only letters, digits and "._-" pass.
  void text(std::string_view words) noexcept {
    std::memcpy(at, words.data(), words.size());
    at += words.size();
  }
  /// The same, nearly always of one size. OPTIMIZATION: then it is copied without a call.
  template <std::size_t Usual>
  void usually(std::string_view words) noexcept {
    if (words.size() != Usual) return text(words);
    std::memcpy(at, words.data(), Usual);
    at += Usual;
  }
  /// With quotes, and escapes where they are needed.
  void string(std::string_view words) noexcept { at = write_json_string(at, words); }
  [[gnu::always_inline]] void number(std::uint64_t value) noexcept {
    at = value < 1000 ? write_small_number(at, static_cast<unsigned>(value)) : write_number(at, value);
  }
  void status(std::uint16_t value) noexcept {
    if (value < 100 || value > 999) return number(value);  // 0: nothing was answered
    at = write_three_digits(at, value);
  }
  /// In milliseconds, with three digits of their fraction.
  void duration(std::uint64_t microseconds) noexcept {
    number(microseconds / 1000);
    *at++ = '.';
    at = write_three_digits(at, static_cast<unsigned>(microseconds % 1000));
  }

  char* at;

 private:
  [[nodiscard]] static char* write_number(char* to, std::uint64_t value) noexcept;
};

// What few lines need. Each returns behind what it wrote. OPTIMIZATION: by value, so that a record of which nobody has
// the address is never put together.

/// From the client to the path's key, in full.
struct line_asker {
  ip_address client;
  method verb;
  std::string_view method_text;
  std::string_view certificate;
};
[[nodiscard]] char* write_asker(char* to, line_asker who, logged_client how) noexcept;
[[nodiscard]] char* write_query(char* to, std::string_view keys) noexcept;
[[nodiscard]] char* write_reason(char* to, const record_numbers& n) noexcept;
/// What stands behind the sizes, but for how it ended.
[[nodiscard]] char* write_particulars(char* to, const log_record& r) noexcept;
[[nodiscard]] char* write_ending(char* to, std::string_view route, bool aborted) noexcept;

enum class json_line : std::uint8_t {
  plain,  ///< of plain_record_of(): there is no reason
  any,
};

/// Not fewer bytes than write_json_line writes of this record. Every byte of a text may become an escape; each key of a
/// query has two quotes and a comma, and had an '&'. Names, numbers and the address are far below the rest.
/// OPTIMIZATION: of the two texts that may be long their sizes, of the others the longest.
template <json_line Kind>
[[nodiscard]] constexpr std::size_t json_line_bound(const log_record& r) noexcept {
  constexpr std::size_t with_reason = Kind == json_line::plain
                                          ? 0
                                          : max_logged_host + max_logged_origin + max_logged_denied;
  constexpr std::size_t all_else = 720 + 2 * line_pieces::longest + max_logged_id + max_logged_trace +
                                   max_logged_certificate +
                                   max_json_bytes_of_one * (max_logged_method + max_logged_route + with_reason);
  return all_else + max_json_bytes_of_one * r.path.size() + (max_json_bytes_of_one + 3) * r.query_keys.size();
}

/// The line of a request, its end included, to a space of json_line_bound(r): no question of room, and no call for what
/// is short. `pieces` are of lines with the same `client`. Returns behind what was written.
template <json_line Kind>
[[nodiscard, gnu::always_inline]] inline char* write_json_line(char* space, const log_record& r, logged_client client,
                                                               line_pieces& pieces) noexcept {
  constexpr bool may_have_reason = Kind == json_line::any;
  constexpr std::size_t uuid_size = 36;
  const record_numbers& n = r.numbers;
  line_cursor to(space);
  to.literal(R"({"time":")");
  to.at = pieces.clock.write(to.at, n.began_us);
  if (n.status >= 500) {
    to.literal(R"(","level":"error","event":"request","id":")");
  } else if (n.aborted || (may_have_reason && n.why != reason::none)) {
    to.literal(R"(","level":"warning","event":"request","id":")");
  } else {
    to.literal(R"(","level":"info","event":"request","id":")");
  }
  to.usually<uuid_size>(r.id);
  if (!r.trace.empty()) {
    to.literal(R"(","trace":")");
    to.usually<max_logged_trace>(r.trace);
  }
  if (r.certificate.empty() && n.verb != method::unknown) {
    to.at = pieces.asker(n.client, n.verb, client).write(to.at);
  } else {
    to.at = write_asker(to.at, {n.client, n.verb, r.method, r.certificate}, client);
  }
  to.string(r.path);
  if (!r.query_keys.empty()) to.at = write_query(to.at, r.query_keys);
  to.literal(R"(,"status":)");
  to.status(n.status);
  if constexpr (may_have_reason) {
    if (n.why != reason::none) to.at = write_reason(to.at, n);
  }
  to.literal(R"(,"duration_ms":)");
  to.duration(n.duration_us);
  to.literal(R"(,"bytes_in":)");
  to.number(n.bytes_in);
  to.literal(R"(,"bytes_out":)");
  to.number(n.bytes_out);
  if constexpr (may_have_reason) {
    if (n.why != reason::none) to.at = write_particulars(to.at, r);
  }
  const line_pieces::piece* const usual = n.aborted ? nullptr : pieces.ending(r.route);
  return usual != nullptr ? usual->write(to.at) : write_ending(to.at, r.route, n.aborted);
}

}  // namespace gatehouse::detail::server
