#include "explain_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/config/gateway_routes.hpp>
#include <gatehouse/http/problem.hpp>
#include <gatehouse/net/endpoint.hpp>
#include <gatehouse/rules/request_limits.hpp>
#include <gatehouse/wire/request_parser.hpp>

namespace gatehouse::program {
namespace {

endpoint first_listener(const gateway_config& c) {
  const auto first = c.listen.empty() ? std::nullopt : endpoint::parse(c.listen.front());
  return first.value_or(endpoint{.address = ip_address::v4({127, 0, 0, 1}), .port = 8080});
}

bool is_host(const std::string& header) {
  return ascii::equal_ignoring_case(ascii::trim(header.substr(0, header.find(':'))), "host");
}

/// The head as a client would send it: so that what is wrong with it is found by who finds it in the gateway.
std::string head_of(const gateway_config& c, const explain_options& asked) {
  std::string out = asked.method.value_or("GET") + ' ' + asked.path.value_or("/") + " HTTP/1.1\r\n";
  if (asked.host || std::ranges::none_of(asked.headers, is_host)) {
    out += "Host: " + asked.host.value_or(first_listener(c).to_string()) + "\r\n";
  }
  for (const std::string& header : asked.headers) out += header + "\r\n";
  return out + "\r\n";
}

/// An exchange that nobody sent, with what it lives in.
struct imagined {
  exchange e{};
  std::array<char, std::size_t{8} * 1024> memory{};
  system_random random{};
  outcome ended{};

  void refuse(std::string_view who, decision_trace::phase when, reason why) {
    e.trace.add({.rule = who, .when = when, .what = decision_trace::verdict::refuse, .why = why});
    refused(why);
  }
  void refused(reason why) {
    e.why = why;
    ended.answered = status_of(why);
  }
};

/// As server/call does, up to the handler. True: it would be the handler's turn.
bool run_rules(imagined& i) {
  std::size_t at = 0;
  step s = i.e.rules->request(i.e, at);
  while (s.what() == step::kind::ask) s = i.e.rules->reply(i.e, at, store_reply{});
  switch (s.what()) {
    case step::kind::refuse: i.refused(s.why()); return false;
    case step::kind::answer: i.ended.answered = s.answered(); return false;
    case step::kind::need_body:  // what it would say of the body is not known
    case step::kind::ask:
    case step::kind::pass: break;
  }
  return true;
}

config_errors wrong(std::string message) {
  config_errors out;
  out.push_back({.key = "explain", .code = "not-a-request", .message = std::move(message)});
  return out;
}

}  // namespace

result<decision, config_errors> decide_request(const gateway_config& config, const explain_options& asked) {
  const auto peer = ip_address::parse(asked.from.value_or("127.0.0.1"));
  if (!peer) return failure{wrong("--from is an address in numbers")};
  state_registry states;
  const auto routes = gateway_routes::make(config, states, {});
  if (!routes) return failure{routes.error()};

  const std::string head = head_of(config, asked);
  const auto i = std::make_unique<imagined>();  // large
  exchange& e = i->e;
  e.memory = arena{i->memory};
  e.random = &i->random;
  e.connection = {.peer = *peer, .loopback_listener = first_listener(config).address.is_loopback()};
  e.client = *peer;
  request_parser parser(config.limits);
  const parse_progress p = parser.parse(head, e.request);
  if (p.what == parse_progress::kind::need_more) return failure{wrong("this makes no request head")};

  path_parameters parameters;
  const route_match match = (*routes)->find(e.request, parameters);
  e.rules = match.rules;
  bool is_forwarded = false;
  if (p.what == parse_progress::kind::refused) {
    e.head_refused = true;
    i->refuse("http", decision_trace::phase::request, p.why);
  } else {
    e.route = match.route;
    e.body_limit = body_limit_of(match.route, config.limits);
    if (run_rules(*i)) {
      is_forwarded = match.handler != nullptr;
      if (!is_forwarded) {
        i->refuse("route", decision_trace::phase::route,
                  match.route == nullptr ? reason::http_not_found : reason::http_method_not_allowed);
      }
    }
  }
  e.rules->finish(e, i->ended);
  decision out = decision_of(e, i->ended);
  if (is_forwarded) out.status = 0;
  return out;
}

}  // namespace gatehouse::program
