#include <gatehouse/config/admin_address.hpp>

namespace gatehouse {

std::optional<admin_address> admin_address::parse(std::string_view text) {
  constexpr std::string_view unix_prefix = "unix:";
  constexpr std::size_t longest_path = 107;  // sockaddr_un, without the NUL at its end
  if (text == "auto") return admin_address{};
  if (text == "off") return admin_address{.what = kind::off};
  if (text.starts_with(unix_prefix)) {
    const std::string_view path = text.substr(unix_prefix.size());
    const bool usable = path.starts_with('/') && !path.ends_with('/') && path.size() <= longest_path &&
                        path.find('\0') == std::string_view::npos;
    if (!usable) return std::nullopt;
    return admin_address{.what = kind::unix_socket, .path = std::string{path}};
  }
  const auto at = endpoint::parse(text);
  if (!at) return std::nullopt;
  return admin_address{.what = kind::tcp, .at = *at};
}

}  // namespace gatehouse
