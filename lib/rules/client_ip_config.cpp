// client_ip_policy::make: from text to a policy, or all that is wrong with the text.
#include <algorithm>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/rules/client_ip.hpp>

#include "suggest.hpp"

namespace gatehouse {
namespace {

constexpr unsigned max_hops_bound = 100;
constexpr std::string_view known_headers[] = {"x-forwarded-for", "forwarded", "none"};

config_error not_a_range(const std::string& text) {
  config_error e{.key = "client_ip.trusted_proxies",
                 .value = text,
                 .code = "not-an-address",
                 .message = "A trusted proxy is an IP address or a range of them.",
                 .suggestion = "an address such as 10.0.0.5 or a range such as 10.0.0.0/8"};
  // "10.0.0.1/8": the address is good, but says more than the prefix keeps.
  const std::size_t slash = text.find('/');
  const auto address = ip_address::parse(std::string_view(text).substr(0, slash));
  if (!address || slash == std::string::npos) return e;
  const auto bits = ascii::parse_decimal(std::string_view(text).substr(slash + 1));
  if (!bits || *bits > (address->is_v4() ? 32U : 128U)) return e;
  e.message = "The address has bits set behind its prefix.";
  e.suggestion = address->truncated(static_cast<unsigned>(*bits)).to_string() + '/' + std::to_string(*bits) +
                 ", or the address " + address->to_string() + " alone";
  return e;
}

/// Trusting everybody means that every client chooses its own address.
bool is_everybody(const ip_range& range) noexcept {
  return range == ip_range::parse("0.0.0.0/0") || range == ip_range::parse("::/0");
}

config_error everybody(const std::string& text) {
  return {.key = "client_ip.trusted_proxies",
          .value = text,
          .code = "trusts-everyone",
          .message = "This range holds every address, so that each client could choose its own.",
          .suggestion = "only the addresses of your own proxies"};
}

config_error bad_header(const std::string& text) {
  return {
      .key = "client_ip.header",
      .value = text,
      .code = "not-a-header-name",
      .message = "The header is x-forwarded-for, forwarded, none, or the name of one header that holds one address.",
      .suggestion = detail::rules::suggest(text, known_headers)};
}

config_error bad_hops(unsigned hops) {
  return {.key = "client_ip.max_hops",
          .value = std::to_string(hops),
          .code = "out-of-range",
          .message = "At least 1 and at most 100 addresses of the header are looked at.",
          .suggestion = std::to_string(std::clamp(hops, 1U, max_hops_bound))};
}

/// A misspelt known name, "x_forwarded_for" or "x-forwaded-for", would be taken for a header that nobody sends: a hole
/// that nobody sees. A name that is near but really another one (CF-Connecting-IP) is far enough.
bool is_misspelt(std::string_view name) {
  const std::string_view near = detail::rules::nearest(name, known_headers);
  return !near.empty() && find_field(name) == field::other;
}

}  // namespace

result<std::unique_ptr<const client_ip_policy>, config_errors> client_ip_policy::make(const client_ip_config& c) {
  config_errors errors;
  std::unique_ptr<client_ip_policy> made(new client_ip_policy);
  for (const std::string& text : c.trusted_proxies) {
    const auto range = ip_range::parse(text);
    if (!range) {
      errors.push_back(not_a_range(text));
    } else if (is_everybody(*range)) {
      errors.push_back(everybody(text));
    } else {
      made->trusted_.push_back(*range);
    }
  }
  if (ascii::equal_ignoring_case(c.header, "none")) {
    made->source_ = source::none;
  } else if (!grammar::is_token(c.header) || c.header.find('_') != std::string::npos || is_misspelt(c.header)) {
    errors.push_back(bad_header(c.header));
  } else {
    made->header_ = find_field(c.header);
    made->header_name_ = c.header;
    made->source_ = made->header_ == field::x_forwarded_for ? source::list
                    : made->header_ == field::forwarded     ? source::forwarded
                                                            : source::single;
  }
  if (c.max_hops < 1 || c.max_hops > max_hops_bound) errors.push_back(bad_hops(c.max_hops));
  made->max_hops_ = c.max_hops;
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  return std::unique_ptr<const client_ip_policy>(std::move(made));
}

}  // namespace gatehouse
