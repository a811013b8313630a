#pragma once

#include <memory>
#include <string_view>

#include <gatehouse/net/endpoint.hpp>
#include <gatehouse/net/tls_client.hpp>

#include "probe_client.hpp"

namespace gatehouse::program {

/// As ask() of probe_client.hpp, over TLS: the server has to show a certificate for its address that `with` believes.
/// What cannot be had is an empty answer.
[[nodiscard]] answer ask_over_tls(const endpoint& server, const std::shared_ptr<const tls_client>& with,
                                  std::string_view request, milliseconds patience);

}  // namespace gatehouse::program
