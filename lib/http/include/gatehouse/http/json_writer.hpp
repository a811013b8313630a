#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse {

/// Appends `text` as a JSON string with its quotes. Correct for any bytes: invalid UTF-8 becomes U+FFFD
/// (utf8_bad_size). Escapes < > & and U+2028/U+2029 as well, so that the text stays harmless where a browser mistakes
/// JSON for something else.
void append_json_string(std::string& out, std::string_view text);

/// No byte of a text becomes more than so many of its JSON string.
inline constexpr std::size_t max_json_bytes_of_one = 6;

/// As append_json_string, for who knows the room it needs: `to` has max_json_bytes_of_one bytes for each of `text` and
/// two for the quotes. Returns behind what was written.
[[nodiscard]] char* write_json_string(char* to, std::string_view text) noexcept;

/// Writes one JSON document into a string, commas and quotes included. Nesting is the caller's: begin and end must
/// pair.
class json_writer {
 public:
  explicit json_writer(std::string& out) noexcept : out_(&out) {}
  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();
  json_writer& key(std::string_view name);
  json_writer& value(std::string_view text);
  json_writer& value(const char* text) { return value(std::string_view{text}); }
  json_writer& value(std::int64_t number);
  json_writer& value(std::uint64_t number);
  json_writer& value(int number) { return value(static_cast<std::int64_t>(number)); }
  json_writer& value(double number);  ///< not finite: null
  json_writer& value(bool b);
  json_writer& null();

 private:
  void separate();
  std::string* out_;
  bool need_comma_ = false;
};

}  // namespace gatehouse
