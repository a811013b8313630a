#pragma once
// What a handler returns, as an answer.

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gatehouse/base/error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/server/response.hpp>
#include <gatehouse/server/stream.hpp>

namespace gatehouse {
class call;
}

namespace gatehouse::detail::server {

class handler_context;

/// Takes exactly one answer.
class answer_sink {
 public:
  virtual void text(std::string_view content) = 0;
  virtual void json(std::string_view content) = 0;
  virtual void nothing() = 0;
  virtual void whole(response&& r) = 0;
  virtual void stream(streamed&& s) = 0;
  virtual void failed(error e) = 0;

 protected:
  ~answer_sink() = default;
};

/// Keeps the answer, for later.
class stored_answer final : public answer_sink {
 public:
  void text(std::string_view content) override { whole_.body(std::string{content}); }
  void json(std::string_view content) override { whole_ = response{json_text{std::string{content}}}; }
  void nothing() override { whole_.status(status::no_content); }
  void whole(response&& r) override { whole_ = std::move(r); }
  void stream(streamed&& s) override { stream_ = std::make_unique<streamed>(std::move(s)); }
  void failed(error e) override { why_ = e.why; }
  /// Ends the call with it, once. On the call's loop.
  void give_to(call& c, handler_context& context, std::string_view pattern);

 private:
  response whole_;
  std::unique_ptr<streamed> stream_;
  reason why_ = reason::none;
};

template <typename T>
inline constexpr bool is_result = false;
template <typename T, typename E>
inline constexpr bool is_result<result<T, E>> = true;

/// Makes JSON of a type that is not ours: specialised with `static std::string json(const T&)` (gatehouse/json.hpp).
template <typename T>
struct custom_answer;
template <typename T>
inline constexpr bool has_custom_answer = requires(const T& value) { custom_answer<T>::json(value); };

template <typename T>
inline constexpr bool is_answer = std::is_convertible_v<const T&, std::string_view> || std::is_same_v<T, response> ||
                                  std::is_same_v<T, streamed> || std::is_same_v<T, json_text> ||
                                  std::is_same_v<T, html> || std::is_same_v<T, no_content> ||
                                  std::is_same_v<T, http_error> || std::is_same_v<T, error> || has_custom_answer<T>;
template <>
inline constexpr bool is_answer<void> = true;
template <typename T, typename E>
inline constexpr bool is_answer<result<T, E>> = is_answer<T> && is_answer<E>;

/// Gives `value` to the sink. (Structs as JSON get their branch here.)
template <typename T>
void give(answer_sink& to, T&& value) {
  using type = std::remove_cvref_t<T>;
  static_assert(
      is_answer<type>,
      "a handler returns text, gh::html, gh::response, gh::streaming, gh::events, gh::json_text, gh::http_error, "
      "gh::no_content, nothing, or a gh::result of these (a coroutine of these with gatehouse/async.hpp, "
      "nlohmann::json with gatehouse/json.hpp)");
  if constexpr (is_result<type>) {
    if (!value) {
      give(to, value.error());
    } else if constexpr (std::is_void_v<typename type::value_type>) {
      to.nothing();
    } else {
      give(to, *std::forward<T>(value));
    }
  } else if constexpr (std::is_same_v<type, response>) {
    to.whole(response{std::forward<T>(value)});
  } else if constexpr (std::is_same_v<type, streamed>) {
    to.stream(streamed{std::forward<T>(value)});
  } else if constexpr (has_custom_answer<type>) {
    to.json(custom_answer<type>::json(value));
  } else if constexpr (std::is_same_v<type, http_error>) {
    to.whole(response{http_error{std::forward<T>(value)}});
  } else if constexpr (std::is_same_v<type, json_text>) {
    to.json(value.text);
  } else if constexpr (std::is_same_v<type, html>) {
    to.whole(response{html{std::forward<T>(value)}});
  } else if constexpr (std::is_same_v<type, no_content>) {
    to.nothing();
  } else if constexpr (std::is_same_v<type, error>) {
    to.failed(value);
  } else {
    to.text(value);
  }
}

}  // namespace gatehouse::detail::server
