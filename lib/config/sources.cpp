#include <gatehouse/config/sources.hpp>

namespace gatehouse {

void config_sources::replace(const std::string& key, source_position where) {
  for (auto at = places_.lower_bound(key); at != places_.end() && at->first.starts_with(key);) {
    const bool inside = at->first.size() == key.size() || at->first[key.size()] == '[';
    at = inside ? places_.erase(at) : std::next(at);
  }
  set(key, std::move(where));
}

source_position config_sources::find(std::string_view key) const {
  while (!key.empty()) {
    if (const auto at = places_.find(key); at != places_.end()) return at->second;
    const auto cut = key.find_last_of(".[");
    if (cut == std::string_view::npos) break;
    key = key.substr(0, cut);
  }
  return {.file = file_, .line = 1, .column = 1};
}

}  // namespace gatehouse
