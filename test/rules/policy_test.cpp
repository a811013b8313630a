#include <gatehouse/rules/policy.hpp>

#include <gmock/gmock.h>

#include <functional>

#include "rules_kit.hpp"

namespace gatehouse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What a scripted rule does in each phase; it writes what happened to `log`.
struct script {
  std::string name;
  rule_order order = rule_order::validation;
  bool report_only = false;
  std::vector<step> on_request{};  // one a call, the last again
  step on_reply = step::pass();
  step on_body = step::pass();
  std::size_t inspects = 0;
  std::size_t wants = 0;  // it has seen enough when so much content is there
  body_plan on_response = body_plan::keep();
};

class scripted_rule final : public rule {
 public:
  scripted_rule(script s, std::vector<std::string>& log) : script_(std::move(s)), log_(log) {}
  std::string_view name() const noexcept override { return script_.name; }
  rule_order order() const noexcept override { return script_.order; }
  bool report_only() const noexcept override { return script_.report_only; }
  step on_request(exchange&, slot& s) const noexcept override {
    log_.push_back(script_.name + ".request");
    EXPECT_EQ(s.get<int>(), nullptr);
    s.begin<int>() = 7;
    return script_.on_request.empty() ? step::pass() : script_.on_request.front();
  }
  step on_reply(exchange&, slot& s, const store_reply&) const noexcept override {
    log_.push_back(script_.name + ".reply");
    EXPECT_EQ(*s.get<int>(), 7);
    return script_.on_reply;
  }
  step on_body(exchange&, slot&, std::span<const char> content) const noexcept override {
    log_.push_back(script_.name + ".body " + std::string(content.begin(), content.end()));
    return script_.on_body;
  }
  std::size_t inspects(const exchange&, const response_head&) const noexcept override { return script_.inspects; }
  bool on_response_content(exchange&, slot&, const held_content& c) const noexcept override {
    log_.push_back(script_.name + ".content " + std::string(c.all) + (c.whole ? " whole" : ""));
    return c.all.size() < script_.wants;
  }
  body_plan on_response(exchange&, slot&, response_head&) const noexcept override {
    log_.push_back(script_.name + ".response");
    return script_.on_response;
  }
  void on_finish(exchange&, slot& s, const outcome& o) const noexcept override {
    log_.push_back(script_.name + (o.aborted ? ".abort" : ".finish"));
    EXPECT_EQ(*s.get<int>(), 7);
  }

 private:
  script script_;
  std::vector<std::string>& log_;
};

class policy_test : public testing::Test {
 protected:
  pending_rule pending(script s) {
    return {s.order, [this, s](state_registry&) -> result<std::unique_ptr<const rule>, config_errors> {
              return std::unique_ptr<const rule>(std::make_unique<const scripted_rule>(s, log));
            }};
  }
  std::shared_ptr<const policy> policy_of(std::vector<script> scripts) {
    std::vector<pending_rule> wanted;
    for (auto& s : scripts) wanted.push_back(pending(std::move(s)));
    return test::make_policy(wanted);
  }
  std::vector<std::string> taken() { return std::exchange(log, {}); }
  std::vector<std::string> traced() const {
    constexpr std::string_view verdicts[] = {"pass", "answer", "refuse", "would_refuse", "ask", "need_body", "replace"};
    std::vector<std::string> out;
    for (const auto& t : x.e.trace) {
      out.push_back(std::string(t.rule) + ' ' + std::string(verdicts[static_cast<std::size_t>(t.what)]));
    }
    return out;
  }

  std::vector<std::string> log;
  test::test_exchange x;
  std::size_t at = 0;
};

constexpr auto first = rule_order::limits;
constexpr auto second = rule_order::host_check;
constexpr auto third = rule_order::validation;

TEST_F(policy_test, requests_go_forwards_responses_and_ends_backwards) {
  const auto p = policy_of(
      {{.name = "c", .order = third}, {.name = "a", .order = first}, {.name = "b", .order = second}});
  EXPECT_EQ(p->request(x.e, at).what(), step::kind::pass);
  EXPECT_THAT(taken(), ElementsAre("a.request", "b.request", "c.request"));
  response_head head;
  EXPECT_EQ(p->finalise(x.e, head).what, body_plan::kind::keep);
  EXPECT_THAT(taken(), ElementsAre("c.response", "b.response", "a.response"));
  p->finish(x.e, {});
  EXPECT_THAT(taken(), ElementsAre("c.finish", "b.finish", "a.finish"));
  p->finish(x.e, {});
  EXPECT_THAT(taken(), IsEmpty());
}

