#pragma once
// Error handlers: app.on_error(f).

#include <exception>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/status.hpp>
#include <gatehouse/server/around.hpp>
#include <gatehouse/server/request.hpp>

namespace gatehouse {

/// Why a request is not answered by what it asked for.
struct request_error {
  reason why = reason::none;                                            ///< code(why): "http.not-found"
  gatehouse::status status = gatehouse::status::internal_server_error;  ///< of the usual answer
  std::exception_ptr exception{};                                       ///< what a handler or middleware threw
  /// Its text, or what was wrong with a response: for a log. Who sends it to a client gives internals away.
  std::string_view message{};

  /// What was thrown, if it is an `E` (or derived from it); else null. Lives as long as `exception`.
  template <typename E>
  [[nodiscard]] const E* thrown() const noexcept {
    if (exception == nullptr) return nullptr;
    try {
      std::rethrow_exception(exception);
    } catch (const E& e) {
      return &e;  // the object that `exception` owns: it is not copied to be thrown again
    } catch (...) {
      return nullptr;
    }
  }
};

namespace detail::server {

using error_function = std::function<answer_or_next(const request_error&, const request&, const next&)>;

template <typename F>
error_function make_error_function(F&& f) {
  using function = std::decay_t<F>;
  constexpr bool with_next = std::is_invocable_v<const function&, const request_error&, const request&, const next&>;
  static_assert(with_next || std::is_invocable_v<const function&, const request_error&, const request&>,
                "an error handler takes (const gh::request_error&, const gh::request&), and gh::next if it does not "
                "answer everything; it is not mutable: it runs on several threads (what is only told of failures is "
                "app.report_to)");
  if constexpr (with_next) {
    return [f = std::forward<F>(f)](const request_error& e, const request& r, const next& n) -> answer_or_next {
      return f(e, r, n);
    };
  } else {
    return [f = std::forward<F>(f)](const request_error& e, const request& r, const next&) -> answer_or_next {
      return f(e, r);
    };
  }
}

}  // namespace detail::server
}  // namespace gatehouse
