#include <gatehouse/rules/policy.hpp>

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

#include <gatehouse/base/assert.hpp>

#include "response_edit.hpp"

namespace gatehouse {
namespace {

using phase = decision_trace::phase;
using verdict = decision_trace::verdict;

constexpr std::uint64_t bit(std::size_t i) noexcept { return std::uint64_t{1} << i; }

constexpr std::size_t highest(std::uint64_t bits) noexcept {
  return static_cast<std::size_t>(std::bit_width(bits)) - 1;
}

verdict verdict_of(const step& s, bool watched) noexcept {
  switch (s.what()) {
    case step::kind::pass: return verdict::pass;
    case step::kind::answer: return verdict::answer;
    case step::kind::refuse: return watched ? verdict::would_refuse : verdict::refuse;
    case step::kind::ask: return verdict::ask;
    case step::kind::need_body: return verdict::need_body;
  }
  return verdict::refuse;  // unreachable; a new kind that is forgotten here shows as a refusal
}

/// The last of each order, in rule_order; of rate limits all, in their own order.
std::vector<const pending_rule*> in_order(std::span<const pending_rule> wanted) {
  constexpr auto order_of = [](const pending_rule* p) { return p->order(); };
  std::vector<const pending_rule*> kept;
  for (const pending_rule& p : wanted) {
    if (p.order() != rule_order::rate_limit) {
      std::erase_if(kept, [&p](const pending_rule* k) { return k->order() == p.order(); });
    }
    kept.insert(std::ranges::upper_bound(kept, p.order(), {}, order_of), &p);
  }
  return kept;
}

config_error too_many(std::size_t count) {
  const std::string most = std::to_string(max_rules);
  return {.key = "rate_limit",  // the only order of which there can be many
          .value = std::to_string(count),
          .code = "too-many-rules",
          .message = "One policy has more than " + most + " rules.",
          .suggestion = "at most " + most + " rules, rate limits included"};
}

}  // namespace

result<std::shared_ptr<const policy>, config_errors> policy::make(std::span<const pending_rule> wanted,
                                                                  state_registry& states) {
  const auto kept = in_order(wanted);
  config_errors errors;
  if (kept.size() > max_rules) errors.push_back(too_many(kept.size()));
  const std::shared_ptr<policy> made(new policy);
  for (const pending_rule* p : kept) {
    auto built = p->make(states);
    if (built) {
      GATEHOUSE_ASSERT(*built != nullptr && (*built)->order() == p->order());
      made->add(*std::move(built), p->phases());
    } else {
      std::ranges::move(built.error(), std::back_inserter(errors));
    }
  }
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  made->client_ip_ = made->find(rule_order::client_ip);
  const rule* const cors = made->find(rule_order::cors);
  made->lists_origins_ = cors != nullptr && cors->lists_origins();
  const rule* const headers = made->find(rule_order::security_headers);
  made->uses_csp_nonce_ = headers != nullptr && headers->uses_csp_nonce();
  const rule* const errors_rule = made->find(rule_order::error_hygiene);
  made->shows_details_ = errors_rule != nullptr && errors_rule->shows_details();
  made->serves_pages_ = headers != nullptr && headers->serves_pages();
  return std::shared_ptr<const policy>(made);
}

void policy::add(std::unique_ptr<const rule> r, rule_phases phases) {
  const std::uint64_t own = bit(rules_.size());
  if (phases.request) requests_ |= own;
  if (phases.response) responses_ |= own;
  if (phases.finish) finishes_ |= own;
  if (phases.inspect) inspectors_ |= own;
  names_.push_back(r->name());
  rules_.push_back(std::move(r));
}

/// The first rule from `from` on that has a request phase, or how many rules there are.
std::size_t policy::next_request(std::size_t from) const noexcept {
  const std::uint64_t left = requests_ >> from;
  return left == 0 ? rules_.size() : from + static_cast<std::size_t>(std::countr_zero(left));
}

step policy::request(exchange& e, std::size_t& at) const noexcept {
  e.slots_touched = static_cast<std::uint8_t>(rules_.size());
  e.peer_trusted = trusts_peer(e.connection);
  at = next_request(at);
  if (at == rules_.size()) return step::pass();
  return go_on(e, at, begin(e, at), phase::request);
}

step policy::reply(exchange& e, std::size_t& at, const store_reply& r) const noexcept {
  GATEHOUSE_ASSERT(at < rules_.size());
  return go_on(e, at, rules_[at]->on_reply(e, e.slots[at], r), phase::reply);
}

step policy::body(exchange& e, std::size_t& at, std::span<const char> content) const noexcept {
  GATEHOUSE_ASSERT(at < rules_.size());
  return go_on(e, at, rules_[at]->on_body(e, e.slots[at], content), phase::body);
}

step policy::begin(exchange& e, std::size_t at) const noexcept {
  e.begun |= bit(at);
  return rules_[at]->on_request(e, e.slots[at]);
}

/// Follows what rule `at` said until somebody must be waited for or the request ends.
step policy::go_on(exchange& e, std::size_t& at, step s, phase when) const noexcept {
  while (true) {
    if (s.what() == step::kind::pass) {
      e.trace.add({.rule = names_[at], .when = when});
    } else {
      const bool watched = s.what() == step::kind::refuse && rules_[at]->report_only();
      if (watched && e.would_refuse == reason::none) e.would_refuse = s.why();
      e.trace.add({.rule = names_[at], .when = when, .what = verdict_of(s, watched), .why = s.why()});
      // Fails open for a watching rule only: that is what report_only is asked for.
      if (!watched) return s;
    }
    at = next_request(at + 1);
    if (at == rules_.size()) return step::pass();
    when = phase::request;
    s = begin(e, at);
  }
}

std::size_t policy::inspects(exchange& e, const response_head& head) const noexcept {
  for (std::uint64_t left = inspectors_; left != 0;) {
    const std::size_t i = highest(left);
    left &= ~bit(i);
    const std::size_t wanted = rules_[i]->inspects(e, head);
    if (wanted == 0) continue;
    e.inspecting = static_cast<std::uint8_t>(i + 1);
    return wanted;
  }
  return 0;
}

bool policy::inspect(exchange& e, const held_content& content) const noexcept {
  GATEHOUSE_ASSERT(e.inspecting != 0);
  const std::size_t i = e.inspecting - 1U;
  e.slots_touched = static_cast<std::uint8_t>(rules_.size());
  return rules_[i]->on_response_content(e, e.slots[i], content);
}

body_plan policy::finalise(exchange& e, response_head& head) const noexcept {
  e.slots_touched = static_cast<std::uint8_t>(rules_.size());  // on_response may begin a slot where on_request never
                                                               // ran
  body_plan plan = body_plan::keep();
  for (std::uint64_t left = responses_; left != 0;) {
    const std::size_t i = highest(left);
    left &= ~bit(i);
    const body_plan p = rules_[i]->on_response(e, e.slots[i], head);
    if (p.what == body_plan::kind::replace) {
      e.trace.add({.rule = names_[i], .when = phase::response, .what = verdict::replace, .why = p.why});
      e.why = p.why;
      plan = p;
    }
  }
  if (plan.what == body_plan::kind::replace) detail::rules::describe_replacement(head, plan.media_type);
  return plan;
}

void policy::finish(exchange& e, const outcome& o) const noexcept {
  for (std::uint64_t ran = std::exchange(e.begun, 0U) & finishes_; ran != 0;) {
    const std::size_t i = highest(ran);
    ran &= ~bit(i);
    rules_[i]->on_finish(e, e.slots[i], o);
  }
}

bool policy::trusts_peer(const connection_info& c) const noexcept {
  return client_ip_ != nullptr && client_ip_->trusts_peer(c);
}

const rule* policy::find(rule_order order) const noexcept {
  const auto at = std::ranges::find_if(rules_, [order](const auto& r) { return r->order() == order; });
  return at == rules_.end() ? nullptr : at->get();
}

}  // namespace gatehouse
