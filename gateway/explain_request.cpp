#include "explain_request.hpp"

#include <algorithm>
#include <utility>

#include <gatehouse/base/ascii.hpp>

#include "imagined_gateway.hpp"

namespace gatehouse::program {
namespace {

bool is_host(const std::string& header) {
  return ascii::equal_ignoring_case(ascii::trim(header.substr(0, header.find(':'))), "host");
}

/// The head as a client would send it: so that what is wrong with it is found by who finds it in the gateway.
std::string head_of(const imagined_gateway& gateway, const explain_options& asked) {
  std::string out = asked.method.value_or("GET") + ' ' + asked.path.value_or("/") + " HTTP/1.1\r\n";
  if (asked.host || std::ranges::none_of(asked.headers, is_host)) {
    out += "Host: " + asked.host.value_or(gateway.address()) + "\r\n";
  }
  for (const std::string& header : asked.headers) out += header + "\r\n";
  return out + "\r\n";
}

}  // namespace

result<decision, config_errors> decide_request(const gateway_config& config, const explain_options& asked) {
  const auto peer = ip_address::parse(asked.from.value_or("127.0.0.1"));
  if (!peer) {
    config_errors wrong;
    wrong.push_back({.key = "explain", .code = "not-a-request", .message = "--from is an address in numbers"});
    return failure{std::move(wrong)};
  }
  const auto gateway = imagined_gateway::make(config);
  if (!gateway) return failure{gateway.error()};
  auto answer = gateway->ask(head_of(*gateway, asked), *peer);
  if (!answer) return failure{answer.error()};
  return std::move(answer->decided);
}

}  // namespace gatehouse::program
