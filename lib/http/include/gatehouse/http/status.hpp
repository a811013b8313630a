#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse {

/// A status code. The names are RFC 9110's; any value from 100 to 599 may be carried (an upstream can send unregistered
/// ones).
enum class status : std::uint16_t {
  continue_ = 100,
  switching_protocols = 101,
  early_hints = 103,
  ok = 200,
  created = 201,
  accepted = 202,
  no_content = 204,
  reset_content = 205,
  partial_content = 206,
  moved_permanently = 301,
  found = 302,
  see_other = 303,
  not_modified = 304,
  temporary_redirect = 307,
  permanent_redirect = 308,
  bad_request = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  not_acceptable = 406,
  request_timeout = 408,
  conflict = 409,
  gone = 410,
  length_required = 411,
  precondition_failed = 412,
  content_too_large = 413,
  uri_too_long = 414,
  unsupported_media_type = 415,
  range_not_satisfiable = 416,
  expectation_failed = 417,
  misdirected_request = 421,
  unprocessable_content = 422,
  upgrade_required = 426,
  precondition_required = 428,
  too_many_requests = 429,
  request_header_fields_too_large = 431,
  internal_server_error = 500,
  not_implemented = 501,
  bad_gateway = 502,
  service_unavailable = 503,
  gateway_timeout = 504,
  http_version_not_supported = 505,
};

[[nodiscard]] constexpr unsigned number(status s) noexcept { return static_cast<unsigned>(s); }
[[nodiscard]] constexpr bool is_informational(status s) noexcept { return number(s) >= 100 && number(s) < 200; }
[[nodiscard]] constexpr bool is_client_error(status s) noexcept { return number(s) >= 400 && number(s) < 500; }
[[nodiscard]] constexpr bool is_server_error(status s) noexcept { return number(s) >= 500 && number(s) < 600; }
/// 1xx, 204 and 304 never have content (RFC 9112 section 6.3 rule 1).
[[nodiscard]] constexpr bool forbids_content(status s) noexcept {
  return is_informational(s) || s == status::no_content || s == status::not_modified;
}

/// The registered phrase, "Not Found"; empty for codes without one.
[[nodiscard]] std::string_view phrase(status s) noexcept;

}  // namespace gatehouse
