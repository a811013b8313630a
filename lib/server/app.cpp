#include <gatehouse/server/app.hpp>

#include <gatehouse/server/router.hpp>

#include "app_core.hpp"

namespace gatehouse {
namespace {

using detail::server::registration;

/// What a group's pattern is in the app. Its prefix has no trailing slash, so that "/p" and "/x" meet in one.
std::string joined(std::string_view prefix, std::string_view pattern) {
  if (!prefix.empty() && !pattern.empty() && !pattern.starts_with('/')) {
    return std::string{prefix} + '/' + std::string{pattern};
  }
  return std::string{prefix} + std::string{pattern};
}

std::string mounted(std::string_view prefix, std::string_view pattern) {
  return joined(prefix, !prefix.empty() && pattern == "/" ? std::string_view{} : pattern);
}

}  // namespace

method_set routes::all_methods() noexcept { return every_method; }

void routes::add_own(method_set methods, std::string_view pattern, std::unique_ptr<detail::server::user_handler> h,
                     bool subtree) {
  core_->add(registration{.methods = methods,
                          .pattern = subtree ? mounted(prefix_, pattern) : joined(prefix_, pattern),
                          .own = std::move(h),
                          .pending = std::nullopt,
                          .subtree = subtree});
}

void routes::add_pending(method_set methods, std::string_view pattern, pending_handler h, bool subtree) {
  core_->add(registration{.methods = methods,
                          .pattern = subtree ? mounted(prefix_, pattern) : joined(prefix_, pattern),
                          .own = nullptr,
                          .pending = std::move(h),
                          .subtree = subtree});
}

void routes::files(std::string_view prefix, std::string directory, file_options options) {
  while (prefix.size() > 1 && prefix.ends_with('/')) prefix.remove_suffix(1);
  add_pending({method::get}, prefix, gatehouse::files(std::move(directory), std::move(options)), true);
}

void routes::add_around(pending_around f) {
  core_->add(detail::server::around_registration{.prefix = prefix_, .function = std::move(f)});
}

route_group routes::group(std::string_view prefix) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return route_group{core_, joined(prefix_, prefix)};
}

void route_group::use(pending_rule rule) {
  core().add(detail::server::group_rule{.prefix = prefix(), .rule = std::move(rule)});
}

app::app() : routes(std::make_shared<detail::server::app_core>(), {}) {}
app::~app() = default;

void app::use(pending_rule rule) { core().add(std::move(rule)); }
void app::trusted_proxies(std::vector<std::string> proxies) { core().trust(std::move(proxies)); }
void app::add_error_function(detail::server::error_function f) { core().add(std::move(f)); }
void app::report_to(std::function<void(const handler_failure&)> told) { core().report_to(std::move(told)); }

config_errors app::check() const {
  const auto made = core().make(limits{});
  return made ? config_errors{} : made.error();
}

void app::stop() noexcept { core().stop(); }

result<std::shared_ptr<const dispatcher>, config_errors> app::make_dispatcher(const limits& l) {
  core().seal();
  auto made = core().make(l);
  if (!made) return failure{std::move(made.error())};
  return std::shared_ptr<const dispatcher>{*std::move(made)};
}

bool app::finish_blocking(milliseconds wait) { return core().context().stop_blocking(wait); }

}  // namespace gatehouse
