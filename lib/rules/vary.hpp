#pragma once

#include <span>
#include <string_view>

#include <gatehouse/base/arena.hpp>
#include <gatehouse/http/response_head.hpp>

namespace gatehouse::detail::rules {

/// Makes Vary (RFC 9110 section 12.5.5) name these too, on one line and each name once; "*" stays as it is. What does
/// not fit into `memory` becomes "*": a cache then keeps nothing, which is safe.
void add_to_vary(arena& memory, response_head& head, std::span<const std::string_view> names) noexcept;

}  // namespace gatehouse::detail::rules
