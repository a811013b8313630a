#pragma once
// A request head from method and field lines, for tests of what only reads fields.

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/http/request_head.hpp>

namespace gatehouse::test {

using lines = std::vector<std::pair<std::string_view, std::string_view>>;

inline std::unique_ptr<request_head> request_of(method verb, const lines& all) {
  auto head = std::make_unique<request_head>();
  head->verb = verb;
  for (const auto& [name, value] : all) (void)head->fields.append(find_field(name), name, value);
  return head;
}

}  // namespace gatehouse::test
