#include "outgoing_bytes.hpp"

#include <cerrno>

#include <gtest/gtest.h>

namespace gatehouse::detail::proxy {
namespace {

/// Answers one send as it is told.
class told_stream final : public stream {
 public:
  explicit told_stream(send_result answer) noexcept : answer_(answer) {}
  void owner(stream_owner&) noexcept override {}
  void receive() noexcept override {}
  void stop_receiving() noexcept override {}
  [[nodiscard]] bool has_unread() const noexcept override { return false; }
  [[nodiscard]] send_result send(std::span<const const_bytes>) noexcept override { return answer_; }
  void want_writable() noexcept override {}
  void finish_sending() noexcept override {}
  void abort() noexcept override {}

 private:
  void close() noexcept override {}
  send_result answer_;
};

struct sent_case {
  const char* name;
  stream::send_result answer;
  outgoing_bytes::state want;
  bool sent_any;
};
constexpr sent_case cases[] = {
    {"all of it", {.sent = 8}, outgoing_bytes::state::empty, true},
    {"a part", {.sent = 3}, outgoing_bytes::state::blocked, true},
    {"nothing", {}, outgoing_bytes::state::blocked, false},
    {"nothing, and the connection is lost", {.error_number = EPIPE}, outgoing_bytes::state::lost, false},
    {"a part of a TLS record, which counts for nothing yet", {.begun = true}, outgoing_bytes::state::blocked, true},
    {"a part of a TLS record, and the connection is lost",
     {.error_number = EPIPE, .begun = true},
     outgoing_bytes::state::lost,
     true},
};

// Whether a request may be sent again is decided by this: what may have left has left.
TEST(outgoing_bytes, know_whether_anything_may_have_left) {
  for (const sent_case& row : cases) {
    SCOPED_TRACE(row.name);
    told_stream to{row.answer};
    outgoing_bytes bytes;
    bytes.add("question");
    EXPECT_EQ(bytes.send(to), row.want);
    EXPECT_EQ(bytes.sent_any(), row.sent_any);
  }
}

}  // namespace
}  // namespace gatehouse::detail::proxy
