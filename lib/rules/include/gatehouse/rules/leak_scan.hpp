#pragma once
// Finds in the content of an error what stacks print when they fail: one pass over the bytes, whatever they say.

#include <cstddef>
#include <string_view>

#include <gatehouse/rules/leak.hpp>

namespace gatehouse {

/// Looks through text that arrives in pieces. What it finds does not depend on where the pieces end: a place is judged
/// only when all that its detector may look at has come.
class leak_scan {
 public:
  /// `so_far`: all that has come, beginning with what earlier calls saw; `whole`: nothing more comes. The first leak,
  /// or `none` if there is none, or not yet. Each byte is judged once; costs are linear in the text, with a constant
  /// that depends on the detectors only. Not to be called again once something was found.
  [[nodiscard]] leak look(std::string_view so_far, bool whole) noexcept;

 private:
  std::size_t at_ = 0;  // up to here everything was judged
};

/// Of text that is there.
[[nodiscard]] inline leak find_leak(std::string_view text) noexcept { return leak_scan{}.look(text, true); }

}  // namespace gatehouse
