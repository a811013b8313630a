#include "allowed_ports.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <gatehouse/base/assert.hpp>

namespace gatehouse::detail::rules {
namespace {

constexpr std::uint16_t http_port = default_port("http").value();
constexpr std::uint16_t https_port = default_port("https").value();

}  // namespace

void allowed_ports::ports::add(const ports& others) {
  any = any || others.any;
  std::vector<std::uint16_t> both;
  if (!any) std::ranges::set_union(real, others.real, std::back_inserter(both));
  real = std::move(both);
}

void allowed_ports::add(const origin_pattern& p) {
  ports more{.any = p.which == origin_pattern::ports::any};
  const bool is_http = p.scheme == "http";
  GATEHOUSE_ASSERT(is_http || p.scheme == "https");
  if (p.which == origin_pattern::ports::one) more.real = {p.port.value_or(is_http ? http_port : https_port)};
  if (p.which == origin_pattern::ports::listed) more.real = p.listed;
  (is_http ? http_ : https_).add(more);
}

void allowed_ports::add(const allowed_ports& others) {
  http_.add(others.http_);
  https_.add(others.https_);
}

bool allowed_ports::contains(const origin& asked) const noexcept {
  if (!asked.is_http() && !asked.is_https()) return false;
  const ports& of_scheme = asked.is_http() ? http_ : https_;
  const std::uint16_t usual = asked.is_http() ? http_port : https_port;
  return of_scheme.any || std::ranges::binary_search(of_scheme.real, asked.port.value_or(usual));
}

}  // namespace gatehouse::detail::rules
