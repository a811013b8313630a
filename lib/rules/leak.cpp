#include <gatehouse/rules/leak.hpp>

namespace gatehouse {

std::string_view describe(leak l) noexcept {
  switch (l) {
    case leak::none: return {};
    case leak::stack_frame: return "a stack trace";
    case leak::sql_error: return "a database's error";
    case leak::file_path: return "a path of the machine";
    case leak::private_address: return "an inner address";
    case leak::secret: return "a password or key";
    case leak::debug_page: return "a page for developers";
    case leak::unreadable: return "what could not be looked at";
  }
  return {};
}

}  // namespace gatehouse
