#include <gatehouse/http/problem.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

/// What `type` says (RFC 9457 section 3.1.1). `plain`: about:blank, and then the title is the status's phrase (section
/// 4.2.1): for what the status says completely, and for everything that is ours or the upstream's own business.
enum class kind : std::uint8_t { urn, plain };

struct row {
  reason why;
  gatehouse::status answered;
  std::string_view title;
  kind type = kind::urn;
};

// What another framing, size or spelling would cure has a type of its own; nothing here names a product, path, address
// or value. Statuses: spec/http.md sections 4 and 8.
using enum reason;
using st = gatehouse::status;
constexpr std::array<row, reason_count> rows{{
    {none, st::internal_server_error, "The server failed.", kind::plain},
    {http_malformed_request_line, st::bad_request, "The request line is malformed."},
    {http_invalid_method, st::bad_request, "The request method is invalid."},
    {http_unknown_method, st::not_implemented, "The request method is not implemented."},
    {http_connect_refused, st::method_not_allowed, "The request method is not allowed."},
    {http_trace_refused, st::method_not_allowed, "The request method is not allowed."},
    {http_invalid_target, st::bad_request, "The request target is invalid."},
    {http_ambiguous_path, st::bad_request, "The path of the request target is ambiguous."},
    {http_invalid_version, st::bad_request, "The HTTP version is malformed."},
    {http_unsupported_version, st::http_version_not_supported, "The HTTP version is not supported."},
    {http_bare_line_ending, st::bad_request, "A line of the request does not end in CR LF."},
    {http_invalid_field_line, st::bad_request, "A header field line is malformed."},
    {http_invalid_field_name, st::bad_request, "The name of a header field is invalid."},
    {http_invalid_field_value, st::bad_request, "The value of a header field is invalid."},
    {http_obsolete_line_folding, st::bad_request, "A header field is folded over several lines."},
    {http_space_before_colon, st::bad_request, "A header field has white space before its colon."},
    {http_underscore_in_field_name, st::bad_request, "The name of a header field contains an underscore."},
    {http_missing_host, st::bad_request, "The Host header field is missing."},
    {http_duplicate_host, st::bad_request, "The Host header field appears more than once."},
    {http_invalid_host, st::bad_request, "The Host header field is invalid."},
    {http_host_mismatch, st::bad_request, "The request target and the Host header field disagree."},
    {http_host_not_allowed, st::misdirected_request, "This server does not answer for the requested host."},
    {http_conflicting_length, st::bad_request, "The length of the request body is stated in conflicting ways."},
    {http_invalid_content_length, st::bad_request, "The Content-Length header field is invalid."},
    {http_duplicate_content_length, st::bad_request, "The Content-Length header field appears more than once."},
    {http_invalid_transfer_encoding, st::bad_request, "The Transfer-Encoding header field is invalid."},
    {http_unsupported_transfer_encoding, st::not_implemented, "The transfer coding is not supported."},
    {http_invalid_chunk, st::bad_request, "The chunked request body is malformed."},
    {http_invalid_trailer, st::bad_request, "The trailer section is malformed."},
    {http_invalid_connection, st::bad_request, "The Connection header field is invalid."},
    {http_invalid_upgrade, st::bad_request, "The requested protocol upgrade is invalid."},
    {http_unsupported_expectation, st::expectation_failed, "The expectation is not supported."},
    {http_duplicate_field, st::bad_request, "A header field that may appear once appears more than once."},
    {http_not_found, st::not_found, "There is nothing here.", kind::plain},
    {http_method_not_allowed, st::method_not_allowed, "The request method is not allowed here.", kind::plain},
    {http_unsupported_media_type, st::unsupported_media_type, "The media type is not supported.", kind::plain},
    {http_bad_request, st::bad_request, "The request is invalid.", kind::plain},
    {http_client_closed, st::bad_request, "The connection was closed.", kind::plain},  // nobody left to read it
    {tls_misdirected, st::misdirected_request, "This connection was not made for the requested host."},
    // CHOICE: 403, as IIS (403.7); 401 needs a challenge (RFC 9110 section 15.5.2), and there is none for this.
    {tls_client_certificate_required, st::forbidden, "A client certificate is required."},
    // Which part of the policy a request failed is for the log only (spec/cors.md row 30).
    {cors_origin_not_allowed, st::forbidden, "The request is not allowed from there.", kind::plain},
    {cors_invalid_origin, st::forbidden, "The request is not allowed from there.", kind::plain},
    {cors_multiple_origins, st::bad_request, "The request is not allowed from there.", kind::plain},
    {cors_method_not_allowed, st::forbidden, "The request is not allowed from there.", kind::plain},
    {cors_header_not_allowed, st::forbidden, "The request is not allowed from there.", kind::plain},
    {cors_invalid_preflight, st::forbidden, "The request is not allowed from there.", kind::plain},
    {cors_credentials_not_allowed, st::forbidden, "The request is not allowed from there.", kind::plain},
    {csrf_cross_origin, st::forbidden, "The request is not allowed from there.", kind::plain},
    {csrf_websocket_origin, st::forbidden, "The request is not allowed from there.", kind::plain},
    {csrf_malformed_provenance, st::forbidden, "The request is not allowed from there.", kind::plain},
    {csrf_no_provenance, st::forbidden, "The request is not allowed from there.", kind::plain},
    {csrf_token, st::forbidden, "The request has no valid CSRF token."},
    {validation_invalid_parameter, st::bad_request, "A parameter of the request is invalid."},
    {validation_invalid_body, st::bad_request, "The request body is invalid."},
    {limit_target_too_long, st::uri_too_long, "The request target is too long."},
    {limit_head_too_large, st::request_header_fields_too_large, "The request header section is too large."},
    {limit_too_many_fields, st::request_header_fields_too_large, "The request has too many header fields."},
    {limit_body_too_large, st::content_too_large, "The request body is too large."},
    {limit_body_budget, st::service_unavailable, "The service is overloaded.", kind::plain},
    {limit_head_timeout, st::request_timeout, "The request header section took too long."},
    {limit_body_timeout, st::request_timeout, "The request body took too long."},
    {limit_body_too_slow, st::request_timeout, "The request body arrives too slowly."},
    {limit_write_stalled, st::request_timeout, "The response was not read.", kind::plain},  // reset, never sent
    {limit_connections, st::service_unavailable, "The service is overloaded.", kind::plain},
    {limit_connections_per_client, st::service_unavailable, "There are too many connections from this client."},
    {limit_exchange_memory, st::internal_server_error, "The server failed.", kind::plain},
    {upstream_unreachable, st::bad_gateway, "The service is not available.", kind::plain},
    {upstream_name_not_found, st::bad_gateway, "The service is not available.", kind::plain},
    {upstream_connect_timeout, st::gateway_timeout, "The service did not answer in time.", kind::plain},
    {upstream_tls_untrusted, st::bad_gateway, "The service is not available.", kind::plain},
    {upstream_tls_name, st::bad_gateway, "The service is not available.", kind::plain},
    {upstream_tls_expired, st::bad_gateway, "The service is not available.", kind::plain},
    {upstream_tls_handshake, st::bad_gateway, "The service is not available.", kind::plain},
    {upstream_timeout, st::gateway_timeout, "The service did not answer in time.", kind::plain},
    {upstream_closed_early, st::bad_gateway, "The service failed to answer.", kind::plain},
    {upstream_invalid_response, st::bad_gateway, "The service failed to answer.", kind::plain},
    {upstream_invalid_upgrade, st::bad_gateway, "The service failed to answer.", kind::plain},
    {upstream_overloaded, st::service_unavailable, "The service is overloaded.", kind::plain},
    {upstream_unavailable, st::service_unavailable, "The service is not available.", kind::plain},
    {upstream_error_replaced, st::bad_gateway, "The service failed.", kind::plain},  // the real status is passed
    {upstream_leak_replaced, st::bad_gateway, "The service failed.", kind::plain},   // as above
    {server_handler_failed, st::internal_server_error, "The server failed.", kind::plain},
    {server_shutting_down, st::service_unavailable, "The service is restarting.", kind::plain},
    {server_overloaded, st::service_unavailable, "The service is overloaded.", kind::plain},
}};

