#pragma once
// The names that common sense keeps out of a CORS policy, in lower case. What the Fetch standard says of names is in
// browser_classify.hpp.

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace gatehouse::detail::rules {

/// Of a field name in a policy, and so of one that is looked up.
inline constexpr std::size_t max_header_name_bytes = 64;
/// Of all Access-Control-Request-Headers together: where every name is allowed, and what is added to the names that are
/// (for what proxies repeat, and white space).
inline constexpr std::size_t max_any_header_bytes = 4'096;
inline constexpr std::size_t header_list_slack = 256;

/// Fields of answers: in a list of request headers they were put into the wrong list.
inline constexpr auto response_only_headers = std::to_array<std::string_view>(
    {"access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods",
     "access-control-allow-headers", "access-control-max-age", "access-control-expose-headers"});

/// Fields of requests and of preflights: no answer that a page reads has them.
inline constexpr auto request_only_headers = std::to_array<std::string_view>(
    {"origin", "access-control-request-method", "access-control-request-headers", "access-control-allow-methods",
     "access-control-allow-headers", "access-control-max-age"});

/// What an application trusts about where a request came from or what it is: a page should not say it.
inline constexpr auto risky_request_headers = std::to_array<std::string_view>(
    {"forwarded", "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix",
     "x-forwarded-proto", "x-forwarded-server", "x-host", "x-http-method", "x-http-method-override",
     "x-method-override", "x-original-host", "x-original-url", "x-real-ip", "x-rewrite-url"});

[[nodiscard]] constexpr bool is_one_of(std::string_view name, std::span<const std::string_view> all) noexcept {
  return std::ranges::find(all, name) != all.end();
}

}  // namespace gatehouse::detail::rules
