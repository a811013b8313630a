#pragma once
// Percent-encodings taken off exactly once, for handlers. Routing and rules see what was sent.

#include <string_view>

#include <gatehouse/base/arena.hpp>

namespace gatehouse::detail::server {

enum class encoding { path, form };  ///< form: "+" is a space (https://url.spec.whatwg.org/#urlencoded-parsing)

enum class decoded { ok, invalid, no_memory };

/// Decodes `text` into `memory`; what has nothing to decode is returned as it is. Invalid: "%" without two hexadecimal
/// digits, NUL, or bytes that are not UTF-8 then.
[[nodiscard]] decoded decode(std::string_view text, encoding how, arena& memory, std::string_view& out) noexcept;

/// Whether `text`, encoded, means `name`. False for one that is not valid.
[[nodiscard]] bool is_key(std::string_view text, std::string_view name, encoding how = encoding::form) noexcept;

/// Whether it is UTF-8 without NUL.
[[nodiscard]] bool is_plain_utf8(std::string_view text) noexcept;

}  // namespace gatehouse::detail::server
