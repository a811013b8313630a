#pragma once

#include <bit>
#include <bitset>
#include <cstddef>
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
  /// A set of positions in pairs(), one bit each.
  using positions = std::uint32_t;
  static constexpr std::size_t max_pairs = 32;

  field_block() = default;
  /// At most max_pairs, each with a valid field value (checked, GATEHOUSE_ASSERT: these come from validated
  /// configuration only).
  explicit field_block(std::vector<pair> pairs);

  [[nodiscard]] std::string_view http1() const noexcept { return http1_; }  ///< "Name: value\r\n" lines
  [[nodiscard]] std::span<const pair> pairs() const noexcept { return pairs_; }
  [[nodiscard]] bool has(field id) const noexcept { return ids_[static_cast<std::size_t>(id)]; }
  /// The pairs of this name. `other` has none: names that are not known are not found.
  [[nodiscard]] positions find(field id) const noexcept;

  /// Calls `visit` with the lines that are not omitted, as HTTP/1 sends them: as few texts as there can be.
  template <typename Visit>
  void for_each_run(positions omitted, Visit visit) const {
    std::size_t from = 0;
    for (; omitted != 0; omitted &= omitted - 1) {
      const auto at = static_cast<std::size_t>(std::countr_zero(omitted));
      if (at >= pairs_.size()) break;
      const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
      if (begin > from) visit(std::string_view{http1_}.substr(from, begin - from));
      from = ends_[at];
    }
    if (from < http1_.size()) visit(std::string_view{http1_}.substr(from));
  }

 private:
  std::vector<pair> pairs_;
  std::string http1_;
  std::vector<std::uint32_t> ends_;  // of each pair's line in http1_
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
    omitted_ = 0;
  }
  [[nodiscard]] gatehouse::status status() const noexcept { return status_; }
  void status(gatehouse::status s) noexcept { status_ = s; }

  [[nodiscard]] const gatehouse::fields& fields() const noexcept { return fields_; }
  /// Whether a field is there, as a line or in the attached block.
  [[nodiscard]] bool has(field id) const noexcept { return fields_.has(id) || attaches(id); }

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

  /// As fields::edit, for values that are field values as `value` was: parts of it and constants.
  template <typename Edit>
  void edit(field id, Edit edit) noexcept {
    fields_.edit(id, edit);
  }
  /// As fields::move_text.
  template <typename Move>
  void move_text(Move move) {
    fields_.move_text(std::move(move));
  }

  /// Attaches constant fields; lines with the same known names are removed first, so that none of them appears twice.
  /// At most one block: a second call replaces the first. `omitted`: the pairs of it that are not sent here.
  void attach(const field_block* block, field_block::positions omitted = 0) noexcept;
  /// Calls `visit` with each attached pair.
  template <typename Visit>
  void for_each_attached(Visit visit) const {
    if (block_ == nullptr) return;
    const auto pairs = block_->pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if ((omitted_ >> i & 1U) == 0) visit(pairs[i]);
    }
  }
  /// Calls `visit` with the attached lines as HTTP/1 sends them, some at a time.
  template <typename Visit>
  void for_each_attached_run(Visit visit) const {
    if (block_ != nullptr) block_->for_each_run(omitted_, visit);
  }

 private:
  [[nodiscard]] bool attaches(field id) const noexcept {
    if (block_ == nullptr || !block_->has(id)) return false;
    return omitted_ == 0 || (block_->find(id) & ~omitted_) != 0;
  }

  gatehouse::status status_ = gatehouse::status::ok;
  gatehouse::fields fields_;
  const field_block* block_ = nullptr;
  field_block::positions omitted_ = 0;
};

}  // namespace gatehouse
