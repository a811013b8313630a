#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gatehouse {

/// The methods we serve. Anything else that is a token is `unknown` and answered 501; CONNECT and TRACE are known to be
/// refused.
enum class method : std::uint8_t { get, head, post, put, patch, delete_, options, connect, trace, unknown };

/// Case-sensitive (RFC 9110 section 9.1): "get" is unknown.
[[nodiscard]] constexpr method parse_method(std::string_view text) noexcept {
  switch (text.size()) {
    case 3:
      if (text == "GET") return method::get;
      if (text == "PUT") return method::put;
      break;
    case 4:
      if (text == "POST") return method::post;
      if (text == "HEAD") return method::head;
      break;
    case 5:
      if (text == "PATCH") return method::patch;
      if (text == "TRACE") return method::trace;
      break;
    case 6:
      if (text == "DELETE") return method::delete_;
      break;
    case 7:
      if (text == "OPTIONS") return method::options;
      if (text == "CONNECT") return method::connect;
      break;
    default: break;
  }
  return method::unknown;
}

/// "GET"; "UNKNOWN" for unknown (the text as sent is in the request head).
[[nodiscard]] constexpr std::string_view to_string(method m) noexcept {
  constexpr std::string_view names[] = {"GET",    "HEAD",    "POST",    "PUT",   "PATCH",
                                        "DELETE", "OPTIONS", "CONNECT", "TRACE", "UNKNOWN"};
  return names[static_cast<std::size_t>(m)];
}

/// RFC 9110 section 9.2.1, TRACE left out on purpose: we never serve it.
[[nodiscard]] constexpr bool is_safe(method m) noexcept {
  return m == method::get || m == method::head || m == method::options;
}
/// RFC 9110 section 9.2.2: the same effect once or twice.
[[nodiscard]] constexpr bool is_idempotent(method m) noexcept {
  return is_safe(m) || m == method::put || m == method::delete_;
}

/// A small set of methods, ordered as the enumeration.
class method_set {
 public:
  constexpr method_set() noexcept = default;
  constexpr method_set(std::initializer_list<method> all) noexcept {
    for (const method m : all) insert(m);
  }
  constexpr void insert(method m) noexcept {
    bits_ = static_cast<std::uint16_t>(bits_ | 1U << static_cast<unsigned>(m));
  }
  constexpr void insert(method_set other) noexcept { bits_ = static_cast<std::uint16_t>(bits_ | other.bits_); }
  [[nodiscard]] constexpr bool contains(method m) const noexcept {
    return (bits_ >> static_cast<unsigned>(m) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(method_set, method_set) noexcept = default;
  /// "GET, HEAD, POST": the value of an Allow field.
  [[nodiscard]] std::string to_string() const;

 private:
  std::uint16_t bits_ = 0;
};

}  // namespace gatehouse
