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

}  // namespace

pending_handler static_text(std::string content, std::string media_type) {
  return pending_handler{[content = std::move(content), type = std::move(media_type)]() -> pending_handler::made {
    if (type.empty() || !grammar::is_field_value(type)) {
      return failure{config_errors{{.key = "static_text",
                                    .value = type,
                                    .code = "invalid-media-type",
                                    .message = "this is no media type",
                                    .suggestion = "\"text/html; charset=utf-8\""}}};
    }
    return std::shared_ptr<const handler>{std::make_shared<static_text_handler>(content, type)};
  }};
}

}  // namespace gatehouse
