#pragma once

#include <chrono>
#include <string>

#include <gatehouse/base/clock.hpp>

#include "access_log_lines.hpp"

namespace gatehouse::detail::server {

/// "2026-01-31T12:00:00.123Z", as the log has it.
inline void append_time(std::string& out, system_time t) {
  line_clock{line_clock::zone::utc}.append(
      out, std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch()).count());
}

}  // namespace gatehouse::detail::server
