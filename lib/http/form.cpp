#include <gatehouse/http/form.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse {
namespace {

constexpr error invalid_form{.why = reason::validation_invalid_body};

/// Takes the text before `mark` off the front, and the mark; nothing when there is none.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view mark) noexcept {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at + mark.size());
  return before;
}

bool skip(std::string_view& text, std::string_view expected) noexcept {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

struct parameter {
  std::string_view name{};
  std::string_view value{};
};
enum class next_parameter { found, none, invalid };

/// The next `; name=value` or `; name="value"` of a field value. As browsers write them: what is in quotes ends at the
/// next quote, and a quote inside is %22 (https://html.spec.whatwg.org/#multipart-form-data); a backslash means itself.
next_parameter take_parameter(std::string_view& text, parameter& out) noexcept {
  text = ascii::trim(text);
  if (text.empty()) return next_parameter::none;
  if (!skip(text, ";")) return next_parameter::invalid;
  text = ascii::trim(text);
  const auto name = take_until(text, "=");
  if (!name || !grammar::is_token(*name)) return next_parameter::invalid;
  out.name = *name;
  if (skip(text, "\"")) {
    const auto value = take_until(text, "\"");
    if (!value) return next_parameter::invalid;
    out.value = *value;
    return next_parameter::found;
  }
  const std::size_t end = std::min(text.find_first_of("; \t"), text.size());
  out.value = text.substr(0, end);
  text.remove_prefix(end);
  return grammar::is_token(out.value) ? next_parameter::found : next_parameter::invalid;
}

std::string_view last_segment(std::string_view path) noexcept {
  const std::size_t at = path.find_last_of("/\\");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

/// Content-Disposition of a part: form-data; name="..."; filename="...".
bool read_disposition(std::string_view value, form_part& part) noexcept {
  const std::size_t semicolon = value.find(';');
  if (semicolon == std::string_view::npos) return false;
  if (!ascii::equal_ignoring_case(ascii::trim(value.substr(0, semicolon)), "form-data")) return false;
  value.remove_prefix(semicolon);
  bool named = false;
  while (true) {
    parameter p;
    switch (take_parameter(value, p)) {
      case next_parameter::none: return named;
      case next_parameter::invalid: return false;
      case next_parameter::found: break;
    }
    if (ascii::equal_ignoring_case(p.name, "name")) {
      if (named) return false;
      named = true;
      part.name = p.value;
    } else if (ascii::equal_ignoring_case(p.name, "filename")) {
      if (part.is_file) return false;
      part.is_file = true;
      part.file_name = last_segment(p.value);
    } else if (ascii::equal_ignoring_case(p.name, "filename*")) {
      return false;  // RFC 7578 section 4.2: must not be used; who reads it sees another name
    }
  }
}

/// The field lines of a part, and the empty line behind them.
bool read_part_head(std::string_view& text, form_part& part) noexcept {
  const std::string_view bounded = text.substr(0, max_part_head_bytes);
  std::string_view left = bounded;
  bool has_disposition = false;
  bool has_type = false;
  while (true) {
    const auto line = take_until(left, "\r\n");
    if (!line) return false;
    if (line->empty()) break;
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos || !grammar::is_token(line->substr(0, colon))) return false;
    const std::string_view name = line->substr(0, colon);
    const std::string_view value = ascii::trim(line->substr(colon + 1));
    if (!grammar::is_field_value(value)) return false;
    if (ascii::equal_ignoring_case(name, "content-disposition")) {
      if (std::exchange(has_disposition, true) || !read_disposition(value, part)) return false;
    } else if (ascii::equal_ignoring_case(name, "content-type")) {
      if (std::exchange(has_type, true)) return false;
      part.type = value;
    } else if (ascii::equal_ignoring_case(name, "content-transfer-encoding")) {
      return false;  // RFC 7578 section 4.7: deprecated; one reader would decode what another does not
    }
  }
  text.remove_prefix(bounded.size() - left.size());
  return has_disposition;
}

bool is_boundary(std::string_view text) noexcept {
  constexpr std::string_view punctuation = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= max_boundary_size && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return ascii::is_alnum(c) || punctuation.find(c) != std::string_view::npos; });
}

/// Counts the parts of a form against its limits.
class counted {
 public:
  explicit counted(const form_limits& l) noexcept : left_(l) {}
  [[nodiscard]] bool add(const form_part& part) noexcept {
    if (part.name.size() > left_.field_bytes) return false;
    if (part.is_file) return left_.files-- != 0;
    return part.content.size() <= left_.field_bytes && left_.fields-- != 0;
  }

 private:
  form_limits left_;
};

}  // namespace

result<std::vector<form_pair>> parse_urlencoded(std::string_view content, const form_limits& l) {
  std::vector<form_pair> pairs;
  while (!content.empty()) {
    const std::size_t end = std::min(content.find('&'), content.size());
    const std::string_view pair = content.substr(0, end);
    content.remove_prefix(std::min(end + 1, content.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const form_pair one{.name = pair.substr(0, equals), .value = pair.substr(std::min(equals + 1, pair.size()))};
    if (pairs.size() == l.fields || one.name.size() > l.field_bytes || one.value.size() > l.field_bytes)
      return invalid_form;
    pairs.push_back(one);
  }
  return pairs;
}

std::optional<std::string_view> multipart_boundary(std::string_view content_type) noexcept {
  const std::size_t semicolon = std::min(content_type.find(';'), content_type.size());
  if (!ascii::equal_ignoring_case(ascii::trim(content_type.substr(0, semicolon)), "multipart/form-data")) {
    return std::nullopt;
  }
  content_type.remove_prefix(semicolon);
  std::optional<std::string_view> boundary;
  while (true) {
    parameter p;
    switch (take_parameter(content_type, p)) {
      case next_parameter::none: return boundary;
      case next_parameter::invalid: return std::nullopt;
      case next_parameter::found: break;
    }
    if (!ascii::equal_ignoring_case(p.name, "boundary")) continue;
    if (boundary || !is_boundary(p.value)) return std::nullopt;
    boundary = p.value;
  }
}

// https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1
result<std::vector<form_part>> parse_multipart(std::string_view content, std::string_view boundary,
                                               const form_limits& l) {
  const std::string delimiter = "\r\n--" + std::string{boundary};
  std::vector<form_part> parts;
  counted bounds{l};
  // The first delimiter has no line break before it.
  if (!skip(content, std::string_view{delimiter}.substr(2))) return invalid_form;
  while (!skip(content, "--")) {
    if (!skip(content, "\r\n")) return invalid_form;
    form_part part;
    if (!read_part_head(content, part)) return invalid_form;
    const auto body = take_until(content, delimiter);
    if (!body) return invalid_form;
    part.content = *body;
    if (!bounds.add(part)) return invalid_form;
    parts.push_back(part);
  }
  if (!content.empty() && content != "\r\n") return invalid_form;
  return parts;
}

}  // namespace gatehouse
