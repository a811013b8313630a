#pragma once
// What the client is told about a refusal: RFC 9457, bland on purpose. Nothing of the request, of the configuration or
// of an exception is ever in it (section 4: "not a debugging tool").

#include <string_view>

#include <gatehouse/base/arena.hpp>
#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/status.hpp>

namespace gatehouse {

/// The status a reason is answered with.
[[nodiscard]] status status_of(reason r) noexcept;
/// The sentence a client may read, e.g. "The request body is too large." Static text, no full details.
[[nodiscard]] std::string_view public_title(reason r) noexcept;

inline constexpr std::string_view problem_media_type = "application/problem+json";

/// {"type":...,"title":...,"status":...,"instance":"urn:uuid:<request_id>"} in `memory`; empty when it does not fit.
/// `answered` is the status really sent (a replaced upstream error keeps the upstream's). `request_id` may be empty:
/// then there is no "instance".
[[nodiscard]] std::string_view write_problem(arena& memory, reason r, status answered,
                                             std::string_view request_id) noexcept;

}  // namespace gatehouse
