#pragma once
// The rules of an app's groups: where one replaces what the app has.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/rules/policy.hpp>

#include "path_prefix.hpp"

namespace gatehouse::detail::server {

/// One group.use(rule).
struct group_rule {
  std::string prefix{};
  pending_rule rule;
};

/// The whole policy of each group that has a rule of its own. Immutable.
class group_policies {
 public:
  /// Of a group: the app's rules, those of the groups around it, and its own; of each kind the nearest one, whole.
  /// Appends to `errors` what is wrong with a prefix or with the rules of a group; `of_app` are judged by others.
  group_policies(const std::vector<group_rule>& all, const std::vector<pending_rule>& of_app, state_registry& states,
                 config_errors& errors);

  /// That of the nearest group which covers the path, whoever answers there; null: the app's. O(groups).
  [[nodiscard]] const policy* find(std::string_view path) const noexcept;

 private:
  struct entry {
    path_prefix prefix;
    std::shared_ptr<const policy> rules;
  };
  std::vector<entry> entries_;  // the nearest first
};

}  // namespace gatehouse::detail::server