constexpr bool every_reason_has_its_row() noexcept {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].why != static_cast<reason>(i) || rows[i].title.empty()) return false;
  }
  return true;
}
static_assert(every_reason_has_its_row(),
              "a reason was added or moved: give it its row, in the order of GATEHOUSE_REASONS");

/// Titles go into JSON as they are.
constexpr bool titles_need_no_escapes() noexcept {
  return std::ranges::all_of(rows, [](const row& r) {
    return std::ranges::all_of(r.title,
                               [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '<'; });
  });
}
static_assert(titles_need_no_escapes());

constexpr const row& row_of(reason r) noexcept { return rows[static_cast<std::size_t>(r)]; }

/// Joins pieces in an arena: once to count, once to copy.
std::string_view join(arena& memory, std::span<const std::string_view> pieces) noexcept {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  char* const begin = memory.allocate(size);
  if (begin == nullptr) return {};
  char* at = begin;
  for (const auto piece : pieces) at = std::ranges::copy(piece, at).out;
  return {begin, size};
}

}  // namespace

status status_of(reason r) noexcept { return row_of(r).answered; }

std::string_view public_title(reason r) noexcept { return row_of(r).title; }

// https://www.rfc-editor.org/rfc/rfc9562#section-4 : 8-4-4-4-12
bool is_uuid(std::string_view text) noexcept {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, form,
                            [](char c, char wanted) { return wanted == '-' ? c == '-' : ascii::hex_value(c) >= 0; });
}

// https://www.rfc-editor.org/rfc/rfc9457#section-3.1
std::string_view write_problem(arena& memory, reason r, status answered, std::string_view request_id,
                               std::string_view detail) noexcept {
  const row& known = row_of(r);
  const bool plain = known.type == kind::plain;
  const bool has_instance = is_uuid(request_id);
  const std::string_view registered = phrase(answered);
  char digits[8];
  const auto written = std::to_chars(digits, digits + sizeof digits, number(answered));
  const std::array<std::string_view, 13> pieces{
      plain ? R"({"type":"about:blank)" : R"({"type":"urn:problem-type:)",
      plain ? "" : code(r),
      R"(","title":")",
      plain && !registered.empty() ? registered : known.title,
      R"(","status":)",
      {digits, static_cast<std::size_t>(written.ptr - digits)},
      detail.empty() ? "" : R"(,"detail":")",
      detail,
      detail.empty() ? "" : R"(")",
      has_instance ? R"(,"instance":")" : "",
      has_instance ? problem_instance_prefix : "",
      has_instance ? request_id : "",
      has_instance ? R"("})" : "}",
  };
  return join(memory, pieces);
}

}  // namespace gatehouse
