#pragma once
// The contract of a rule (design.md). A rule is an immutable policy compiled from its configuration; everything else
// asks it.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/exchange.hpp>

namespace gatehouse {

class state_registry;

/// A small question that the server carries to shared state for a rule, so that the rule itself stays synchronous.
struct question {
  std::uint64_t key = 0;  ///< hashed by the rule
  std::uint32_t cost = 1;
};
/// What came back; `available` is false on timeout or failure, and the rule decides by itself.
struct store_reply {
  bool available = false;
  std::int64_t value = 0;
};

/// What a rule wants after a phase. OPTIMIZATION: two words, so that it travels in registers: every request takes one
/// from every rule.
class step {
 public:
  enum class kind : std::uint8_t { pass, answer, refuse, ask, need_body };
  [[nodiscard]] static step pass() noexcept { return step{kind::pass, 0, 0, 0}; }
  /// The request ends here with this status and no content; the rule adds its fields in on_response.
  [[nodiscard]] static step answer(status s) noexcept {
    return step{kind::answer, static_cast<std::uint16_t>(s), 0, 0};
  }
  /// The request ends here with a problem document.
  [[nodiscard]] static step refuse(reason r) noexcept {
    return step{kind::refuse, static_cast<std::uint16_t>(r), 0, 0};
  }
  /// `on_reply` is called with what the store says, before the next rule runs.
  [[nodiscard]] static step ask(question q) noexcept { return step{kind::ask, 0, q.cost, q.key}; }
  /// `on_body` is called with the whole body (at most `limit` bytes; over it: 413), before the next rule runs.
  [[nodiscard]] static step need_body(std::uint64_t limit) noexcept { return step{kind::need_body, 0, 0, limit}; }

  [[nodiscard]] kind what() const noexcept { return what_; }
  /// With what; `ok` unless this is an answer.
  [[nodiscard]] status answered() const noexcept {
    return what_ == kind::answer ? static_cast<status>(code_) : status::ok;
  }
  /// Why it is refused; `none` unless it is.
  [[nodiscard]] reason why() const noexcept {
    return what_ == kind::refuse ? static_cast<reason>(code_) : reason::none;
  }
  /// Only of `ask`.
  [[nodiscard]] question asked() const noexcept { return {.key = number_, .cost = cost_}; }
  /// Only of `need_body`.
  [[nodiscard]] std::uint64_t body_limit() const noexcept { return number_; }

 private:
  step(kind k, std::uint16_t code, std::uint32_t cost, std::uint64_t number) noexcept
      : number_(number), cost_(cost), code_(code), what_(k) {}

  std::uint64_t number_;  // of a question its key, of a body its limit
  std::uint32_t cost_;
  std::uint16_t code_;  // a status or a reason
  kind what_;
};
static_assert(sizeof(step) == 16 && std::is_trivially_copyable_v<step>);

/// What is to become of a response's content.
struct body_plan {
  enum class kind : std::uint8_t { keep, replace };
  kind what = kind::keep;
  // replace: the content is dropped, and with it every field that described it; these bytes (in the exchange's memory
  // or static) are sent instead. A response to HEAD is sent without them, with their length.
  std::string_view media_type{};
  std::string_view content{};
  reason why = reason::none;

  [[nodiscard]] static body_plan keep() noexcept { return {}; }
  [[nodiscard]] static body_plan replace(std::string_view media_type, std::string_view content, reason why) noexcept {
    return {.what = kind::replace, .media_type = media_type, .content = content, .why = why};
  }
};

/// Content of a response that is held back until a rule has seen enough of it.
struct held_content {
  std::string_view all{};  ///< all that came so far; valid during the call only
  bool whole = false;      ///< nothing more comes
  bool too_long = false;   ///< more came than the rule asked for: `all` is how it began, and nothing more is kept
};

/// How an exchange ended.
struct outcome {
  status answered = status::ok;
  bool aborted = false;     ///< the response did not reach its end
  bool unanswered = false;  ///< it has not even begun: `answered` means nothing
  std::uint64_t request_body_bytes = 0;
  std::uint64_t response_body_bytes = 0;
  steady_time ended{};
};

/// The place of a rule in the fixed order of requests; responses go through them backwards.
enum class rule_order : std::uint8_t {
  request_id,
  trace_context,
  client_ip,
  limits,
  host_check,
  cors,
  client_certificate,
  csrf,
  rate_limit,
  validation,
  cookies,
  security_headers,
  error_hygiene,
};

/// One rule. Immutable and shared by all threads: what changes lives in the state_registry or in the slot.
class rule {
 public:
  rule() = default;
  rule(const rule&) = delete;
  rule& operator=(const rule&) = delete;
  virtual ~rule() = default;

