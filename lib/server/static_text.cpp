#include <gatehouse/server/static_text.hpp>

#include <gatehouse/http/grammar.hpp>

#include "send_response.hpp"

namespace gatehouse {
namespace {

class static_text_handler final : public handler {
 public:
  static_text_handler(std::string content, std::string media_type)
      : content_(std::move(content)), media_type_(std::move(media_type)) {}
  void handle(call& c) const noexcept override { detail::server::send_content(c, content_, media_type_); }

 private:
  std::string content_;
  std::string media_type_;
};

pending_handler::made make_static_text(const std::string& content, const std::string& type) {
  return std::shared_ptr<const handler>{std::make_shared<static_text_handler>(content, type)};
}

config_error wrong_type(const std::string& type, std::string code, std::string message, std::string suggestion) {
  return {.key = "static_text",
          .value = type,
          .code = std::move(code),
          .message = std::move(message),
          .suggestion = std::move(suggestion)};
}

}  // namespace

pending_handler static_text(std::string content, std::string media_type) {
  return pending_handler{[content = std::move(content), type = std::move(media_type)]() -> pending_handler::made {
    if (type.empty() || !grammar::is_field_value(type)) {
      return failure{config_errors{
          wrong_type(type, "invalid-media-type", "this is no media type", "\"text/plain; charset=utf-8\"")}};
    }
    if (detail::server::names_html(type)) {
      return failure{config_errors{wrong_type(type, "html-as-text", "HTML is a gh::html, never any text",
                                              "gh::static_text(gh::html{\"<p>...</p>\"})")}};
    }
    return make_static_text(content, type);
  }};
}

pending_handler static_text(html page) {
  return pending_handler{[content = std::move(page).text()]() -> pending_handler::made {
    return make_static_text(content, std::string{detail::server::html_type});
  }};
}

}  // namespace gatehouse
