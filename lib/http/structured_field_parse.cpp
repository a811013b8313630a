// https://www.rfc-editor.org/rfc/rfc9651#section-4.2
#include <utility>

#include "structured_field_cursor.hpp"

namespace gatehouse::structured {
namespace {

using cursor = detail::http::structured_cursor;

// Section 4.2.3.3.
bool parse_key(cursor& in, std::string& out) {
  if (!is_key_start(in.peek())) return in.fail("a key");
  out = in.take_while(is_key_char);
  return true;
}

// Section 4.2.3.2.
bool parse_parameters(cursor& in, parameters& out) {
  std::vector<parameters::entry> all;
  while (in.peek() == ';') {
    if (all.size() == max_parameters) return in.fail("at most 256 parameters");
    in.advance();
    in.skip_spaces();
    parameters::entry& one = all.emplace_back();
    if (!parse_key(in, one.key)) return false;
    if (in.take('=') && !detail::http::parse_bare_item(in, one.value)) return false;
  }
  if (!all.empty()) out = parameters{std::move(all)};
  return true;
}

// Section 4.2.3.
bool parse_one(cursor& in, item& out) {
  return detail::http::parse_bare_item(in, out.value) && parse_parameters(in, out.parameters);
}

// Section 4.2.1.2.
bool parse_one(cursor& in, inner_list& out) {
  if (!in.take('(')) return in.fail("'('");
  while (true) {
    in.skip_spaces();
    if (in.take(')')) return parse_parameters(in, out.parameters);
    if (in.at_end()) return in.fail("')'");
    if (out.items.size() == max_inner_list_items) return in.fail("at most 256 items");
    if (!parse_one(in, out.items.emplace_back())) return false;
    if (in.peek() != ' ' && in.peek() != ')') return in.fail("' ' or ')'");
  }
}

template <typename Held>
bool parse_into(cursor& in, member& out) {
  Held held;
  if (!parse_one(in, held)) return false;
  out = std::move(held);
  return true;
}

// Section 4.2.1.1.
bool parse_member(cursor& in, member& out) {
  return in.peek() == '(' ? parse_into<inner_list>(in, out) : parse_into<item>(in, out);
}

// Section 4.2.2, steps 2.1 to 2.4: a key without a value is true.
bool parse_member(cursor& in, dictionary::entry& out) {
  if (!parse_key(in, out.key)) return false;
  if (in.take('=')) return parse_member(in, out.value);
  item yes{true};
  if (!parse_parameters(in, yes.parameters)) return false;
  out.value = std::move(yes);
  return true;
}

// Sections 4.2.1 and 4.2.2, which have the commas in common: members until the end.
template <typename Member>
bool parse_members(cursor& in, std::vector<Member>& out, std::size_t most, std::string_view at_most) {
  while (!in.at_end()) {
    if (out.size() == most) return in.fail(at_most);
    if (!parse_member(in, out.emplace_back())) return false;
    in.skip_optional_whitespace();
    if (in.at_end()) return true;
    if (!in.take(',')) return in.fail("','");
    in.skip_optional_whitespace();
    if (in.at_end()) return in.fail("a member behind ','");
  }
  return true;
}

// Section 4.2.1.
bool parse_all(cursor& in, list& out) {
  static_assert(max_list_members == 1024);
  return parse_members(in, out, max_list_members, "at most 1024 members");
}

// Section 4.2.2.
bool parse_all(cursor& in, dictionary& out) {
  static_assert(max_dictionary_members == 1024);
  std::vector<dictionary::entry> all;
  if (!parse_members(in, all, max_dictionary_members, "at most 1024 members")) return false;
  out = dictionary{std::move(all)};
  return true;
}

bool parse_all(cursor& in, item& out) { return parse_one(in, out); }

// Section 4.2. Its step 1, that the bytes are ASCII, needs no look of its own: nothing below accepts another byte.
template <typename Field>
result<Field, parse_error> parse_field(std::string_view value) {
  if (value.size() > max_field_bytes) return failure{parse_error{max_field_bytes, "at most 65536 bytes"}};
  cursor in{value};
  Field parsed{};
  in.skip_spaces();
  if (!parse_all(in, parsed)) return failure{in.error()};
  in.skip_spaces();
  if (!in.at_end()) return failure{parse_error{in.offset(), "the end"}};
  return parsed;
}

template <typename ForEach>
std::string join(ForEach for_each) {
  std::string value;
  bool first = true;
  for_each([&](std::string_view line) {
    if (!std::exchange(first, false)) value += ", ";
    value += line;
  });
  return value;
}

}  // namespace

result<item, parse_error> parse_item(std::string_view value) { return parse_field<item>(value); }
result<list, parse_error> parse_list(std::string_view value) { return parse_field<list>(value); }
result<dictionary, parse_error> parse_dictionary(std::string_view value) { return parse_field<dictionary>(value); }

std::string combined(const fields& message, field id) {
  return join([&](auto add) { message.for_each(id, add); });
}

std::string combined(const fields& message, std::string_view name) {
  return join([&](auto add) {
    for (const field_line& line : message) {
      if (ascii::equal_ignoring_case(line.name, name)) add(line.value);
    }
  });
}

}  // namespace gatehouse::structured