  [[nodiscard]] virtual std::string_view name() const noexcept = 0;  ///< the configuration section: "client_ip"
  [[nodiscard]] virtual rule_order order() const noexcept = 0;
  /// Its refusals are only traced and counted; set by the rule's configuration.
  [[nodiscard]] virtual bool report_only() const noexcept { return false; }

  /// Whether the other end of a connection is a trusted proxy. Only the rule of order client_ip is asked:
  /// before the first on_request, because rules that run before it depend on the answer, and by the server for its
  /// connection caps.
  [[nodiscard]] virtual bool trusts_peer(const connection_info&) const noexcept { return false; }

  /// Whether pages of listed origins may read what is answered. Only the rule of order cors is asked, once: embedding
  /// is then allowed to the same site (security_headers).
  [[nodiscard]] virtual bool lists_origins() const noexcept { return false; }

  /// Whether a policy of its own has a nonce for each response. Only the rule of order security_headers is asked, once:
  /// the upstream is told the nonce then.
  [[nodiscard]] virtual bool uses_csp_nonce() const noexcept { return false; }
  /// Whether a client is told what went wrong, and whether answers are pages of a browser. The first is asked of the
  /// rule of order error_hygiene, the second of security_headers; once.
  [[nodiscard]] virtual bool shows_details() const noexcept { return false; }
  [[nodiscard]] virtual bool serves_pages() const noexcept { return false; }

  // Phases. `exchange` may be written only where its members say so.
  [[nodiscard]] virtual step on_request(exchange&, slot&) const noexcept { return step::pass(); }
  [[nodiscard]] virtual step on_reply(exchange&, slot&, const store_reply&) const noexcept { return step::pass(); }
  [[nodiscard]] virtual step on_body(exchange&, slot&, std::span<const char>) const noexcept { return step::pass(); }
  /// How many bytes of a response's content are to be held back until this has seen them, before on_response decides;
  /// 0: none, which is the usual. The head is as the handler made it; `exchange::source` and has_content are set.
  [[nodiscard]] virtual std::size_t inspects(const exchange&, const response_head&) const noexcept { return 0; }
  /// Of the rule that inspects, for each piece that arrives. False: it knows enough, on_response follows at once, and
  /// nothing more is held. Not called again after `whole` or `too_long`.
  [[nodiscard]] virtual bool on_response_content(exchange&, slot&, const held_content&) const noexcept { return false; }
  /// For every response there is, refused heads included (`exchange::head_refused`: then on_request never ran).
  [[nodiscard]] virtual body_plan on_response(exchange&, slot&, response_head&) const noexcept {
    return body_plan::keep();
  }
  /// Exactly once for every exchange whose on_request ran, also on abort.
  virtual void on_finish(exchange&, slot&, const outcome&) const noexcept {}
};

/// Which phases a rule has something to do in. The policy passes over the others: most rules have one or two of them,
/// and each call costs every request.
struct rule_phases {
  bool request = true;  ///< on_request, and so on_reply and on_body; always for a rule with on_finish
  bool response = true;
  bool finish = true;
  bool inspect = true;  ///< inspects, and so on_response_content
};

/// The phases that the class overrides, seen at compile time: nobody can forget to tell.
template <typename Rule>
[[nodiscard]] consteval rule_phases phases_of() noexcept {
  constexpr bool finish = !std::is_same_v<decltype(&Rule::on_finish), decltype(&rule::on_finish)>;
  return {.request = finish || !std::is_same_v<decltype(&Rule::on_request), decltype(&rule::on_request)>,
          .response = !std::is_same_v<decltype(&Rule::on_response), decltype(&rule::on_response)>,
          .finish = finish,
          .inspect = !std::is_same_v<decltype(&Rule::inspects), decltype(&rule::inspects)>};
}

/// A rule as the user asked for it, not built yet. Never throws: what is wrong with it is reported by `make`.
class pending_rule {
 public:
  using factory = std::function<result<std::unique_ptr<const rule>, config_errors>(state_registry&)>;
  pending_rule(rule_order order, factory f, rule_phases phases = {})
      : order_(order), phases_(phases), make_(std::move(f)) {}
  [[nodiscard]] rule_order order() const noexcept { return order_; }
  [[nodiscard]] rule_phases phases() const noexcept { return phases_; }
  [[nodiscard]] result<std::unique_ptr<const rule>, config_errors> make(state_registry& states) const {
    return make_(states);
  }

 private:
  rule_order order_;
  rule_phases phases_;
  factory make_;
};

}  // namespace gatehouse
