#pragma once

#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <gatehouse/server/user_handler.hpp>

namespace gatehouse {

/// A handler that may wait: for a database, a file, another service.
template <typename F>
struct blocking_function {
  F function;
};

/// Runs `f` on the app's thread pool instead of the event loop, and answers on the loop. What it takes is copied before
/// it leaves the loop; std::string_view parameters are refused at compile time. When all threads are busy and the queue
/// is full, the request is answered with 503 (server.overloaded). Sizes: listen_options.
template <typename F>
[[nodiscard]] blocking_function<std::decay_t<F>> blocking(F&& f) {
  return {std::forward<F>(f)};
}

namespace detail::server {

/// A request as a blocking handler owns it. Not moved: what was read from it points into it.
class request_copy {
 public:
  request_copy() = default;
  request_copy(const request_copy&) = delete;
  request_copy& operator=(const request_copy&) = delete;
  /// The content; with `whole` all the rest, too, which else stays the call's.
  void take(const request_source& from, bool whole);
  [[nodiscard]] const request_source& source() const noexcept { return source_; }

 private:
  std::string_view keep(std::string_view text);
  request_source source_{};
  std::string content_;
  std::string text_;
  std::unique_ptr<request_head> head_;
  std::unique_ptr<const client_certificate> certificate_;
  path_parameters parameters_{};
  attachments attached_;
};

/// One run of a blocking handler: made on the loop, works on the pool, answers on the loop.
class blocking_work {
 public:
  explicit blocking_work(const user_handler& h) noexcept : handler_(&h) {}
  blocking_work(const blocking_work&) = delete;
  blocking_work& operator=(const blocking_work&) = delete;
  virtual ~blocking_work() = default;

  [[nodiscard]] request_copy& copy() noexcept { return copy_; }
  /// Hands it to the pool; answers 503 at once when that is full.
  static void start(const std::shared_ptr<blocking_work>& work, call& c);
  /// On the pool.
  void run() noexcept;

 private:
  virtual void work(answer_sink& to) = 0;
  void answer() noexcept;

  const user_handler* handler_;
  call* call_ = nullptr;
  request_copy copy_;
  stored_answer answer_;
  std::exception_ptr thrown_;  // instead of an answer
};

template <typename F>
class blocking_handler final : public user_handler {
  using arguments = typename function_traits<F>::signature::arguments;
  static_assert(
      !arguments::borrows,
      "gh::blocking runs when the request's own text may be gone: take std::string instead of std::string_view");

  class job final : public blocking_work {
   public:
    explicit job(const blocking_handler& h) noexcept : blocking_work(h), function_(&h.f_) {}
    typename arguments::values values{};

   private:
    void work(answer_sink& to) override { call_function(*function_, values, to); }
    const F* function_;
  };

 public:
  explicit blocking_handler(F f) : user_handler(arguments::shape), f_(std::move(f)) {}

 private:
  void run(call& c) const override {
    auto work = std::make_shared<job>(*this);
    work->copy().take(source_of(c), arguments::takes_request);
    argument_reader reader{work->copy().source(), c.context().memory};
    if (!arguments::read(reader, work->values)) return c.fail(reader.why());
    blocking_work::start(work, c);
  }
  F f_;
};

}  // namespace detail::server
}  // namespace gatehouse
