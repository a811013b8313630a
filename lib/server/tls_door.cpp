#include "tls_door.hpp"

#include <utility>

#include "worker.hpp"

namespace gatehouse::detail::server {
namespace {

// To who speaks HTTP to the port of HTTPS, in plain bytes: the only answer of ours that no rule has seen, so it says
// nothing about anybody.
constexpr std::string_view to_plain_text =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: application/problem+json\r\n"
    "Content-Length: 93\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Cache-Control: no-store, max-age=0\r\n"
    "Connection: close\r\n"
    "\r\n"
    R"({"type":"about:blank","title":"This port is for HTTPS, and this is plain HTTP.","status":400})";
static_assert(to_plain_text.size() - to_plain_text.find("\r\n\r\n") - 4 == 93);

}  // namespace

void tls_door::accept(stream_ptr connection, const connection_info& info) {
  const limits& bounds = worker_->bounds();
  handshakes_.at_most = bounds.tls_handshakes;
  greeting& g = all_.emplace_back(*this, info, worker_->loop().now());
  g.here = std::prev(all_.end());
  g.under_way = tls_accept(
      worker_->loop(), std::move(connection), with_,
      {.timeout = bounds.tls_handshake_timeout, .counted = &handshakes_, .to_plain_text = to_plain_text}, g);
}

void tls_door::secured(greeting& g, secured_connection c) noexcept {
  (c.resumed ? counts_.resumed : counts_.full).add();
  const connection_info info = g.info;
  all_.erase(g.here);
  worker_->secured(std::move(c), info);
}

void tls_door::failed(greeting& g, tls_failure why, std::string_view particulars) noexcept {
  counts_.failed[static_cast<std::size_t>(why)].add();
  if (exchange_log* const log = worker_->log(); log != nullptr) log->refused_handshake(g.info, why, particulars);
  const ip_address peer = g.info.peer;
  all_.erase(g.here);
  worker_->not_secured(peer);
}

void tls_door::cut_off() noexcept {
  while (!all_.empty()) {
    const ip_address peer = all_.front().info.peer;
    all_.pop_front();
    worker_->not_secured(peer);
  }
}

void tls_door::survey(connection_survey& out, std::size_t at_most) const {
  for (const greeting& g : all_) {
    if (out.connections.size() == at_most) {
      ++out.left_out;
      continue;
    }
    out.connections.push_back({.peer = g.info.peer,
                               .peer_port = g.info.peer_port,
                               .state = "handshake",
                               .age = std::chrono::duration_cast<milliseconds>(worker_->loop().now() - g.began)});
  }
}

}  // namespace gatehouse::detail::server
