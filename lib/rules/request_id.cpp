#include <gatehouse/rules/request_id.hpp>

#include <algorithm>
#include <array>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/assert.hpp>

#include "hex.hpp"
#include "pending.hpp"
#include "response_edit.hpp"
#include "uuid_text.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t max_inbound_id = 128;

constexpr bool is_id_char(char c) noexcept { return ascii::is_alnum(c) || c == '.' || c == '_' || c == '-'; }

// https://www.rfc-editor.org/rfc/rfc9562#section-5.4
void write_uuid(random_source& random, std::array<char, 36>& out) noexcept {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);  // variant 10
  std::array<char, 32> digits;
  detail::rules::write_hex(bytes, digits.data());
  detail::rules::write_uuid_text(digits.data(), out.data());
}

}  // namespace

std::string_view ensure_request_id(exchange& e) noexcept {
  if (!e.id.empty()) return e.id;
  GATEHOUSE_ASSERT(e.random != nullptr);
  write_uuid(*e.random, e.id_text);
  e.id = {e.id_text.data(), e.id_text.size()};
  return e.id;
}

result<std::unique_ptr<const request_id_policy>, config_errors> request_id_policy::make(const request_id_config&) {
  return std::make_unique<const request_id_policy>();
}

std::string_view request_id_policy::check(const request_head& head, bool peer_trusted) noexcept {
  if (!peer_trusted || head.fields.count(field::x_request_id) != 1) return {};
  const std::string_view id = *head.fields.get(field::x_request_id);
  if (id.size() > max_inbound_id || !std::ranges::all_of(id, is_id_char)) return {};
  return id;
}

step request_id_policy::on_request(exchange& e, slot&) const noexcept {
  e.id = check(e.request, e.peer_trusted);
  ensure_request_id(e);
  return step::pass();
}

body_plan request_id_policy::on_response(exchange& e, slot&, response_head& head) const noexcept {
  detail::rules::set_surely(head, field::x_request_id, ensure_request_id(e));
  return body_plan::keep();
}

pending_rule request_id(request_id_config c) {
  return detail::rules::pending<request_id_policy>(rule_order::request_id, c);
}

}  // namespace gatehouse
