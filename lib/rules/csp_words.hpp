#pragma once
// How a Content-Security-Policy is cut into its words: https://www.w3.org/TR/CSP3/#parse-serialized-policy

#include <array>
#include <string_view>
#include <vector>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::detail::rules {

inline constexpr std::array<std::string_view, 3> csp_hash_beginnings{"'sha256-", "'sha384-", "'sha512-"};

/// The directives, each without the spaces around it; none of them is empty.
[[nodiscard]] inline std::vector<std::string_view> csp_directives(std::string_view policy) {
  std::vector<std::string_view> out;
  while (!policy.empty()) {
    const std::size_t end = policy.find(';');
    if (const auto directive = ascii::trim(policy.substr(0, end)); !directive.empty()) out.push_back(directive);
    policy.remove_prefix(end == std::string_view::npos ? policy.size() : end + 1);
  }
  return out;
}

/// The name of a directive and its sources.
[[nodiscard]] inline std::vector<std::string_view> csp_words(std::string_view directive) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t begin = directive.find_first_not_of(' ');
    if (begin == std::string_view::npos) return out;
    directive.remove_prefix(begin);
    const std::size_t end = directive.find(' ');
    out.push_back(directive.substr(0, end));
    if (end == std::string_view::npos) return out;
    directive.remove_prefix(end);
  }
}

}  // namespace gatehouse::detail::rules
