#pragma once

#include <cstdint>

#include <gatehouse/base/reason.hpp>

namespace gatehouse {

/// Whose fault an error is. Status class and log level follow from it.
enum class error_source : std::uint8_t { client, upstream, internal };

/// Whether the same request may be tried again on another connection.
enum class retry : std::uint8_t { never, safe };

/// A request-path error: four bytes, no text. What it says to whom is looked up by its reason.
struct error {
  reason why = reason::none;
  error_source source = error_source::client;
  retry may_retry = retry::never;

  friend constexpr bool operator==(const error&, const error&) = default;
};
static_assert(sizeof(error) == 4);

}  // namespace gatehouse
