#pragma once
// A user's function as a handler: what it takes is read, what it returns is answered, what it throws is caught.

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <gatehouse/server/answer.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/extractors.hpp>

namespace gatehouse {

/// Something went wrong in a handler: for the log, never for the client.
struct handler_failure {
  enum class kind : unsigned char {
    exception,         ///< it threw; answered with 500
    invalid_response,  ///< it answered what must not be sent; answered with 500
    held_loop,         ///< answered, but all other requests of the loop waited: use gh::blocking
  };
  kind what = kind::exception;
  std::string_view route{};       ///< its pattern; of held_loop behind its method: "GET /notes/:id"
  std::string_view request_id{};  ///< empty for held_loop
  std::string_view message{};     ///< the exception's text, what is wrong with the response, or how long
};

namespace detail::server {

/// Known of a handler when it is registered.
struct handler_shape {
  const std::string_view* path_names = nullptr;
  std::size_t path_name_count = 0;
  bool takes_body = false;
  std::uint64_t max_bytes = 0;
};

class user_handler : public handler {
 public:
  [[nodiscard]] content_need wants(const exchange&) const noexcept final;
  void handle(call& c) const noexcept final;

  [[nodiscard]] const handler_shape& shape() const noexcept { return shape_; }
  /// Before the first request.
  void join(handler_context& context, method_set methods, std::string pattern);

 protected:
  explicit user_handler(const handler_shape& shape) noexcept : shape_(shape) {}
  /// Answers, as the last thing it does, or throws without having answered.
  virtual void run(call& c) const = 0;

  /// Reports what was thrown and ends the call: with a bland 500, unless an error handler answers otherwise.
  void failed(call& c, const std::exception_ptr& thrown) const noexcept;
  [[nodiscard]] handler_context& context() const noexcept { return *context_; }
  [[nodiscard]] const std::string& pattern() const noexcept { return pattern_; }

 private:
  friend class blocking_work;
  handler_shape shape_;
  handler_context* context_ = nullptr;
  std::string pattern_;
  std::string watched_as_;                                // in the report of a held loop
  mutable std::atomic<bool> held_loop_reported_ = false;  // once a handler: the first time says it
};

/// Answers at once.
class direct_answer final : public answer_sink {
 public:
  direct_answer(call& c, handler_context& context, std::string_view pattern) noexcept
      : call_(&c), context_(&context), pattern_(pattern) {}
  void text(std::string_view content) override;
  void json(std::string_view content) override;
  void nothing() override;
  void whole(response&& r) override;
  void stream(streamed&& s) override;
  void failed(error e) override;

 private:
  call* call_;
  handler_context* context_;
  std::string_view pattern_;
};

// ------------------------------------------------------------------ what a function takes

template <typename... Args>
struct argument_list {
  using values = std::tuple<Args...>;
  static constexpr std::size_t body_count = (std::size_t{argument<Args>::is_body} + ... + 0U);
  static constexpr bool borrows = (argument<Args>::borrows || ...);
  static constexpr bool takes_request = (argument<Args>::is_request || ...);
  static constexpr std::uint64_t max_bytes = (argument<Args>::max_bytes + ... + 0U);
  static constexpr std::size_t path_name_count = (std::size_t{!argument<Args>::path_name.empty()} + ... + 0U);
  static constexpr std::string_view all_names[sizeof...(Args) + 1] = {argument<Args>::path_name..., {}};

  static_assert(body_count <= 1, "a handler takes the content once: one body_text, body_bytes, form or multipart");

  static bool read(argument_reader& from, values& out) {
    return std::apply(
        [&](auto&... each) { return (argument<std::remove_cvref_t<decltype(each)>>::read(from, each) && ...); }, out);
  }
  static constexpr handler_shape shape{all_names, sizeof...(Args), body_count == 1, max_bytes};
};

template <typename Arg>
struct checked_parameter {
  using type = std::remove_cvref_t<Arg>;
  static_assert(argument<type>::is_supported,
                "a handler takes gh::path, gh::query, gh::header, gh::cookie, gh::attached, gh::body_text, "
                "gh::body_bytes, gh::form, "
                "gh::multipart and const gh::request&");
  static_assert(!std::is_lvalue_reference_v<Arg> || std::is_const_v<std::remove_reference_t<Arg>>,
                "a handler takes its parameters by value or by const&");
};

template <typename R, typename... Args>
struct signature {
  using returned = R;
  using arguments = argument_list<typename checked_parameter<Args>::type...>;
  static constexpr bool is_known = true;
};
struct unknown_signature {
  static constexpr bool is_known = false;
};

template <typename Member>
struct member_signature {
  static constexpr bool is_const = false;
};
template <typename R, typename C, typename... Args>
struct member_signature<R (C::*)(Args...) const> : std::type_identity<signature<R, Args...>> {
  static constexpr bool is_const = true;
};
template <typename R, typename C, typename... Args>
struct member_signature<R (C::*)(Args...) const noexcept> : member_signature<R (C::*)(Args...) const> {};

template <typename F>
constexpr auto signature_of(F*) {
  if constexpr (requires { &F::operator(); }) {
    static_assert(member_signature<decltype(&F::operator())>::is_const,
                  "a handler runs on several threads at once: it can not be a mutable lambda");
    return typename member_signature<decltype(&F::operator())>::type{};
  } else {
    return unknown_signature{};
  }
}
template <typename R, typename... Args>
constexpr signature<R, Args...> signature_of(R (**)(Args...)) {
  return {};
}
template <typename R, typename... Args>
constexpr signature<R, Args...> signature_of(R (**)(Args...) noexcept) {
  return {};
}

template <typename F>
struct function_traits {
  using signature = decltype(signature_of(static_cast<F*>(nullptr)));
  static_assert(signature::is_known,
                "a handler is a function or a lambda whose parameters have types (no auto, no overloads)");
};

/// Calls the function and gives what it returns to the sink.
template <typename F, typename Values>
void call_function(const F& f, const Values& values, answer_sink& to) {
  if constexpr (std::is_void_v<decltype(std::apply(f, values))>) {
    std::apply(f, values);
    to.nothing();
  } else {
    give(to, std::apply(f, values));
  }
}

template <typename F>
class plain_function final : public user_handler {
  using arguments = typename function_traits<F>::signature::arguments;

 public:
  explicit plain_function(F f) : user_handler(arguments::shape), f_(std::move(f)) {}

 private:
  void run(call& c) const override {
    const request_source from = source_of(c);
    argument_reader reader{from, c.context().memory};
    typename arguments::values values;
    if (!arguments::read(reader, values)) return c.fail(reader.why());
    direct_answer to{c, context(), pattern()};
    call_function(f_, values, to);
  }
  F f_;
};

/// How a function that returns an `R` is run. gatehouse/async.hpp adds coroutines.
template <typename R>
struct handler_of {
  template <typename F>
  using type = plain_function<F>;
};

}  // namespace detail::server
}  // namespace gatehouse
