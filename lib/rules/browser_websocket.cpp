#include <algorithm>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/rules/browser.hpp>

#include "browser_checks.hpp"

namespace gatehouse {
namespace {

bool has_element(const header_list& fields, std::string_view name, std::string_view element) {
  std::string value;
  get_combined(fields, name, value);
  return !grammar::for_each_element(value, [&](std::string_view e) { return !ascii::equal_ignoring_case(e, element); });
}

/// https://websockets.spec.whatwg.org/#dom-websocket-websocket : http and https mean ws and wss.
std::optional<web_url> socket_url(const websocket_attempt& asked, const web_origin& page) {
  const web_url base{.origin = page, .target = "/"};
  auto url = web_url::parse(asked.url, page.is_opaque() ? nullptr : &base);
  if (!url) return std::nullopt;
  if (url->is_http()) url->origin.scheme = url->origin.scheme == "http" ? "ws" : "wss";
  if (!url->is_websocket() || url->has_userinfo || asked.url.find('#') != std::string::npos) return std::nullopt;
  return url;
}

}  // namespace

browser_websocket::browser_websocket(const websocket_attempt& asked, const same_site_hosts& same_site)
    : protocols_(asked.protocols) {
  begin(asked, same_site);
}

void browser_websocket::begin(const websocket_attempt& asked, const same_site_hosts& same_site) {
  const auto page = web_origin::parse(asked.page);
  auto url = page ? socket_url(asked, *page) : std::nullopt;
  const bool protocols_valid = std::ranges::all_of(protocols_,
                                                   [](const std::string& p) { return grammar::is_token(p); });
  if (!url || !protocols_valid) return step(browser_why::socket_url_invalid, asked.url);
  if (page->scheme == "https" && !url->origin.is_trustworthy()) return step(browser_why::mixed_content, url->text());

  browser_request r{.method = "GET", .url = *url, .has_credentials = true};
  r.headers = {
      {"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}, {"Origin", page->text()}};
  std::string offered;
  for (const std::string& p : protocols_) offered.append(offered.empty() ? "" : ", ").append(p);
  if (!offered.empty()) r.headers.emplace_back("Sec-WebSocket-Protocol", offered);
  if (!asked.cookie.empty()) r.headers.emplace_back("Cookie", asked.cookie);
  if (url->origin.is_trustworthy()) {
    web_origin http = url->origin;  // fetched as http or https
    http.scheme = http.scheme == "ws" ? "http" : "https";
    r.headers.emplace_back("Sec-Fetch-Dest", "websocket");
    r.headers.emplace_back("Sec-Fetch-Mode", "websocket");
    r.headers.emplace_back("Sec-Fetch-Site", detail::rules::fetch_site(*page, {{.origin = http}}, same_site));
  }
  request_ = std::move(r);
  step(browser_why::socket_sent, url->text());
}

void browser_websocket::receives(const browser_response& r) {
  if (!request_) return;
  request_.reset();
  if (r.status == 0) return step(browser_why::no_answer, r.trouble);
  if (r.status != 101) return step(browser_why::socket_not_switched, "status " + std::to_string(r.status));
  std::string accept;
  if (!has_element(r.headers, "upgrade", "websocket") || !has_element(r.headers, "connection", "upgrade") ||
      !get_combined(r.headers, "sec-websocket-accept", accept)) {
    return step(browser_why::socket_upgrade_missing);
  }
  std::string chosen;
  const bool chooses = get_combined(r.headers, "sec-websocket-protocol", chosen);
  if (chooses == protocols_.empty() || (chooses && std::ranges::find(protocols_, chosen) == protocols_.end())) {
    return step(browser_why::socket_protocol, chosen);
  }
  step(browser_why::socket_open, chosen);
}

}  // namespace gatehouse
