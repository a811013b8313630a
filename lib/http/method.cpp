#include <gatehouse/http/method.hpp>

namespace gatehouse {

std::string method_set::to_string() const {
  std::string list;
  for (auto m = method::get; m < method::unknown; m = static_cast<method>(static_cast<unsigned>(m) + 1U)) {
    if (!contains(m)) continue;
    if (!list.empty()) list += ", ";
    list += gatehouse::to_string(m);
  }
  return list;
}

}  // namespace gatehouse
