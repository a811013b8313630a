#include <gatehouse/server/test_client.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <gatehouse/base/ascii.hpp>

#include "app_core.hpp"
#include "error_report.hpp"
#include "test_call.hpp"

namespace gatehouse {
namespace {

/// Never destroyed, but reachable: no leak checker takes it for lost.
void left_behind(std::unique_ptr<detail::server::test_call> held,
                 std::shared_ptr<const detail::server::app_service> service) {
  static auto* const kept = new std::vector<std::pair<decltype(held), decltype(service)>>;
  kept->emplace_back(std::move(held), std::move(service));
}

}  // namespace

struct test_client::implementation {
  limits bounds;
  std::shared_ptr<detail::server::app_core> core;  // handlers that are still on the pool use it
  std::shared_ptr<const detail::server::app_service> service;
  config_errors errors;
};

std::string_view test_response::header(std::string_view name) const noexcept {
  const auto at = std::find_if(headers.begin(), headers.end(),
                               [&](const auto& h) { return ascii::equal_ignoring_case(h.first, name); });
  return at == headers.end() ? std::string_view{} : at->second;
}

test_client::test_client(app& a, limits l) : impl_(std::make_unique<implementation>()) {
  impl_->bounds = l;
  impl_->core = a.shared_core();
  impl_->core->seal();
  auto made = impl_->core->make(l);
  if (made) {
    impl_->service = *std::move(made);
  } else {
    impl_->errors = made.error();
  }
}

test_client::~test_client() = default;

test_response test_client::get(std::string_view target, const header_list& headers) {
  return send("GET", target, std::nullopt, headers);
}
test_response test_client::head(std::string_view target, const header_list& headers) {
  return send("HEAD", target, std::nullopt, headers);
}
test_response test_client::options(std::string_view target, const header_list& headers) {
  return send("OPTIONS", target, std::nullopt, headers);
}
test_response test_client::del(std::string_view target, const header_list& headers) {
  return send("DELETE", target, std::nullopt, headers);
}
test_response test_client::post(std::string_view target, std::string_view body, const header_list& headers) {
  return send("POST", target, body, headers);
}
test_response test_client::put(std::string_view target, std::string_view body, const header_list& headers) {
  return send("PUT", target, body, headers);
}
test_response test_client::patch(std::string_view target, std::string_view body, const header_list& headers) {
  return send("PATCH", target, body, headers);
}

test_response test_client::send(std::string_view method, std::string_view target, std::optional<std::string_view> body,
                                const header_list& headers) {
  const bool has_host = std::any_of(headers.begin(), headers.end(),
                                    [](const auto& h) { return ascii::equal_ignoring_case(h.first, "host"); });
  std::string bytes{method};
  bytes.append(" ").append(target).append(" HTTP/1.1\r\n");
  if (!has_host) bytes += "Host: localhost\r\n";
  for (const auto& [name, value] : headers) bytes.append(name).append(": ").append(value).append("\r\n");
  if (body) bytes += "Content-Length: " + std::to_string(body->size()) + "\r\n";
  bytes += "\r\n";
  if (body) bytes += *body;
  return request(bytes);
}

fetch_outcome test_client::expect_browser_can(fetch f) {
  if (f.url.starts_with('/') && !f.url.starts_with("//")) f.url.insert(0, "http://localhost");
  const auto own = web_url::parse(f.url);
  const std::optional<std::string> body = f.body;
  browser_fetch fetching(std::move(f));
  while (const browser_request* const r = fetching.sends()) {
    if (!own || !own->origin.same_as(r->url.origin)) {
      fetching.receives({.trouble = "only the app answers here, not " + r->url.origin.text()});
      continue;
    }
    header_list headers = r->headers;
    const std::string origin = r->url.origin.text();
    headers.insert(headers.begin(), {"Host", origin.substr(origin.find("://") + 3)});
    test_response answer = send(r->method, r->url.target,
                                r->has_body ? std::optional<std::string_view>{body.value_or("")} : std::nullopt,
                                headers);
    fetching.receives({.status = answer.status,
                       .headers = std::move(answer.headers),
                       .trouble = answer.status == 0 ? std::move(answer.body) : std::string{}});
  }
  return fetching.outcome();
}

test_response test_client::request(std::string_view bytes) {
  if (impl_->service == nullptr) {
    return {.status = 0, .headers = {}, .body = detail::server::describe(impl_->errors)};
  }
  auto one = std::make_unique<detail::server::test_call>(*impl_->service, impl_->bounds);
  test_response r = one->run(bytes);
  // A handler that hangs still holds its call: better lost memory in a failing test than a crash elsewhere.
  if (!one->ended()) {
    left_behind(std::move(one), impl_->service);
  }
  return r;
}

}  // namespace gatehouse
