#pragma once
// What an app was told, and what is made of it.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gatehouse/rules/policy.hpp>
#include <gatehouse/rules/state_registry.hpp>
#include <gatehouse/server/pending_handler.hpp>
#include <gatehouse/server/router.hpp>
#include <gatehouse/server/server.hpp>
#include <gatehouse/server/user_handler.hpp>

#include "around_chain.hpp"
#include "error_chain.hpp"
#include "group_policies.hpp"
#include "handler_context.hpp"

namespace gatehouse::detail::server {

class app_core;

/// What serves: immutable.
class app_service final : public dispatcher {
 public:
  struct parts {
    std::shared_ptr<const app_core> core{};  // owns the user's handlers
    std::vector<std::shared_ptr<const handler>> made{};
    gatehouse::router router;
    std::shared_ptr<const policy> rules{};
    std::unique_ptr<const group_policies> of_groups{};  // null: none has rules of its own
    std::unique_ptr<const around_chain> around{};       // null: none
    std::unique_ptr<const error_chain> errors{};        // null: none
  };
  explicit app_service(parts p) : parts_(std::move(p)) {}
  [[nodiscard]] route_match find(const request_head& head, path_parameters& parameters) const noexcept override;
  [[nodiscard]] bool answer_refusal(call& c, reason why, const failure_detail& detail) const noexcept override;
  void attach(loop& l) const noexcept override;
  void detach(loop& l) const noexcept override;
  /// As policy::shows_details: no group can have another rule of that kind.
  [[nodiscard]] bool shows_details() const noexcept { return parts_.rules->shows_details(); }

 private:
  parts parts_;
};

struct registration {
  method_set methods{};
  std::string pattern{};
  std::unique_ptr<user_handler> own{};  // or
  std::optional<pending_handler> pending{};
  bool subtree = false;
};

class app_core : public std::enable_shared_from_this<app_core> {
 public:
  // Refused, and remembered as a mistake, once something was made of it.
  void add(registration r);
  void add(pending_rule r);
  void add(group_rule r);
  void add(around_registration a);
  void add(error_function f);
  void trust(std::vector<std::string> proxies);
  void report_to(std::function<void(const handler_failure&)> told);

  /// What serves with these limits. Errors: every mistake that was made.
  [[nodiscard]] result<std::shared_ptr<const app_service>, config_errors> make(const limits& l);
  /// From now on nothing can be added.
  void seal();

  [[nodiscard]] handler_context& context() noexcept { return context_; }
  [[nodiscard]] const std::vector<std::string>& trusted() const noexcept { return trusted_; }

  void running(gatehouse::server* s);
  void stop() noexcept;

 private:
  bool accepts(std::string_view what);
  void check_names(const registration& r, config_errors& errors) const;

  mutable std::mutex mutex_;
  bool sealed_ = false;
  config_errors late_;
  std::vector<registration> routes_;
  std::vector<pending_rule> rules_;
  std::vector<group_rule> group_rules_;
  std::vector<around_registration> around_;
  std::vector<error_function> errors_;
  std::vector<std::string> trusted_;
  state_registry states_;
  gatehouse::server* running_ = nullptr;
  handler_context context_;  // last: its threads use the handlers
};

}  // namespace gatehouse::detail::server
