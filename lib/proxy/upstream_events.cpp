#include <gatehouse/proxy/upstream_events.hpp>

#include <cerrno>
#include <system_error>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/authority.hpp>

namespace gatehouse {
namespace {

bool is_this_machine(const std::string& host) {
  if (host.empty()) return false;  // a Unix socket: its path is this machine's, and meant so
  if (const auto address = ip_address::parse(host)) return address->is_loopback();
  const auto name = authority::parse(host);
  return name && name->is_loopback();
}

std::string what_failed(const upstream_url& upstream, int error_number) {
  const std::string address = upstream.address();
  if (upstream.is_local() && error_number == ENOENT) return "there is no socket " + address;
  if (upstream.is_local() && error_number == EACCES) return "this user may not connect to " + address;
  switch (error_number) {
    case 0: return "the name " + upstream.host + " is not known";
    case ECONNREFUSED: return "nothing listens on " + address;
    case ETIMEDOUT: return address + " did not answer in time";
    case EHOSTUNREACH:
    case ENETUNREACH: return "there is no route to " + address;
    case EMFILE:
    case ENFILE: return "no descriptor is left to connect to " + address;
    default: return address + " cannot be reached: " + std::generic_category().message(error_number);
  }
}

}  // namespace

std::string describe_unreachable(const upstream_url& upstream, int error_number, bool in_container) {
  std::string text = what_failed(upstream, error_number);
  if (in_container && is_this_machine(upstream.host)) {
    text += "; in a container that is the container itself: the host is host.docker.internal";
  }
  return text;
}

std::string describe_insecure(const upstream_url& upstream, std::string_view text) {
  return "no TLS with " + upstream.address() + ": " + std::string{text};
}

}  // namespace gatehouse
