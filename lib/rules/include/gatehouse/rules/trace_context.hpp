#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// A `traceparent` field (W3C Trace Context). Views into what was parsed.
struct traceparent {
  std::uint8_t version = 0;
  std::string_view trace_id{};   ///< 32 lower-case hexadecimal digits, not all zero
  std::string_view parent_id{};  ///< 16 of them, not all zero
  std::uint8_t flags = 0;

  static constexpr std::uint8_t sampled = 1;

  /// Nothing when it is not valid; then the whole trace context has to be begun anew.
  [[nodiscard]] static std::optional<traceparent> parse(std::string_view text) noexcept;
};

struct trace_context_config {
  /// What a request without a valid traceparent gets: a new one with the sampled flag set, or not set ("not-sampled"),
  /// or none at all ("never").
  std::string begin = "sampled";
};

/// Keeps a request's place in a distributed trace, or begins a trace: the upstream, our log and the caller's tools then
/// speak of the same request. A valid traceparent goes on as it came: we report no spans, so a parent id of our own
/// would cut the upstream's spans off from the caller's. One that is not valid is dropped, and tracestate with it.
///
/// Default: `app.use(trace_context());` Where the upstream's tracing library decides by itself which requests it
/// samples: `app.use(trace_context({.begin = "never"}));`
class trace_context_policy final : public rule {
 public:
  /// Errors: begin is neither sampled nor not-sampled nor never.
  [[nodiscard]] static result<std::unique_ptr<const trace_context_policy>, config_errors> make(
      const trace_context_config& c);

  [[nodiscard]] std::string_view name() const noexcept override { return "trace_context"; }
  [[nodiscard]] rule_order order() const noexcept override { return rule_order::trace_context; }
  [[nodiscard]] step on_request(exchange& e, slot& s) const noexcept override;

 private:
  trace_context_policy() = default;
  bool begins_ = true;
  std::uint8_t begun_flags_ = traceparent::sampled;
};

/// The exchange's traceparent for who goes on with the trace. Of a trace that was begun it is generated when it is
/// first asked for: who answers by himself needs none. Empty: there is no trace.
std::string_view ensure_traceparent(exchange& e) noexcept;

[[nodiscard]] pending_rule trace_context(trace_context_config c = {});

}  // namespace gatehouse
