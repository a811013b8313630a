#include <cstring>

#include "net_fixture.hpp"

namespace gatehouse::net_test {
namespace {

constexpr std::size_t total = 64 * 1024 * 1024;
constexpr std::size_t period = 65'537;  // a prime, so that no buffer size ever falls into step with it

/// Bytes that repeat only after `period`: one lost, doubled or moved is seen.
const std::string& pattern() {
  static const std::string twice = [] {
    std::string out(2 * period, '\0');
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < period; ++i) {
      state = state * 1'664'525 + 1'013'904'223;
      out[i] = out[i + period] = static_cast<char>(state >> 24);
    }
    return out;
  }();
  return twice;
}

/// Sends `total` bytes and checks as many, and stops receiving every now and then.
class pump final : public stream_owner {
 public:
  pump(loop& l, std::size_t pause_every) : loop_(l), pause_every_(pause_every) {}
  void start(stream_ptr s) {
    connection = std::move(s);
    connection->owner(*this);
    connection->receive();
    send_more();
  }
  [[nodiscard]] bool done() const { return ended && sent == total; }

  std::span<char> receive_space() noexcept override { return buffer_; }
  void on_received(std::size_t n) noexcept override {
    intact = intact && std::memcmp(buffer_.data(), pattern().data() + received % period, n) == 0;
    received += n;
    connection->receive();
    if (received / pause_every_ == pauses) return;
    pauses = received / pause_every_;
    connection->stop_receiving();
    loop_.post([this] { connection->receive(); });
  }
  void on_end() noexcept override { ended = true; }
  void on_writable() noexcept override {
    ++stalls;
    send_more();
  }
  void on_failure(int error_number) noexcept override { failure = error_number; }

  stream_ptr connection;
  std::size_t sent = 0, received = 0, stalls = 0, pauses = 0;
  bool intact = true, ended = false;
  int failure = 0;

 private:
  /// One send at a time: the other end has its turn in between, and stalls come from the socket alone.
  void send_more() {
    const std::size_t first = sent % period, size = std::min(period, total - sent);
    const std::string_view block(pattern().data() + first, size);
    const std::array<const_bytes, 3> pieces{block.substr(0, size / 3), block.substr(size / 3, size / 5),
                                            block.substr(size / 3 + size / 5)};
    const auto result = connection->send(pieces);
    failure = failure == 0 ? result.error_number : failure;
    sent += result.sent;
    if (sent == total) {
      connection->finish_sending();
    } else {
      connection->want_writable();
    }
  }

  loop& loop_;
  std::size_t pause_every_;
  std::array<char, 40'000> buffer_{};
};

class transfer : public net_test {};

TEST_F(transfer, sixty_four_mebibytes_each_way_arrive_intact_with_backpressure) {
  connect_recorder out;
  const auto attempt = events->connect("127.0.0.1", door->local().port, seconds{5}, out);
  ASSERT_TRUE(until([&] { return !out.results.empty() && !accepted.connections.empty(); }));
  pump left(*events, 1'000'000), right(*events, 100'000);
  left.start(std::move(out.results[0].connection));
  right.start(std::move(accepted.connections[0]));
  ASSERT_TRUE(run_until(*events, [&] { return left.done() && right.done(); }, milliseconds{100'000}));
  for (const pump* p : {&left, &right}) {
    EXPECT_EQ(p->failure, 0);
    EXPECT_EQ(p->received, total);
    EXPECT_TRUE(p->intact);
    EXPECT_GT(p->pauses, 10U);
    EXPECT_GT(p->stalls, 10U);
  }
}

}  // namespace
}  // namespace gatehouse::net_test
