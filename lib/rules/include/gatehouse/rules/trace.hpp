#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/reason.hpp>

namespace gatehouse {

/// What each rule decided for one exchange, in order: what `explain` prints and the log's reason comes from. Fixed
/// size.
class decision_trace {
 public:
  enum class phase : std::uint8_t { request, reply, body, response, route, handler };
  enum class verdict : std::uint8_t { pass, answer, refuse, would_refuse, ask, need_body, replace };
  struct entry {
    std::string_view rule;  ///< static or owned by the policy
    phase when = phase::request;
    verdict what = verdict::pass;
    reason why = reason::none;
  };

  void clear() noexcept { count_ = dropped_ = 0; }
  void add(entry e) noexcept {
    if (count_ < entries_.size()) {
      entries_[count_++] = e;
    } else {
      ++dropped_;
    }
  }
  [[nodiscard]] const entry* begin() const noexcept { return entries_.data(); }
  [[nodiscard]] const entry* end() const noexcept { return entries_.data() + count_; }
  [[nodiscard]] std::uint32_t dropped() const noexcept { return dropped_; }

 private:
  std::array<entry, max_trace_entries> entries_;
  std::uint32_t count_ = 0;
  std::uint32_t dropped_ = 0;
};

}  // namespace gatehouse
