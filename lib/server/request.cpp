#include <gatehouse/server/request.hpp>

#include <gatehouse/base/limits.hpp>

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
          .client = e.client,
          .secure = e.client_secure};
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
           .client = {},
           .secure = false};
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
