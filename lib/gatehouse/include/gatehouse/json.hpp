#pragma once
// nlohmann::json in handlers: returned, it is answered as application/json; gh::json_body takes it. For programs that
// use that library anyway; this header needs it (Debian: nlohmann-json3-dev).

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <gatehouse/http/encode.hpp>
#include <gatehouse/server/answer.hpp>
#include <gatehouse/server/app.hpp>
#include <gatehouse/server/extractors.hpp>

namespace gatehouse {

using json = nlohmann::json;

/// Arrays and objects in each other, at most, in content that is read.
inline constexpr int max_json_depth = 64;

/// JSON content (else 415): valid UTF-8, no key twice in one object, at most 64 levels; anything else is 400.
/// MaxBytes as of body_text.
template <std::uint64_t MaxBytes>
class limited_json_body : public detail::server::extracted<json> {
  using extracted::extracted;
};
using json_body = limited_json_body<0>;

namespace detail::server {

template <>
struct custom_answer<json> {
  /// What is not UTF-8 in its strings is replaced (U+FFFD), not thrown about; < > & are escaped as json_writer does it.
  static std::string json(const gatehouse::json& value) {
    return encode::json_in_html(value.dump(-1, ' ', false, gatehouse::json::error_handler_t::replace));
  }
};

/// Refuses while parsing what two readers could understand differently, or what is too deep.
class json_guard {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start: keys_.emplace_back(); [[fallthrough]];
      case json::parse_event_t::array_start: good_ = good_ && depth < max_json_depth; break;
      case json::parse_event_t::object_end:
        if (!keys_.empty()) keys_.pop_back();
        break;
      case json::parse_event_t::key:
        // RFC 8259 section 4: what happens to a name that is there twice is unpredictable.
        good_ = good_ && !keys_.empty() && keys_.back().insert(parsed.get<std::string>()).second;
        break;
      default: break;
    }
    return good_;
  }
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  std::vector<std::set<std::string>> keys_;
  bool good_ = true;
};

template <std::uint64_t MaxBytes>
struct argument<limited_json_body<MaxBytes>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool is_body = true;
  static constexpr std::uint64_t max_bytes = MaxBytes;
  static bool read(argument_reader& from, limited_json_body<MaxBytes>& out) {
    std::string_view text;
    if (!from.body_json(text)) return false;
    json_guard guard;
    json parsed = json::parse(
        text, [&](int depth, json::parse_event_t event, json& value) { return guard(depth, event, value); }, false);
    if (!guard.good() || parsed.is_discarded()) return from.refuse(reason::validation_invalid_body);
    out = limited_json_body<MaxBytes>{std::move(parsed)};
    return true;
  }
};

}  // namespace detail::server
}  // namespace gatehouse
