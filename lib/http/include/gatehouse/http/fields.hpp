#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/http/field.hpp>

namespace gatehouse {

/// One field line. Views borrow from whoever filled the container (a receive block, an arena, static text).
struct field_line {
  std::string_view name;
  std::string_view value;
  field id = field::other;
  std::uint8_t next = 0;  ///< position + 1 of the next line of the same known name; 0: none. Kept by `fields`.
};

/// The field lines of one message, in order, at most `max_field_lines`; known names are found without a search. Owns no
/// text. Neither checks nor copies what it is given: the parser and `response_head` check.
class fields {
 public:
  fields() noexcept { clear(); }
  fields(const fields&) = delete;
  fields& operator=(const fields&) = delete;

  void clear() noexcept {
    count_ = 0;
    first_.fill(0);  // last_ is read only where first_ is set
  }

  /// Errors: limit.too-many-fields when full.
  result<void> append(field id, std::string_view name, std::string_view value) noexcept;
  result<void> append(field id, std::string_view value) noexcept { return append(id, gatehouse::name(id), value); }

  /// As append, for the parsers' inner loop: false when full. (g++ 12 makes a result<void> cost ten cycles.)
  [[nodiscard]] bool try_append(field id, std::string_view name, std::string_view value) noexcept {
    if (count_ == max_field_lines) return false;
    // Member by member: a temporary would be written in small stores and read back in wide ones, which waits.
    field_line* const line = std::construct_at(lines() + count_);
    line->name = name;
    line->value = value;
    line->id = id;
    ++count_;
    if (id != field::other) chain(count_);
    return true;
  }

  /// Whether at least one line has this name. `id` is not `other`.
  [[nodiscard]] bool has(field id) const noexcept { return first_[static_cast<std::size_t>(id)] != 0; }
  /// The value of the first line of this name. Who must refuse duplicates asks `count`.
  [[nodiscard]] std::optional<std::string_view> get(field id) const noexcept {
    const std::uint8_t at = first_[static_cast<std::size_t>(id)];
    if (at == 0) return std::nullopt;
    return lines()[at - 1U].value;
  }
  [[nodiscard]] std::size_t count(field id) const noexcept;
  /// By text, case-insensitive, known names or not: the first line of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;

  /// Replaces every line of this name by one, or appends it.
  result<void> set(field id, std::string_view value) noexcept;
  void remove(field id) noexcept;
  /// Removes the lines for which `condition(line)` holds; order is kept.
  template <typename Condition>
  void remove_if(Condition condition) noexcept {
    const std::size_t before = count_;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < before; ++i) {
      if (!condition(static_cast<const field_line&>(lines()[i]))) lines()[kept++] = lines()[i];
    }
    if (kept != before) reindex(kept);
  }

  /// Has `move(text)` say where each text is from now on: that of names nobody knows, and of all values, in order. It
  /// is the same text: only where it stands changes.
  template <typename Move>
  void move_text(Move move) {
    for (std::size_t i = 0; i < count_; ++i) {
      field_line& line = lines()[i];
      if (line.id == field::other) line.name = move(line.name);
      line.value = move(line.value);
    }
  }

  /// What `edit(value)`, a std::optional<std::string_view>, says of each line of this name, in order, becomes its
  /// value; of nothing the line is removed. Order is kept.
  template <typename Edit>
  void edit(field id, Edit edit) noexcept {
    if (!has(id)) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      field_line line = lines()[i];
      if (line.id == id) {
        const std::optional<std::string_view> value = edit(line.value);
        if (!value) continue;
        line.value = *value;
      }
      lines()[kept++] = line;
    }
    if (kept != count_) reindex(kept);
  }

  /// Calls `visit(value)` for each line of this name, in order.
  template <typename Visit>
  void for_each(field id, Visit visit) const {
    for (std::uint8_t at = first_[static_cast<std::size_t>(id)]; at != 0; at = lines()[at - 1U].next) {
      visit(lines()[at - 1U].value);
    }
  }

  [[nodiscard]] const field_line* begin() const noexcept { return lines(); }
  [[nodiscard]] const field_line* end() const noexcept { return lines() + count_; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

 private:
  /// Makes the line at position `at` (counted from 1) the last of its name.
  void chain(std::size_t at) noexcept {
    const auto slot = static_cast<std::size_t>(lines()[at - 1].id);
    const auto position = static_cast<std::uint8_t>(at);
    if (first_[slot] == 0) {
      first_[slot] = position;
    } else {
      lines()[last_[slot] - 1U].next = position;
    }
    last_[slot] = position;
  }
  void reindex(std::size_t count) noexcept;
  [[nodiscard]] field_line* lines() noexcept { return std::launder(reinterpret_cast<field_line*>(storage_.data())); }
  [[nodiscard]] const field_line* lines() const noexcept {
    return std::launder(reinterpret_cast<const field_line*>(storage_.data()));
  }

  static_assert(max_field_lines < 255);
  static_assert(std::is_trivially_destructible_v<field_line>);
  std::array<std::uint8_t, known_field_count + 1> first_;  // + 1: `other` has a slot that is never set
  std::array<std::uint8_t, known_field_count + 1> last_;
  std::size_t count_ = 0;
  // OPTIMIZATION: raw bytes, or making a head would write all 5 KiB of lines that most messages never use.
  alignas(field_line) std::array<std::byte, sizeof(field_line) * max_field_lines> storage_;
};

}  // namespace gatehouse
