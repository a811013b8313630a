#pragma once

#include <memory>

#include <gatehouse/server/call.hpp>

namespace gatehouse::program {

/// Sends every path and method to one handler, under one policy.
class everything final : public dispatcher {
 public:
  everything(std::shared_ptr<const handler> to, std::shared_ptr<const policy> rules)
      : to_(std::move(to)), rules_(std::move(rules)) {}

  [[nodiscard]] route_match find(const request_head& /*head*/,
                                 path_parameters& /*parameters*/) const noexcept override {
    return {.route = &route_, .handler = to_.get(), .rules = rules_.get()};
  }

 private:
  route_info route_{.pattern = "/*"};
  std::shared_ptr<const handler> to_;
  std::shared_ptr<const policy> rules_;
};

}  // namespace gatehouse::program
