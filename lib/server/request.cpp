#include <gatehouse/server/request.hpp>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/http/cookie.hpp>
#include <gatehouse/http/negotiation.hpp>
#include <gatehouse/rules/security_headers.hpp>

#include "url_text.hpp"

namespace gatehouse {

namespace detail::server {

request_source source_of(call& c) noexcept {
  const exchange& e = c.context();
  return {.head = &e.request,
          .parameters = &c.parameters(),
          .attached = &c.attached(),
          .content = c.content(),
          .id = e.id,
          .trace_id = e.trace_id,
          .client = e.client,
          .secure = e.client_secure,
          .certificate = e.connection.channel != nullptr ? e.connection.channel->client : nullptr,
          .context = &c.context()};
}

}  // namespace detail::server

request::request() noexcept {
  static const request_head no_head{};
  static const path_parameters no_parameters{};
  from_ = {.head = &no_head,
           .parameters = &no_parameters,
           .attached = nullptr,
           .content = {},
           .id = {},
           .trace_id = {},
           .client = {},
           .secure = false};
}

std::optional<std::string_view> request::cookie(std::string_view name) const noexcept {
  const auto sent = from_.head->fields.get(field::cookie);
  const found_cookie found = sent ? find_cookie(*sent, name) : found_cookie{};
  return found.count == 1 ? std::optional{found.value} : std::nullopt;
}

std::string_view request::csp_nonce() const noexcept {
  return from_.context == nullptr ? std::string_view{} : gatehouse::csp_nonce(*from_.context);
}

std::optional<std::string_view> request::accepts(std::initializer_list<std::string_view> types) const noexcept {
  const auto best = best_media_type(from_.head->fields, {types.begin(), types.size()});
  return best ? std::optional{types.begin()[*best]} : std::nullopt;
}

std::optional<std::string_view> request::accepts_language(std::initializer_list<std::string_view> tags) const noexcept {
  const auto best = best_language(from_.head->fields, {tags.begin(), tags.size()});
  return best ? std::optional{tags.begin()[*best]} : std::nullopt;
}

std::optional<std::string> request::param(std::string_view name) const {
  const std::string_view sent = from_.parameters->get(name);
  if (sent.empty()) return std::nullopt;  // no captured text is empty
  std::string room(sent.size(), '\0');
  arena memory{room};
  std::string_view text;
  using namespace detail::server;
  if (decode(sent, encoding::path, memory, text) != decoded::ok) return std::nullopt;
  return std::string{text};
}

}  // namespace gatehouse
