#pragma once
// Field names that tell which software, version or machine answered, and nothing that a client needs.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::detail::rules {

// OWASP Secure Headers Project, "headers to remove", list of 2026-07-19 (Apache-2.0), without Server and X-Powered-By,
// which are known names (error_hygiene.cpp). Sorted by length, so that a lookup compares the few names of its own
// length only.
inline constexpr std::array technology_fields = std::to_array<std::string_view>({"$wsep",
                                                                                 "X-CMS",
                                                                                 "Product",
                                                                                 "Pega-Host",
                                                                                 "SourceMap",
                                                                                 "Powered-By",
                                                                                 "X-BEServer",
                                                                                 "X-DiagInfo",
                                                                                 "X-FEServer",
                                                                                 "Host-Header",
                                                                                 "X-B3-SpanId",
                                                                                 "X-dtAgentId",
                                                                                 "X-Framework",
                                                                                 "X-Generator",
                                                                                 "X-SourceMap",
                                                                                 "X-B3-Sampled",
                                                                                 "X-B3-TraceId",
                                                                                 "X-Page-Speed",
                                                                                 "X-Gitlab-Meta",
                                                                                 "X-Nextjs-Page",
                                                                                 "X-OWA-Version",
                                                                                 "X-Php-Version",
                                                                                 "X-Powered-CMS",
                                                                                 "X-Redirect-By",
                                                                                 "X-SourceFiles",
                                                                                 "Liferay-Portal",
                                                                                 "X-Datadog-Tags",
                                                                                 "X-Generated-By",
                                                                                 "X-Nextjs-Cache",
                                                                                 "X-Tyk-Trace-Id",
                                                                                 "K-Proxy-Request",
                                                                                 "X-CF-Powered-By",
                                                                                 "X-dtHealthCheck",
                                                                                 "X-Jitsi-Release",
                                                                                 "X-LiteSpeed-Tag",
                                                                                 "X-Mod-Pagespeed",
                                                                                 "X-AspNet-Version",
                                                                                 "X-Cocoon-Version",
                                                                                 "X-Datadog-Origin",
                                                                                 "X-Envoy-Internal",
                                                                                 "X-Joomla-Version",
                                                                                 "X-LiteSpeed-Vary",
                                                                                 "X-ruxit-JS-Agent",
                                                                                 "X-Varnish-Server",
                                                                                 "X-B3-ParentSpanId",
                                                                                 "X-Kong-Request-Id",
                                                                                 "X-LiteSpeed-Cache",
                                                                                 "X-LiteSpeed-Purge",
                                                                                 "X-Nextjs-Redirect",
                                                                                 "X-Umbraco-Version",
                                                                                 "X-Varnish-Backend",
                                                                                 "X-Atmosphere-error",
                                                                                 "X-Datadog-Trace-Id",
                                                                                 "X-Powered-By-Plesk",
                                                                                 "X-Turbo-Charged-By",
                                                                                 "X-AspNetMvc-Version",
                                                                                 "X-Datadog-Parent-Id",
                                                                                 "X-dtInjectedServlet",
                                                                                 "X-Server-Powered-By",
                                                                                 "X-Backside-Transport",
                                                                                 "X-CalculatedBETarget",
                                                                                 "X-Content-Encoded-By",
                                                                                 "X-Kong-Admin-Latency",
                                                                                 "X-Kong-Proxy-Latency",
                                                                                 "X-Kong-Total-Latency",
                                                                                 "X-Old-Content-Length",
                                                                                 "X-Woodpecker-Version",
                                                                                 "X-Envoy-Attempt-Count",
                                                                                 "X-Kong-Client-Latency",
                                                                                 "X-Nextjs-Matched-Path",
                                                                                 "X-Kong-Upstream-Status",
                                                                                 "X-Kong-Response-Latency",
                                                                                 "X-Kong-Upstream-Latency",
                                                                                 "X-OneAgent-JS-Injection",
                                                                                 "X-Atmosphere-tracking-id",
                                                                                 "X-Envoy-External-Address",
                                                                                 "X-Envoy-Original-Dst-Host",
                                                                                 "X-Litespeed-Cache-Control",
                                                                                 "X-Atmosphere-first-request",
                                                                                 "X-Kong-Third-Party-Latency",
                                                                                 "OracleCommerceCloud-Version",
                                                                                 "X-Datadog-Sampling-Priority",
                                                                                 "X-Envoy-Upstream-Service-Time",
                                                                                 "X-Kubernetes-PF-FlowSchema-UI",
                                                                                 "X-Kubernetes-PF-PriorityLevel-UID"});
static_assert(std::ranges::is_sorted(technology_fields, {}, &std::string_view::size));

inline constexpr std::size_t longest_technology_field = technology_fields.back().size();

/// Where the names of each length begin; one more, so that [n] and [n + 1] always enclose them.
inline constexpr auto technology_fields_by_length = [] {
  std::array<std::size_t, longest_technology_field + 2> begin{};
  for (std::size_t length = 0; length < begin.size(); ++length) {
    while (begin[length] < technology_fields.size() && technology_fields[begin[length]].size() < length)
      ++begin[length];
  }
  return begin;
}();

[[nodiscard]] constexpr bool is_technology_field(std::string_view name) noexcept {
  if (name.size() > longest_technology_field) return false;
  for (std::size_t i = technology_fields_by_length[name.size()]; i < technology_fields_by_length[name.size() + 1];
       ++i) {
    if (ascii::equal_ignoring_case(technology_fields[i], name)) return true;
  }
  return false;
}

/// spec/browser_hardening.md section 5, behaviour 4: names that frameworks and proxies make up, and Rails' X-Runtime.
[[nodiscard]] constexpr bool is_of_technology_family(std::string_view name) noexcept {
  constexpr std::string_view families[] = {"X-Backend", "X-Debug-Token"};
  if (ascii::equal_ignoring_case(name, "X-Runtime")) return true;
  return std::ranges::any_of(families, [name](std::string_view family) {
    const std::string_view rest = name.substr(std::min(name.size(), family.size()));
    return ascii::equal_ignoring_case(name.substr(0, family.size()), family) && (rest.empty() || rest.front() == '-');
  });
}

static_assert(is_technology_field("x-aspnet-version") && !is_technology_field("ETag") && !is_technology_field(""));

}  // namespace gatehouse::detail::rules
