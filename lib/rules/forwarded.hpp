#pragma once
// Reading lists of forwarded addresses from the right, where the trusted proxies wrote, towards the left, where anybody
// may have written. What stands on the left can not change how the right is read: nothing here scans further than it
// has to.

#include <cstddef>
#include <optional>
#include <string_view>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/fields.hpp>

namespace gatehouse::detail::rules {

/// The elements of all lines of a field, last first. Empty ones are elements too: they are no addresses.
class elements_backwards {
 public:
  enum class quoting : bool { none, quoted_strings };
  elements_backwards(const fields& all, field id, quoting q) noexcept
      : begin_(all.begin()), line_(all.end()), id_(id), quoting_(q) {}
  /// The next element to the left, without spaces and tabs around it, or nothing.
  [[nodiscard]] std::optional<std::string_view> next() noexcept;

 private:
  const field_line* begin_;
  const field_line* line_;  // the lines from here on are done; `rest_` is what is left of this one
  std::string_view rest_{};
  bool inside_ = false;
  field id_;
  quoting quoting_;
};

/// One element of a Forwarded field (RFC 7239 section 4).
struct forwarded_element {
  std::optional<ip_address> node{};  ///< of `for`; absent when it is missing, "unknown" or obfuscated
  bool https = false;                ///< `proto` is https (or wss)
};
/// Nothing when the text is not well-formed or names a parameter twice.
[[nodiscard]] std::optional<forwarded_element> parse_forwarded(std::string_view text) noexcept;

/// "https", or "wss" as some proxies say of WebSockets; any case.
[[nodiscard]] bool is_secure_scheme(std::string_view text) noexcept;

}  // namespace gatehouse::detail::rules
