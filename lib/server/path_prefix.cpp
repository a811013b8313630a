#include "path_prefix.hpp"

#include <gatehouse/base/arena.hpp>

#include "route_pattern.hpp"
#include "url_text.hpp"

namespace gatehouse::detail::server {
namespace {

std::string decoded_segment(std::string_view text) {
  std::string room(text.size(), '\0');
  arena memory{room};
  std::string_view out;
  // What is not valid UTF-8 matches nothing: the parser refuses such requests.
  return decode(text, encoding::path, memory, out) == decoded::ok ? std::string{out} : std::string{text};
}

}  // namespace

path_prefix::path_prefix(std::string_view text, config_errors& errors) {
  if (text.empty()) return;
  const std::size_t before = errors.size();
  const std::string pattern{text};
  const pattern_segments segments = parse_pattern(pattern, true, errors);
  for (const pattern_segment& s : segments) {
    if (errors.size() != before || s.what == pattern_segment::kind::subtree) break;
    segments_.push_back(s.what == pattern_segment::kind::literal ? decoded_segment(s.text) : std::string{});
  }
}

bool path_prefix::covers(std::string_view path) const noexcept {
  path_cursor at{.left = path.substr(path.empty() ? 0 : 1)};  // no path was read: only "every path" covers it
  for (const std::string& wanted : segments_) {
    if (!at.more) return false;
    const std::string_view sent = at.next();
    if (wanted.empty() ? sent.empty() : !is_key(sent, wanted, encoding::path)) return false;
  }
  return true;
}

bool path_prefix::covers(const path_prefix& other) const noexcept {
  if (other.segments_.size() < segments_.size()) return false;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (!segments_[i].empty() && segments_[i] != other.segments_[i]) return false;
  }
  return true;
}

bool path_prefix::is_nearer_than(const path_prefix& other) const noexcept {
  if (segments_.size() != other.segments_.size()) return segments_.size() > other.segments_.size();
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].empty() != other.segments_[i].empty()) return other.segments_[i].empty();
  }
  return false;
}

}  // namespace gatehouse::detail::server
