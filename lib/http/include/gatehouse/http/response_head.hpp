#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/base/arena.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/http/fields.hpp>
#include <gatehouse/http/status.hpp>

namespace gatehouse {

/// Constant fields rendered once: the bytes HTTP/1 sends and the pairs HTTP/2 will. Immutable; lives as long as the
/// policy that made it.
class field_block {
 public:
  struct pair {
    field id;
    std::string name;
    std::string value;
  };
  field_block() = default;
  /// Each value must be a valid field value (checked, GATEHOUSE_ASSERT: these come from validated configuration only).
  explicit field_block(std::vector<pair> pairs);

  [[nodiscard]] std::string_view http1() const noexcept { return http1_; }  ///< "Name: value\r\n" lines
  [[nodiscard]] std::span<const pair> pairs() const noexcept { return pairs_; }
  [[nodiscard]] bool has(field id) const noexcept { return ids_[static_cast<std::size_t>(id)]; }

 private:
  std::vector<pair> pairs_;
  std::string http1_;
  std::bitset<known_field_count + 1> ids_;
};

/// The head of a response on its way out. Rules change it in their on_response phase; then it is serialised. Values are
/// checked here: CR, LF, NUL or any other control byte in a value, or a name that is not a token, never gets in. Text
/// is not copied: what does not live until the exchange ends is put into the exchange's arena first (`set_copy`).
class response_head {
 public:
  response_head() = default;

  void clear() noexcept {
    status_ = gatehouse::status::ok;
    fields_.clear();
    block_ = nullptr;
  }
  [[nodiscard]] gatehouse::status status() const noexcept { return status_; }
  void status(gatehouse::status s) noexcept { status_ = s; }

  [[nodiscard]] const gatehouse::fields& fields() const noexcept { return fields_; }
  /// Whether a field is there, as a line or in the attached block.
  [[nodiscard]] bool has(field id) const noexcept { return fields_.has(id) || (block_ != nullptr && block_->has(id)); }

  /// Errors: http.invalid-field-value, http.invalid-field-name, limit.too-many-fields; nothing is changed then.
  result<void> set(field id, std::string_view value) noexcept;
  result<void> append(field id, std::string_view value) noexcept;
  result<void> append(std::string_view name, std::string_view value) noexcept;
  /// As `set`, with a copy of the value that lives in `memory`. Also limit.exchange-memory.
  result<void> set_copy(arena& memory, field id, std::string_view value) noexcept;
  void remove(field id) noexcept { fields_.remove(id); }
  template <typename Condition>
  void remove_if(Condition condition) noexcept {
    fields_.remove_if(condition);
  }

  /// As fields::edit_values; what `edit` returns is made of what it got, so it is as valid.
  template <typename Edit>
  void edit_values(field id, Edit edit) {
    fields_.edit_values(id, std::move(edit));
  }
  /// As fields::move_text.
  template <typename Move>
  void move_text(Move move) {
    fields_.move_text(std::move(move));
  }

  /// Attaches constant fields; lines with the same known names are removed first, so that none of them appears twice.
  /// At most one block: a second call replaces the first.
  void attach(const field_block* block) noexcept;
  [[nodiscard]] const field_block* block() const noexcept { return block_; }

 private:
  gatehouse::status status_ = gatehouse::status::ok;
  gatehouse::fields fields_;
  const field_block* block_ = nullptr;
};

}  // namespace gatehouse
