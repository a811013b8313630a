#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/proxy/health.hpp>

namespace gatehouse::detail::proxy {

/// Whether an upstream is in use, as all loops know it. Time comes in as a parameter. Thread-safe; a request to an
/// upstream that is well reads one word that nobody writes.
///
///   in ── failures in a row ──► out (for a while) ── time over, or nothing else is left ──► probing (one request)
///   ▲                            ▲──────────────── the probe failed: twice as long ────────────┤
///   └───────────────────────────────────────────── the probe was answered ────────────────────┘
/// Beside it stands what the questions of the active check show; it is in use only if both allow it.
class upstream_health {
 public:
  enum class admission : std::uint8_t {
    in,     ///< as any other
    probe,  ///< this request decides: exactly one of answered(), failed(), abandoned() must follow
    out,
  };

  /// Whether a request may go there. `nothing_else`: all others are out or have failed this request; then the time that
  /// it stays out is not waited for, still with one request at a time.
  [[nodiscard]] admission admit(steady_time now, bool nothing_else) noexcept;
  /// As above, without taking the probe.
  [[nodiscard]] bool might_admit(steady_time now, bool nothing_else) const noexcept;

  /// What became of it; returned: whether that changed whether the upstream is in use.
  [[nodiscard]] bool answered(bool was_probe, steady_time now) noexcept;
  [[nodiscard]] bool failed(bool was_probe, steady_time now, const passive_health_options& o) noexcept;
  /// A probe that nobody waited for.
  void abandoned() noexcept;

  /// The answer to a question of the active check.
  [[nodiscard]] bool checked(bool well, const active_health_options& o) noexcept;

  /// Whether requests go there as a matter of course.
  [[nodiscard]] bool in_use() const noexcept;
  /// Whether the active check has taken it out.
  [[nodiscard]] bool is_down() const noexcept;
  /// How long it stays out, as decided last.
  [[nodiscard]] milliseconds out_for() const noexcept;

 private:
  enum class phase : std::uint8_t { in, out, probing };
  [[nodiscard]] bool out_is_over(steady_time now, bool nothing_else) const noexcept;
  void go_out(steady_time now, const passive_health_options& o) noexcept;
  void note() noexcept;

  // OPTIMIZATION: in, nothing failed lately, no bad answers: all that an undisturbed request asks.
  std::atomic<bool> undisturbed_{true};
  mutable std::mutex mutex_{};
  phase phase_ = phase::in;
  std::uint32_t failures_ = 0;
  milliseconds out_for_{0};
  steady_time out_until_{};
  steady_time came_back_{};
  bool has_been_out_ = false;
  bool down_ = false;         // so the active check says
  std::uint32_t checks_ = 0;  // in a row that say the opposite
};

}  // namespace gatehouse::detail::proxy
