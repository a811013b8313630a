#pragma once

#include <cstdint>
#include <string_view>

#include <gatehouse/http/authority.hpp>
#include <gatehouse/http/fields.hpp>
#include <gatehouse/http/method.hpp>

namespace gatehouse {

enum class http_version : std::uint8_t { http_1_0, http_1_1, http_2 };

/// How long a message's content is, decided once by wire/message_framing and asked by everyone.
struct body_framing {
  enum class kind : std::uint8_t { none, length, chunked, until_close };  // until_close: responses only
  kind how = kind::none;
  std::uint64_t length = 0;  ///< for kind::length; may be 0

  [[nodiscard]] constexpr bool has_content() const noexcept {
    return how != kind::none && !(how == kind::length && length == 0);
  }
  friend constexpr bool operator==(const body_framing&, const body_framing&) noexcept = default;
};

/// The head of a request, version-neutral. All views borrow from the exchange's pooled block and live until the
/// exchange ends. Comes only from a parser (or a test that uses one): everything in it has been checked against
/// spec/http.md 8.1 and 8.4.
struct request_head {
  method verb = method::unknown;
  http_version version = http_version::http_1_1;
  std::string_view method_text;  ///< as sent; differs from to_string(verb) only for unknown
  std::string_view target;       ///< the origin-form as routed and forwarded, byte for byte: path and "?query"; "*" for
                                 ///< OPTIONS *
  std::string_view path;   ///< of target, without the query; begins with "/" (or is "*"). Not decoded: routing, rules
                           ///< and forwarding see these bytes.
  std::string_view query;  ///< of target, behind the "?"; empty when there is none
  gatehouse::authority authority;  ///< the Host value, lower case not applied; empty only with HTTP/1.0
  gatehouse::fields fields;
  body_framing framing;
  bool keep_alive = true;  ///< whether the connection may carry another request after this
  bool expects_continue = false;
  bool upgrade_websocket = false;  ///< Connection: upgrade and Upgrade: websocket, GET, 1.1, no content
};

}  // namespace gatehouse
