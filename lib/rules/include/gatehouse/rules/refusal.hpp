#pragma once

#include <string_view>

#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/exchange.hpp>

namespace gatehouse {

/// Makes `head` the answer to a refusal: status, problem media type; returns the document, in the exchange's memory (empty when
/// even that is used up: the status still says it). Sets exchange::why and source. Not finalised yet.
[[nodiscard]] std::string_view refuse_with_problem(exchange& e, reason why, response_head& head) noexcept;

}  // namespace gatehouse
