#include <gatehouse/rules/request_limits.hpp>

namespace gatehouse {

reason request_limits_policy::check(const body_framing& framing, std::uint64_t body_limit) noexcept {
  if (framing.how == body_framing::kind::length && framing.length > body_limit) return reason::limit_body_too_large;
  // Any chunk would be too much; the server's count would find out only after a "100 Continue".
  if (framing.how == body_framing::kind::chunked && body_limit == 0) return reason::limit_body_too_large;
  return reason::none;
}

step request_limits_policy::on_request(exchange& e, slot&) const noexcept {
  const reason why = check(e.request.framing, e.body_limit);
  return why == reason::none ? step::pass() : step::refuse(why);
}

pending_rule request_limits() {
  return {rule_order::limits,
          [](state_registry&) -> result<std::unique_ptr<const rule>, config_errors> {
            return std::unique_ptr<const rule>(std::make_unique<const request_limits_policy>());
          },
          phases_of<request_limits_policy>()};
}

}  // namespace gatehouse
