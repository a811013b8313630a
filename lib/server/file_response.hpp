#pragma once
// One open file as the answer to one request.

#include <sys/stat.h>

#include <string_view>

#include <gatehouse/server/call.hpp>

#include "open_beneath.hpp"

namespace gatehouse::detail::server {

struct file_to_send {
  file_descriptor file{};  ///< a regular file
  struct stat facts{};
  std::string_view media_type{};  // these live until the exchange ends
  std::string_view cache_control{};
  std::string_view coding{};  ///< what it is compressed with; empty: nothing
  std::string_view vary{};    ///< empty: it depends on nothing
};

/// Answers with the file, a part of it, 304, 412 or 416, as the request's conditions and ranges say (RFC 9110 section
/// 13.2.2, 14.2). Ends the call, now or later.
void send_file(call& c, file_to_send f) noexcept;

}  // namespace gatehouse::detail::server
