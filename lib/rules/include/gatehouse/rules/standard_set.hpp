#pragma once
// The rules that are on without being asked for, with their configurations. The default order and the default values stand
// here and in the structs, nowhere else.

#include <optional>
#include <string>
#include <vector>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/rules/rule.hpp>

namespace gatehouse {

/// Source: spec/rate_limit.md section 5.
struct client_ip_config {
  std::vector<std::string> trusted_proxies{};   ///< addresses or ranges, "10.0.0.0/8"; empty: nobody is trusted
  std::string header = "x-forwarded-for";       ///< x-forwarded-for | forwarded | none | one header name (a single address)
  unsigned max_hops = 20;                       ///< 1 to 100
};

/// Accepted Host values (DNS rebinding, cache poisoning, password-reset poisoning).
struct host_check_config {
  std::vector<std::string> hosts{};  ///< "api.example.com", with ":port" only that port; empty: loopback names on a loopback listener, any elsewhere
  bool report_only = false;
};

/// Per header: its value, or empty text for "do not send". Absent: what the profile says.
struct security_headers_config {
  std::string profile = "api";  ///< "api" or "api-1" (the version it stands for today)
  std::optional<std::string> content_security_policy{};
  std::optional<std::string> strict_transport_security{};
  std::optional<std::string> x_frame_options{};
  std::optional<std::string> referrer_policy{};
  std::optional<std::string> cross_origin_resource_policy{};
  std::optional<std::string> cross_origin_opener_policy{};
  std::optional<std::string> cache_control{};
};

struct error_hygiene_config {
  std::string upstream_5xx = "replace";  ///< replace | pass
};

struct request_id_config {};

[[nodiscard]] pending_rule request_id(request_id_config c = {});
[[nodiscard]] pending_rule client_ip(client_ip_config c = {});
[[nodiscard]] pending_rule request_limits();
[[nodiscard]] pending_rule host_check(host_check_config c = {});
[[nodiscard]] pending_rule security_headers(security_headers_config c = {});
[[nodiscard]] pending_rule error_hygiene(error_hygiene_config c = {});

/// All of the above with their defaults.
[[nodiscard]] std::vector<pending_rule> standard_set();

}  // namespace gatehouse
