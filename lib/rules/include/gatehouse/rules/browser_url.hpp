#pragma once
// Origins and URLs as a browser compares them: the part of the URL standard that CORS needs. Small on purpose; what it
// does not know (percent-encoded or international host names, numbers for addresses) is no URL here, never another one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// https://html.spec.whatwg.org/#concept-origin : a tuple, or opaque (a sandboxed frame, a file), which is `null` on
/// the wire and the same as nothing.
struct web_origin {
  std::string scheme{};  ///< lower case; empty: opaque
  std::string host{};    ///< lower case; an IPv6 address has its brackets
  std::uint16_t port = 0;

  /// "http://localhost:3000", "https://example.com", or "null". Nothing more may follow, not even a slash.
  [[nodiscard]] static std::optional<web_origin> parse(std::string_view text);
  [[nodiscard]] bool is_opaque() const noexcept { return scheme.empty(); }
  /// https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin : without the port that the scheme has anyway.
  [[nodiscard]] std::string text() const;
  /// https://html.spec.whatwg.org/#same-origin
  [[nodiscard]] bool same_as(const web_origin& other) const noexcept;
  /// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy : https and wss, or this very machine.
  [[nodiscard]] bool is_trustworthy() const noexcept;
};

/// A URL without its fragment.
struct web_url {
  web_origin origin{};        ///< of other schemes than http, https, ws and wss only the scheme is known
  std::string target{};       ///< path and query, as sent
  bool has_userinfo = false;  ///< "http://user:password@host/": "includes credentials"

  /// As the URL standard does for http, https, ws and wss; a relative `text` needs a base. Nothing: not valid, or not
  /// modelled. Linear.
  [[nodiscard]] static std::optional<web_url> parse(std::string_view text, const web_url* base = nullptr);
  [[nodiscard]] bool is_http() const noexcept { return origin.scheme == "http" || origin.scheme == "https"; }
  [[nodiscard]] bool is_websocket() const noexcept { return origin.scheme == "ws" || origin.scheme == "wss"; }
  [[nodiscard]] std::string text() const;
};

}  // namespace gatehouse
