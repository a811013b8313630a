#pragma once
// What both sides of TLS allow: Mozilla's guideline 6.0 (spec/http.md section 8.5).

#include <array>
#include <string_view>

namespace gatehouse::detail::net {

inline constexpr const char* tls_suites_of_1_3 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
inline constexpr const char* tls_suites_of_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// The first is tried, and left out where the library does not know it: by capability, not by version.
inline constexpr std::array tls_groups{"X25519MLKEM768:X25519:prime256v1:secp384r1", "X25519:prime256v1:secp384r1"};
inline constexpr std::string_view tls_http_1_1 = "\x08http/1.1";  // as ALPN has it, with its length

}  // namespace gatehouse::detail::net
