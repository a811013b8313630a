#pragma once
// Conditional requests, RFC 9110 section 13. Pure.

#include <optional>
#include <string_view>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/http/request_head.hpp>

namespace gatehouse {

/// What is known of the representation that would be sent.
struct validators {
  std::string_view etag{};                     ///< as sent: "\"abc\"" or "W/\"abc\""; empty: none
  std::optional<system_time> last_modified{};  ///< fractions of a second are ignored
};

enum class precondition : unsigned char {
  proceed,       ///< as if nothing had been asked
  not_modified,  ///< 304
  failed,        ///< 412
};

/// Decides If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order of section 13.2.2, for a
/// resource that exists and whose answer would be a success. Fields that are not valid: If-Match fails, which is what
/// protects the resource; the others are ignored.
[[nodiscard]] precondition evaluate(const request_head& request, const validators& current, system_time now) noexcept;

/// Whether the request's Range is to be obeyed, as far as If-Range says: true without one. (Section 13.1.5: a strong
/// match, or exactly this date.)
[[nodiscard]] bool range_is_wanted(const request_head& request, const validators& current, system_time now) noexcept;

/// Whether `text` is one entity-tag of section 8.8.3.
[[nodiscard]] bool is_entity_tag(std::string_view text) noexcept;

}  // namespace gatehouse
