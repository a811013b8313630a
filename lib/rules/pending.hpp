#pragma once

#include <memory>
#include <utility>

#include <gatehouse/rules/rule.hpp>

namespace gatehouse::detail::rules {

/// The rule that `Policy::make(config)` will build.
template <typename Policy, typename Config>
[[nodiscard]] pending_rule pending(rule_order order, Config config) {
  return {order,
          [config = std::move(config)](state_registry&) -> result<std::unique_ptr<const rule>, config_errors> {
            auto made = Policy::make(config);
            if (!made) return failure<config_errors>{std::move(made).error()};
            return std::unique_ptr<const rule>(*std::move(made));
          },
          phases_of<Policy>()};
}

}  // namespace gatehouse::detail::rules
