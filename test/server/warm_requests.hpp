#pragma once
// The loop of the tests that count allocations, from the socket to the socket.

#include <cstdint>
#include <span>
#include <string_view>

#include <gtest/gtest.h>

#include "connection_harness.hpp"
#include "malloc_counter.hpp"

namespace gatehouse::test {

struct warm_request {
  const char* name;
  std::string_view request;
  std::string_view end;  // what the whole answer ends with
};

/// Sends each request many times over one connection: once the pools are warm, none may allocate.
inline void expect_warm_requests_allocate_nothing(harness& h, std::span<const warm_request> rows) {
  constexpr int rounds = 50;
  constexpr int warming = 20;
  client to = h.connect();
  to.received.reserve(1 << 20);
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    std::uint64_t made = 0;
    for (int i = 0; i < rounds; ++i) {
      to.received.clear();
      const malloc_counter here;
      to.send(r.request);
      for (int turn = 0; turn < 1000 && !to.received.ends_with(r.end); ++turn) {
        h.worker().loop().poll(milliseconds{0});
        to.read();
      }
      if (i >= warming) made += here.count();
      ASSERT_TRUE(to.received.ends_with(r.end)) << to.received;
    }
    EXPECT_EQ(made, 0U);
  }
}

}  // namespace gatehouse::test
