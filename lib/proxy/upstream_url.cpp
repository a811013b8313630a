#include <gatehouse/proxy/upstream_url.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/authority.hpp>

namespace gatehouse {
namespace {

constexpr std::string_view wanted_scheme = "http://";
constexpr std::string_view secure_scheme = "https://";
constexpr std::string_view socket_scheme = "unix:";
constexpr std::size_t longest_socket_path = 107;  // sockaddr_un has room for one byte more, its end

/// A URL cut at its delimiters (RFC 3986 section 3), valid or not: every part is judged by itself, so that every
/// mistake is found in one go.
struct url_parts {
  std::string_view scheme;  ///< in front of "://"; empty when there is none
  bool has_userinfo = false;
  std::string_view host_port;
  std::string_view tail;  ///< path, query and fragment
};

url_parts cut(std::string_view text) {
  url_parts out;
  if (const auto at = text.find("://"); at != std::string_view::npos) {
    out.scheme = text.substr(0, at);
    text.remove_prefix(at + 3);
  }
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  out.tail = text.substr(end);
  out.host_port = text.substr(0, end);
  if (const auto at = out.host_port.rfind('@'); at != std::string_view::npos) {
    out.has_userinfo = true;
    out.host_port.remove_prefix(at + 1);
  }
  return out;
}

bool is_https(std::string_view scheme) noexcept { return ascii::equal_ignoring_case(scheme, "https"); }

bool is_port(std::string_view text) noexcept {
  const auto port = ascii::parse_decimal(text);
  return port && *port >= 1 && *port <= 65535 && text.front() != '0';
}

/// "5000" or ":5000": somebody who thinks of this machine.
bool is_port_alone(std::string_view text) noexcept { return is_port(text.starts_with(':') ? text.substr(1) : text); }

std::string suggested(const url_parts& parts) {
  std::string_view rest = parts.host_port;
  const std::string_view scheme = is_https(parts.scheme) ? secure_scheme : wanted_scheme;
  if (!is_port_alone(rest)) return authority::parse(rest) ? std::string{scheme} + std::string{rest} : std::string{};
  return std::string{scheme} + "localhost:" + std::string{rest.starts_with(':') ? rest.substr(1) : rest};
}

class mistakes {
 public:
  mistakes(std::string_view key, std::string value, std::string suggestion)
      : key_(key), value_(std::move(value)), suggestion_(std::move(suggestion)) {}
  void add(std::string_view code, std::string_view message) {
    errors_.push_back({.key = key_,
                       .value = value_,
                       .code = std::string{code},
                       .message = std::string{message},
                       .suggestion = suggestion_});
  }
  [[nodiscard]] bool none() const noexcept { return errors_.empty(); }
  [[nodiscard]] config_errors take() && { return std::move(errors_); }

