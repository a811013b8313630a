#pragma once

#include <string>
#include <string_view>

#include "access_log_record.hpp"

namespace gatehouse::detail::server {

/// What the operator can do about a refusal, and why it was made. Static text.
struct advice {
  std::string_view fix;  ///< empty: nothing here undoes it; the client has to change
  std::string_view why;
};
[[nodiscard]] advice advice_for(reason why) noexcept;

/// What is special about this one: the size that arrived, the Host that was asked for. Appends nothing when there is
/// nothing. Sizes are exact, names are escaped.
void append_particulars(std::string& out, const log_record& r);
/// What would undo it: the line of the configuration that lets exactly this one pass, or else what advice_for() says.
void append_fix(std::string& out, const log_record& r);

/// "2MiB", "1.5KiB", "17B"
void append_size(std::string& out, std::uint64_t bytes);

}  // namespace gatehouse::detail::server
