#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

#include <gatehouse/base/clock.hpp>

namespace gatehouse::detail::server {

/// Writes to a descriptor that may be a pipe nobody reads, without blocking for good and without making it non-blocking
/// (other processes may share it).
class patient_writer {
 public:
  patient_writer(int descriptor, milliseconds patience) noexcept;
  /// How much of it was written: not all when the reader is gone, the disk is full, or nothing was taken for as long as
  /// our patience lasts while `hurry` was not 0.
  std::size_t write_all(std::string_view text, const std::atomic<int>& hurry) noexcept;
  /// Then what failed may succeed later: there is room on the disk again, or another file behind the descriptor.
  [[nodiscard]] bool is_file() const noexcept { return is_file_; }

 private:
  bool ready() noexcept;
  int descriptor_;
  milliseconds patience_;
  bool is_file_ = false;
  bool broken_ = false;
};

}  // namespace gatehouse::detail::server
