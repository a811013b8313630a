#pragma once

#include <atomic>
#include <string_view>

#include <gatehouse/base/clock.hpp>

namespace gatehouse::detail::server {

/// Writes to a descriptor that may be a pipe nobody reads, without blocking for good and without making it non-blocking
/// (other processes may share it).
class patient_writer {
 public:
  patient_writer(int descriptor, milliseconds patience) noexcept;
  /// False: the reader is gone, or it took nothing for as long as our patience lasts while `hurry` was set.
  bool write_all(std::string_view text, const std::atomic<bool>& hurry) noexcept;

 private:
  bool ready() noexcept;
  int descriptor_;
  milliseconds patience_;
  bool is_file_ = false;
  bool broken_ = false;
};

}  // namespace gatehouse::detail::server
