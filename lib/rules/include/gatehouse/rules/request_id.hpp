#pragma once

#include <memory>
#include <string_view>

#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Nothing to configure: every exchange has an id, and every response says it.
struct request_id_config {};

/// Gives each exchange its id: a random UUID (RFC 9562 version 4), or the X-Request-Id of a trusted proxy. It is in the
/// log, in problem documents and in every response, those to refused heads included.
///
/// Default, and the only way: `app.use(request_id());` A proxy's own ids are kept by naming the proxy:
/// `app.use(client_ip({.trusted_proxies = {"10.0.0.0/8"}}));`
class request_id_policy final : public rule {
 public:
  [[nodiscard]] static result<std::unique_ptr<const request_id_policy>, config_errors> make(const request_id_config&);
  /// The inbound id to keep, or nothing: then one is made. From a trusted peer, one line, 1 to 128 of [A-Za-z0-9._-].
  /// Anything else is dropped, not refused: a bad id is no reason to fail a request, but a client's text must not get
  /// into logs.
  [[nodiscard]] static std::string_view check(const request_head& head, bool peer_trusted) noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "request_id"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::request_id; }
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;
  [[nodiscard]] body_plan on_response(exchange& e, slot& s, response_head& head) const noexcept override;
};

/// The exchange's id, made now if it has none yet (the head was refused before any rule ran). No allocation.
std::string_view ensure_request_id(exchange& e) noexcept;

[[nodiscard]] pending_rule request_id(request_id_config c = {});

}  // namespace gatehouse
