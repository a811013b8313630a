#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/ip_address.hpp>

namespace gatehouse {

/// The hosts that a certificate is for: exact names, wildcards ("*.example.com": one label, RFC 6125 section 6.4.3) and
/// addresses. Case is ignored, and a dot at the end.
class host_names {
 public:
  /// False: this is no name that a certificate can be for (empty, longer than 253 bytes, or a "*" that is not the whole
  /// first label, or that stands before a single label). It is not added then.
  bool add(std::string_view name);
  void add(const ip_address& address) { addresses_.push_back(address); }

  /// Whether the name is one of them. Pure; fails closed: what cannot be a name is none of them.
  [[nodiscard]] bool covers(std::string_view name) const noexcept;
  [[nodiscard]] bool covers(const ip_address& address) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return exact_.empty() && wildcards_.empty() && addresses_.empty(); }
  /// As they are shown: "api.example.com, *.example.com, 127.0.0.1".
  [[nodiscard]] std::string to_text() const;
  /// Lower case, sorted; a wildcard without its "*".
  [[nodiscard]] const std::vector<std::string>& exact() const noexcept { return exact_; }
  [[nodiscard]] const std::vector<std::string>& wildcards() const noexcept { return wildcards_; }

  /// The longest name of the DNS, without the dot at its end.
  static constexpr std::size_t longest = 253;

 private:
  std::vector<std::string> exact_{};
  std::vector<std::string> wildcards_{};  // ".example.com"
  std::vector<ip_address> addresses_{};
};

}  // namespace gatehouse
