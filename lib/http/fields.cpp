#include <gatehouse/http/fields.hpp>

#include <memory>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {

result<void> fields::append(field id, std::string_view name, std::string_view value) noexcept {
  if (count_ == max_field_lines) return error{reason::limit_too_many_fields};
  std::construct_at(lines() + count_, field_line{.name = name, .value = value, .id = id, .next = 0});
  ++count_;
  if (id != field::other) chain(count_);
  return {};
}

/// Makes the line at position `at` (counted from 1) the last of its name.
void fields::chain(std::size_t at) noexcept {
  const auto slot = static_cast<std::size_t>(lines()[at - 1].id);
  const auto position = static_cast<std::uint8_t>(at);
  if (first_[slot] == 0) {
    first_[slot] = position;
  } else {
    lines()[last_[slot] - 1U].next = position;
  }
  last_[slot] = position;
}

std::size_t fields::count(field id) const noexcept {
  std::size_t n = 0;
  for_each(id, [&n](std::string_view) { ++n; });
  return n;
}

std::optional<std::string_view> fields::get(std::string_view name) const noexcept {
  if (const field id = find_field(name); id != field::other) return get(id);
  for (const field_line& line : *this) {
    if (line.id == field::other && ascii::equal_ignoring_case(line.name, name)) return line.value;
  }
  return std::nullopt;
}

result<void> fields::set(field id, std::string_view value) noexcept {
  if (!has(id)) return append(id, value);
  const std::size_t first = first_[static_cast<std::size_t>(id)] - 1U;
  lines()[first].value = value;
  lines()[first].name = gatehouse::name(id);
  if (lines()[first].next != 0) {
    const field_line* const kept = lines() + first;
    remove_if([&](const field_line& line) { return line.id == id && &line != kept; });
  }
  return {};
}

void fields::remove(field id) noexcept {
  if (!has(id)) return;
  remove_if([id](const field_line& line) { return line.id == id; });
}

void fields::reindex(std::size_t count) noexcept {
  clear();
  count_ = count;
  for (std::size_t at = 1; at <= count; ++at) {
    lines()[at - 1].next = 0;
    if (lines()[at - 1].id != field::other) chain(at);
  }
}

}  // namespace gatehouse
