#include "vary.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>

#include "response_edit.hpp"

namespace gatehouse::detail::rules {
namespace {

constexpr std::size_t max_names = 32;  // of one response; who names more says "*"

/// Names without duplicates, in the order in which they came.
class name_list {
 public:
  void add(std::string_view name) noexcept {
    const auto same = [name](std::string_view other) { return ascii::equal_ignoring_case(name, other); };
    if (std::any_of(names_.begin(), names_.begin() + count_, same)) return;
    if (count_ == static_cast<std::ptrdiff_t>(names_.size())) {
      too_many_ = true;
    } else {
      names_[static_cast<std::size_t>(count_++)] = name;
    }
  }
  /// "*" when they are too many or do not fit.
  [[nodiscard]] std::string_view joined(arena& memory) const noexcept {
    std::size_t size = 0;
    for (std::ptrdiff_t i = 0; i < count_; ++i) size += names_[static_cast<std::size_t>(i)].size() + (i == 0 ? 0 : 2);
    char* const begin = too_many_ ? nullptr : memory.allocate(size);
    if (begin == nullptr) return "*";
    char* at = begin;
    for (std::ptrdiff_t i = 0; i < count_; ++i) {
      if (i != 0) at = std::ranges::copy(std::string_view{", "}, at).out;
      at = std::ranges::copy(names_[static_cast<std::size_t>(i)], at).out;
    }
    return {begin, size};
  }

 private:
  std::array<std::string_view, max_names> names_{};
  std::ptrdiff_t count_ = 0;
  bool too_many_ = false;
};

}  // namespace

void add_to_vary(arena& memory, response_head& head, std::span<const std::string_view> names) noexcept {
  // OPTIMIZATION: most responses have none, and we add one name.
  if (!head.fields().has(field::vary) && names.size() == 1) return set_surely(head, field::vary, names.front());
  name_list all;
  bool everything = false;
  head.fields().for_each(field::vary, [&](std::string_view value) {
    grammar::for_each_element(value, [&](std::string_view element) {
      everything = everything || element == "*";
      all.add(element);
      return true;
    });
  });
  for (const std::string_view name : names) all.add(name);
  set_surely(head, field::vary, everything ? std::string_view{"*"} : all.joined(memory));
}

}  // namespace gatehouse::detail::rules
