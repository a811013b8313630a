#pragma once
// Between whoever pushes content, on any thread, and the exchange that sends it, on its loop.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/server/stream.hpp>

#include "handler_context.hpp"

namespace gatehouse::detail::server {

/// The sending side of a channel: the exchange.
class channel_reader {
 public:
  /// On the loop: something is there to take, or the channel was ended.
  virtual void on_pushed() noexcept = 0;

 protected:
  ~channel_reader() = default;
};

class stream_channel : public std::enable_shared_from_this<stream_channel> {
 public:
  enum class ending { none, whole, cut };

  /// `home` and `reader` live until close(); `context` and `pattern` longer than the loop runs.
  stream_channel(loop& home, channel_reader& reader, const handler_context& context, std::string_view pattern) noexcept
      : home_(&home), reader_(&reader), context_(&context), pattern_(pattern) {}

  // From any thread.
  [[nodiscard]] wrote write(std::string_view piece);
  void end(ending how);
  [[nodiscard]] bool closed() const noexcept;
  void on_room(std::function<void()> call);
  void on_close(std::function<void()> call);

  // For the reader, on the loop.
  /// Everything that waits, into `out`, which is empty; and whether it was the last.
  [[nodiscard]] ending take(std::string& out);
  void close() noexcept;

 private:
  void notify();
  [[nodiscard]] std::function<void()> guard(std::function<void()> call) const;

  mutable std::mutex mutex_;
  loop* home_;              // null when closed
  channel_reader* reader_;  // null when closed
  const handler_context* context_;
  std::string_view pattern_;
  std::string waiting_;
  bool told_ = false;  // on_pushed() is on its way
  ending ending_ = ending::none;
  std::function<void()> on_room_;
  std::function<void()> on_close_;
};

/// What copies of a stream_writer share: the last one that goes cuts the stream off, or ends it.
class stream_end {
 public:
  stream_end(std::shared_ptr<stream_channel> to, stream_channel::ending when_dropped) noexcept
      : to_(std::move(to)), when_dropped_(when_dropped) {}
  stream_end(const stream_end&) = delete;
  stream_end& operator=(const stream_end&) = delete;
  ~stream_end() { to_->end(when_dropped_); }
  [[nodiscard]] stream_channel& channel() const noexcept { return *to_; }

 private:
  std::shared_ptr<stream_channel> to_;
  stream_channel::ending when_dropped_;
};

}  // namespace gatehouse::detail::server
