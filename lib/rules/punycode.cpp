#include "punycode.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include <libpsl.h>

#include <gatehouse/http/utf8.hpp>

namespace gatehouse::detail::rules {
namespace {

constexpr std::size_t longest_host = 253;

/// In lower case, composed: libpsl does it for its own lookups.
std::string lower_case_utf8(const std::string& text) {
  char* lower = nullptr;
  if (psl_str_to_utf8lower(text.c_str(), "utf-8", nullptr, &lower) != PSL_SUCCESS) return {};
  const std::unique_ptr<char, decltype(&std::free)> owned(lower, &std::free);
  return lower == nullptr ? std::string{} : std::string{lower};
}

std::optional<std::vector<std::uint32_t>> code_points(std::string_view text) {
  std::vector<std::uint32_t> out;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_size(text);
    if (size == 0) return std::nullopt;
    out.push_back(static_cast<std::uint32_t>(utf8_code_point(text.substr(0, size))));
    text.remove_prefix(size);
  }
  return out;
}

constexpr std::uint32_t base = 36;
constexpr std::uint32_t least = 1;
constexpr std::uint32_t most = 26;

// https://www.rfc-editor.org/rfc/rfc3492#section-6.1
std::uint32_t adapted_bias(std::uint32_t delta, std::uint32_t points, bool first) noexcept {
  constexpr std::uint32_t skew = 38;
  constexpr std::uint32_t damp = 700;
  delta = first ? delta / damp : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > ((base - least) * most) / 2; k += base) delta /= base - least;
  return k + (base - least + 1) * delta / (delta + skew);
}

char digit(std::uint32_t value) noexcept { return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26)); }

void append_number(std::string& out, std::uint32_t number, std::uint32_t bias) {
  for (std::uint32_t k = base;; k += base) {
    const std::uint32_t threshold = k <= bias ? least : k >= bias + most ? most : k - bias;
    if (number < threshold) break;
    out += digit(threshold + (number - threshold) % (base - threshold));
    number = (number - threshold) / (base - threshold);
  }
  out += digit(number);
}

// https://www.rfc-editor.org/rfc/rfc3492#section-6.3 ; labels are so short that nothing can overflow.
std::string encoded(const std::vector<std::uint32_t>& points) {
  constexpr std::uint32_t first_non_ascii = 0x80;
  std::string out;
  for (const std::uint32_t p : points) {
    if (p < first_non_ascii) out += static_cast<char>(p);
  }
  const auto basic = static_cast<std::uint32_t>(out.size());
  if (basic > 0) out += '-';
  std::uint32_t n = first_non_ascii;
  std::uint32_t delta = 0;
  std::uint32_t bias = 72;
  for (std::uint32_t handled = basic; handled < points.size();) {
    std::uint32_t next = UINT32_MAX;
    for (const std::uint32_t p : points) {
      if (p >= n) next = std::min(next, p);
    }
    delta += (next - n) * (handled + 1);
    n = next;
    for (const std::uint32_t p : points) {
      if (p < n) ++delta;
      if (p != n) continue;
      append_number(out, delta, bias);
      bias = adapted_bias(delta, handled + 1, handled == basic);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
  }
  return out;
}

}  // namespace

std::string ascii_host(std::string_view host) {
  if (host.size() > longest_host) return {};
  const std::string lower = lower_case_utf8(std::string{host});
  std::string out;
  for (std::string_view rest = lower; !rest.empty();) {
    const std::string_view label = rest.substr(0, rest.find('.'));
    const auto points = code_points(label);
    if (!points) return {};
    const bool ascii = std::ranges::all_of(*points, [](std::uint32_t p) { return p < 0x80; });
    out.append(ascii ? std::string{label} : "xn--" + encoded(*points));
    if (label.size() == rest.size()) break;
    out += '.';
    rest.remove_prefix(label.size() + 1);
  }
  return out;
}

}  // namespace gatehouse::detail::rules
