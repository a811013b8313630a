#include "policy_change.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/problem.hpp>

namespace gatehouse::program {
namespace {

/// The policy that decided: of the route, if it has its own.
struct place {
  std::string key{};
  std::optional<cors_config>* policy = nullptr;
  const route_config* route = nullptr;
};

place place_of(gateway_config& config, const browser_explanation& e) {
  const std::string& pattern = e.exchanges.empty() ? std::string{} : e.exchanges.back().answer.decided.route;
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    route_config& r = config.routes[i];
    if (r.cors && r.match == pattern)
      return {.key = "route[" + std::to_string(i) + "].cors", .policy = &r.cors, .route = &r};
  }
  return {.key = "cors", .policy = &config.cors};
}

std::string toml_list(const std::vector<std::string>& all) {
  std::string out = "[";
  for (const std::string& one : all) out.append(out.size() > 1 ? ", \"" : "\"").append(one).append("\"");
  return out + ']';
}

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::any_of(all, [&](const std::string& v) { return ascii::equal_ignoring_case(v, one); });
}

/// What an empty `methods` stands for.
std::vector<std::string> methods_of(const cors_config& policy, const place& at) {
  if (!policy.methods.empty()) return policy.methods;
  if (at.route != nullptr && !at.route->methods.empty()) return at.route->methods;
  return {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
}

class changer {
 public:
  changer(gateway_config& config, const browser_explanation& e)
      : e_(e), at_(place_of(config, e)), is_global_(at_.key == "cors") {}

  std::optional<policy_change> change(std::string& hopeless) {
    std::optional<policy_change> out = e_.refused != reason::none ? of_refusal() : of_browser();
    if (!out) hopeless = std::move(why_not_);
    return out;
  }

 private:
  [[nodiscard]] const browser_request& asked() const { return e_.exchanges.back().request; }

  std::optional<policy_change> never(std::string why) {
    why_not_ = std::move(why);
    return std::nullopt;
  }

  std::optional<policy_change> of_refusal() {
    switch (e_.refused) {
      case reason::cors_origin_not_allowed: return add_origin();
      case reason::cors_method_not_allowed: return add_method();
      case reason::cors_header_not_allowed: return add_headers();
      case reason::csrf_cross_origin:
      case reason::csrf_websocket_origin: return of_csrf();
      default: break;
    }
    if (is_end(e_.outcome.why)) {
      if (auto out = of_browser()) return out;
    }
    return never("the gateway refuses it: " + std::string{code(e_.refused)} + ", " +
                 std::string{public_title(e_.refused)});
  }

  /// CORS lists who may send what, too: one list for both.
  std::optional<policy_change> of_csrf() {
    switch (e_.exchanges.back().answer.decided.remedy) {
      case csrf_remedy::list_origin: return add_origin();
      case csrf_remedy::allow_credentials: return allow_credentials();
      default: return never("the gateway refuses it: " + std::string{code(e_.refused)});
    }
  }

  std::optional<policy_change> of_browser() {
    switch (e_.outcome.why) {
      case browser_why::allow_origin_missing:
      case browser_why::allow_origin_mismatch:
      case browser_why::allow_origin_wildcard: return add_origin();
      case browser_why::allow_credentials_missing: return allow_credentials();
      case browser_why::method_not_allowed: return add_method();
      case browser_why::header_not_allowed:
      case browser_why::authorization_not_allowed: return add_headers();
      default: return never(std::string{sentence(e_.outcome.why)});
    }
  }

  std::optional<policy_change> add_origin() {
    std::string origin;
    get_combined(asked().headers, "origin", origin);
    if (origin == "null") return never("no policy allows the origin null: everybody can be it");
    if (!*at_.policy) at_.policy->emplace();
    cors_config& policy = **at_.policy;
    if (has(policy.origins, origin)) return never(std::string{sentence(e_.outcome.why)});
    std::erase(policy.origins, "*");  // which credentials exclude, or it would have been allowed
    policy.origins.push_back(origin);
    return policy_change{
        .key = at_.key + ".origins", .value = toml_list(policy.origins), .flag = flag("--allow-origin", origin)};
  }

  std::optional<policy_change> allow_credentials() {
    if (!*at_.policy || (*at_.policy)->credentials) return never(std::string{sentence(e_.outcome.why)});
    (*at_.policy)->credentials = true;
    return policy_change{
        .key = at_.key + ".credentials", .value = "true", .flag = is_global_ ? "--allow-credentials" : ""};
  }

  std::optional<policy_change> add_method() {
    std::string method;
    get_combined(asked().headers, "access-control-request-method", method);
    if (!*at_.policy) return add_origin();
    cors_config& policy = **at_.policy;
    std::vector<std::string> methods = methods_of(policy, at_);
    if (std::ranges::find(methods, method) != methods.end()) return never(std::string{sentence(e_.outcome.why)});
    if (parse_method(method) == method::unknown) {
      return never("Gatehouse serves no method " + method +
                   (has({"patch"}, method) ? "; the page must write PATCH" : ""));
    }
    methods.push_back(method);
    policy.methods = methods;
    return policy_change{.key = at_.key + ".methods", .value = toml_list(methods)};
  }

  std::optional<policy_change> add_headers() {
    if (!*at_.policy) return add_origin();
    cors_config& policy = **at_.policy;
    std::string flags;
    bool changed = false;
    for (const std::string& name : cors_unsafe_request_header_names(e_.asked.headers)) {
      const bool covered = has(policy.request_headers, "*") && !is_cors_non_wildcard_request_header_name(name);
      if (covered || has(policy.request_headers, name) || is_forbidden_request_header(name, "")) continue;
      policy.request_headers.push_back(name);
      changed = true;
      flags.append(flags.empty() ? "" : " ").append(flag("--allow-header", name));
    }
    if (!changed) return never(std::string{sentence(e_.outcome.why)});
    return policy_change{
        .key = at_.key + ".request_headers", .value = toml_list(policy.request_headers), .flag = flags};
  }

  [[nodiscard]] std::string flag(std::string_view name, std::string_view value) const {
    return is_global_ ? std::string{name}.append(" ").append(value) : std::string{};
  }

  const browser_explanation& e_;
  place at_;
  bool is_global_;
  std::string why_not_{};
};

}  // namespace

std::optional<policy_change> change_policy(gateway_config& config, const browser_explanation& e,
                                           std::string& hopeless) {
  if (e.exchanges.empty()) {  // the browser sends nothing
    hopeless = std::string{sentence(e.outcome.why)};
    return std::nullopt;
  }
  return changer(config, e).change(hopeless);
}

}  // namespace gatehouse::program
