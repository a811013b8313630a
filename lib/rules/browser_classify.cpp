#include <gatehouse/rules/browser_classify.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) noexcept {
  return std::ranges::any_of(all, [&](std::string_view one) { return ascii::equal_ignoring_case(text, one); });
}

bool begins_with(std::string_view text, std::string_view beginning) noexcept {
  return ascii::equal_ignoring_case(text.substr(0, beginning.size()), beginning);
}

bool is_http_whitespace(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
bool is_cors_unsafe_byte(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f ||
         std::string_view{"\"():<>?@[\\]{}"}.find(c) != std::string_view::npos;
}

bool is_language_byte(char c) noexcept {
  return ascii::is_alnum(c) || std::string_view{" *,-.;="}.find(c) != std::string_view::npos;
}

/// https://mimesniff.spec.whatwg.org/#parsing-a-mime-type , as far as the essence; parameters never make it fail.
bool is_simple_content_type(std::string_view value) noexcept {
  value = normalize_header_value(value);
  const std::string_view essence = value.substr(0, value.find(';'));
  std::string_view trimmed = essence;
  while (!trimmed.empty() && is_http_whitespace(trimmed.back())) trimmed.remove_suffix(1);
  return is_one_of(trimmed, {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"});
}

/// Takes the digits at the beginning of `text`, without leading zeros.
std::string_view take_number(std::string_view& text) noexcept {
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, ascii::is_digit) - text.begin());
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return number;
}

/// https://fetch.spec.whatwg.org/#simple-range-header-value , without whitespace, and with a beginning.
bool is_simple_range(std::string_view value) noexcept {
  if (!begins_with(value, "bytes=")) return false;
  value.remove_prefix(6);
  const std::string_view first = take_number(value);
  if (first.empty() || value.empty() || value.front() != '-') return false;
  value.remove_prefix(1);
  const std::string_view last = take_number(value);
  if (!value.empty()) return false;
  return last.empty() || first.size() < last.size() || (first.size() == last.size() && first <= last);
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), ascii::to_lower);
  return out;
}

}  // namespace

bool get_combined(const header_list& fields, std::string_view name, std::string& value) {
  bool found = false;
  value.clear();
  for (const auto& [n, v] : fields) {
    if (!ascii::equal_ignoring_case(n, name)) continue;
    if (found) value += ", ";
    value += v;
    found = true;
  }
  return found;
}

std::string_view normalize_header_value(std::string_view value) noexcept {
  while (!value.empty() && is_http_whitespace(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_http_whitespace(value.back())) value.remove_suffix(1);
  return value;
}

bool is_forbidden_method(std::string_view method) noexcept { return is_one_of(method, {"CONNECT", "TRACE", "TRACK"}); }

std::string normalize_method(std::string_view method) {
  std::string out{method};
  if (is_one_of(method, {"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})) {
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

bool is_cors_safelisted_method(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "POST";
}

bool is_forbidden_request_header(std::string_view name, std::string_view value) {
  if (is_one_of(name, {"Accept-Charset",
                       "Accept-Encoding",
                       "Access-Control-Request-Headers",
                       "Access-Control-Request-Method",
                       "Connection",
                       "Content-Length",
                       "Cookie",
                       "Cookie2",
                       "Date",
                       "DNT",
                       "Expect",
                       "Host",
                       "Keep-Alive",
                       "Origin",
                       "Referer",
                       "Set-Cookie",
                       "TE",
                       "Trailer",
                       "Transfer-Encoding",
                       "Upgrade",
                       "Via"}) ||
      begins_with(name, "proxy-") || begins_with(name, "sec-")) {
    return true;
  }
  if (!is_one_of(name, {"X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"})) return false;
  // The elements of "get, decode, and split"; what is quoted is no method.
  return !grammar::for_each_element(value, [](std::string_view one) { return !is_forbidden_method(one); });
}

bool is_cors_safelisted_request_header(std::string_view name, std::string_view value) noexcept {
  if (value.size() > max_safelisted_value) return false;
  if (is_one_of(name, {"accept"})) return std::ranges::none_of(value, is_cors_unsafe_byte);
  if (is_one_of(name, {"accept-language", "content-language"})) return std::ranges::all_of(value, is_language_byte);
  if (is_one_of(name, {"content-type"})) {
    return std::ranges::none_of(value, is_cors_unsafe_byte) && is_simple_content_type(value);
  }
  return is_one_of(name, {"range"}) && is_simple_range(value);
}

bool is_no_cors_safelisted_request_header(std::string_view name, std::string_view value) noexcept {
  return is_one_of(name, {"accept", "accept-language", "content-language", "content-type"}) &&
         is_cors_safelisted_request_header(name, value);
}

bool is_cors_non_wildcard_request_header_name(std::string_view name) noexcept {
  return is_one_of(name, {"authorization"});
}

std::vector<std::string> cors_unsafe_request_header_names(const header_list& fields) {
  std::vector<std::string> unsafe;
  std::vector<std::string> potentially;
  std::size_t size = 0;
  for (const auto& [name, value] : fields) {
    if (is_cors_safelisted_request_header(name, value)) {
      potentially.push_back(lower(name));
      size += value.size();
    } else {
      unsafe.push_back(lower(name));
    }
  }
  if (size > max_safelisted_values) unsafe.insert(unsafe.end(), potentially.begin(), potentially.end());
  std::ranges::sort(unsafe);
  unsafe.erase(std::unique(unsafe.begin(), unsafe.end()), unsafe.end());
  return unsafe;
}

bool is_cors_safelisted_response_header_name(std::string_view name) noexcept {
  return is_one_of(name, {"Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires",
                          "Last-Modified", "Pragma"});
}

bool is_forbidden_response_header_name(std::string_view name) noexcept {
  return is_one_of(name, {"Set-Cookie", "Set-Cookie2"});
}

}  // namespace gatehouse
