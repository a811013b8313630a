#include "request_line.hpp"

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/target.hpp>

namespace gatehouse::detail::wire {
namespace {

struct line_parts {
  std::string_view method;
  std::string_view target;
  std::string_view version;
};

/// Exactly two spaces. RFC 9112 section 3 lets a parser split at any whitespace: that is how two of them come to see
/// two targets.
bool split(std::string_view line, line_parts& out) noexcept {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return false;
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos) return false;
  out = {line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)};
  return !out.method.empty() && !out.target.empty() && out.version.find(' ') == std::string_view::npos;
}

reason check_method(std::string_view text, method verb) noexcept {
  switch (verb) {
    case method::connect: return reason::http_connect_refused;
    case method::trace: return reason::http_trace_refused;
    case method::unknown: return grammar::is_token(text) ? reason::http_unknown_method : reason::http_invalid_method;
    default: return reason::none;
  }
}

reason read_origin_form(std::string_view target, request_head& head) noexcept {
  head.target = target;  // also of a refused one: the log shows what came
  const auto parts = origin_form::parse(target);
  if (!parts) return parts.error().why;
  head.path = parts->path;
  head.query = parts->query;
  return reason::none;
}

reason read_asterisk(request_head& head) noexcept {
  head.target = "*";
  head.path = "*";
  return reason::none;
}

bool skip_ignoring_case(std::string_view& text, std::string_view prefix) noexcept {
  if (!ascii::equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 . Routed and forwarded as origin-form; the authority must be
// Host's.
reason read_absolute_form(std::string_view target, request_head& head,
                          std::optional<absolute_form>& absolute) noexcept {
  absolute_form form;
  if (skip_ignoring_case(target, "http://")) {
    form.default_port = 80;
  } else if (skip_ignoring_case(target, "https://")) {
    form.default_port = 443;
  } else {
    return reason::http_invalid_target;  // authority-form is CONNECT's alone; other schemes are nobody's here
  }
  const std::size_t path = target.find_first_of("/?");
  form.authority = target.substr(0, path);
  absolute = form;
  if (path != std::string_view::npos) return read_origin_form(target.substr(path), head);  // "?x" is refused there
  if (head.verb == method::options) return read_asterisk(head);                            // RFC 9112 section 3.2.4
  return read_origin_form("/", head);
}

reason read_target(std::string_view target, request_head& head, std::optional<absolute_form>& absolute) noexcept {
  if (target.front() == '/') return read_origin_form(target, head);
  if (target == "*") return head.verb == method::options ? read_asterisk(head) : reason::http_invalid_target;
  return read_absolute_form(target, head, absolute);
}

}  // namespace

reason read_version(std::string_view text, http_version& out) noexcept {
  if (text == "HTTP/1.1") {
    out = http_version::http_1_1;
    return reason::none;
  }
  if (text == "HTTP/1.0") {
    out = http_version::http_1_0;
    return reason::none;
  }
  const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && ascii::is_digit(text[5]) &&
                           text[6] == '.' && ascii::is_digit(text[7]);
  return well_formed ? reason::http_unsupported_version : reason::http_invalid_version;
}

reason read_request_line(std::string_view line, std::size_t max_target, request_head& head,
                         std::optional<absolute_form>& absolute) noexcept {
  line_parts parts;
  if (!split(line, parts)) return reason::http_malformed_request_line;
  if (const reason why = read_version(parts.version, head.version); why != reason::none) return why;
  head.method_text = parts.method;
  head.verb = parse_method(parts.method);
  if (const reason why = check_method(parts.method, head.verb); why != reason::none) return why;
  if (parts.target.size() > max_target) return reason::limit_target_too_long;
  return read_target(parts.target, head, absolute);
}

}  // namespace gatehouse::detail::wire
