#include "explain_browser.hpp"

#include <algorithm>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/rules/public_suffix_list.hpp>

#include "policy_change.hpp"

namespace gatehouse::program {
namespace {

constexpr std::size_t max_changes = 8;  // each allows one thing more; there are fewer kinds

config_errors wrong(std::string message) {
  config_errors out;
  out.push_back({.key = "explain", .code = "not-a-request", .message = std::move(message)});
  return out;
}

/// "Name: value" of -H. A Cookie is what the browser keeps for the host, for no page sets one.
void add_header(fetch& to, const std::string& line) {
  const std::size_t colon = line.find(':');
  std::string name = line.substr(0, colon);
  std::string value{colon == std::string::npos ? std::string_view{}
                                               : ascii::trim(std::string_view{line}.substr(colon + 1))};
  if (ascii::equal_ignoring_case(name, "cookie")) {
    to.cookie = std::move(value);
  } else {
    to.headers.emplace_back(std::move(name), std::move(value));
  }
}

result<fetch, config_errors> fetch_of(const explain_options& asked, const std::string& address) {
  fetch out{.page = *asked.origin, .url = asked.url.value_or(asked.path.value_or("/"))};
  if (!web_origin::parse(out.page)) {
    return failure{wrong("--origin is the page's: http:// or https://, host and port, and nothing behind; or null")};
  }
  if (out.url.starts_with('/')) out.url.insert(0, "http://" + asked.host.value_or(address));
  if (!web_url::parse(out.url)) return failure{wrong("this is no URL: " + out.url)};
  out.method = asked.method.value_or("GET");
  const std::string credentials = asked.credentials.value_or("same-origin");
  if (credentials == "include") {
    out.credentials = fetch_credentials::include;
  } else if (credentials == "omit") {
    out.credentials = fetch_credentials::omit;
  } else if (credentials != "same-origin") {
    return failure{wrong("--credentials is include, same-origin or omit")};
  }
  for (const std::string& line : asked.headers) add_header(out, line);
  return out;
}

/// The bytes that a browser sends.
std::string head_of(const browser_request& r, bool is_socket) {
  const std::string origin = r.url.origin.text();
  std::string out = r.method + ' ' + r.url.target + " HTTP/1.1\r\nHost: " + origin.substr(origin.find("://") + 3) +
                    "\r\n";
  for (const auto& [name, value] : r.headers) out.append(name).append(": ").append(value).append("\r\n");
  if (is_socket) out += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (r.method == "POST" || r.method == "PUT" || r.method == "PATCH") out += "Content-Length: 0\r\n";
  return out + "\r\n";
}

/// Browser and gateway, and what is between them.
class performance {
 public:
  performance(const imagined_gateway& gateway, const ip_address& peer, const same_site_hosts& same_site,
              browser_explanation& into)
      : gateway_(gateway), peer_(peer), same_site_(same_site), into_(into) {}

  result<void, config_errors> play() {
    const auto url = web_url::parse(into_.asked.url);
    into_.is_socket = url && url->is_websocket();
    return into_.is_socket ? play_socket() : play_fetch();
  }

 private:
  result<browser_response, config_errors> answer_to(const browser_request& r) {
    if (!into_.exchanges.empty() && !r.url.origin.same_as(into_.exchanges.front().request.url.origin)) {
      return browser_response{.trouble = "what " + r.url.origin.text() + " would answer is not known here"};
    }
    const bool secure = r.url.origin.scheme == "https" || r.url.origin.scheme == "wss";
    auto answer = gateway_.ask(head_of(r, into_.is_socket), peer_, secure);
    if (!answer) return failure{answer.error()};
    if (answer->decided.why != reason::none && !answer->decided.would_refuse) into_.refused = answer->decided.why;
    browser_response out = answer->response;
    into_.exchanges.push_back({.request = r, .answer = *std::move(answer)});
    return out;
  }

  result<void, config_errors> play_fetch() {
    browser_fetch f(into_.asked, nullptr, {}, same_site_);
    while (const browser_request* const r = f.sends()) {
      const auto answer = answer_to(*r);
      if (!answer) return failure{answer.error()};
      f.receives(*answer);
    }
    into_.outcome = f.outcome();
    into_.readable = into_.outcome.readable();
    return {};
  }

  result<void, config_errors> play_socket() {
    browser_websocket w({.page = into_.asked.page, .url = into_.asked.url, .cookie = into_.asked.cookie}, same_site_);
    if (w.sends() != nullptr) {
      const auto answer = answer_to(*w.sends());
      if (!answer) return failure{answer.error()};
      w.receives(*answer);
    }
    into_.readable = w.is_open();
    into_.outcome.why = w.why();
    into_.outcome.steps = w.steps();
    return {};
  }

  const imagined_gateway& gateway_;
  const ip_address& peer_;
  const same_site_hosts& same_site_;
  browser_explanation& into_;
};

result<browser_explanation, config_errors> explain_with(const gateway_config& config, const explain_options& asked,
                                                        const ip_address& peer) {
  const auto gateway = imagined_gateway::make(config);
  if (!gateway) return failure{gateway.error()};
  auto f = fetch_of(asked, gateway->address());
  if (!f) return failure{f.error()};
  browser_explanation out{.asked = *std::move(f)};
  const auto same_site = same_site_by_public_suffixes(config.cors ? config.cors->public_suffix_list : std::string{});
  if (auto played = performance(*gateway, peer, same_site, out).play(); !played) return failure{played.error()};
  return out;
}

bool is_same(const config_problem& a, const config_problem& b) {
  return a.what.code == b.what.code && a.what.key == b.what.key && a.what.message == b.what.message;
}

config_report judged(const loaded_config& settings, const gateway_config& config) {
  loaded_config copy = settings;
  copy.config = config;
  copy.report = {};
  judge_config(copy);
  lint_config(copy);
  return std::move(copy.report);
}

/// Makes one change after the other until the page gets its answer: each is needed, for the browser stopped there.
void find_change(const loaded_config& settings, const explain_options& asked, const ip_address& peer,
                 browser_explanation& out) {
  gateway_config config = settings.config;
  browser_explanation now = out;
  std::vector<policy_change> changes;
  for (std::size_t tries = 0; !now.readable; ++tries) {
    auto change = tries < max_changes ? change_policy(config, now, out.hopeless) : std::nullopt;
    if (!change) return;
    // A key that changes once more has its last value.
    std::erase_if(changes, [&](policy_change& c) {
      if (c.key != change->key) return false;
      if (!c.flag.empty() && !change->flag.empty()) change->flag = c.flag + ' ' + change->flag;
      return true;
    });
    changes.push_back(*std::move(change));
    auto next = explain_with(config, asked, peer);
    if (!next) {
      out.hopeless = next.error().empty() ? "the configuration would not be valid" : next.error().front().message;
      return;
    }
    now = *std::move(next);
  }
  out.changes = std::move(changes);
  const config_report before = judged(settings, settings.config);
  for (config_problem& p : judged(settings, config).problems) {
    const bool known = std::ranges::any_of(before.problems, [&](const config_problem& b) { return is_same(b, p); });
    if (!known) out.findings.push_back(std::move(p));
  }
}

}  // namespace

result<browser_explanation, config_errors> explain_browser(const loaded_config& settings,
                                                           const explain_options& asked) {
  const auto peer = ip_address::parse(asked.from.value_or("127.0.0.1"));
  if (!peer) return failure{wrong("--from is an address in numbers")};
  auto out = explain_with(settings.config, asked, *peer);
  if (out && !out->readable) find_change(settings, asked, *peer, *out);
  return out;
}

}  // namespace gatehouse::program
