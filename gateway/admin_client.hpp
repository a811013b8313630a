#pragma once

#include <string>
#include <string_view>

namespace gatehouse::program {

/// What an admin listener said.
struct admin_answer {
  int status = 0;  ///< 0: it was not reached; `content` says why
  std::string content{};
};

/// GET `target` of the admin listener at "http://127.0.0.1:9080" or "unix:/path". `token`: empty for none. Waits a few
/// seconds at most.
[[nodiscard]] admin_answer ask_admin(const std::string& address, std::string_view target, std::string_view media_type,
                                     std::string_view token);

}  // namespace gatehouse::program
