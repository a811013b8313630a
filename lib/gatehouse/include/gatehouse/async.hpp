#pragma once
// Coroutine handlers: functions that return boost::asio::awaitable<T>, T being what a handler may return. They run on
// the event loop of their request, whose executor is `co_await boost::asio::this_coro::executor`, so that every client
// that is made with Asio works inside. This header needs Boost (Debian: libboost1.81-dev) and costs seconds to compile:
// include it only where such handlers are.
//
//   app.get("/later", [](gh::query<"ms", int> ms) -> boost::asio::awaitable<std::string> {
//     boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(*ms));
//     co_await timer.async_wait(boost::asio::use_awaitable);
//     co_return "done";
//   });
//
// What it takes lives until it returns; references to parameters, too. When the client leaves, the coroutine is
// cancelled (terminal cancellation): what it awaits ends with operation_aborted. g++ 12 destroys an aggregate temporary
// inside of a co_await expression twice: name such an object first.

#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/server/around.hpp>
#include <gatehouse/server/user_handler.hpp>

namespace gatehouse::detail::server {

/// One run of a coroutine for a call: cancels it when the client is gone. The call stays until it has ended.
class coroutine_run : public call_events, public std::enable_shared_from_this<coroutine_run> {
 public:
  explicit coroutine_run(call& c) noexcept : call_(&c) {}
  coroutine_run(const coroutine_run&) = delete;
  coroutine_run& operator=(const coroutine_run&) = delete;
  virtual ~coroutine_run() = default;

  void on_content(std::string_view, bool) noexcept final {}
  void on_drained() noexcept final {}
  void on_abort(reason) noexcept final { signal_.emit(boost::asio::cancellation_type::terminal); }

 protected:
  [[nodiscard]] call& current() const noexcept { return *call_; }

  /// Runs `made`, then `done(call, optional<T>&)` or `failed(call, exception_ptr)`; for void, T is std::monostate. What
  /// `made` refers to are members of this.
  template <typename T, typename Executor, typename Done, typename Failed>
  void spawn(boost::asio::awaitable<T, Executor> made, Done done, Failed failed) {
    call_->events(*this);
    auto result = std::make_shared<std::optional<kept<T>>>();
    auto ended = [self = shared_from_this(), result, done = std::move(done),
                  failed = std::move(failed)](std::exception_ptr thrown) {
      call& c = *self->call_;
      // What a cancelled coroutine throws is no failure; nobody is there to be told either.
      if (c.aborted()) return c.finish();
      if (thrown == nullptr) return done(c, **result);
      failed(c, thrown);
    };
    boost::asio::co_spawn(*static_cast<boost::asio::io_context*>(call_->on_loop()->native()),
                          keep(std::move(made), result),
                          boost::asio::bind_cancellation_slot(signal_.slot(), std::move(ended)));
  }

 private:
  template <typename T>
  using kept = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  /// co_spawn wants results that can be made from nothing.
  template <typename T, typename Executor>
  static boost::asio::awaitable<void, Executor> keep(boost::asio::awaitable<T, Executor> made,
                                                     std::shared_ptr<std::optional<kept<T>>> result) {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(made);
      result->emplace();
    } else {
      result->emplace(co_await std::move(made));
    }
  }

  call* call_;
  boost::asio::cancellation_signal signal_;
};

template <typename F>
class coroutine_handler final : public user_handler {
  using arguments = typename function_traits<F>::signature::arguments;

  class job final : public coroutine_run {
   public:
    job(call& c, const coroutine_handler& h) noexcept : coroutine_run(c), handler_(&h) {}
    typename arguments::values values{};

    void start() {
      auto done = [h = handler_]<typename T>(call& c, T& value) {
        stored_answer answer;
        if constexpr (std::is_same_v<T, std::monostate>) {
          answer.nothing();
        } else {
          give(answer, std::move(value));
        }
        answer.give_to(c, h->context(), h->pattern());
      };
      auto failed = [h = handler_](call& c, const std::exception_ptr& thrown) { h->failed(c, thrown); };
      spawn(std::apply(handler_->f_, values), std::move(done), std::move(failed));
    }

   private:
    const coroutine_handler* handler_;
  };

 public:
  explicit coroutine_handler(F f) : user_handler(arguments::shape), f_(std::move(f)) {}

 private:
  void run(call& c) const override {
    auto work = std::make_shared<job>(c, *this);
    const request_source from = source_of(c);
    argument_reader reader{from, c.context().memory};
    if (!arguments::read(reader, work->values)) return c.fail(reader.why());
    work->start();
  }
  F f_;
};

template <typename F>
class coroutine_around final : public around_function {
  class job final : public coroutine_run {
   public:
    job(call& c, const next& n, const around_turn& turn) noexcept
        : coroutine_run(c), request_(source_of(c)), next_(n), turn_(turn) {}

    void start(const F& f) {
      // After the turn the next in the chain works on the call, or a handler with events of its own.
      spawn(
          f(request_, next_),
          [this]<typename T>(call& c, T& value) { turn_.done(c, answer_or_next{std::move(value)}); },
          [this](call& c, const std::exception_ptr& thrown) { turn_.failed(c, thrown); });
    }

   private:
    request request_;
    next next_;
    around_turn turn_;
  };

 public:
  explicit coroutine_around(F f) : f_(std::move(f)) {}
  [[nodiscard]] std::optional<answer_or_next> run(call& c, const next& n, const around_turn& turn) const override {
    std::make_shared<job>(c, n, turn)->start(f_);
    return std::nullopt;
  }

 private:
  F f_;
};

template <typename T, typename Executor>
struct handler_of<boost::asio::awaitable<T, Executor>> {
  static_assert(is_answer<T>, "a coroutine handler returns boost::asio::awaitable of what a handler may return");
  template <typename F>
  using type = coroutine_handler<F>;
};

template <typename T, typename Executor>
struct around_of<boost::asio::awaitable<T, Executor>> {
  static_assert(std::is_convertible_v<T, answer_or_next>,
                "middleware returns gh::answer_or_next, or a coroutine of it");
  template <typename F>
  using type = coroutine_around<F>;
};

}  // namespace gatehouse::detail::server
