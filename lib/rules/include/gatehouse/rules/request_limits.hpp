#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// The body limit of a request: its route's own, or the one of all. What the server sets `exchange::body_limit` to.
[[nodiscard]] constexpr std::uint64_t body_limit_of(const route_info* route, const limits& all) noexcept {
  return route != nullptr && route->body_bytes != 0 ? route->body_bytes : all.body_bytes;
}

/// Refuses a body that says it is too long before a byte of it is read. (A body that does not say, a chunked one, is
/// counted by the server as it arrives; the head's own limits are the parser's.)
///
/// Default: `app.use(request_limits());` bodies up to 1 MiB. More on one route only, where routes are made:
/// `const route_info uploads{.pattern = "/uploads", .body_bytes = 20 * 1024 * 1024};`
class request_limits_policy final : public rule {
 public:
  /// limit.body-too-large, or none. Pure. A limit of 0 accepts only requests without content.
  [[nodiscard]] static reason check(const body_framing& framing, std::uint64_t body_limit) noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "limits"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::limits; }
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;
};

[[nodiscard]] pending_rule request_limits();

}  // namespace gatehouse
