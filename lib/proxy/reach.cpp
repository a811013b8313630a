#include "reach.hpp"

namespace gatehouse::detail::proxy {

std::unique_ptr<connecting> reach(loop& l, const upstream& to, const std::shared_ptr<tls_sessions>& sessions,
                                  milliseconds timeout, connect_owner& owner) {
  const upstream_url& url = to.url;
  if (url.is_local()) return l.connect_local(url.path, timeout, owner);
  if (to.tls == nullptr) return l.connect(url.host, url.port, timeout, owner);
  return tls_connect(l, {.host = url.host, .port = url.port, .with = to.tls, .sessions = sessions}, timeout, owner);
}

}  // namespace gatehouse::detail::proxy
