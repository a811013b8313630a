#include <gatehouse/http/conditional.hpp>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/date.hpp>

namespace gatehouse {
namespace {

constexpr bool is_etag_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

constexpr bool is_weak(std::string_view tag) noexcept { return tag.starts_with("W/"); }
constexpr std::string_view opaque(std::string_view tag) noexcept { return is_weak(tag) ? tag.substr(2) : tag; }

/// The entity-tag at the front of `text`, which is taken off; empty when there is none. A comma may stand inside.
std::string_view next_tag(std::string_view& text) noexcept {
  std::size_t at = is_weak(text) ? 2 : 0;
  if (at >= text.size() || text[at] != '"') return {};
  ++at;
  while (at < text.size() && is_etag_char(text[at])) ++at;
  if (at >= text.size() || text[at] != '"') return {};
  const std::string_view tag = text.substr(0, at + 1);
  text.remove_prefix(at + 1);
  return tag;
}

enum class listed { yes, no, malformed };

/// Whether `tag` is in a list of entity-tags, `matches(listed, tag)` comparing.
template <typename Matches>
listed find_tag(std::string_view list, std::string_view tag, Matches matches) noexcept {
  bool found = false;
  while (true) {
    while (!list.empty() && (list.front() == ' ' || list.front() == '\t' || list.front() == ',')) list.remove_prefix(1);
    if (list.empty()) return found ? listed::yes : listed::no;
    const std::string_view one = next_tag(list);
    if (one.empty()) return listed::malformed;
    found = found || matches(one, tag);
    while (!list.empty() && (list.front() == ' ' || list.front() == '\t')) list.remove_prefix(1);
    if (!list.empty() && list.front() != ',') return listed::malformed;
  }
}

bool strong_match(std::string_view a, std::string_view b) noexcept { return !is_weak(a) && !is_weak(b) && a == b; }
bool weak_match(std::string_view a, std::string_view b) noexcept { return opaque(a) == opaque(b); }

/// Of all lines of a field: "*", or a list; a line that is malformed spoils the whole.
template <typename Matches>
listed find_tag(const fields& all, field name, std::string_view tag, Matches matches) noexcept {
  listed result = listed::no;
  all.for_each(name, [&](std::string_view line) {
    if (result == listed::malformed) return;
    const std::string_view text = ascii::trim(line);
    const listed here = text == "*" ? listed::yes : find_tag(text, tag, matches);
    if (here != listed::no) result = here;
  });
  return result;
}

std::optional<system_time> date_of(const fields& all, field name, system_time now) noexcept {
  const auto sent = all.get(name);
  return sent && all.count(name) == 1 ? parse_http_date(*sent, now) : std::nullopt;
}

bool not_after(const validators& current, system_time date) noexcept {
  using std::chrono::floor;
  return floor<seconds>(*current.last_modified) <= floor<seconds>(date);
}

}  // namespace

bool is_entity_tag(std::string_view text) noexcept { return !next_tag(text).empty() && text.empty(); }

// https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
precondition evaluate(const request_head& request, const validators& current, system_time now) noexcept {
  const fields& all = request.fields;
  const bool reads = request.verb == method::get || request.verb == method::head;
  // 1. and 2.
  if (all.has(field::if_match)) {
    if (find_tag(all, field::if_match, current.etag, strong_match) != listed::yes) return precondition::failed;
  } else if (const auto date = date_of(all, field::if_unmodified_since, now); date && current.last_modified) {
    if (!not_after(current, *date)) return precondition::failed;
  }
  // 3. and 4.
  if (all.has(field::if_none_match)) {
    if (find_tag(all, field::if_none_match, current.etag, weak_match) == listed::yes) {
      return reads ? precondition::not_modified : precondition::failed;
    }
  } else if (reads) {
    const auto date = date_of(all, field::if_modified_since, now);
    if (date && current.last_modified && not_after(current, *date)) return precondition::not_modified;
  }
  return precondition::proceed;  // 5. is range_is_wanted()
}

bool range_is_wanted(const request_head& request, const validators& current, system_time now) noexcept {
  const auto sent = request.fields.get(field::if_range);
  if (!sent) return true;
  if (is_entity_tag(*sent)) return strong_match(*sent, current.etag);
  // A date is as good as a strong entity-tag only when it is exactly that of a representation that can not have changed
  // twice within its second; that is long ago for one whose entity-tag is strong.
  const auto date = parse_http_date(*sent, now);
  return date && current.last_modified && !is_weak(current.etag) &&
         std::chrono::floor<seconds>(*current.last_modified) == *date;
}

}  // namespace gatehouse
