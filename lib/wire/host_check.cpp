#include "host_check.hpp"

#include <gatehouse/http/authority.hpp>

namespace gatehouse::detail::wire {
namespace {

/// "h", "h:" is refused elsewhere, and "h:80" are one authority for http, as in every URL parser.
bool same_authority(const authority& a, const authority& b, std::uint16_t default_port) noexcept {
  return same_host(a, b) && a.port.value_or(default_port) == b.port.value_or(default_port);
}

}  // namespace

reason check_host(request_head& head, const std::optional<absolute_form>& absolute, authority_memory& known) noexcept {
  const auto target = absolute ? authority::parse(absolute->authority) : std::nullopt;
  if (absolute && !target) return reason::http_invalid_target;  // userinfo, empty host, bad port

  // "A server MUST respond with a 400 to any HTTP/1.1 request message that lacks a Host header field and to any request
  // message that contains more than one Host header field line or [...] an invalid field value."
  const auto value = head.fields.get(field::host);
  if (!value) {
    if (head.version != http_version::http_1_0) return reason::http_missing_host;
    if (absolute) head.authority = *target;
    return reason::none;
  }
  if (head.fields.count(field::host) != 1) return reason::http_duplicate_host;
  const auto host = known.parse(*value);
  if (!host) return reason::http_invalid_host;
  // CHOICE: section 3.2.2 says to ignore Host beside an absolute-form target; the server behind us may ignore the
  // other.
  if (target && !same_authority(*target, *host, absolute->default_port)) return reason::http_host_mismatch;
  head.authority = *host;
  return reason::none;
}

}  // namespace gatehouse::detail::wire