// A rule takes part in the phases that its class overrides, and in no others.
class response_only : public rule {
 public:
  std::string_view name() const noexcept override { return "response_only"; }
  rule_order order() const noexcept override { return first; }
  body_plan on_response(exchange&, slot&, response_head&) const noexcept override { return body_plan::keep(); }
};
class finish_only final : public rule {
 public:
  explicit finish_only(std::vector<std::string>& log) : log_(log) {}
  std::string_view name() const noexcept override { return "finish_only"; }
  rule_order order() const noexcept override { return second; }
  void on_finish(exchange&, slot&, const outcome&) const noexcept override { log_.push_back("finished"); }

 private:
  std::vector<std::string>& log_;
};
class inherits_a_phase final : public response_only {};

constexpr bool same(rule_phases a, rule_phases b) {
  return a.request == b.request && a.response == b.response && a.finish == b.finish && a.inspect == b.inspect;
}
static_assert(same(phases_of<scripted_rule>(), {.request = true, .response = true, .finish = true, .inspect = true}));
static_assert(same(phases_of<response_only>(),
                   {.request = false, .response = true, .finish = false, .inspect = false}));
static_assert(same(phases_of<inherits_a_phase>(),
                   {.request = false, .response = true, .finish = false, .inspect = false}));
static_assert(same(phases_of<finish_only>(), {.request = true, .response = false, .finish = true, .inspect = false}));

TEST_F(policy_test, phases_that_a_rule_does_not_have_are_passed_over) {
  const auto make_finish_only = [this](state_registry&) -> result<std::unique_ptr<const rule>, config_errors> {
    return std::unique_ptr<const rule>(std::make_unique<const finish_only>(log));
  };
  const auto make_response_only = [](state_registry&) -> result<std::unique_ptr<const rule>, config_errors> {
    return std::unique_ptr<const rule>(std::make_unique<const response_only>());
  };
  const auto p = test::make_policy({{first, make_response_only, phases_of<response_only>()},
                                    {second, make_finish_only, phases_of<finish_only>()},
                                    pending({.name = "c", .order = third})});
  EXPECT_EQ(p->request(x.e, at).what(), step::kind::pass);
  EXPECT_THAT(traced(), ElementsAre("finish_only pass", "c pass"));
  EXPECT_THAT(taken(), ElementsAre("c.request"));
  p->finish(x.e, {});
  EXPECT_THAT(taken(), ElementsAre("c.finish", "finished"));
}

TEST_F(policy_test, a_refusal_ends_the_request_and_only_those_who_ran_hear_of_the_end) {
  const auto p = policy_of({{.name = "a", .order = first},
                            {.name = "b", .order = second, .on_request = {step::refuse(reason::http_bad_request)}},
                            {.name = "c", .order = third}});
  const step s = p->request(x.e, at);
  EXPECT_EQ(s.what(), step::kind::refuse);
  EXPECT_EQ(s.why(), reason::http_bad_request);
  EXPECT_THAT(traced(), ElementsAre("a pass", "b refuse"));
  response_head head;
  (void)p->finalise(x.e, head);
  p->finish(x.e, {.aborted = true});
  EXPECT_THAT(taken(),
              ElementsAre("a.request", "b.request", "c.response", "b.response", "a.response", "b.abort", "a.abort"));
}

TEST_F(policy_test, a_refused_head_is_finalised_and_nobody_hears_of_the_end) {
  const auto p = policy_of({{.name = "a", .order = first}});
  x.e.head_refused = true;
  response_head head;
  (void)p->finalise(x.e, head);
  p->finish(x.e, {});
  EXPECT_THAT(taken(), ElementsAre("a.response"));
}

TEST_F(policy_test, report_only_passes_refusals_over_and_says_so) {
  const auto refusal = step::refuse(reason::http_bad_request);
  const auto p = policy_of(
      {{.name = "a", .order = first, .report_only = true, .on_request = {refusal}},
       {.name = "b", .order = second, .report_only = true, .on_request = {step::ask({})}, .on_reply = refusal},
       {.name = "c", .order = third, .report_only = true, .on_request = {step::need_body(9)}, .on_body = refusal}});
  EXPECT_EQ(p->request(x.e, at).what(), step::kind::ask);
  EXPECT_EQ(p->reply(x.e, at, {}).what(), step::kind::need_body);
  EXPECT_EQ(p->body(x.e, at, std::string_view("hi")).what(), step::kind::pass);
  EXPECT_THAT(traced(), ElementsAre("a would_refuse", "b ask", "b would_refuse", "c need_body", "c would_refuse"));
  EXPECT_EQ(x.e.would_refuse, reason::http_bad_request);
  EXPECT_EQ(x.e.trace.begin()->why, reason::http_bad_request);
  EXPECT_EQ(x.e.why, reason::none);
}

