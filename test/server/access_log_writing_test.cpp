// How lines reach whoever reads them: all of them, in order, and at nobody's expense.
#include <gatehouse/server/access_log.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "access_log_kit.hpp"
#include "malloc_counter.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::finished;
using test::written;

TEST(access_log, nothing_is_lost_when_it_is_closed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  std::string got;
  std::thread reader([&] {
    char piece[65536];
    for (ssize_t n = 0; (n = ::read(ends[0], piece, sizeof(piece))) > 0;)
      got.append(piece, static_cast<std::size_t>(n));
  });
  constexpr int threads = 4;
  constexpr int each = 2'000;
  {
    access_log log({.descriptor = ends[1], .style = log_style::json, .ring_bytes = 4 * 1024 * 1024});
    std::vector<std::thread> loops;
    for (int i = 0; i < threads; ++i) {
      loops.emplace_back([&log] {
        const finished f;
        for (int n = 0; n < each; ++n) log.record(f.e, f.o);
      });
    }
    for (std::thread& t : loops) t.join();
    log.close();
    EXPECT_EQ(log.dropped(), 0U);
  }
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  EXPECT_EQ(std::count(got.begin(), got.end(), '\n'), threads * each);
}

// Those with a reason and those without come to the log's thread in two ways, and in one order.
TEST(access_log, lines_of_one_thread_are_in_its_order) {
  written w({.style = log_style::json, .sample_repeats = 0});
  std::string expected;
  for (int i = 0; i < 1'000; ++i) {
    finished f;
    const std::string id = "number-" + std::to_string(i);
    f.e.id = id;
    if (i % 3 == 0 || i % 7 == 0) f.e.why = reason::http_not_found;
    w.log().record(f.e, f.o);
    expected += id + '\n';
    if (i == 500) w.log().note(log_level::info, "between", "a note");
  }
  const std::string all = w.all();
  EXPECT_EQ(w.log().dropped(), 0U);
  std::string ids;
  for (std::size_t at = 0; (at = all.find("\"id\":\"", at)) != std::string::npos;) {
    at += 6;
    ids += all.substr(at, all.find('"', at) - at) + '\n';
  }
  EXPECT_EQ(ids, expected);
}

TEST(access_log, a_reader_that_is_stuck_costs_lines_and_never_time) {
  written w({.style = log_style::json, .ring_bytes = access_log_options::min_ring_bytes, .stuck_reader_timeout = 50ms});
  const finished f;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20'000; ++i) w.log().record(f.e, f.o);  // nobody reads: pipe and ring are full soon
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  EXPECT_GT(w.log().dropped(), 1'000U);
}

TEST(access_log, says_how_many_lines_were_dropped) {
  written w({.style = log_style::json, .ring_bytes = access_log_options::min_ring_bytes});
  const finished f;
  while (w.log().dropped() == 0) w.log().record(f.e, f.o);
  EXPECT_NE(w.all().find("log lines were dropped"), std::string::npos);
}

TEST(access_log, a_reader_that_is_gone_is_no_problem) {
  written w({.style = log_style::json});
  ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);  // would end the process, if it came
  w.close_reader();
  const finished f;
  for (int i = 0; i < 100; ++i) w.log().record(f.e, f.o);
  EXPECT_FALSE(w.log().flush());
}

// Nobody flushes: the line has to come by itself, from a thread that sleeps.
TEST(access_log, a_line_is_written_without_being_asked_for) {
  written w({.style = log_style::json});
  const finished f;
  for (int i = 0; i < 20; ++i) {
    w.log().record(f.e, f.o);
    EXPECT_TRUE(w.line_comes());
  }
}

TEST(access_log, a_warm_log_allocates_nothing) {
  for (const log_style style : {log_style::json, log_style::terminal}) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    access_log log({.descriptor = nowhere, .style = style});
    finished f;
    f.e.request.query = "page=2&sort=title";
    const auto some = [&] {
      for (int i = 0; i < 100; ++i) log.record(f.e, f.o);
      EXPECT_TRUE(log.flush());
    };
    some();  // its ring, and whatever the C library keeps about time zones
    const test::malloc_counter here(test::malloc_counter::every_thread);
    some();
    EXPECT_EQ(here.count(), 0U);
    log.close();
    ::close(nowhere);
  }
}

TEST(access_log, a_full_disk_costs_lines_and_they_are_counted) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);  // a device: like a reader that is gone
  ASSERT_NE(full, -1);
  access_log log({.descriptor = full, .style = log_style::json});
  const finished f;
  log.record(f.e, f.o);
  EXPECT_FALSE(log.flush());
  log.close();
  ::close(full);

  // A file with no room: only its first bytes fit, then it grows again.
  std::string path = testing::TempDir() + "gatehouse-log-XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC | O_APPEND);
  ASSERT_NE(file, -1);
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  access_log again({.descriptor = file, .style = log_style::json});
  const rlimit small{.rlim_cur = 100, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  for (int i = 0; i < 5; ++i) again.record(f.e, f.o);
  EXPECT_FALSE(again.flush());
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(again.dropped(), 5U);
  again.record(f.e, f.o);
  again.close();
  ::lseek(file, 0, SEEK_SET);
  std::string text(64 * 1024, '\0');
  const int reading = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(reading, text.data(), text.size()))));
  ::close(reading);
  ::close(file);
  ::unlink(path.c_str());
  const auto whole = text.find("\n{");  // the torn line ends before the next one begins
  ASSERT_NE(whole, std::string::npos) << text;
  EXPECT_EQ(whole, 100U) << text;
  EXPECT_NE(text.find("5 log lines were dropped"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
}

}  // namespace
}  // namespace gatehouse
