#pragma once
// What the configuration of the security headers becomes: everything that is the same for all responses.

#include <array>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/security_headers.hpp>

#include "csp_template.hpp"

namespace gatehouse::detail::rules {

/// A header that is left out where the application sends its own.
struct header_if_absent {
  field id;
  field_block::positions at;
  bool one_line;  ///< two lines of it count as none
};

struct compiled_headers {
  /// All headers there can be: bit 0 for strict transport security, bit 1 where a CORS policy lists origins. The same
  /// positions in all four.
  std::array<field_block, 4> blocks{};
  field_block::positions strict_transport = 0;     ///< omitted unless it may be sent
  field_block::positions reporting_endpoints = 0;  ///< omitted where strict transport security is
  field_block::positions clear_site_data = 0;      ///< omitted unless the site is to be forgotten
  field_block::positions cache_control = 0;
  field_block::positions policy = 0;
  field_block::positions report_only_policy = 0;

  std::vector<header_if_absent> if_absent{};
  std::vector<field> removed{};      ///< of what the application sends
  std::vector<field> kept_single{};  ///< of what passes of it: one line each

  bool stores_nothing = false;  ///< our Cache-Control says no-store
  bool has_nonce = false;
  bool serves_pages = false;               ///< the profile is for pages of a browser, not for an API
  std::array<csp_template, 2> policies{};  ///< in `blocks` without their nonces; [1]: with strict transport security
  std::array<csp_template, 2> report_only_policies{};
};

/// What is wrong is added to `errors`, and the result is of no use then.
[[nodiscard]] compiled_headers compile_headers(const security_headers_config& c, config_errors& errors);

}  // namespace gatehouse::detail::rules
