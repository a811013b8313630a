#pragma once
// What an error says that only its authors should read.

#include <cstdint>
#include <string_view>

namespace gatehouse {

/// Kinds of what stacks print into answers when they fail.
enum class leak : std::uint8_t {
  none,
  stack_frame,      ///< a place in source code, a trace, an exception by its class
  sql_error,        ///< a sentence of a database
  file_path,        ///< a path of the machine
  private_address,  ///< an address of an inner network, with its port
  secret,           ///< a connection string or key
  debug_page,       ///< a page that frameworks and servers show to developers
  unreadable,       ///< compressed, too long or in another charset: it could not be looked at
};

/// For a log: "a stack trace". Static text; of `none` empty.
[[nodiscard]] std::string_view describe(leak l) noexcept;

}  // namespace gatehouse
