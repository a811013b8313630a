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

/// Lives as long as `thrown`.
std::string_view text_of(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something that is no std::exception";
  }
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
    std::fputs("gatehouse: the function of report_to failed\n", stderr);
  }
}

void handler_context::report_thrown(std::string_view route, std::string_view request_id,
                                    const std::exception_ptr& thrown) const noexcept {
  report(
      {.what = handler_failure::kind::exception, .route = route, .request_id = request_id, .message = text_of(thrown)});
}

void handler_context::report_invalid(std::string_view route, std::string_view request_id,
                                     std::string_view why) const noexcept {
  report({.what = handler_failure::kind::invalid_response, .route = route, .request_id = request_id, .message = why});
}

void handler_context::fail_thrown(call& c, std::string_view route, const std::exception_ptr& thrown) const noexcept {
  report_thrown(route, c.context().id, thrown);
  c.fail(reason::server_handler_failed, {.exception = thrown, .message = text_of(thrown)});
}

void handler_context::fail_invalid(call& c, std::string_view route, std::string_view why) const noexcept {
  report_invalid(route, c.context().id, why);
  c.fail(reason::server_handler_failed, {.exception = nullptr, .message = why});
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
