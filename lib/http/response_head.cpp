#include <gatehouse/http/response_head.hpp>

#include <utility>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse {

field_block::field_block(std::vector<pair> pairs) : pairs_(std::move(pairs)) {
  GATEHOUSE_ASSERT(pairs_.size() <= max_pairs);
  for (pair& p : pairs_) {
    if (p.name.empty()) p.name = gatehouse::name(p.id);
    GATEHOUSE_ASSERT(grammar::is_token(p.name) && grammar::is_field_value(p.value));
    http1_.append(p.name).append(": ").append(p.value).append("\r\n");
    ends_.push_back(static_cast<std::uint32_t>(http1_.size()));
    if (p.id != field::other) ids_.set(static_cast<std::size_t>(p.id));
  }
}

field_block::positions field_block::find(field id) const noexcept {
  positions found = 0;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (pairs_[i].id == id && id != field::other) found |= positions{1} << i;
  }
  return found;
}

result<void> response_head::set(field id, std::string_view value) noexcept {
  if (id == field::other) return error{reason::http_invalid_field_name, error_source::internal};
  if (!grammar::is_field_value(value)) return error{reason::http_invalid_field_value, error_source::internal};
  return fields_.set(id, value);
}

result<void> response_head::append(field id, std::string_view value) noexcept {
  if (id == field::other) return error{reason::http_invalid_field_name, error_source::internal};
  if (!grammar::is_field_value(value)) return error{reason::http_invalid_field_value, error_source::internal};
  return fields_.append(id, value);
}

result<void> response_head::append(std::string_view name, std::string_view value) noexcept {
  if (!grammar::is_token(name)) return error{reason::http_invalid_field_name, error_source::internal};
  if (!grammar::is_field_value(value)) return error{reason::http_invalid_field_value, error_source::internal};
  return fields_.append(find_field(name), name, value);
}

result<void> response_head::set_copy(arena& memory, field id, std::string_view value) noexcept {
  // Checked before it is copied: a value that is refused must not use up the exchange's memory.
  if (id == field::other) return error{reason::http_invalid_field_name, error_source::internal};
  if (!grammar::is_field_value(value)) return error{reason::http_invalid_field_value, error_source::internal};
  const std::string_view copied = memory.copy(value);
  if (copied.size() != value.size()) return error{reason::limit_exchange_memory, error_source::internal};
  return fields_.set(id, copied);
}

void response_head::attach(const field_block* block, field_block::positions omitted) noexcept {
  block_ = block;
  omitted_ = omitted;
  if (block == nullptr) return;
  for (const field_line& line : fields_) {
    if (!attaches(line.id)) continue;
    fields_.remove_if([this](const field_line& l) { return attaches(l.id); });
    return;
  }
}

}  // namespace gatehouse
