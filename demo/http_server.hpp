#pragma once
// A web server the way a first tutorial writes one: it believes what it reads. Part of the demo, never of Gatehouse: it
// exists to be attacked, so it binds to loopback only.

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace demo {

struct request {
  std::string method;
  std::string path;
  std::string query;
  std::map<std::string, std::string> headers;  // names in lower case; of two, the last
  std::string head;                            // as it came, for TRACE
  std::string body;
  std::string peer;
};

struct response {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::string cookie{};  // as Set-Cookie has it
};

using answer = std::function<response(const request&)>;

/// Serves 127.0.0.1:`port` (0: any free one) until the process ends, a thread for each connection. Returns only on
/// failure.
int serve(std::uint16_t port, const answer& how);

}  // namespace demo
