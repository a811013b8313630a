#pragma once
// What a group covers: its prefix and every path below it, whoever answers there.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/config_error.hpp>

namespace gatehouse::detail::server {

class path_prefix {
 public:
  /// Every path.
  path_prefix() = default;
  /// Empty `text`: every path. What is wrong with it is appended to `errors`; then this is meaningless.
  path_prefix(std::string_view text, config_errors& errors);

  /// Closed by default: "/%61dmin" is covered by "/admin", too. No route is found for it, but what is mounted at "/"
  /// may understand it. `path` as in request_head.
  [[nodiscard]] bool covers(std::string_view path) const noexcept;
  /// Whether every path that `other` covers is covered by this one.
  [[nodiscard]] bool covers(const path_prefix& other) const noexcept;
  /// Whether of the two this one's policy holds for a path that both cover: the longer one; of two that are as long
  /// that which has a literal where the other has a parameter first.
  [[nodiscard]] bool is_nearer_than(const path_prefix& other) const noexcept;

  friend bool operator==(const path_prefix&, const path_prefix&) = default;

 private:
  std::vector<std::string> segments_;  // decoded; empty: a parameter
};

}  // namespace gatehouse::detail::server
