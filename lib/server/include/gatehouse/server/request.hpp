#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/base/client_certificate.hpp>
#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/request_head.hpp>
#include <gatehouse/server/attachments.hpp>
#include <gatehouse/server/call.hpp>

namespace gatehouse {

namespace detail::server {
/// Where a request's parts are: in the call, or in a copy that a blocking handler owns.
struct request_source {
  const request_head* head = nullptr;
  const path_parameters* parameters = nullptr;
  const attachments* attached = nullptr;
  std::string_view content{};
  std::string_view id{};
  std::string_view trace_id{};
  ip_address client{};
  bool secure = false;
  const gatehouse::client_certificate* certificate = nullptr;
  exchange* context = nullptr;
};
[[nodiscard]] request_source source_of(call& c) noexcept;
}  // namespace detail::server

/// What a handler may know of a request. A light view: it and all texts from it live until the handler returns.
class request {
 public:
  /// Of no request: everything is empty.
  request() noexcept;
  explicit request(const detail::server::request_source& from) noexcept : from_(from) {}

  [[nodiscard]] gatehouse::method method() const noexcept { return from_.head->verb; }
  [[nodiscard]] std::string_view path() const noexcept { return from_.head->path; }    ///< as sent, not decoded
  [[nodiscard]] std::string_view query() const noexcept { return from_.head->query; }  ///< as sent, without the "?"
  /// The first line of this name, compared case-insensitively.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
    return from_.head->fields.get(name);
  }
  [[nodiscard]] const gatehouse::fields& headers() const noexcept { return from_.head->fields; }
  /// A cookie, as sent. Nothing when there is none, or two of this name (see gh::cookie, which answers 400 then).
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const noexcept;
  /// Which of these media types the client likes best; nothing when none is acceptable: answer 406. Without Accept the
  /// first. An answer that depends on it says "Vary: Accept".
  [[nodiscard]] std::optional<std::string_view> accepts(std::initializer_list<std::string_view> types) const noexcept;
  /// As accepts(), of languages ("en", "de-AT"), by Accept-Language.
  [[nodiscard]] std::optional<std::string_view> accepts_language(
      std::initializer_list<std::string_view> tags) const noexcept;
  /// A parameter of the path, decoded. Nothing when the route has none of this name or the text is not valid (see
  /// gh::path, which answers 400 then).
  [[nodiscard]] std::optional<std::string> param(std::string_view name) const;
  /// The content; empty unless the handler takes body_text or body_bytes as well.
  [[nodiscard]] std::string_view body() const noexcept { return from_.content; }

  /// Who sent it: behind trusted proxies the client they name, else the other end of the connection.
  [[nodiscard]] ip_address client_ip() const noexcept { return from_.client; }
  /// Whether the client speaks HTTPS, to us or to a trusted proxy.
  [[nodiscard]] bool is_secure() const noexcept { return from_.secure; }
  /// Who the client is by the certificate that it has shown here and that was verified; null: it has shown none. (Not
  /// what a proxy before us says of its own clients.)
  [[nodiscard]] const gatehouse::client_certificate* client_certificate() const noexcept { return from_.certificate; }
  [[nodiscard]] std::string_view scheme() const noexcept { return from_.secure ? "https" : "http"; }
  [[nodiscard]] std::string_view host() const noexcept {
    return from_.head->authority.text;
  }  ///< with its port, if it was sent
  [[nodiscard]] std::string_view id() const noexcept { return from_.id; }  ///< the request id of the log
  /// The trace that it belongs to (W3C Trace Context): 32 digits, as in the log's `trace`.
  [[nodiscard]] std::string_view trace_id() const noexcept { return from_.trace_id; }
  /// For the script elements of the page that is the answer: docs/security-headers.md, profile `page`. 24 characters,
  /// new for each request; empty where no policy asks for nonces.
  [[nodiscard]] std::string_view csp_nonce() const noexcept;
  /// What middleware attached (next::attach); null when nothing of this type. Lives as long as the request.
  template <typename T>
  [[nodiscard]] const T* attached() const noexcept {
    return from_.attached == nullptr ? nullptr : from_.attached->get<T>().get();
  }

 private:
  detail::server::request_source from_;
};

}  // namespace gatehouse
