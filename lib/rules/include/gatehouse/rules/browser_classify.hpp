#pragma once
// How the Fetch standard sorts methods and header fields. Pure.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {

/// Fields in order, names as written.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// https://fetch.spec.whatwg.org/#concept-header-list-get : all values of this name (any case), joined by ", ", in
/// `value`. False: there is none.
bool get_combined(const header_list& fields, std::string_view name, std::string& value);
/// https://fetch.spec.whatwg.org/#concept-header-value-normalize : without whitespace and line ends at both ends.
[[nodiscard]] std::string_view normalize_header_value(std::string_view value) noexcept;

/// https://fetch.spec.whatwg.org/#forbidden-method : CONNECT, TRACE and TRACK, any case.
[[nodiscard]] bool is_forbidden_method(std::string_view method) noexcept;
/// https://fetch.spec.whatwg.org/#concept-method-normalize : "get" becomes "GET", "patch" stays "patch".
[[nodiscard]] std::string normalize_method(std::string_view method);
/// https://fetch.spec.whatwg.org/#cors-safelisted-method : GET, HEAD and POST, case-sensitive.
[[nodiscard]] bool is_cors_safelisted_method(std::string_view method) noexcept;

/// https://fetch.spec.whatwg.org/#forbidden-request-header : what a page can not set; it is left out without a word.
[[nodiscard]] bool is_forbidden_request_header(std::string_view name, std::string_view value);
/// https://fetch.spec.whatwg.org/#cors-safelisted-request-header : what a page may send anywhere without asking.
[[nodiscard]] bool is_cors_safelisted_request_header(std::string_view name, std::string_view value) noexcept;
/// https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header
[[nodiscard]] bool is_no_cors_safelisted_request_header(std::string_view name, std::string_view value) noexcept;
/// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name : Authorization, which `*` does not cover.
[[nodiscard]] bool is_cors_non_wildcard_request_header_name(std::string_view name) noexcept;

/// Longer safelisted values are none, and nor are all of them when they are longer than this together.
inline constexpr std::size_t max_safelisted_value = 128;
inline constexpr std::size_t max_safelisted_values = 1024;
/// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names : sorted, lower case, each once.
[[nodiscard]] std::vector<std::string> cors_unsafe_request_header_names(const header_list& fields);

/// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name : what a page may read without
/// Access-Control-Expose-Headers. Without the list of exposed names.
[[nodiscard]] bool is_cors_safelisted_response_header_name(std::string_view name) noexcept;
/// https://fetch.spec.whatwg.org/#forbidden-response-header-name : Set-Cookie and Set-Cookie2; no page reads them.
[[nodiscard]] bool is_forbidden_response_header_name(std::string_view name) noexcept;

}  // namespace gatehouse
