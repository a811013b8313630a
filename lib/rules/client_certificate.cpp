#include <gatehouse/rules/client_certificate.hpp>

namespace gatehouse {

// Never only watched: who is let in by report_only would be a stranger with the rights of a service.
reason client_certificate_policy::check(const connection_info& c) noexcept {
  return c.has_client_certificate() ? reason::none : reason::tls_client_certificate_required;
}

step client_certificate_policy::on_request(exchange& e, slot&) const noexcept {
  const reason why = check(e.connection);
  return why == reason::none ? step::pass() : step::refuse(why);
}

pending_rule require_client_certificate() {
  return {rule_order::client_certificate,
          [](state_registry&) -> result<std::unique_ptr<const rule>, config_errors> {
            return std::unique_ptr<const rule>(std::make_unique<const client_certificate_policy>());
          },
          phases_of<client_certificate_policy>()};
}

}  // namespace gatehouse
