#pragma once
// With which schemes and ports a host is on the list.

#include <cstdint>
#include <vector>

#include <gatehouse/http/origin.hpp>

#include "origin_pattern.hpp"

namespace gatehouse::detail::rules {

/// What patterns of one host, or of those below one name, allow together: however many they are, one search.
class allowed_ports {
 public:
  /// Of http or https: patterns are for no other scheme (parse_origin_pattern).
  void add(const origin_pattern& p);
  void add(const allowed_ports& others);
  [[nodiscard]] bool contains(const origin& asked) const noexcept;

 private:
  struct ports {
    bool any = false;
    std::vector<std::uint16_t> real{};  // sorted; the scheme's own, too
    void add(const ports& others);
  };
  ports http_{};
  ports https_{};
};

}  // namespace gatehouse::detail::rules
