#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse {

/// What the rule cookies did that a page may notice: for hints in the log, which are given once for each name. Of one
/// response only the first few are kept; the others come another time.
class noted_cookies {
 public:
  struct entry {
    std::array<char, 40> text;
    std::uint8_t size = 0;
    bool http_only_added = false;
    bool lax_added = false;
    [[nodiscard]] std::string_view name() const noexcept { return {text.data(), size}; }  ///< its first 40 bytes
  };

  void add(std::string_view name, bool http_only_added, bool lax_added) noexcept {
    if (count_ == entries_.size()) return;
    entry& e = entries_[count_++];
    e.size = static_cast<std::uint8_t>(std::min(name.size(), e.text.size()));
    std::copy_n(name.begin(), e.size, e.text.begin());
    e.http_only_added = http_only_added;
    e.lax_added = lax_added;
  }
  void clear() noexcept {
    count_ = 0;
    unreadable = no_memory = false;
  }
  [[nodiscard]] const entry* begin() const noexcept { return entries_.data(); }
  [[nodiscard]] const entry* end() const noexcept { return entries_.data() + count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0 && !unreadable && !no_memory; }

  bool unreadable = false;  ///< a Set-Cookie line that browsers ignore, or without a name, was removed
  bool no_memory = false;   ///< one was removed because there was no room to write what it lacked

 private:
  std::array<entry, 4> entries_;
  std::uint8_t count_ = 0;
};

}  // namespace gatehouse
