#include "secure_probe.hpp"

#include <array>

namespace gatehouse::program {
namespace {

/// One connection and what came over it.
class asker final : private connect_owner, private stream_owner {
 public:
  asker(const endpoint& server, const std::shared_ptr<const tls_client>& with, std::string_view request,
        milliseconds patience)
      : request_(request), host_(server.address.to_string()), loop_(loop::make()) {
    attempt_ = tls_connect(*loop_, {.host = host_, .port = server.port, .with = with}, patience, *this);
  }

  answer wait(milliseconds patience) {
    const auto began = std::chrono::steady_clock::now();
    const auto so_far = [&] {
      return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
    };
    while (!is_over_ && so_far() < patience) loop_->poll(patience - so_far());
    out_.took = so_far();
    connection_.reset();
    return std::move(out_);
  }

 private:
  void on_connect(connect_result r) noexcept override {
    connection_ = std::move(r.connection);
    is_over_ = connection_ == nullptr;
    if (is_over_) return;
    connection_->owner(*this);
    connection_->receive();
    on_writable();
  }
  void on_writable() noexcept override {
    const stream::send_result done = connection_->send({&request_, 1});
    request_.remove_prefix(done.sent);
    if (done.error_number != 0) return on_end();
    if (!request_.empty()) connection_->want_writable();
  }
  std::span<char> receive_space() noexcept override { return piece_; }
  void on_received(std::size_t n) noexcept override {
    out_.bytes.append(piece_.data(), n);
    if (out_.bytes.size() > max_answer) {
      is_over_ = true;
    } else {
      connection_->receive();
    }
  }
  void on_end() noexcept override { is_over_ = out_.closed = true; }
  void on_failure(int /*error_number*/) noexcept override { on_end(); }

  const_bytes request_;
  std::string host_;
  std::array<char, 16384> piece_{};
  answer out_{};
  bool is_over_ = false;
  std::unique_ptr<loop> loop_;
  std::unique_ptr<connecting> attempt_{};
  stream_ptr connection_{};
};

}  // namespace

answer ask_over_tls(const endpoint& server, const std::shared_ptr<const tls_client>& with, std::string_view request,
                    milliseconds patience) {
  return asker(server, with, request, patience).wait(patience);
}

}  // namespace gatehouse::program
