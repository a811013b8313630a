#pragma once

#include <string>

namespace gatehouse::program {

/// Where the log goes: a file that another program may move away, or standard error.
class log_file {
 public:
  /// `path`: appended to, made with mode 0640 if it is not there; empty: standard error.
  explicit log_file(std::string path);
  ~log_file();
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  /// The same for as long as this lives, whatever file is behind it. Standard error when the file could not be opened.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Why the file could not be opened; empty: it was.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  /// Goes on in a file of that path that is opened now: after the old one was renamed. On any thread; whoever writes
  /// meanwhile writes to one or the other. Returns why that failed, and the old one is kept; empty: it is done.
  [[nodiscard]] std::string reopen();

 private:
  std::string path_;
  int descriptor_;
  std::string problem_{};
};

}  // namespace gatehouse::program
