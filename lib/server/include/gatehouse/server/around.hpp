#pragma once
// A user's own middleware: app.use(f), group.use(f).

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/server/answer.hpp>
#include <gatehouse/server/attachments.hpp>
#include <gatehouse/server/request.hpp>

namespace gatehouse {

/// A response's head on its way out, for middleware. What must not be sent (see gh::response) is left out and reported.
class outgoing {
 public:
  outgoing(call& c, response_head& head, std::string& mistake) noexcept : call_(&c), head_(&head), mistake_(&mistake) {}

  [[nodiscard]] gatehouse::status status() const noexcept { return head_->status(); }
  /// The first line of this name, any case. Not those that the rules add: they come last.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
    return head_->fields().get(name);
  }
  /// Replaces the fields of this name.
  void header(std::string_view name, std::string_view value) const;
  void append(std::string_view name, std::string_view value) const;
  void remove(std::string_view name) const;

 private:
  call* call_;
  response_head* head_;
  std::string* mistake_;
};

/// What next() returns: the request goes on.
struct onward {
  std::function<void(outgoing&)> edit{};
};

/// How middleware lets a request go on: `return next();`, or `return next([](gh::outgoing& out) { ... });` to change
/// the head of the response, whoever made it: a handler, a stream, a proxy, an error. Calling it twice is as calling it
/// once: what counts is what is returned.
class next {
 public:
  explicit next(detail::server::attachments& to) noexcept : attached_(&to) {}

  [[nodiscard]] onward operator()() const noexcept { return {}; }
  [[nodiscard]] onward operator()(std::function<void(outgoing&)> edit) const { return {std::move(edit)}; }

  /// Gives a value to what comes after: a handler that takes gh::attached<T> gets it, request::attached<T>() finds it.
  template <typename T>
  const next& attach(T value) const {
    attached_->set<T>(std::make_shared<const T>(std::move(value)));
    return *this;
  }

 private:
  detail::server::attachments* attached_;
};

/// What middleware returns: an answer of any kind that a handler may return, which ends the request, or next().
class answer_or_next {
 public:
  answer_or_next(onward o) : edit_(std::move(o.edit)) {}
  template <typename T>
    requires detail::server::is_answer<std::remove_cvref_t<T>> && (!std::is_void_v<T>)
  answer_or_next(T&& value) : answer_(std::make_unique<detail::server::stored_answer>()) {
    detail::server::give(*answer_, std::forward<T>(value));
  }

  /// Null: the request goes on.
  [[nodiscard]] detail::server::stored_answer* answer() const noexcept { return answer_.get(); }
  [[nodiscard]] std::function<void(outgoing&)>& edit() noexcept { return edit_; }

 private:
  std::unique_ptr<detail::server::stored_answer> answer_;
  std::function<void(outgoing&)> edit_;
};

namespace detail::server {

class around_chain;
class around_function;
}  // namespace detail::server

/// Middleware of the library's own, not built yet: what app.use(gh::compression()) takes. Never throws: what is wrong
/// with its configuration is reported together with all other mistakes.
class pending_around {
 public:
  using made = result<std::shared_ptr<const detail::server::around_function>, config_errors>;
  explicit pending_around(made m) : made_(std::move(m)) {}
  [[nodiscard]] const made& get() const noexcept { return made_; }

 private:
  made made_;
};

namespace detail::server {

/// Where a request goes on after middleware that had to wait.
class around_turn {
 public:
  around_turn(const around_chain& chain, std::size_t at) noexcept : chain_(&chain), at_(at) {}
  /// On the call's loop, once.
  void done(call& c, answer_or_next result) const noexcept;
  void failed(call& c, const std::exception_ptr& thrown) const noexcept;

 private:
  const around_chain* chain_;
  std::size_t at_;
};

class around_function {
 public:
  around_function() = default;
  around_function(const around_function&) = delete;
  around_function& operator=(const around_function&) = delete;
  virtual ~around_function() = default;
  /// What it returned; nothing when it waits and says later, with `turn`. May throw.
  [[nodiscard]] virtual std::optional<answer_or_next> run(call& c, const next& n, const around_turn& turn) const = 0;
};

template <typename F>
class plain_around final : public around_function {
 public:
  explicit plain_around(F f) : f_(std::move(f)) {}
  [[nodiscard]] std::optional<answer_or_next> run(call& c, const next& n, const around_turn&) const override {
    return answer_or_next{f_(request{source_of(c)}, n)};
  }

 private:
  F f_;
};

/// How a function that returns an `R` is run. gatehouse/async.hpp adds coroutines.
template <typename R>
struct around_of {
  static_assert(std::is_convertible_v<R, answer_or_next>,
                "middleware returns gh::answer_or_next: next(), or what a handler may return (a coroutine: include "
                "gatehouse/async.hpp)");
  template <typename F>
  using type = plain_around<F>;
};

template <typename F>
std::shared_ptr<const around_function> make_around(F&& f) {
  using function = std::decay_t<F>;
  static_assert(std::is_invocable_v<const function&, const request&, const next&>,
                "middleware takes (const gh::request&, gh::next), and is not mutable: it runs on several threads");
  using returned = std::invoke_result_t<const function&, const request&, const next&>;
  return std::make_shared<const typename around_of<returned>::template type<function>>(std::forward<F>(f));
}

}  // namespace detail::server
}  // namespace gatehouse
