#pragma once
// The middleware of an app: what stands between its rules and its routes.

#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/server/around.hpp>

#include "path_prefix.hpp"

namespace gatehouse::detail::server {

/// One app.use(f) or group.use(f).
struct around_registration {
  std::string prefix{};  ///< of the group; empty: every request
  pending_around function;
};

/// Runs them in order, outermost first, for the requests that are theirs. Immutable.
class around_chain final : public handler {
 public:
  /// Appends what is wrong with a prefix to `errors`.
  around_chain(const std::vector<around_registration>& all, handler_context& context, config_errors& errors);

  void handle(call& c) const noexcept override { go_on(c, 0); }
  /// From the one at position `at`, which was not run yet.
  void go_on(call& c, std::size_t at) const noexcept;
  /// What the one before position `at` returned, or that it threw. False: the call has ended.
  [[nodiscard]] bool take(call& c, std::size_t at, answer_or_next& result) const noexcept;
  void failed(call& c, std::size_t at, const std::exception_ptr& thrown) const noexcept;

 private:
  struct stage {
    std::string name;  // for reports: "use", "use /admin"
    path_prefix prefix;
    std::shared_ptr<const around_function> function;
    mutable std::atomic<bool> held_loop_reported{false};
  };
  std::vector<std::unique_ptr<stage>> stages_;
  handler_context* context_;
};

}  // namespace gatehouse::detail::server
