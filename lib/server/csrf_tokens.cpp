#include <gatehouse/server/csrf_tokens.hpp>

#include <memory>
#include <string>
#include <utility>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/http/json_writer.hpp>
#include <gatehouse/http/set_cookie.hpp>

#include "send_response.hpp"

namespace gatehouse {
namespace {

class csrf_token_handler final : public handler {
 public:
  explicit csrf_token_handler(std::unique_ptr<const csrf_policy> p) : policy_(std::move(p)) {}

  void handle(call& c) const noexcept override {
    exchange& e = c.context();
    const auto issued = policy_->issue_token(e.request, e.client_secure, *e.random);
    if (!issued) return c.fail(issued.error().why);
    response_head& head = c.response();
    std::string cookie;  // until it is sent
    if (!issued->new_id.empty()) {
      // Strict: it is for requests of our own pages only.
      auto made = set_cookie::host(csrf_id_cookie.substr(host_prefix.size()), issued->new_id,
                                   {.same_site = same_site_mode::strict});
      GATEHOUSE_ASSERT(made.has_value());
      cookie = made->text();
    }
    const bool fits = head.set(field::cache_control, "no-store").has_value() &&
                      head.set(field::content_type, detail::server::json_type).has_value() &&
                      (cookie.empty() || head.append(field::set_cookie, cookie).has_value());
    GATEHOUSE_ASSERT(fits);
    std::string content;
    json_writer{content}.begin_object().key("token").value(issued->token).end_object();
    c.respond(content, response_source::gatehouse);
  }

 private:
  std::unique_ptr<const csrf_policy> policy_;
};

}  // namespace

pending_handler csrf_tokens(csrf_config c) {
  return pending_handler{[c = std::move(c)]() -> pending_handler::made {
    auto policy = csrf_policy::make(c);
    if (!policy) return failure{std::move(policy).error()};
    if (!(*policy)->issues_tokens()) return failure{csrf_keyring::make({}).error()};
    return std::shared_ptr<const handler>{std::make_shared<csrf_token_handler>(*std::move(policy))};
  }};
}

}  // namespace gatehouse
