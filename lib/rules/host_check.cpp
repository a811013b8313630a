#include <gatehouse/rules/host_check.hpp>

#include <algorithm>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/authority.hpp>

#include "pending.hpp"

namespace gatehouse {
namespace {

constexpr std::uint16_t default_port(bool secure) noexcept { return secure ? 443 : 80; }

config_error not_a_host(const std::string& text) {
  config_error e{.key = "hosts",
                 .value = text,
                 .code = "not-a-host",
                 .message = "An accepted host is a name or an address, with or without a port.",
                 .suggestion = "a host such as api.example.com or api.example.com:8443"};
  std::string_view bare = text;
  if (const std::size_t scheme = bare.find("://"); scheme != std::string_view::npos) bare.remove_prefix(scheme + 3);
  bare = bare.substr(0, bare.find_first_of("/?#"));
  if (bare.find('*') != std::string_view::npos) {
    e.code = "wildcard-host";
    e.message = "Accepted hosts are exact: a pattern would also accept names that nobody has thought of.";
    e.suggestion = "each host by its own name";
  } else if (authority::parse(bare)) {
    e.suggestion = bare;
  } else if (const auto address = ip_address::parse(bare); address && address->is_v6()) {
    e.suggestion = '[' + address->to_string() + ']';
  }
  return e;
}

// https://www.rfc-editor.org/rfc/rfc9110#section-7.4 : the connection was made for another host. A client that mixes
// them up, or is made to, must not reach through one host what only the other's certificate stands for.
bool is_misdirected(const connection_info& c, const authority& asked) noexcept {
  if (c.channel == nullptr || asked.empty()) return false;
  return asked.address ? !c.channel->is_for(*asked.address) : !c.channel->is_for(asked.host);
}

}  // namespace

result<std::unique_ptr<const host_check_policy>, config_errors> host_check_policy::make(const host_check_config& c) {
  config_errors errors;
  std::unique_ptr<host_check_policy> made(new host_check_policy);
  made->report_only_ = c.report_only;
  made->texts_ = c.hosts;
  made->texts_.insert(made->texts_.end(), c.also.begin(), c.also.end());
  for (std::size_t i = 0; i < made->texts_.size(); ++i) {
    const std::string& text = made->texts_[i];
    if (const auto parsed = authority::parse(text)) {
      (i < c.hosts.size() ? made->hosts_ : made->also_).push_back(*parsed);
    } else {
      errors.push_back(not_a_host(text));
    }
  }
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  return std::unique_ptr<const host_check_policy>(std::move(made));
}

reason host_check_policy::check(const authority& asked, bool loopback_listener, bool secure) const noexcept {
  if (hosts_.empty() && !loopback_listener) return reason::none;
  const std::uint16_t port = asked.port.value_or(default_port(secure));
  if (lists(also_, asked, port)) return reason::none;
  // A page on evil.example whose name now resolves to 127.0.0.1 (DNS rebinding) still sends its own name.
  if (hosts_.empty()) return asked.is_loopback() ? reason::none : reason::http_host_not_allowed;
  return lists(hosts_, asked, port) ? reason::none : reason::http_host_not_allowed;
}

bool host_check_policy::lists(const std::vector<authority>& all, const authority& asked, std::uint16_t port) noexcept {
  return std::ranges::any_of(all,
                             [&](const authority& a) { return (!a.port || *a.port == port) && same_host(a, asked); });
}

step host_check_policy::on_request(exchange& e, slot&) const noexcept {
  if (is_misdirected(e.connection, e.request.authority)) return step::refuse(reason::tls_misdirected);
  const reason why = check(e.request.authority, e.connection.loopback_listener, e.client_secure);
  return why == reason::none ? step::pass() : step::refuse(why);
}

pending_rule host_check(host_check_config c) {
  return detail::rules::pending<host_check_policy>(rule_order::host_check, std::move(c));
}

}  // namespace gatehouse
