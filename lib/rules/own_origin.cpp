#include "own_origin.hpp"

namespace gatehouse::detail::rules {
namespace {

bool is_same_host(const request_head& head, const origin& asked) noexcept {
  return same_host({.text = asked.host, .host = asked.host, .address = asked.address}, head.authority);
}

}  // namespace

bool is_where_it_was_sent(const request_head& head, const origin& asked, bool secure) noexcept {
  if (asked.scheme != (secure ? "https" : "http") || !is_same_host(head, asked)) return false;
  const auto usual = default_port(asked.scheme);
  return (asked.port ? asked.port : usual) == (head.authority.port ? head.authority.port : usual);
}

bool is_host_it_was_sent_to(const request_head& head, const origin& asked) noexcept {
  return is_same_host(head, asked) && asked.port == head.authority.port;
}

}  // namespace gatehouse::detail::rules
