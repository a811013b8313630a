#include <gatehouse/http/fields.hpp>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {

result<void> fields::append(field id, std::string_view name, std::string_view value) noexcept {
  if (!try_append(id, name, value)) return error{reason::limit_too_many_fields};
  return {};
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
