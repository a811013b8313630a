#pragma once
// Everything a gateway can be told, as one aggregate. Its parts are the library's own configuration structs, so that
// the file and the C++ interface cannot drift apart; config/catalog says which key of gatehouse.toml fills which
// member.

#include <string>
#include <vector>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/proxy/proxy.hpp>
#include <gatehouse/rules/standard_set.hpp>

namespace gatehouse {

struct log_config {
  std::string format = "auto";  ///< auto (terminal on a terminal, else json) | terminal | json
};

struct gateway_config {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::vector<std::string> upstream{};  ///< exactly one for now
  unsigned threads = 0;                 ///< 0: one a core
  bool insecure_plain_http = false;     ///< plain HTTP on an address that other machines reach
  bool report_only = false;             ///< rules that can block only watch
  host_check_config host_check{};
  security_headers_config headers{};
  client_ip_config client_ip{};
  gatehouse::limits limits{};
  proxy_options proxy{};  ///< `limits` and `events` are set by who runs it
  error_hygiene_config errors{};
  log_config log{};
};

}  // namespace gatehouse
