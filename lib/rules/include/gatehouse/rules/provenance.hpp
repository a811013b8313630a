#pragma once
// What rules tell each other, and the log, about the page that a request comes from.

#include <cstdint>

namespace gatehouse {

/// What the CORS policy says of a request's Origin, whatever is done with it. Set by the rule cors.
enum class origin_standing : std::uint8_t {
  unlisted,                 ///< not on the list, or there is no policy, no Origin or several
  any,                      ///< the policy is for everybody ("*")
  listed,                   ///< by name or pattern, without credentials
  listed_with_credentials,  ///< and its pages may act as whoever is logged in
};

/// What would have let a request pass that the CSRF guard refused: for the log and `explain`.
enum class csrf_remedy : std::uint8_t {
  none,               ///< nothing should: its Origin is "null" or no origin at all
  list_origin,        ///< the origin is not on the list
  allow_credentials,  ///< it is, but the request acts as somebody
  public_origin,      ///< it is the host that was asked, under another scheme: TLS ends in front of us
};

}  // namespace gatehouse
