#include "own_links.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/authority.hpp>

namespace gatehouse::detail::proxy {
namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

bool take_ignoring_case(std::string_view& text, std::string_view what) noexcept {
  if (!ascii::equal_ignoring_case(text.substr(0, what.size()), what)) return false;
  text.remove_prefix(what.size());
  return true;
}

/// Whether `asked` is how one may call `own`.
bool names(const authority& asked, std::uint16_t port, const upstream_url& own) noexcept {
  if (asked.port.value_or(port) != own.port) return false;
  // An IPv6 address has brackets in an authority, and none in an upstream_url.
  const std::string_view host = asked.host.starts_with('[') ? asked.host.substr(1, asked.host.size() - 2) : asked.host;
  if (ascii::equal_ignoring_case(host, own.host)) return true;
  const auto address = ip_address::parse(own.host);
  if (address && asked.address && *address == *asked.address) return true;
  const bool own_is_loopback = address ? address->is_loopback() : ascii::equal_ignoring_case(own.host, "localhost");
  return own_is_loopback && asked.is_loopback();
}

/// What follows scheme and authority of a URL that names `own`; nothing for any other text.
std::optional<std::string_view> path_on(std::string_view url, const upstream_url& own) noexcept {
  if (own.is_local()) return std::nullopt;
  std::uint16_t port = own.tls ? https_port : http_port;
  if (take_ignoring_case(url, "http:")) {
    port = http_port;
  } else if (take_ignoring_case(url, "https:")) {
    port = https_port;
  }
  if (!url.starts_with("//")) return std::nullopt;
  url.remove_prefix(2);
  const std::string_view written = url.substr(0, url.find_first_of("/?#"));
  const auto at = written.rfind('@');
  const auto asked = authority::parse(at == std::string_view::npos ? written : written.substr(at + 1));
  if (!asked || !names(*asked, port, own)) return std::nullopt;
  return url.substr(written.size());
}

/// What must stand in front of a path so that it is a reference to itself.
std::string_view in_front_of(std::string_view path) noexcept {
  if (!path.starts_with('/')) return "/";
  if (path.size() == 1) return {};
  // "//evil.example", and what browsers take for it ("/\evil.example", a tab in between), would be another host: the
  // dot segment keeps it a path (RFC 3986 section 4.2).
  const bool plain = ascii::is_alnum(path[1]) || std::string_view{"-._~%?#"}.find(path[1]) != std::string_view::npos;
  return plain ? std::string_view{} : std::string_view{"/."};
}

/// Shows `emit` the pieces of a Link value as it is passed on. True: it is another than before.
template <typename Emit>
bool for_each_piece(std::string_view value, const upstream_url& own, Emit emit) {
  bool changed = false;
  bool quoted = false;
  std::size_t done = 0;  // up to here everything was emitted
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (quoted && value[i] == '\\') {
      ++i;
    } else if (value[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && value[i] == '<') {
      const std::size_t end = std::min(value.find('>', i), value.size());
      if (const auto path = path_on(value.substr(i + 1, end - i - 1), own)) {
        emit(value.substr(done, i + 1 - done));
        emit(in_front_of(*path));
        emit(*path);
        done = end;
        changed = true;
      }
      i = end;
    }
  }
  emit(value.substr(done));
  return changed;
}

}  // namespace

std::string_view public_reference(std::string_view url, const upstream_url& own, arena& memory) noexcept {
  const auto path = path_on(url, own);
  if (!path) return url;
  const std::string_view front = in_front_of(*path);
  char* const begin = memory.allocate(front.size() + path->size());
  if (begin == nullptr) return {};
  std::ranges::copy(*path, std::ranges::copy(front, begin).out);
  return {begin, front.size() + path->size()};
}

std::string_view public_links(std::string_view value, const upstream_url& own, arena& memory) noexcept {
  std::size_t size = 0;
  if (!for_each_piece(value, own, [&size](std::string_view piece) { size += piece.size(); })) return value;
  char* const begin = memory.allocate(size);
  if (begin == nullptr) return {};
  char* to = begin;
  (void)for_each_piece(value, own, [&to](std::string_view piece) { to = std::ranges::copy(piece, to).out; });
  return {begin, size};
}

void rewrite_own_links(response_head& head, const upstream_url& own, arena& memory) noexcept {
  const auto of_one = [&](std::string_view url) { return public_reference(url, own, memory); };
  // Without data: there was no memory left for it, and what names the inside does not go out.
  const auto unless_lost = [](std::string_view value) {
    return value.data() == nullptr ? std::nullopt : std::optional{value};
  };
  head.edit(field::location, [&](std::string_view value) { return unless_lost(of_one(value)); });
  head.edit(field::content_location, [&](std::string_view value) { return unless_lost(of_one(value)); });
  head.edit(field::link, [&](std::string_view value) { return unless_lost(public_links(value, own, memory)); });
}

}  // namespace gatehouse::detail::proxy
