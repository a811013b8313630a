#include "imagined_gateway.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <gatehouse/http/problem.hpp>
#include <gatehouse/net/endpoint.hpp>
#include <gatehouse/rules/refusal.hpp>
#include <gatehouse/rules/request_limits.hpp>
#include <gatehouse/wire/request_parser.hpp>

namespace gatehouse::program {
namespace {

endpoint first_listener(const gateway_config& c) {
  const auto first = c.listen.empty() ? std::nullopt : endpoint::parse(c.listen.front());
  return first.value_or(endpoint{.address = ip_address::v4({127, 0, 0, 1}), .port = 8080});
}

/// An exchange that nobody sent, with what it lives in.
struct imagined {
  exchange e{};
  std::array<char, std::size_t{8} * 1024> memory{};
  system_random random{};
  outcome ended{};
  response_head head{};

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

/// As server/call does on the way out.
browser_response finalised(imagined& i, bool forwarded) {
  if (i.e.why != reason::none) {
    (void)refuse_with_problem(i.e, i.e.why, i.head);
  } else if (forwarded) {
    i.e.source = response_source::upstream;
    const bool socket = i.e.request.upgrade_websocket;
    i.head.status(socket ? status::switching_protocols : status::ok);
  } else {
    i.head.status(i.ended.answered);
  }
  (void)i.e.rules->finalise(i.e, i.head);
  browser_response out{.status = static_cast<int>(number(i.head.status()))};
  i.head.for_each_attached([&out](const field_block::pair& p) { out.headers.emplace_back(p.name, p.value); });
  for (const field_line& line : i.head.fields()) out.headers.emplace_back(line.name, line.value);
  if (i.head.status() == status::switching_protocols) {  // the serialiser's, and the API's
    out.headers.insert(out.headers.end(),
                       {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", "(the API's)"}});
    if (const auto offered = i.e.request.fields.get(field::sec_websocket_protocol)) {
      out.headers.emplace_back("Sec-WebSocket-Protocol", offered->substr(0, offered->find(',')));
    }
  }
  return out;
}

}  // namespace

result<imagined_gateway, config_errors> imagined_gateway::make(const gateway_config& config) {
  imagined_gateway out;
  out.config_ = &config;
  out.states_ = std::make_unique<state_registry>();
  auto routes = gateway_routes::make(config, *out.states_, {});
  if (!routes) return failure{routes.error()};
  out.routes_ = *std::move(routes);
  return out;
}

std::string imagined_gateway::address() const {
  endpoint at = first_listener(*config_);
  if (at.port == 0) at.port = 8080;  // the kernel's choice; no host has the port 0
  return at.to_string();
}

result<imagined_answer, config_errors> imagined_gateway::ask(const std::string& head, const ip_address& peer,
                                                             bool secure) const {
  const auto i = std::make_unique<imagined>();  // large
  exchange& e = i->e;
  e.memory = arena{i->memory};
  e.random = &i->random;
  e.connection = {.peer = peer, .loopback_listener = first_listener(*config_).address.is_loopback(), .secure = secure};
  e.client = peer;
  request_parser parser(config_->limits);
  const parse_progress p = parser.parse(head, e.request);
  if (p.what == parse_progress::kind::need_more) {
    config_errors wrong;
    wrong.push_back({.key = "explain", .code = "not-a-request", .message = "this makes no request head"});
    return failure{std::move(wrong)};
  }

  path_parameters parameters;
  const route_match match = routes_->find(e.request, parameters);
  e.rules = match.rules;
  imagined_answer out;
  if (p.what == parse_progress::kind::refused) {
    e.head_refused = true;
    i->refuse("http", decision_trace::phase::request, p.why);
  } else {
    e.route = match.route;
    e.body_limit = body_limit_of(match.route, config_->limits);
    if (run_rules(*i)) {
      out.forwarded = match.handler != nullptr;
      if (!out.forwarded) {
        i->refuse("route", decision_trace::phase::route,
                  match.route == nullptr ? reason::http_not_found : reason::http_method_not_allowed);
      }
    }
  }
  out.response = finalised(*i, out.forwarded);
  e.rules->finish(e, i->ended);
  out.decided = decision_of(e, i->ended);
  if (out.forwarded) out.decided.status = 0;
  return out;
}

}  // namespace gatehouse::program
