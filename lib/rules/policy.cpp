#include <gatehouse/rules/policy.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <gatehouse/base/assert.hpp>

#include "response_edit.hpp"

namespace gatehouse {
namespace {

using phase = decision_trace::phase;
using verdict = decision_trace::verdict;

constexpr std::uint32_t bit(std::size_t i) noexcept { return std::uint32_t{1} << i; }

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
      made->rules_.push_back(*std::move(built));
    } else {
      std::ranges::move(built.error(), std::back_inserter(errors));
    }
  }
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  return std::shared_ptr<const policy>(made);
}

step policy::request(exchange& e, std::size_t& at) const noexcept {
  e.slots_touched = static_cast<std::uint8_t>(rules_.size());
  e.peer_trusted = trusts_peer(e.connection);
  if (at >= rules_.size()) return step::pass();
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
    const rule& r = *rules_[at];
    const bool refused = s.what() == step::kind::refuse;
    const bool watched = refused && r.report_only();
    e.trace.add({.rule = r.name(), .when = when, .what = verdict_of(s, watched), .why = s.why()});
    // Fails open for a watching rule only: that is what report_only is asked for.
    if (s.what() != step::kind::pass && !watched) return s;
    if (++at == rules_.size()) return step::pass();
    when = phase::request;
    s = begin(e, at);
  }
}

body_plan policy::finalise(exchange& e, response_head& head) const noexcept {
  e.slots_touched = static_cast<std::uint8_t>(rules_.size());  // on_response may begin a slot where on_request never
                                                               // ran
  body_plan plan = body_plan::keep();
  for (std::size_t i = rules_.size(); i-- > 0;) {
    const body_plan p = rules_[i]->on_response(e, e.slots[i], head);
    if (p.what == body_plan::kind::replace) {
      e.trace.add({.rule = rules_[i]->name(), .when = phase::response, .what = verdict::replace, .why = p.why});
      e.why = p.why;
      plan = p;
    } else if (p.what == body_plan::kind::inspect && plan.what == body_plan::kind::keep) {
      plan = p;  // content that is dropped need not be looked at
    }
  }
  if (plan.what == body_plan::kind::replace) detail::rules::describe_replacement(head, plan.media_type);
  return plan;
}

void policy::finish(exchange& e, const outcome& o) const noexcept {
  const std::uint32_t ran = std::exchange(e.begun, 0U);
  for (std::size_t i = rules_.size(); i-- > 0;) {
    if ((ran & bit(i)) != 0) rules_[i]->on_finish(e, e.slots[i], o);
  }
}

bool policy::trusts_peer(const connection_info& c) const noexcept {
  return std::ranges::any_of(rules_, [&c](const auto& r) { return r->trusts_peer(c); });
}

const rule* policy::find(rule_order order) const noexcept {
  const auto at = std::ranges::find_if(rules_, [order](const auto& r) { return r->order() == order; });
  return at == rules_.end() ? nullptr : at->get();
}

}  // namespace gatehouse
