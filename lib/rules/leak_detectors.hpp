#pragma once
// What leaks look like. Written from what the stacks themselves print; docs/errors.md lists it for people.

#include <cstddef>
#include <span>
#include <string_view>

#include <gatehouse/rules/leak.hpp>

namespace gatehouse::detail::rules {

/// How far in front of and behind a literal its `confirm` may look, in bytes.
inline constexpr std::size_t detector_reach = 160;

/// A literal, and what must stand around it. `before` ends where the literal begins, `after` begins where it ends.
struct leak_detector {
  std::string_view literal;
  leak kind = leak::none;
  bool (*confirm)(std::string_view before, std::string_view after) noexcept = nullptr;  ///< null: it is enough by
                                                                                        ///< itself
};

/// Those whose literal begins with this byte. Literals are matched as they are written: stacks do not vary their case.
[[nodiscard]] std::span<const leak_detector> detectors_beginning_with(unsigned char first) noexcept;
[[nodiscard]] std::span<const leak_detector> all_detectors() noexcept;
inline constexpr std::size_t longest_leak_literal = 64;

}  // namespace gatehouse::detail::rules
