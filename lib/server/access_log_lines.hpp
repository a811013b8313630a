#pragma once
// Lines from records. Appends to a text that the log's thread keeps, so that nothing is allocated once it has grown.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/server/access_log.hpp>

#include "access_log_clock.hpp"
#include "access_log_json_line.hpp"
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

class line_writer {
 public:
  virtual ~line_writer() = default;
  virtual void append(std::string& out, const log_record& r) = 0;
  virtual void append(std::string& out, const log_note& n) = 0;
  /// access_log::explained_by.
  virtual void explained_by(const std::string& /*command*/) {}
  virtual void append(std::string& out, const log_repeats& r) = 0;
};

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

/// `text` with control bytes (C1 and bidirectional overrides included) and what is no UTF-8 as \xNN: nothing that a
/// client or an upstream sent can move a terminal's cursor or start a line.
void append_printable(std::string& out, std::string_view text);

}  // namespace gatehouse::detail::server