TEST_F(policy_test, asks_and_bodies_are_answered_to_the_rule_that_wanted_them) {
  const auto p = policy_of({{.name = "a", .order = first, .on_request = {step::ask({.key = 5, .cost = 2})}},
                            {.name = "b", .order = second, .on_request = {step::need_body(10)}},
                            {.name = "c", .order = third, .on_request = {step::answer(status::no_content)}}});
  const step asked = p->request(x.e, at);
  EXPECT_EQ(asked.what(), step::kind::ask);
  EXPECT_EQ(asked.asked().key, 5U);
  EXPECT_EQ(asked.asked().cost, 2U);
  const step wanted = p->reply(x.e, at, {.available = true, .value = 1});
  EXPECT_EQ(wanted.what(), step::kind::need_body);
  EXPECT_EQ(wanted.body_limit(), 10U);
  const step answered = p->body(x.e, at, std::string_view("hi"));
  EXPECT_EQ(answered.what(), step::kind::answer);
  EXPECT_EQ(answered.answered(), status::no_content);
  EXPECT_THAT(taken(), ElementsAre("a.request", "a.reply", "b.request", "b.body hi", "c.request"));
}

TEST_F(policy_test, a_refusal_after_an_ask_or_a_body_ends_the_request) {
  const auto p = policy_of(
      {{.name = "a", .order = first, .on_request = {step::ask({})}, .on_reply = step::refuse(reason::http_bad_request)},
       {.name = "b", .order = second}});
  EXPECT_EQ(p->request(x.e, at).what(), step::kind::ask);
  EXPECT_EQ(p->reply(x.e, at, {}).what(), step::kind::refuse);
  EXPECT_THAT(traced(), ElementsAre("a ask", "a refuse"));
}

TEST_F(policy_test, the_last_replacement_wins_and_what_described_the_content_goes) {
  const auto p = policy_of(
      {{.name = "a", .order = first, .on_response = body_plan::replace("text/a", "A", reason::http_not_found)},
       {.name = "b", .order = second},
       {.name = "c", .order = third, .on_response = body_plan::replace("text/c", "C", reason::http_bad_request)}});
  response_head head;
  test::add_lines(head, {{"Content-Type", "text/html"},
                         {"Content-Encoding", "gzip"},
                         {"Content-Language", "de"},
                         {"Content-Range", "bytes 0-1/2"},
                         {"Content-Location", "/x"},
                         {"Content-Disposition", "attachment"},
                         {"ETag", "\"1\""},
                         {"Last-Modified", "x"},
                         {"Accept-Ranges", "bytes"},
                         {"Content-Length", "2"},
                         {"Retry-After", "5"},
                         {"X-Own", "1"}});
  const body_plan plan = p->finalise(x.e, head);
  EXPECT_EQ(plan.what, body_plan::kind::replace);
  EXPECT_EQ(plan.content, "A");
  EXPECT_EQ(x.e.why, reason::http_not_found);
  EXPECT_THAT(test::sent_fields(head), ElementsAre("content-type: text/a", "retry-after: 5", "x-own: 1"));
  EXPECT_THAT(traced(), ElementsAre("c replace", "a replace"));
}

TEST_F(policy_test, the_rule_that_inspects_is_shown_content_until_it_has_enough) {
  const auto p = policy_of({{.name = "a", .order = first, .inspects = 9, .wants = 3},
                            {.name = "b", .order = second, .inspects = 5, .wants = 3},
                            {.name = "c", .order = third}});
  response_head head;
  EXPECT_EQ(p->inspects(x.e, head), 5U) << "the last of them, as in the finaliser";
  EXPECT_TRUE(p->inspect(x.e, {.all = "12"}));
  EXPECT_FALSE(p->inspect(x.e, {.all = "123", .whole = true}));
  EXPECT_THAT(taken(), ElementsAre("b.content 12", "b.content 123 whole"));
}

