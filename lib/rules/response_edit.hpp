#pragma once
// What more than one place does to a response head.

#include <string_view>

#include <gatehouse/http/response_head.hpp>

namespace gatehouse::detail::rules {

/// Sets a field that must be there. A head that is full of lines loses those of unknown names, and if that is not
/// enough all others: our own fields win over whoever filled it. `value` is a valid field value.
void set_surely(response_head& head, field id, std::string_view value) noexcept;

/// Removes the fields that described content which is not sent, and says what is sent instead.
void describe_replacement(response_head& head, std::string_view media_type) noexcept;

}  // namespace gatehouse::detail::rules
