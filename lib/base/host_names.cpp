#include <gatehouse/base/host_names.hpp>

#include <algorithm>
#include <array>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

/// A name in lower case on the stack: a look-up allocates nothing.
class lower_name {
 public:
  explicit lower_name(std::string_view name) noexcept {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty() || name.size() > bytes_.size()) return;
    std::ranges::transform(name, bytes_.begin(), [](char c) { return ascii::to_lower(c); });
    size_ = name.size();
  }
  [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, host_names::longest> bytes_;
  std::size_t size_ = 0;
};

void insert(std::vector<std::string>& into, std::string_view name) {
  const auto at = std::ranges::lower_bound(into, name);
  if (at == into.end() || *at != name) into.emplace(at, name);
}

bool contains(const std::vector<std::string>& all, std::string_view name) noexcept {
  const auto at = std::ranges::lower_bound(all, name);
  return at != all.end() && *at == name;
}

}  // namespace

bool host_names::add(std::string_view name) {
  const lower_name lower(name);
  std::string_view text = lower.text();
  if (text.empty()) return false;
  if (!text.starts_with("*.")) {
    if (text.find('*') != std::string_view::npos) return false;
    insert(exact_, text);
    return true;
  }
  text.remove_prefix(1);
  // "*.com" would be for everybody.
  if (text.find('*') != std::string_view::npos || text.find('.', 1) == std::string_view::npos) return false;
  insert(wildcards_, text);
  return true;
}

bool host_names::covers(const ip_address& address) const noexcept {
  return std::ranges::find(addresses_, address) != addresses_.end();
}

bool host_names::covers(std::string_view name) const noexcept {
  const lower_name lower(name);
  const std::string_view text = lower.text();
  if (text.empty()) return false;
  if (contains(exact_, text)) return true;
  const auto dot = text.find('.');
  return dot != std::string_view::npos && dot != 0 && contains(wildcards_, text.substr(dot));
}

std::string host_names::to_text() const {
  std::string out;
  const auto append = [&out](std::string_view before, const std::string& name) {
    if (!out.empty()) out += ", ";
    out.append(before).append(name);
  };
  for (const std::string& name : exact_) append("", name);
  for (const std::string& name : wildcards_) append("*", name);
  for (const ip_address& address : addresses_) append("", address.to_string());
  return out;
}

}  // namespace gatehouse
