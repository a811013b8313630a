#pragma once
// Counts the system calls of a child process.

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include <gtest/gtest.h>

namespace gatehouse::net_test {

/// System call numbers and how often each was made.
using system_call_counts = std::map<std::uint64_t, int>;

namespace detail_system_calls {

inline void note_entry(pid_t child, system_call_counts& counts) {
  __ptrace_syscall_info info{};
  const long size = ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info);
  if (size > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY) ++counts[info.entry.nr];
}

/// Lets the child run until it is killed, and counts while `counting`. The thread that forked has to do this.
inline void trace(pid_t child, const std::atomic<bool>& counting, system_call_counts& counts) {
  int status = 0;
  int signal = 0;
  while (::ptrace(PTRACE_SYSCALL, child, nullptr, signal) == 0 && ::waitpid(child, &status, 0) == child &&
         WIFSTOPPED(status)) {
    const bool is_system_call = WSTOPSIG(status) == (SIGTRAP | 0x80);
    signal = is_system_call ? 0 : WSTOPSIG(status);
    if (is_system_call && counting) note_entry(child, counts);
  }
}

}  // namespace detail_system_calls

/// Runs `server` in a child process and `client` in a thread of this one; returns the calls that the child made while
/// the client's argument was true. The child is killed when the client is done.
inline system_call_counts count_system_calls(const std::function<void()>& server,
                                             const std::function<void(std::atomic<bool>& counting)>& client) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    server();
    ::_exit(0);
  }
  system_call_counts counts;
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
  std::atomic<bool> counting = false;
  std::thread other([&] {
    client(counting);
    ::kill(child, SIGKILL);
  });
  detail_system_calls::trace(child, counting, counts);
  other.join();
  return counts;
}

}  // namespace gatehouse::net_test
