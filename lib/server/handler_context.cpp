#include "handler_context.hpp"

#include <cstdio>
#include <string>

#include "access_log_lines.hpp"

namespace gatehouse::detail::server {
namespace {

constexpr std::size_t longest_message = 1000;

/// A handler's text may hold what a client sent: it must not forge lines.
void print(const handler_failure& f) {
  std::string line = "gatehouse: ";
  append_printable(line, f.route);
  line += f.what == handler_failure::kind::exception          ? " threw: "
          : f.what == handler_failure::kind::invalid_response ? " answered what must not be sent: "
                                                              : " held the loop ";
  append_printable(line, f.message.substr(0, longest_message));
  if (f.what == handler_failure::kind::held_loop) line += "; use gh::blocking";
  if (!f.request_id.empty()) {
    line += "  id ";
    append_printable(line, f.request_id);
  }
  line += '\n';
  std::fputs(line.c_str(), stderr);
}

}  // namespace

void handler_context::report(const handler_failure& f) const noexcept {
  try {
    if (told_) {
      told_(f);
    } else {
      print(f);
    }
  } catch (...) {
    // The hook's own failure must not end the process, and nobody else is left to be told.
    std::fputs("gatehouse: the on_error hook failed\n", stderr);
  }
}

bool handler_context::run_blocking(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  if (!pool_) pool_.emplace(size_.threads, size_.queue);
  return pool_->submit(std::move(work));
}

bool handler_context::stop_blocking(std::chrono::milliseconds wait) {
  const std::scoped_lock lock(mutex_);
  if (!pool_) return true;
  if (!pool_->stop(wait)) return false;
  pool_.reset();
  return true;
}

}  // namespace gatehouse::detail::server
