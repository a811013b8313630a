#include "cookie_text.hpp"

#include <cstring>

namespace gatehouse::detail::rules {
namespace {

constexpr std::string_view secure = "; Secure";
constexpr std::string_view http_only = "; HttpOnly";
constexpr std::string_view lax = "; SameSite=Lax";
constexpr std::string_view root_path = "; Path=/";
constexpr std::size_t most_added = host_prefix.size() + secure.size() + http_only.size() + lax.size() +
                                   root_path.size();

class writer {
 public:
  explicit writer(char* to) noexcept : begin_(to), next_(to) {}
  void add(std::string_view text) noexcept {
    if (!text.empty()) std::memcpy(next_, text.data(), text.size());
    next_ += text.size();
  }
  [[nodiscard]] std::string_view written() const noexcept { return {begin_, static_cast<std::size_t>(next_ - begin_)}; }

 private:
  char* begin_;
  char* next_;
};

bool is_removed(cookie_attribute::kind what, const cookie_changes& changes) noexcept {
  switch (what) {
    case cookie_attribute::kind::domain: return changes.drop_domain;
    case cookie_attribute::kind::path: return changes.root_path;
    case cookie_attribute::kind::same_site: return changes.add_lax;
    default: return false;
  }
}

}  // namespace

std::string_view changed_cookie(arena& memory, const received_cookie& c, const cookie_changes& changes) noexcept {
  char* const room = memory.allocate(c.pair.size() + c.attributes.size() + most_added);
  if (room == nullptr) return {};
  writer w{room};
  if (changes.map_to_host) {
    w.add(host_prefix);
    w.add(c.pair.substr(static_cast<std::size_t>(c.name.data() - c.pair.data())));
  } else {
    w.add(c.pair);
  }
  for_each_cookie_attribute(c.attributes, [&](const cookie_attribute& a) {
    if (!is_removed(a.what, changes)) w.add(a.text);
  });
  if (changes.root_path) w.add(root_path);
  if (changes.add_secure) w.add(secure);
  if (changes.add_http_only) w.add(http_only);
  if (changes.add_lax) w.add(lax);
  return w.written();
}

}  // namespace gatehouse::detail::rules
