#include "response_edit.hpp"

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::rules {
namespace {

/// RFC 9110 section 8 (representation data and metadata, validators) and section 14 (ranges).
constexpr bool describes_content(field f) noexcept {
  switch (f) {
    case field::accept_ranges:
    case field::content_disposition:
    case field::content_encoding:
    case field::content_language:
    case field::content_length:
    case field::content_location:
    case field::content_range:
    case field::content_type:
    case field::etag:
    case field::last_modified: return true;
    default: return false;
  }
}

}  // namespace

void set_surely(response_head& head, field id, std::string_view value) noexcept {
  if (head.set(id, value)) return;
  head.remove_if([](const field_line& line) { return line.id == field::other; });
  if (head.set(id, value)) return;
  head.remove_if([](const field_line&) { return true; });
  GATEHOUSE_ASSERT(head.set(id, value).has_value());
}

void describe_replacement(response_head& head, std::string_view media_type) noexcept {
  head.remove_if([](const field_line& line) { return describes_content(line.id); });
  set_surely(head, field::content_type, media_type);
}

}  // namespace gatehouse::detail::rules
