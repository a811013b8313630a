#include <gatehouse/server/parameter_value.hpp>

#include <charconv>
#include <system_error>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::detail::server {
namespace {

/// "0", or digits that do not begin with 0.
bool is_canonical(std::string_view digits) noexcept {
  return !digits.empty() && (digits.front() != '0' || digits.size() == 1);
}

template <typename T>
bool convert(std::string_view text, T& out) noexcept {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc{} && end == text.data() + text.size();
}

/// Takes digits off the front; false when there are none.
bool skip_digits(std::string_view& text) noexcept {
  const std::size_t before = text.size();
  while (!text.empty() && ascii::is_digit(text.front())) text.remove_prefix(1);
  return text.size() != before;
}

// https://www.rfc-editor.org/rfc/rfc8259#section-6
bool is_json_number(std::string_view text) noexcept {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0')) {
    text.remove_prefix(1);
  } else if (!skip_digits(text)) {
    return false;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  return text.empty();
}

}  // namespace

bool parse_signed(std::string_view text, std::int64_t min, std::int64_t max, std::int64_t& out) noexcept {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (!is_canonical(digits) || text == "-0" || !convert(text, out)) return false;
  return out >= min && out <= max;
}

bool parse_unsigned(std::string_view text, std::uint64_t max, std::uint64_t& out) noexcept {
  return is_canonical(text) && convert(text, out) && out <= max;
}

bool parse_double(std::string_view text, double& out) noexcept { return is_json_number(text) && convert(text, out); }

}  // namespace gatehouse::detail::server
