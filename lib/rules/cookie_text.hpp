#pragma once

#include <string_view>

#include <gatehouse/base/arena.hpp>
#include <gatehouse/rules/cookies.hpp>

namespace gatehouse::detail::rules {

/// The line of `c` with these changes. Name, value and what is not changed stay byte for byte and in order; what is
/// added comes last. Empty: there is no memory for it. Pure.
[[nodiscard]] std::string_view changed_cookie(arena& memory, const received_cookie& c,
                                              const cookie_changes& changes) noexcept;

}  // namespace gatehouse::detail::rules