TEST_F(policy_test, nobody_inspects_unless_a_rule_asks_for_it) {
  const auto p = policy_of({{.name = "a", .order = first}});
  response_head head;
  EXPECT_EQ(p->inspects(x.e, head), 0U);
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(policy_test, a_full_head_makes_room_for_the_replacements_type) {
  const auto p = policy_of(
      {{.name = "a", .order = first, .on_response = body_plan::replace("text/a", "A", reason::none)}});
  for (const auto* name : {"X-Own", "Set-Cookie"}) {
    response_head head;
    while (head.append(name, "1").has_value()) {
    }
    (void)p->finalise(x.e, head);
    EXPECT_EQ(head.fields().get(field::content_type), "text/a");
  }
}

TEST_F(policy_test, a_later_rule_of_the_same_order_replaces_and_is_the_only_one_built) {
  std::vector<pending_rule> wanted{pending({.name = "old", .order = second}), pending({.name = "a", .order = first}),
                                   pending({.name = "new", .order = second})};
  const auto p = test::make_policy(wanted);
  EXPECT_EQ(p->rules().size(), 2U);
  EXPECT_EQ(p->find(second)->name(), "new");
}

TEST_F(policy_test, rate_limits_add_up_in_their_own_order) {
  const auto p = policy_of({{.name = "r1", .order = rule_order::rate_limit},
                            {.name = "a", .order = first},
                            {.name = "r2", .order = rule_order::rate_limit}});
  EXPECT_EQ(p->request(x.e, at).what(), step::kind::pass);
  EXPECT_THAT(taken(), ElementsAre("a.request", "r1.request", "r2.request"));
}

TEST_F(policy_test, there_are_at_most_max_rules) {
  std::vector<pending_rule> wanted(max_rules, pending({.name = "r", .order = rule_order::rate_limit}));
  EXPECT_EQ(test::make_policy(wanted)->rules().size(), max_rules);
  wanted.push_back(wanted.front());
  state_registry states;
  const auto made = policy::make(wanted, states);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().front().code, "too-many-rules");
}

TEST_F(policy_test, the_errors_of_all_rules_are_reported_together) {
  state_registry states;
  const std::vector<pending_rule> wanted{client_ip({.trusted_proxies = {"x", "y"}}), host_check({.hosts = {"*"}}),
                                         security_headers({.profile = "apii", .x_frame_options = "no"}),
                                         error_hygiene({.upstream_5xx = "replce"})};
  const auto made = policy::make(wanted, states);
  ASSERT_FALSE(made);
  std::vector<std::string> keys;
  for (const auto& e : made.error()) keys.push_back(e.key);
  EXPECT_THAT(keys, ElementsAre("client_ip.trusted_proxies", "client_ip.trusted_proxies", "hosts", "headers.profile",
                                "headers.x_frame_options", "errors.upstream_5xx"));
}

TEST_F(policy_test, an_empty_policy_passes_everything) {
  const auto p = policy_of({});
  EXPECT_EQ(p->request(x.e, at).what(), step::kind::pass);
  response_head head;
  EXPECT_EQ(p->finalise(x.e, head).what, body_plan::kind::keep);
  p->finish(x.e, {});
  EXPECT_FALSE(p->trusts_peer({}));
}

TEST_F(policy_test, a_cleared_exchange_is_as_new) {
  const auto p = policy_of({{.name = "a", .order = first}});
  (void)p->request(x.e, at);
  x.e.why = reason::http_bad_request;
  x.e.client_secure = x.e.peer_trusted = x.e.untrusted_forwarding = x.e.head_refused = true;
  (void)ensure_request_id(x.e);
  (void)x.e.memory.allocate(10);
  test::add_lines(x.e.request.fields, {{"Host", "x"}});
  x.e.clear();
  EXPECT_EQ(x.e.client, x.e.connection.peer);
  EXPECT_FALSE(x.e.client_secure || x.e.peer_trusted || x.e.untrusted_forwarding || x.e.head_refused);
  EXPECT_TRUE(x.e.id.empty() && x.e.request.fields.empty() && x.e.request.authority.empty());
  EXPECT_EQ(x.e.why, reason::none);
  EXPECT_EQ(x.e.memory.used(), 0U);
  EXPECT_EQ(x.e.trace.begin(), x.e.trace.end());
  taken();
  EXPECT_EQ(p->request(x.e, at = 0).what(), step::kind::pass);  // the slot is unused again: checked in on_request
  p->finish(x.e, {});
  EXPECT_THAT(taken(), ElementsAre("a.request", "a.finish"));
}

TEST(decision_trace_test, counts_what_does_not_fit) {
  decision_trace trace;
  for (std::size_t i = 0; i < max_trace_entries + 3; ++i) trace.add({.rule = "x"});
  EXPECT_EQ(static_cast<std::size_t>(trace.end() - trace.begin()), max_trace_entries);
  EXPECT_EQ(trace.dropped(), 3U);
  trace.clear();
  EXPECT_EQ(trace.begin(), trace.end());
  EXPECT_EQ(trace.dropped(), 0U);
}

TEST(state_registry_test, state_survives_by_name_and_type) {
  state_registry states;
  int made = 0;
  const auto make = [&made] { return std::make_shared<int>(++made); };
  const auto a = states.get<int>("limits", make);
  EXPECT_EQ(states.get<int>("limits", make), a);
  EXPECT_NE(states.get<int>("other", make), a);
  EXPECT_EQ(*states.get<double>("limits", [] { return std::make_shared<double>(0.5); }), 0.5);
  EXPECT_EQ(made, 2);
}

}  // namespace
}  // namespace gatehouse
