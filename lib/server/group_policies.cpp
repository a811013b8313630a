#include "group_policies.hpp"

#include <algorithm>

namespace gatehouse::detail::server {
namespace {

struct read_rule {
  path_prefix prefix;
  const group_rule* written;
  std::size_t position;
};

struct mistake {
  path_prefix prefix;  // of who made it
  config_error what;
};

/// CHOICE: only what stands for itself can be replaced for some paths. Who the client is, which hosts there are and
/// what an error shows hold before a path is looked at, or for all that a client may see.
bool may_be_of_a_group(rule_order kind) noexcept {
  return kind == rule_order::cors || kind == rule_order::csrf || kind == rule_order::security_headers;
}

config_error not_of_a_group(const std::string& prefix) {
  return {.key = "group \"" + prefix + '"',
          .value = {},
          .code = "not-for-a-group",
          .message =
              "This rule is one of the whole app: a group has CORS, a CSRF guard and security headers of its own, "
              "nothing else.",
          .suggestion = "app.use(...)"};
}

bool same(const config_error& a, const config_error& b) {
  return a.key == b.key && a.value == b.value && a.code == b.code;
}

}  // namespace

group_policies::group_policies(const std::vector<group_rule>& all, const std::vector<pending_rule>& of_app,
                               state_registry& states, config_errors& errors) {
  const std::size_t before = errors.size();
  std::vector<read_rule> read;
  for (const group_rule& one : all) {
    if (!may_be_of_a_group(one.rule.order())) errors.push_back(not_of_a_group(one.prefix));
    read.push_back({path_prefix(one.prefix, errors), &one, read.size()});
  }
  if (errors.size() != before) return;
  std::vector<mistake> known;  // said where it was made
  if (const auto by_app = policy::make(of_app, states); !by_app) {
    for (const config_error& e : by_app.error()) known.push_back({path_prefix{}, e});
  }
  // Those around a group come before it, else they stay in order: of one kind the later rule is the one that holds.
  std::ranges::sort(read, [](const read_rule& a, const read_rule& b) {
    if (a.prefix.is_nearer_than(b.prefix) || b.prefix.is_nearer_than(a.prefix))
      return b.prefix.is_nearer_than(a.prefix);
    return a.position < b.position;
  });
  for (const read_rule& group : read) {
    if (std::ranges::find(entries_, group.prefix, &entry::prefix) != entries_.end()) continue;
    std::vector<pending_rule> rules = of_app;
    for (const read_rule& other : read) {
      if (other.prefix.covers(group.prefix)) rules.push_back(other.written->rule);
    }
    auto made = policy::make(rules, states);
    if (made) {
      entries_.push_back({group.prefix, *std::move(made)});
      continue;
    }
    for (const config_error& e : made.error()) {
      const bool is_known = std::ranges::any_of(
          known, [&](const mistake& k) { return k.prefix.covers(group.prefix) && same(k.what, e); });
      if (is_known) continue;
      known.push_back({group.prefix, e});
      errors.push_back(e);
      errors.back().key = "group \"" + group.written->prefix + "\": " + e.key;
    }
  }
  std::ranges::reverse(entries_);
}

const policy* group_policies::find(std::string_view path) const noexcept {
  for (const entry& e : entries_) {
    if (e.prefix.covers(path)) return e.rules.get();
  }
  return nullptr;
}

}  // namespace gatehouse::detail::server