 private:
  std::string key_;
  std::string value_;
  std::string suggestion_;
  config_errors errors_{};
};

void judge_scheme(std::string_view scheme, mistakes& m) {
  if (scheme.empty())
    return m.add("missing-scheme", "an upstream is written as a URL, with http:// or https:// in front");
  if (ascii::equal_ignoring_case(scheme, "http") || is_https(scheme)) return;
  m.add("unknown-scheme", "an upstream is reached over http:// or https://, or over a Unix socket: unix:/path");
}

void judge_tail(std::string_view tail, mistakes& m) {
  if (tail.empty()) return;
  if (tail == "/") return m.add("trailing-slash", "an upstream has no path: leave the slash at the end out");
  if (tail.front() == '/')
    return m.add("path-in-upstream", "an upstream has no path: requests reach it with the path they came with");
  m.add("query-in-upstream", "an upstream has neither query nor fragment");
}

void judge_host_port(std::string_view text, mistakes& m) {
  if (authority::parse(text)) return;
  const auto colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  const bool has_port = colon != std::string_view::npos && (!bracketed || text.find(']') < colon);
  if (!bracketed && std::ranges::count(text, ':') > 1) {
    return m.add("not-a-host", "an IPv6 address stands in brackets: http://[::1]:5000");
  }
  if (has_port && !is_port(text.substr(colon + 1))) m.add("not-a-port", "a port is a number from 1 to 65535");
  const std::string_view host = has_port ? text.substr(0, colon) : text;
  if (host.empty()) return m.add("missing-host", "the host is missing");
  if (!authority::parse(host)) m.add("not-a-host", "this is neither a host name nor an address");
}

/// `text` without what may be a password.
std::string shown(std::string_view text, const url_parts& parts) {
  if (!parts.has_userinfo) return std::string{text};
  std::string out{parts.scheme};
  if (!parts.scheme.empty()) out += "://";
  return out.append("***@").append(parts.host_port).append(parts.tail);
}

/// "unix:/run/notes.sock"; also told apart from the "unix:///run/notes.sock" of other programs, which is one thing
/// written in two ways.
result<upstream_url, config_errors> parse_socket(std::string_view text, std::string_view key) {
  std::string_view path = text.substr(socket_scheme.size());
  const auto refuse = [&](std::string_view code, std::string_view message, std::string suggestion) {
    return failure{config_errors{{.key = std::string{key},
                                  .value = std::string{text},
                                  .code = std::string{code},
                                  .message = std::string{message},
                                  .suggestion = std::move(suggestion)}}};
  };
  if (path.starts_with("//")) {
    path.remove_prefix(path.starts_with("///") ? 2 : 1);
    return refuse("not-a-socket-path", "a Unix socket is written as unix: and its path, with one slash",
                  std::string{socket_scheme} + std::string{path});
  }
  if (!path.starts_with('/') || path.size() == 1) {
    return refuse("not-a-socket-path", "the path of a Unix socket begins at the root", "unix:/run/notes.sock");
  }
  if (path.size() > longest_socket_path) {
    return refuse("not-a-socket-path", "the path of a Unix socket has at most 107 bytes", {});
  }
  if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; })) {
    return refuse("not-a-socket-path", "the path of a Unix socket holds no control characters", {});
  }
  return upstream_url{.host = {}, .port = 0, .path = std::string{path}};
}

std::uint16_t default_port(bool tls) noexcept { return tls ? 443 : 80; }

bool is_v6(std::string_view host) noexcept { return host.find(':') != std::string_view::npos; }

}  // namespace

result<upstream_url, config_errors> upstream_url::parse(std::string_view text, std::string_view key) {
  if (text.starts_with(socket_scheme)) return parse_socket(text, key);
  const url_parts parts = cut(text);
  mistakes found{key, shown(text, parts), suggested(parts)};
  judge_scheme(parts.scheme, found);
  if (parts.has_userinfo) {
    found.add("userinfo-in-upstream", "a user name or password in the URL is not sent to the upstream: leave it out");
  }
  const bool port_alone_without_scheme = parts.scheme.empty() && is_port_alone(parts.host_port);
  if (!port_alone_without_scheme) judge_host_port(parts.host_port, found);
  judge_tail(parts.tail, found);
  if (!found.none()) return failure{std::move(found).take()};

  const auto valid = authority::parse(parts.host_port);
  std::string_view host = valid->host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const bool tls = is_https(parts.scheme);
  return upstream_url{
      .host = std::string{host}, .port = valid->port.value_or(default_port(tls)), .path = {}, .tls = tls};
}

std::string upstream_url::address() const {
  if (is_local()) return std::string{socket_scheme} + path;
  const std::string written = is_v6(host) ? "[" + host + "]" : host;
  return written + ":" + std::to_string(port);
}

std::string upstream_url::authority() const {
  if (is_local()) return "localhost";
  if (port != default_port(tls)) return address();
  return is_v6(host) ? "[" + host + "]" : host;
}

}  // namespace gatehouse
