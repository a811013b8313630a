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

/// What "instance" is, before a request id that is a UUID (RFC 9562 section 4). Of another id, which only a trusted
/// proxy can have sent, there is no "instance": it must be a URI reference (RFC 9457 section 3.1.5), and read as one, a
/// bare id means some place of the API. It is in X-Request-Id all the same.
inline constexpr std::string_view problem_instance_prefix = "urn:uuid:";
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;

/// {"type":...,"title":...,"status":...,"instance":"urn:uuid:<request_id>"} in `memory`; empty when it does not fit.
/// `answered` is the status really sent (a replaced upstream error keeps the upstream's). `request_id` may be empty.
/// `detail`: a member "detail" as it stands between the quotes of JSON; empty: there is none, as it has to be for
/// strangers.
[[nodiscard]] std::string_view write_problem(arena& memory, reason r, status answered, std::string_view request_id,
                                             std::string_view detail = {}) noexcept;

}  // namespace gatehouse
