#pragma once

#include <cstdint>
#include <string_view>

#include <gatehouse/base/reason.hpp>

namespace gatehouse {

/// How an origin differs from the allowed one that is nearest to it.
enum class origin_difference : std::uint8_t {
  unknown,  ///< nothing like it is allowed
  scheme,   ///< http and https
  port,     ///< the same host and scheme
  scheme_and_port,
  loopback_name,  ///< localhost, 127.0.0.1 and [::1] are the same machine and three origins
  apex,           ///< a pattern allows the names below this one, not this one
};

/// What a page of another origin was not allowed: for the log and `explain`. Text lives as long as the exchange.
struct cors_denial {
  reason why = reason::none;
  bool of_upstream = false;  ///< the answer had CORS fields of its own, which were removed; also when nothing is denied
  origin_difference differs = origin_difference::unknown;
  std::string_view origin{};  ///< as sent: anything at all
  std::string_view what{};  ///< the method or the field name that is not allowed, as sent; empty when it is the origin
  std::string_view nearest{};  ///< an allowed origin or pattern, as configured; empty: none is like it
};

/// The name in traces of a policy that is only tried.
inline constexpr std::string_view cors_next_rule = "cors_next";

/// What a policy that is only tried would change: `cors(now, next)`, [cors_next].
enum class cors_change : std::uint8_t {
  none,  ///< none is tried, or no page of another origin asks
  same,
  would_deny,   ///< a page may read this now, or send it, and could not any more
  would_allow,  ///< the other way round
};

/// "would_deny": as logs and metrics have it. Of `none`: empty.
[[nodiscard]] constexpr std::string_view to_string(cors_change c) noexcept {
  switch (c) {
    case cors_change::none: break;
    case cors_change::same: return "same";
    case cors_change::would_deny: return "would_deny";
    case cors_change::would_allow: return "would_allow";
  }
  return {};
}

}  // namespace gatehouse
