#pragma once
// Where a serialiser of structured fields stands.

#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/structured_field.hpp>

namespace gatehouse::detail::http {

/// The field value so far. Functions that append return false when their value cannot be written; `why` says which kind
/// it was, and `out` is worth nothing then.
struct structured_writer {
  std::string out{};
  structured::serialize_error why{};

  /// False, always, so that it can be returned.
  [[nodiscard]] bool fail(structured::serialize_error e) noexcept {
    why = e;
    return false;
  }
};

/// RFC 9651 section 4.1.3.1.
[[nodiscard]] bool append_bare_item(structured_writer& w, const structured::bare_item& b);

}  // namespace gatehouse::detail::http
