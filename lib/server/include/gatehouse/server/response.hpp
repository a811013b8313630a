#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/base/reason.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/http/html.hpp>
#include <gatehouse/http/set_cookie.hpp>
#include <gatehouse/http/status.hpp>

namespace gatehouse {

/// Content that is JSON already: answered as application/json, not looked at.
struct json_text {
  std::string text{};
};

/// 204, as returning nothing is.
struct no_content {};

/// An answer that says what went wrong in the words of the API's author: a problem document (RFC 9457) with this
/// detail. The client reads `message`: no internals. `status` is 400 to 599.
struct http_error {
  gatehouse::status status = gatehouse::status::internal_server_error;
  std::string message{};
};

/// A whole response, owned. What must not be sent is remembered, not thrown: a value with CR, LF, NUL or another
/// control byte, a name that is no token, a field that the server writes itself (Content-Length, Transfer-Encoding,
/// Connection, Date...), a status outside 200 to 599, HTML that is no gh::html. Such a response is answered with 500
/// and reported (app::report_to) before a byte is sent.
class response {
 public:
  response() = default;
  /// This status and no content.
  explicit response(gatehouse::status s) { status(s); }
  /// 200 text/plain; charset=utf-8.
  explicit response(std::string text) { body(std::move(text)); }
  explicit response(json_text text) { body(std::move(text.text)).type("application/json"); }
  /// 200 text/html; charset=utf-8. HTML is this, or the response is a mistake: text of unknown making runs scripts.
  explicit response(html page) { body(std::move(page)); }
  explicit response(http_error e);

  response& status(gatehouse::status s) &;
  response&& status(gatehouse::status s) && { return std::move(status(s)); }
  /// Replaces the fields of this name; "Content-Type" is what type() sets.
  response& header(std::string_view name, std::string_view value) &;
  response&& header(std::string_view name, std::string_view value) && { return std::move(header(name, value)); }
  /// One more line of this name: Set-Cookie, Link, Vary...
  response& append(std::string_view name, std::string_view value) &;
  response&& append(std::string_view name, std::string_view value) && { return std::move(append(name, value)); }
  /// Sets a cookie: by default a session's (cookie_options). One that browsers would not take is a mistake, as above.
  /// The value is sent as it is: what is no visible ASCII, or JSON, is encoded first.
  response& cookie(std::string_view name, std::string_view value, const cookie_options& options = {}) & {
    return cookie(set_cookie::make(name, value, options));
  }
  response&& cookie(std::string_view name, std::string_view value, const cookie_options& options = {}) && {
    return std::move(cookie(name, value, options));
  }
  /// Sets "__Host-" and `name`, which no sibling domain and no plain-HTTP page can replace; gh::cookie<"__Host-name">
  /// reads it.
  response& host_cookie(std::string_view name, std::string_view value, const host_cookie_options& options = {}) & {
    return cookie(set_cookie::host(name, value, options));
  }
  response&& host_cookie(std::string_view name, std::string_view value, const host_cookie_options& options = {}) && {
    return std::move(host_cookie(name, value, options));
  }
  /// The browser forgets the cookie that was set with this name, path and domain.
  response& clear_cookie(std::string_view name, const cookie_options& options = {}) & {
    return cookie(set_cookie::clear(name, options));
  }
  response&& clear_cookie(std::string_view name, const cookie_options& options = {}) && {
    return std::move(clear_cookie(name, options));
  }
  /// As above, of host_cookie(): `name` is without the prefix.
  response& clear_host_cookie(std::string_view name) & { return cookie(set_cookie::clear_host(name)); }
  response&& clear_host_cookie(std::string_view name) && { return std::move(clear_host_cookie(name)); }
  /// One that was made before.
  response& cookie(const result<set_cookie, cookie_mistake>& made) &;
  response&& cookie(const result<set_cookie, cookie_mistake>& made) && { return std::move(cookie(made)); }
  /// The media type of the content, "image/svg+xml". Text without one is text/plain; charset=utf-8.
  response& type(std::string_view media_type) &;
  response&& type(std::string_view media_type) && { return std::move(type(media_type)); }
  /// Never sent with 204 or 304, nor to HEAD.
  response& body(std::string content) &;
  response&& body(std::string content) && { return std::move(body(std::move(content))); }
  response& body(html page) &;
  response&& body(html page) && { return std::move(body(std::move(page))); }

  [[nodiscard]] gatehouse::status status() const noexcept { return status_; }
  [[nodiscard]] const std::string& type() const noexcept { return type_; }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const noexcept { return headers_; }
  /// What must not be sent, for the log; empty when nothing.
  [[nodiscard]] const std::string& mistake() const noexcept { return mistake_; }
  /// Whether body() is the detail of a problem document.
  [[nodiscard]] bool is_problem() const noexcept { return is_problem_; }

  /// One that is answered with 500, `why` in the log.
  [[nodiscard]] static response mistaken(std::string why) {
    response r;
    r.mistake_ = std::move(why);
    return r;
  }

 private:
  bool accepts(std::string_view name, std::string_view value);
  void judge_html();

  gatehouse::status status_ = gatehouse::status::ok;
  bool is_problem_ = false;
  bool is_html_ = false;
  std::string type_{};
  std::string body_{};
  std::vector<std::pair<std::string, std::string>> headers_{};
  std::string mistake_{};
};

struct redirect_options {
  gatehouse::status status = gatehouse::status::found;  ///< 301, 302, 303, 307 or 308
  bool allow_external = false;  ///< to another host, too: never with a location that a client chose
};
/// To a place of this server: `location` begins with one "/". Anything else needs `allow_external` and is an http or
/// https URL; otherwise the response is a mistake (500, reported): an open redirect lends our name to a phisher.
[[nodiscard]] response redirect(std::string_view location, redirect_options options = {});

/// 201 with where the new thing is (begins with one "/").
[[nodiscard]] response created(std::string_view location, response content = response{});
[[nodiscard]] inline response created(std::string_view location, std::string text) {
  return created(location, response{std::move(text)});
}
[[nodiscard]] inline response created(std::string_view location, const char* text) {
  return created(location, response{std::string{text}});
}
[[nodiscard]] inline response created(std::string_view location, json_text text) {
  return created(location, response{std::move(text)});
}

[[nodiscard]] inline response created(std::string_view location, html page) {
  return created(location, response{std::move(page)});
}

/// 200 text/plain; charset=utf-8, to go on with: plain_text("...").header("ETag", "\"1\"").
[[nodiscard]] inline response plain_text(std::string text) { return response{std::move(text)}; }

}  // namespace gatehouse
