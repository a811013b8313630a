#pragma once

#include <map>
#include <string>
#include <string_view>

#include <gatehouse/config/report.hpp>

namespace gatehouse {

/// Where each key's value was written, so that a rule that refuses a value (and knows only the key) is quoted with a
/// position.
class config_sources {
 public:
  explicit config_sources(std::string file) : file_(std::move(file)) {}
  void set(std::string key, source_position where) { places_[std::move(key)] = std::move(where); }
  /// Also forgets the places of its elements: the flag that replaces a list replaces all of it.
  void replace(const std::string& key, source_position where);
  /// The place of "a.b[2]", else of "a.b", else of "a", else the beginning of the file.
  [[nodiscard]] source_position find(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return places_.contains(key); }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  std::string file_;
  std::map<std::string, source_position, std::less<>> places_;
};

}  // namespace gatehouse
