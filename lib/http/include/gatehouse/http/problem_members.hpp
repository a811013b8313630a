#pragma once
// Another server's problem document (RFC 9457), read strictly and written again with what may be passed on.

#include <cstddef>
#include <optional>
#include <string_view>

#include <gatehouse/base/arena.hpp>
#include <gatehouse/http/status.hpp>

namespace gatehouse {

/// The members that are passed on: texts as they stand between the quotes of valid JSON, escapes included; empty where
/// the document has none, or one that is no text or longer than `max_problem_member_bytes`. Views into the document.
/// "status" and "instance" are not read: they are what Gatehouse itself knows. Every other member (trace, exception,
/// stack, debug, path, ...) is dropped by not being in this list.
struct problem_members {
  std::string_view type{};  ///< empty, too, where it is no URI reference
  std::string_view title{};
  std::string_view detail{};
};

inline constexpr std::size_t max_problem_bytes = std::size_t{16} * 1024;
inline constexpr std::size_t max_problem_member_bytes = 1024;
inline constexpr std::size_t max_problem_depth = 32;

/// None where this is not one JSON object (RFC 8259) in UTF-8 within the bounds above, and where a member that is
/// passed on is there twice: readers differ on which of them counts.
[[nodiscard]] std::optional<problem_members> read_problem(std::string_view document) noexcept;

/// The document again: those members, the status that is really sent, and our instance as write_problem() has it. In
/// `memory`; empty when it does not fit. "<", ">" and "&" are escaped, so that it is harmless where it is taken for
/// HTML.
[[nodiscard]] std::string_view write_problem(arena& memory, const problem_members& members, status answered,
                                             std::string_view request_id) noexcept;

}  // namespace gatehouse
