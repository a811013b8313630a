#pragma once
// The values that the security headers allow. Whoever configures one is told what is wrong with it; a browser would
// silently ignore it, and protect nobody.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::detail::rules {

/// What is wrong with a value: nothing, or code, sentence and what to write instead.
struct value_complaint {
  std::string code;
  std::string message;
  std::string suggestion;
};

/// A value as it is sent (in its canonical spelling), or what is wrong with it. None of them takes the empty text.
struct checked_value {
  std::string value;
  std::optional<value_complaint> wrong{};
};

/// A value that is none, and why.
[[nodiscard]] inline checked_value wrong(std::string code, std::string message, std::string suggestion) {
  return {.value = {}, .wrong = value_complaint{std::move(code), std::move(message), std::move(suggestion)}};
}

[[nodiscard]] checked_value check_content_security_policy(std::string_view text);
/// As that, but it may have no default-src: it forbids nothing.
[[nodiscard]] checked_value check_content_security_policy_report_only(std::string_view text);
[[nodiscard]] checked_value check_strict_transport_security(std::string_view text);
[[nodiscard]] checked_value check_x_frame_options(std::string_view text);
[[nodiscard]] checked_value check_referrer_policy(std::string_view text);
[[nodiscard]] checked_value check_cross_origin_resource_policy(std::string_view text);
[[nodiscard]] checked_value check_cross_origin_opener_policy(std::string_view text);
[[nodiscard]] checked_value check_cross_origin_embedder_policy(std::string_view text);
[[nodiscard]] checked_value check_permissions_policy(std::string_view text);
[[nodiscard]] checked_value check_origin_agent_cluster(std::string_view text);
[[nodiscard]] checked_value check_x_dns_prefetch_control(std::string_view text);
[[nodiscard]] checked_value check_x_permitted_cross_domain_policies(std::string_view text);
[[nodiscard]] checked_value check_cache_control(std::string_view text);

}  // namespace gatehouse::detail::rules
