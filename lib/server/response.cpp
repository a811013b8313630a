#include <gatehouse/server/response.hpp>

#include <algorithm>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/field.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/media_type.hpp>

#include "send_response.hpp"

namespace gatehouse {
namespace {

/// What the server writes itself. A handler's own would contradict the message that is really sent.
bool is_owned_by_server(field f) noexcept {
  switch (f) {
    case field::connection:
    case field::content_length:
    case field::date:
    case field::http2_settings:
    case field::keep_alive:
    case field::proxy_connection:
    case field::te:
    case field::trailer:
    case field::transfer_encoding:
    case field::upgrade: return true;
    default: return false;
  }
}

/// Visible ASCII without "\", which browsers take for "/": nothing that is dropped or turned into something else there.
bool is_plain_location(std::string_view location) noexcept {
  return std::all_of(location.begin(), location.end(), [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
}

bool is_local(std::string_view location) noexcept {
  return is_plain_location(location) && location.starts_with('/') && !location.starts_with("//");
}

bool is_url(std::string_view location) noexcept {
  if (!is_plain_location(location)) return false;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (location.starts_with(scheme) && location.size() > scheme.size() && location[scheme.size()] != '/') return true;
  }
  return false;
}

}  // namespace

response::response(http_error e) : is_problem_(true), body_(std::move(e.message)) {
  status(e.status);
  if (number(e.status) < 400 && mistake_.empty()) mistake_ = "an http_error has a status from 400 to 599";
}

response& response::status(gatehouse::status s) & {
  status_ = s;
  if (number(s) < 200 || number(s) > 599) mistake_ = "a handler answers with a status from 200 to 599";
  return *this;
}

std::string detail::server::response_field_mistake(std::string_view name, std::string_view value) {
  if (!grammar::is_token(name)) return "a field name that is no token";
  if (!grammar::is_field_value(value)) {
    return std::string{name} + " with a control byte (CR, LF, NUL...) in its value";
  }
  return is_owned_by_server(find_field(name)) ? std::string{name} + ", which the server writes itself" : std::string{};
}

bool detail::server::names_html(std::string_view media_type) noexcept {
  const std::string_view name = media_type_essence(media_type);
  return ascii::equal_ignoring_case(name, "text/html") || ascii::equal_ignoring_case(name, "application/xhtml+xml");
}

bool response::accepts(std::string_view name, std::string_view value) {
  std::string wrong = detail::server::response_field_mistake(name, value);
  if (wrong.empty()) return true;
  mistake_ = std::move(wrong);
  return false;
}

response& response::header(std::string_view name, std::string_view value) & {
  if (find_field(name) == field::content_type) return type(value);
  std::erase_if(headers_, [&](const auto& h) { return ascii::equal_ignoring_case(h.first, name); });
  return append(name, value);
}

response& response::append(std::string_view name, std::string_view value) & {
  if (find_field(name) == field::content_type) return type(value);
  if (accepts(name, value)) headers_.emplace_back(name, value);
  return *this;
}

response& response::cookie(const result<set_cookie, cookie_mistake>& made) & {
  if (made) return append("Set-Cookie", made->text());
  mistake_ = describe(made.error());
  return *this;
}

response& response::type(std::string_view media_type) & {
  if (accepts("Content-Type", media_type)) type_ = media_type;
  judge_html();
  return *this;
}

response& response::body(std::string content) & {
  body_ = std::move(content);
  is_html_ = false;
  judge_html();
  return *this;
}

response& response::body(html page) & {
  body_ = std::move(page).text();
  is_html_ = true;
  if (type_.empty()) type_ = detail::server::html_type;
  return *this;
}

void response::judge_html() {
  if (!is_html_ && detail::server::names_html(type_))
    mistake_ = "HTML that is no gh::html (gh::html::format encodes what is put into it)";
}

response redirect(std::string_view location, redirect_options options) {
  const unsigned code = number(options.status);
  if (!((code >= 301 && code <= 303) || code == 307 || code == 308)) {
    return response::mistaken("a redirect has the status 301, 302, 303, 307 or 308");
  }
  if (is_local(location) || (options.allow_external && is_url(location))) {
    return response{options.status}.header("Location", location);
  }
  return response::mistaken(
      "a redirect to a location that does not begin with one \"/\" (allow_external: an http URL)");
}

response created(std::string_view location, response content) {
  if (!is_local(location)) return response::mistaken("created() with a location that does not begin with one \"/\"");
  return std::move(content).status(status::created).header("Location", location);
}

}  // namespace gatehouse
