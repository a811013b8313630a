#pragma once
// Where a message's content ends. The only place that decides it, for requests and responses (RFC 9112 section 6):
// everything that request smuggling lives on is refused here.

#include <gatehouse/base/reason.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/http/fields.hpp>
#include <gatehouse/http/request_head.hpp>
#include <gatehouse/http/status.hpp>

namespace gatehouse {

/// Errors: http.conflicting-length (both lengths), http.invalid-content-length, http.duplicate-content-length,
/// http.invalid-transfer-encoding, http.unsupported-transfer-encoding (501).
[[nodiscard]] result<body_framing> frame_request(const fields& f, http_version version) noexcept;
/// Errors: upstream.invalid-response for all of them.
[[nodiscard]] result<body_framing> frame_response(const fields& f, http_version version, status s,
                                                  method request_method) noexcept;

}  // namespace gatehouse
