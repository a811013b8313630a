#include "without_secrets.hpp"

#include <algorithm>
#include <vector>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::program {
namespace {

/// Shorter values are words that stand everywhere: "1", "true", "gzip".
constexpr std::size_t shortest_secret = 6;

/// Fields whose values may stand in a log. All others may be somebody's: an API calls its keys what it likes.
bool may_be_told(const field_line& line) noexcept {
  switch (line.id) {
    case field::accept:
    case field::accept_encoding:
    case field::accept_language:
    case field::cache_control:
    case field::connection:
    case field::content_length:
    case field::content_type:
    case field::date:
    case field::host:
    case field::origin:
    case field::transfer_encoding:
    case field::upgrade:
    case field::user_agent:
    case field::x_request_id: return true;
    default: return false;
  }
}

void add(std::vector<std::string_view>& secrets, std::string_view value) {
  value = ascii::trim(value);
  if (value.size() >= shortest_secret) secrets.push_back(value);
}

/// The values of "a=1; b=2" (or of "a=1&b=2"), and parts that have no name.
void add_parts(std::vector<std::string_view>& secrets, std::string_view text, char separator) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto equals = part.find('=');
    add(secrets, equals == std::string_view::npos ? part : part.substr(equals + 1));
  }
}

}  // namespace

std::string without_secrets(std::string_view text, const request_head& request) {
  std::vector<std::string_view> secrets;
  for (const field_line& line : request.fields) {
    if (may_be_told(line)) continue;
    add(secrets, line.value);
    // "Bearer abc": an API may repeat either.
    if (const auto space = line.value.rfind(' '); space != std::string_view::npos)
      add(secrets, line.value.substr(space));
    if (line.id == field::cookie) add_parts(secrets, line.value, ';');
  }
  add_parts(secrets, request.query, '&');
  // The longest first: one may be part of another.
  std::ranges::sort(secrets, std::ranges::greater{}, &std::string_view::size);
  std::string out{text};
  for (const std::string_view secret : secrets) {
    for (auto at = out.find(secret); at != std::string::npos; at = out.find(secret, at))
      out.replace(at, secret.size(), "***");
  }
  return out;
}

}  // namespace gatehouse::program
