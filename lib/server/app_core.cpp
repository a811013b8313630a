#include "app_core.hpp"

#include <algorithm>
#include <cstdio>

#include <gatehouse/rules/standard_set.hpp>

#include "error_report.hpp"

namespace gatehouse::detail::server {
namespace {

void append(config_errors& to, const config_errors& more) { to.insert(to.end(), more.begin(), more.end()); }

}  // namespace

route_match app_service::find(const request_head& head, path_parameters& parameters) const noexcept {
  const router::match m = parts_.router.find(head.path, head.verb, parameters);
  const policy* const of_group = parts_.of_groups ? parts_.of_groups->find(head.path) : nullptr;
  return {.route = m.route,
          .handler = m.answers,
          .rules = of_group != nullptr ? of_group : parts_.rules.get(),
          .around = parts_.around.get()};
}

bool app_service::answer_refusal(call& c, reason why, const failure_detail& detail) const noexcept {
  return parts_.errors != nullptr && parts_.errors->answer(c, why, detail);
}

void app_service::attach(loop& l) const noexcept {
  for (const auto& h : parts_.made) h->attach(l);
}

void app_service::detach(loop& l) const noexcept {
  for (const auto& h : parts_.made) h->detach(l);
}

bool app_core::accepts(std::string_view what) {
  if (!sealed_) return true;
  config_error e{.key = "app",
                 .value = std::string{what},
                 .code = "registered-too-late",
                 .message = "this was registered after listen() or a test_client began, and is not served",
                 .suggestion = "register everything first"};
  std::fputs(describe({e}).c_str(), stderr);
  late_.push_back(std::move(e));
  return false;
}

void app_core::add(registration r) {
  const std::scoped_lock lock(mutex_);
  if (!accepts(r.pattern)) return;
  if (r.own != nullptr) r.own->join(context_, r.methods, r.pattern);
  routes_.push_back(std::move(r));
}

void app_core::add(pending_rule r) {
  const std::scoped_lock lock(mutex_);
  if (accepts("use")) rules_.push_back(std::move(r));
}

void app_core::add(group_rule r) {
  const std::scoped_lock lock(mutex_);
  if (accepts("use")) group_rules_.push_back(std::move(r));
}

void app_core::add(around_registration a) {
  const std::scoped_lock lock(mutex_);
  if (accepts("use")) around_.push_back(std::move(a));
}

void app_core::add(error_function f) {
  const std::scoped_lock lock(mutex_);
  if (accepts("on_error")) errors_.push_back(std::move(f));
}

void app_core::trust(std::vector<std::string> proxies) {
  const std::scoped_lock lock(mutex_);
  if (!accepts("trusted_proxies")) return;
  rules_.push_back(client_ip({.trusted_proxies = proxies}));
  trusted_ = std::move(proxies);
}

void app_core::report_to(std::function<void(const handler_failure&)> told) {
  const std::scoped_lock lock(mutex_);
  if (accepts("report_to")) context_.report_to(std::move(told));
}

void app_core::seal() {
  const std::scoped_lock lock(mutex_);
  sealed_ = true;
}

void app_core::check_names(const registration& r, config_errors& errors) const {
  const auto names = parameter_names(r.pattern);
  if (names.empty() && r.pattern.find_first_of(":*") != std::string::npos) return;  // not valid: said elsewhere
  const handler_shape& shape = r.own->shape();
  for (std::size_t i = 0; i < shape.path_name_count; ++i) {
    const std::string_view wanted = shape.path_names[i];
    if (wanted.empty() || std::find(names.begin(), names.end(), wanted) != names.end()) continue;
    std::string there;
    for (const std::string_view name : names)
      there += (there.empty() ? "gh::path<\"" : ", gh::path<\"") + std::string{name} + "\">";
    errors.push_back(
        {.key = "routes",
         .value = r.pattern,
         .code = "no-such-parameter",
         .message = "its handler takes gh::path<\"" + std::string{wanted} + "\">, which the pattern has not",
         .suggestion = there.empty() ? "\":" + std::string{wanted} + "\" in the pattern" : there});
  }
}

result<std::shared_ptr<const app_service>, config_errors> app_core::make(const limits& l) {
  const std::scoped_lock lock(mutex_);
  config_errors errors = late_;
  std::vector<std::shared_ptr<const handler>> made;
  std::vector<route> routes;
  for (const registration& r : routes_) {
    route one{.methods = r.methods, .pattern = r.pattern, .subtree = r.subtree, .body_bytes = l.body_bytes};
    if (r.own != nullptr) {
      check_names(r, errors);
      one.answers = r.own.get();
      if (r.own->shape().max_bytes != 0) one.body_bytes = r.own->shape().max_bytes;
    } else if (auto built = r.pending->make(); built) {
      one.answers = made.emplace_back(*std::move(built)).get();
    } else {
      append(errors, built.error());
    }
    routes.push_back(std::move(one));
  }
  auto found = router::make(routes);
  if (!found) append(errors, found.error());

  std::vector<pending_rule> rules = standard_set();
  rules.insert(rules.end(), rules_.begin(), rules_.end());
  auto compiled = policy::make(rules, states_);
  if (!compiled) append(errors, compiled.error());
  std::unique_ptr<const group_policies> of_groups;
  if (!group_rules_.empty()) of_groups = std::make_unique<group_policies>(group_rules_, rules, states_, errors);
  std::unique_ptr<const around_chain> around;
  if (!around_.empty()) around = std::make_unique<around_chain>(around_, context_, errors);
  std::unique_ptr<const error_chain> on_error;
  if (!errors_.empty()) on_error = std::make_unique<error_chain>(errors_, context_);
  if (!errors.empty()) return failure{std::move(errors)};
  return std::shared_ptr<const app_service>{
      std::make_shared<app_service>(app_service::parts{.core = shared_from_this(),
                                                       .made = std::move(made),
                                                       .router = *std::move(found),
                                                       .rules = *std::move(compiled),
                                                       .of_groups = std::move(of_groups),
                                                       .around = std::move(around),
                                                       .errors = std::move(on_error)})};
}

void app_core::running(gatehouse::server* s) {
  const std::scoped_lock lock(mutex_);
  running_ = s;
}

void app_core::stop() noexcept {
  const std::scoped_lock lock(mutex_);
  if (running_ != nullptr) running_->stop();
}

}  // namespace gatehouse::detail::server
