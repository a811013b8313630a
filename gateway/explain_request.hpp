#pragma once

#include <gatehouse/base/result.hpp>
#include <gatehouse/config/gateway_config.hpp>
#include <gatehouse/server/decision_log.hpp>

#include "commands.hpp"

namespace gatehouse::program {

/// What the rules of `config` say of the request that `asked` describes, without a server: the parser, the routes and
/// the policies are those that serve. What only an upstream or a body would show is not in it; `status` is 0 when it
/// would be forwarded. Errors: what is wrong with the description or the configuration.
[[nodiscard]] result<decision, config_errors> decide_request(const gateway_config& config,
                                                             const explain_options& asked);

}  // namespace gatehouse::program
