#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <gatehouse/rules/rule.hpp>
#include <gatehouse/rules/state_registry.hpp>

namespace gatehouse {

/// The compiled rules of a host and path, in their fixed order. Immutable, shared by all threads. It runs their phases;
/// who does I/O for them (the server, the test client, `explain`) only follows what it returns.
class policy {
 public:
  /// Builds every rule. Errors: those of all rules together. At most one rule of each order (rate_limit aside): a later
  /// one of the same order replaces an earlier (which is then not built), which is how a user's rule replaces a
  /// default. The order of `wanted` does not matter otherwise: rules run in `rule_order`, rate limits among themselves
  /// as given.
  [[nodiscard]] static result<std::shared_ptr<const policy>, config_errors> make(std::span<const pending_rule> wanted,
                                                                                 state_registry& states);

  /// Runs on_request of the rules in order, from the beginning. The first step that is not `pass` is returned and where
  /// to go on is kept by the caller (`at`, starting at 0): after `ask` call `reply`, after `need_body` call `body`,
  /// until pass (the handler's turn), answer or refuse. A refusal of a report_only rule is traced as would_refuse and
  /// passed over.
  [[nodiscard]] step request(exchange& e, std::size_t& at) const noexcept;
  [[nodiscard]] step reply(exchange& e, std::size_t& at, const store_reply& r) const noexcept;
  [[nodiscard]] step body(exchange& e, std::size_t& at, std::span<const char> content) const noexcept;

  /// How many bytes of this response's content are to be held back for a rule; 0: none. Then `inspect` is called as
  /// rule::on_response_content, until it returns false, and `finalise` after that. At most one rule of a policy
  /// inspects.
  [[nodiscard]] std::size_t inspects(exchange& e, const response_head& head) const noexcept;
  [[nodiscard]] bool inspect(exchange& e, const held_content& content) const noexcept;

  /// The finaliser: on_response of every rule, backwards, for every response there is. The last `replace` wins; the
  /// fields that described replaced content are removed (Content-Type is set to the new one).
  [[nodiscard]] body_plan finalise(exchange& e, response_head& head) const noexcept;

  /// on_finish of the rules whose on_request ran, backwards. Exactly once: a second call does nothing.
  void finish(exchange& e, const outcome& o) const noexcept;

  /// Whether the connection's peer is a trusted proxy: exempt from connection caps, believed in its forwarded fields.
  [[nodiscard]] bool trusts_peer(const connection_info& c) const noexcept;

  /// Whether a CORS rule lists origins.
  [[nodiscard]] bool lists_origins() const noexcept { return lists_origins_; }
  /// Whether responses have a nonce: csp_nonce().
  [[nodiscard]] bool uses_csp_nonce() const noexcept { return uses_csp_nonce_; }

  /// Whether problem documents say what went wrong (errors.dev_errors).
  [[nodiscard]] bool shows_details() const noexcept { return shows_details_; }
  /// Whether answers are pages rather than an API's (headers.profile).
  [[nodiscard]] bool serves_pages() const noexcept { return serves_pages_; }

  [[nodiscard]] std::span<const std::unique_ptr<const rule>> rules() const noexcept { return rules_; }
  /// Whether a rule of this order is in it.
  [[nodiscard]] const rule* find(rule_order order) const noexcept;

 private:
  policy() = default;
  void add(std::unique_ptr<const rule> r, rule_phases phases);
  [[nodiscard]] std::size_t next_request(std::size_t from) const noexcept;
  step begin(exchange& e, std::size_t at) const noexcept;
  step go_on(exchange& e, std::size_t& at, step s, decision_trace::phase when) const noexcept;
  std::vector<std::unique_ptr<const rule>> rules_;
  std::vector<std::string_view> names_;  // of rules_
  // Bit i: rule i has this phase.
  std::uint64_t requests_ = 0;
  std::uint64_t responses_ = 0;
  std::uint64_t finishes_ = 0;
  std::uint64_t inspectors_ = 0;
  const rule* client_ip_ = nullptr;  // the one of them that knows trusted peers
  bool lists_origins_ = false;
  bool uses_csp_nonce_ = false;
  bool shows_details_ = false;
  bool serves_pages_ = false;
};

}  // namespace gatehouse
