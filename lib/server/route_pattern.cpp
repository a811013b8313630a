#include "route_pattern.hpp"

#include <algorithm>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/http/target.hpp>

namespace gatehouse::detail::server {
namespace {

void report(config_errors& errors, std::string_view pattern, std::string code, std::string message,
            std::string suggestion = {}) {
  errors.push_back({.key = "routes",
                    .value = std::string{pattern},
                    .code = std::move(code),
                    .message = std::move(message),
                    .suggestion = std::move(suggestion)});
}

bool is_name(std::string_view text) noexcept {
  return !text.empty() && !ascii::is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '_'; });
}

/// What path-to-regexp gives a meaning to and we do not: taken literally, such a route would silently match nothing.
bool has_foreign_syntax(std::string_view literal) noexcept {
  return literal.find_first_of("{}()[]?+*:") != std::string_view::npos;
}

pattern_segment segment_of(std::string_view text) noexcept {
  using enum pattern_segment::kind;
  if (text.starts_with(':')) return {.what = parameter, .text = text.substr(1)};
  if (text.starts_with('*')) return {.what = rest, .text = text.substr(1)};
  return {.what = literal, .text = text};
}

void check_segment(const pattern_segment& s, bool last, std::string_view pattern, config_errors& errors) {
  using enum pattern_segment::kind;
  if (s.what != literal && !is_name(s.text)) {
    report(errors, pattern, "invalid-pattern",
           "a parameter needs a name of letters, digits and _, and is a whole segment.", "\":id\" or \"*rest\"");
  } else if (s.what == rest && !last) {
    report(errors, pattern, "invalid-pattern",
           "\"*" + std::string{s.text} + "\" captures the rest, so it must be last.");
  } else if (s.what == literal && has_foreign_syntax(s.text)) {
    report(errors, pattern, "invalid-pattern",
           "patterns have no optional parts and no regular expressions; \":name\" and \"*rest\" are whole segments.",
           "one route for each form");
  } else if (s.what == literal && s.text.empty() && !last) {
    report(errors, pattern, "invalid-pattern", "an empty segment (\"//\") never matches: such requests are refused.");
  }
}

void check_names(const pattern_segments& segments, std::string_view pattern, config_errors& errors) {
  std::vector<std::string_view> names;
  for (const pattern_segment& s : segments) {
    if (s.what == pattern_segment::kind::parameter || s.what == pattern_segment::kind::rest) names.push_back(s.text);
  }
  if (names.size() > max_path_parameters) {
    report(errors, pattern, "too-many-parameters",
           "a route has at most " + std::to_string(max_path_parameters) + " parameters.");
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    report(errors, pattern, "duplicate-parameter", "the parameter \"" + std::string{*twice} + "\" appears twice.",
           "a name for each");
  }
}

}  // namespace

pattern_segments parse_pattern(std::string_view pattern, bool subtree, config_errors& errors) {
  pattern_segments segments;
  if (!pattern.starts_with('/')) {
    report(errors, pattern, "invalid-pattern", "a pattern begins with \"/\".", "\"/" + std::string{pattern} + '"');
    return segments;
  }
  if (subtree && pattern.size() > 1 && pattern.ends_with('/')) {
    report(errors, pattern, "invalid-pattern",
           "what is mounted has no trailing slash: it gets everything below anyway.",
           '"' + std::string{pattern.substr(0, pattern.size() - 1)} + '"');
    return segments;
  }
  if (!(subtree && pattern == "/")) {
    path_cursor at{.left = pattern.substr(1)};
    while (at.more) segments.push_back(segment_of(at.next()));
  }
  const std::size_t before = errors.size();
  for (std::size_t i = 0; i < segments.size() && errors.size() == before; ++i) {
    check_segment(segments[i], !subtree && i + 1 == segments.size(), pattern, errors);
  }
  check_names(segments, pattern, errors);
  // What the parser refuses can not be matched either: better an error now than a route that is never found.
  if (errors.size() == before && (pattern.find('?') != std::string_view::npos || !origin_form::parse(pattern))) {
    report(errors, pattern, "invalid-pattern",
           "no request has such a path: it is not valid, or two readers would disagree.",
           "unreserved characters; others as %XX, as the client sends them");
  }
  if (subtree) segments.push_back({.what = pattern_segment::kind::subtree, .text = {}});
  return segments;
}

}  // namespace gatehouse::detail::server
