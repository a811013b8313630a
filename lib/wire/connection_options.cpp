#include "connection_options.hpp"

#include <algorithm>
#include <string_view>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse::detail::wire {
namespace {

using ascii::equal_ignoring_case;

/// Fields that this server or the one behind it decides by. A hop that obeyed "Connection: Authorization" would take
/// them out between the check and the application (CVE-2024-45410; spec/http.md section 8.3).
constexpr field protected_fields[] = {
    field::host,           field::content_length,   field::content_type,     field::content_encoding,
    field::authorization,  field::cookie,           field::origin,           field::transfer_encoding,
    field::forwarded,      field::x_real_ip,        field::x_request_id,     field::x_csrf_token,
    field::client_ip,      field::true_client_ip,   field::cf_connecting_ip, field::sec_fetch_site,
    field::sec_fetch_mode, field::sec_fetch_dest,   field::expect,           field::via,
    field::traceparent,    field::x_requested_with,
};

bool is_protected(std::string_view name) noexcept {
  constexpr std::string_view forwarded_family = "x-forwarded-";
  if (equal_ignoring_case(name.substr(0, forwarded_family.size()), forwarded_family)) return true;
  const field id = find_field(name);
  return id != field::other && std::ranges::find(protected_fields, id) != std::end(protected_fields);
}

bool read_option(std::string_view option, connection_options& out) noexcept {
  if (equal_ignoring_case(option, "close")) {
    out.close = true;
  } else if (equal_ignoring_case(option, "keep-alive")) {
    out.keep_alive = true;
  } else if (equal_ignoring_case(option, "upgrade")) {
    out.upgrade = true;
  } else {
    return grammar::is_token(option) && !is_protected(option);
  }
  return true;
}

/// RFC 6455 section 4.1: sixteen bytes in base64.
bool is_websocket_key(std::string_view key) noexcept {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  return std::ranges::all_of(key.substr(0, 22), [](char c) { return ascii::is_alnum(c) || c == '+' || c == '/'; });
}

bool asks_for_websocket(const fields& f) noexcept {
  bool found = false;
  f.for_each(field::upgrade, [&found](std::string_view list) {
    grammar::for_each_element(list, [&found](std::string_view protocol) {
      found |= equal_ignoring_case(protocol, "websocket");
      return true;
    });
  });
  return found;
}

bool is_websocket_handshake(const request_head& head) noexcept {
  const fields& f = head.fields;
  return head.verb == method::get && f.count(field::upgrade) == 1 &&
         equal_ignoring_case(*f.get(field::upgrade), "websocket") && f.get(field::sec_websocket_version) == "13" &&
         is_websocket_key(f.get(field::sec_websocket_key).value_or(std::string_view{}));
}

// RFC 9110 section 7.8. Whatever is not a WebSocket handshake (h2c from Java's client, an old version) is no error: the
// Upgrade field is ignored, and hop-by-hop, so that it ends here and no tunnel can come of it.
reason read_upgrade(request_head& head, const connection_options& options) noexcept {
  if (!options.upgrade || head.version != http_version::http_1_1 || !asks_for_websocket(head.fields))
    return reason::none;
  // Content before the switch would be read as HTTP by one side and as frames by the other.
  if (head.framing.has_content()) return reason::http_invalid_upgrade;
  head.upgrade_websocket = is_websocket_handshake(head);
  return reason::none;
}

// RFC 9110 section 10.1.1.
reason read_expectation(request_head& head) noexcept {
  const auto value = head.fields.get(field::expect);
  if (!value) return reason::none;
  if (!equal_ignoring_case(*value, "100-continue")) return reason::http_unsupported_expectation;
  // "MUST ignore that expectation" in HTTP/1.0; and nothing waits where no content follows.
  head.expects_continue = head.version == http_version::http_1_1 && head.framing.has_content();
  return reason::none;
}

}  // namespace

reason read_connection(const fields& f, connection_options& out) noexcept {
  bool valid = true;
  f.for_each(field::connection, [&](std::string_view list) {
    valid = grammar::for_each_element(list, [&out](std::string_view option) { return read_option(option, out); }) &&
            valid;
  });
  return valid ? reason::none : reason::http_invalid_connection;
}

bool persists(const connection_options& options, http_version version) noexcept {
  if (options.close) return false;
  return version == http_version::http_1_1 || options.keep_alive;
}

reason read_connection_fields(request_head& head) noexcept {
  connection_options options;
  if (const reason why = read_connection(head.fields, options); why != reason::none) return why;
  head.keep_alive = persists(options, head.version);
  if (const reason why = read_expectation(head); why != reason::none) return why;
  return read_upgrade(head, options);
}

}  // namespace gatehouse::detail::wire
