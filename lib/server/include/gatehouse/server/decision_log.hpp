#pragma once
// What was decided lately, with every rule's verdict: what `gatehouse explain ID` and the admin listener show. A
// bounded ring for each loop; what is kept of a request is what may be logged (docs/logging.md) and no more.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/base/reason.hpp>
#include <gatehouse/rules/trace.hpp>
#include <gatehouse/server/call.hpp>

namespace gatehouse {

/// What one rule said.
struct decision_step {
  std::string rule{};
  decision_trace::phase when = decision_trace::phase::request;
  decision_trace::verdict what = decision_trace::verdict::pass;
  reason why = reason::none;
};

/// One exchange that did not simply pass.
struct decision {
  std::string id{};
  system_time began{};
  std::chrono::microseconds took{0};
  ip_address client{};
  std::string client_certificate{};  ///< SHA-256 in hexadecimal digits; empty: none was shown
  std::string method{};
  std::string path{};        ///< as sent, without the query
  std::string query_keys{};  ///< the names of its parameters: "page&sort"
  std::string route{};       ///< the pattern that matched; empty: none
  std::uint16_t status = 0;
  reason why = reason::none;
  bool would_refuse = false;               ///< `why` is that of a report_only rule
  bool unreadable = false;                 ///< it was answered, in a way that no page of its origin can read
  cors_change next = cors_change::none;    ///< what a CORS policy that is tried would change; not `same`
  bool of_next = false;                    ///< with `would_refuse`: it is that policy that would have
  std::string origin{};                    ///< as sent, when `why` is about it
  csrf_remedy remedy = csrf_remedy::none;  ///< when the CSRF guard refused it
  bool aborted = false;                    ///< the answer did not reach its end
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::vector<decision_step> steps{};  ///< in the order in which they were taken
  std::uint32_t dropped_steps = 0;     ///< more than the trace has room for
  // For people: what is special about this one ("2MiB came, 1MiB is allowed"), what would undo it, and why there is
  // such a rule. Each may be empty.
  std::string particulars{};
  std::string fix{};
  std::string because{};
};

/// Which decisions are asked for.
struct decision_query {
  std::size_t limit = 50;
  std::optional<reason> why{};
  std::optional<system_time> since{};
};

/// The decision that an exchange which just ended stands for, also when it simply passed: `explain` of a request that
/// nobody sent.
[[nodiscard]] decision decision_of(const exchange& e, const outcome& o);

/// Thread-safe. Recording never waits and, once a thread has its ring, allocates nothing. What simply passed (no
/// reason, below 400) is not kept, and costs a look at its trace.
class decision_log final : public exchange_log {
 public:
  decision_log();
  ~decision_log() override;

  void record(const exchange& e, const outcome& o) noexcept override;
  /// The latest first.
  [[nodiscard]] std::vector<decision> recent(const decision_query& q) const;
  /// Those whose id begins with this, the latest first; at most `limit`.
  [[nodiscard]] std::vector<decision> find(std::string_view id_prefix, std::size_t limit) const;

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

/// For people on a terminal, some lines: what was asked, what each rule said, what would undo it. Nothing in it moves a
/// cursor.
[[nodiscard]] std::string to_words(const decision& d);

[[nodiscard]] std::string to_json(const decision& d);
/// {"decisions":[...]}
[[nodiscard]] std::string to_json(std::span<const decision> all);

/// The reason with this code, "http.not-found".
[[nodiscard]] std::optional<reason> reason_from_code(std::string_view text) noexcept;
// Stable text codes, for JSON and for people.
[[nodiscard]] std::string_view code(decision_trace::phase p) noexcept;
[[nodiscard]] std::string_view code(decision_trace::verdict v) noexcept;

}  // namespace gatehouse
