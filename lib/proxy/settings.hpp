#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/proxy/upstream_url.hpp>

namespace gatehouse::detail::proxy {

/// A proxy's valid configuration; immutable but for what was told already. Lives as long as its handler.
struct settings {
  settings(upstream_url u, proxy_options o);

  upstream_url url;
  std::string address;    ///< for the log
  std::string authority;  ///< its own Host value
  bool own_host;          ///< Host is `authority`, not the client's
  proxy_options options;
  std::uint64_t id;  ///< no other of the process has it
  mutable std::atomic<bool> told_powered_by = false;
};

}  // namespace gatehouse::detail::proxy
