// https://www.rfc-editor.org/rfc/rfc9651#section-4.1
#include <utility>

#include "structured_field_writer.hpp"

namespace gatehouse::structured {
namespace {

using writer = detail::http::structured_writer;

// Section 4.1.1.3.
bool append_key(writer& w, const std::string& key) {
  if (!is_key(key)) return w.fail(serialize_error::invalid_key);
  w.out += key;
  return true;
}

bool is_true(const bare_item& b) noexcept { return b.as_boolean() == true; }

// Section 4.1.1.2.
bool append_parameters(writer& w, const parameters& all) {
  for (const auto& [key, value] : all) {
    w.out += ';';
    if (!append_key(w, key)) return false;
    if (is_true(value)) continue;
    w.out += '=';
    if (!detail::http::append_bare_item(w, value)) return false;
  }
  return true;
}

/// With this between each two.
template <typename All, typename Append>
bool append_joined(writer& w, const All& all, std::string_view separator, Append append_one) {
  bool first = true;
  for (const auto& one : all) {
    if (!std::exchange(first, false)) w.out += separator;
    if (!append_one(w, one)) return false;
  }
  return true;
}

// Section 4.1.3.
bool append_item(writer& w, const item& i) {
  return detail::http::append_bare_item(w, i.value) && append_parameters(w, i.parameters);
}

// Section 4.1.1.1.
bool append_inner_list(writer& w, const inner_list& l) {
  w.out += '(';
  if (!append_joined(w, l.items, " ", append_item)) return false;
  w.out += ')';
  return append_parameters(w, l.parameters);
}

bool append_member(writer& w, const member& m) {
  const item* const i = m.as_item();
  return i != nullptr ? append_item(w, *i) : append_inner_list(w, *m.as_inner_list());
}

// Section 4.1.2, of one member: what is true is its key alone.
bool append_entry(writer& w, const dictionary::entry& e) {
  if (!append_key(w, e.key)) return false;
  const item* const i = e.value.as_item();
  if (i != nullptr && is_true(i->value)) return append_parameters(w, i->parameters);
  w.out += '=';
  return append_member(w, e.value);
}

result<std::string, serialize_error> taken_from(writer& w, bool written) {
  if (!written) return failure{w.why};
  return std::move(w.out);
}

}  // namespace

result<std::string, serialize_error> serialize(const item& i) {
  writer w;
  return taken_from(w, append_item(w, i));
}

// Section 4.1.1.
result<std::string, serialize_error> serialize(const list& l) {
  writer w;
  return taken_from(w, append_joined(w, l, ", ", append_member));
}

// Section 4.1.2.
result<std::string, serialize_error> serialize(const dictionary& d) {
  writer w;
  return taken_from(w, append_joined(w, d, ", ", append_entry));
}

}  // namespace gatehouse::structured
