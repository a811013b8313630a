#pragma once

#include <string_view>

#include <gatehouse/http/response_head.hpp>
#include <gatehouse/rules/exchange.hpp>

namespace gatehouse {

/// Makes `head` the answer to a refusal and nothing else (what was in it before is dropped, so call this first):
/// status, problem media type, Cache-Control: no-store; returns the document, in the exchange's memory (empty when even
/// that is used up: the status still says it). Sets exchange::why and source, and the id. Not finalised yet.
/// `said`: what went wrong in words that are not for clients. Of errors.dev_errors, and on a loopback listener only, it
/// is the document's detail, behind the reason's code.
[[nodiscard]] std::string_view refuse_with_problem(exchange& e, reason why, response_head& head,
                                                   std::string_view said = {}) noexcept;

}  // namespace gatehouse
