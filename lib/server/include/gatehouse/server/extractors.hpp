#pragma once
// What a handler takes: parts of the request as values of C++ types, read and checked before the handler runs. A part
// that is missing or not valid is answered with 400 (validation.invalid-parameter); the handler never sees it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gatehouse/http/grammar.hpp>
#include <gatehouse/server/argument_reader.hpp>
#include <gatehouse/server/attachments.hpp>
#include <gatehouse/server/fixed_string.hpp>
#include <gatehouse/server/parameter_value.hpp>

namespace gatehouse {

namespace detail::server {

template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <typename T>
struct without_optional {
  using type = T;
};
template <typename T>
struct without_optional<std::optional<T>> {
  using type = T;
};

template <typename T>
class extracted {
 public:
  extracted() = default;
  explicit extracted(T value) : value_(std::move(value)) {}
  [[nodiscard]] const T& operator*() const noexcept { return value_; }
  [[nodiscard]] const T* operator->() const noexcept { return &value_; }
  [[nodiscard]] const T& value() const noexcept { return value_; }

 private:
  T value_{};
};

}  // namespace detail::server

// T is an integer (decimal: no "+", no leading zeros, in range), double (as JSON writes numbers), bool (true or false),
// std::string, or std::string_view, which lives until the handler returns and therefore is not for gh::blocking. Texts
// are percent-decoded exactly once, valid UTF-8 and without NUL.

/// A parameter of the route's pattern, "/notes/:id". A name that the pattern has not is an error at start-up.
template <fixed_string Name, typename T = std::string>
class path : public detail::server::extracted<T> {
  static_assert(detail::server::parameter_value<T>,
                "gh::path<\"name\", T>: T is an integer, double, bool, std::string or "
                "std::string_view");
  using detail::server::extracted<T>::extracted;
};

/// A value of the query, "?name=value". std::optional<T>: may be missing. Sent twice: 400.
template <fixed_string Name, typename T = std::string>
class query : public detail::server::extracted<T> {
  static_assert(
      detail::server::parameter_value<typename detail::server::without_optional<T>::type>,
      "gh::query<\"name\", T>: T is an integer, double, bool, std::string or std::string_view, or an optional of it");
  using detail::server::extracted<T>::extracted;
};

/// A field of the request, any case. std::optional<T>: may be missing. Sent in two lines: 400.
template <fixed_string Name, typename T = std::string>
class header : public detail::server::extracted<T> {
  static_assert(grammar::is_token(Name.view()), "gh::header<\"name\">: not a field name");
  static_assert(
      detail::server::parameter_value<typename detail::server::without_optional<T>::type>,
      "gh::header<\"name\", T>: T is an integer, double, bool, std::string or std::string_view, or an optional of it");
  using detail::server::extracted<T>::extracted;
};

/// A cookie, its name in this case, its value as sent. std::optional<T>: may be missing. Sent twice: 400.
template <fixed_string Name, typename T = std::string>
class cookie : public detail::server::extracted<T> {
  static_assert(grammar::is_token(Name.view()), "gh::cookie<\"name\">: not a cookie's name");
  static_assert(
      detail::server::parameter_value<typename detail::server::without_optional<T>::type>,
      "gh::cookie<\"name\", T>: T is an integer, double, bool, std::string or std::string_view, or an optional of it");
  using detail::server::extracted<T>::extracted;
};

/// What middleware attached to the request (next::attach). Nothing of this type attached: 500, because the route
/// stands outside of the group whose middleware does it.
template <typename T>
class attached : public detail::server::extracted<std::shared_ptr<const T>> {
  using detail::server::extracted<std::shared_ptr<const T>>::extracted;

 public:
  [[nodiscard]] const T& operator*() const noexcept { return *this->value(); }
  [[nodiscard]] const T* operator->() const noexcept { return this->value().get(); }
};

// The content. MaxBytes 0: limits.body_bytes; more: 413. The view lives until the handler returns, in gh::blocking,
// too.

/// Text: Content-Type text/* in UTF-8 (else 415), valid (else 400), not compressed.
template <std::uint64_t MaxBytes>
class limited_body_text : public detail::server::extracted<std::string_view> {
  using extracted::extracted;
};
using body_text = limited_body_text<0>;

/// Bytes of any type, as sent.
template <std::uint64_t MaxBytes>
class limited_body_bytes : public detail::server::extracted<std::string_view> {
  using extracted::extracted;
};
using body_bytes = limited_body_bytes<0>;

namespace detail::server {

/// What a parameter of a handler is. A specialisation has: `path_name` (empty if it is none), `is_body`, `max_bytes`,
/// `borrows` (a view that must not leave the loop), `is_request`, and read(): false when the reader refused.
/// (gh::body<T>, content checked by a schema, gets its own here.)
struct argument_base {
  static constexpr std::string_view path_name{};
  static constexpr bool is_body = false;
  static constexpr std::uint64_t max_bytes = 0;
  static constexpr bool borrows = false;
  static constexpr bool is_request = false;
};
template <typename A>
struct argument : argument_base {
  static constexpr bool is_supported = false;
};

template <typename A, typename T>
bool read_value(argument_reader& from, argument_reader::lookup found, std::string_view text, A& out) {
  using value = typename without_optional<T>::type;
  if (found == argument_reader::lookup::refused) return false;
  if (found == argument_reader::lookup::missing) {
    return is_optional<T> || from.refuse(reason::validation_invalid_parameter);
  }
  value parsed{};
  if (!parse_value(text, parsed)) return from.refuse(reason::validation_invalid_parameter);
  out = A{T{std::move(parsed)}};
  return true;
}

template <typename T>
inline constexpr bool is_view = std::is_same_v<typename without_optional<T>::type, std::string_view>;

template <fixed_string Name, typename T>
struct argument<path<Name, T>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr std::string_view path_name = Name.view();
  static constexpr bool borrows = is_view<T>;
  static bool read(argument_reader& from, path<Name, T>& out) {
    std::string_view text;
    const auto found = from.path(Name.view(), text);
    return read_value<path<Name, T>, T>(from, found, text, out);
  }
};
template <fixed_string Name, typename T>
struct argument<query<Name, T>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool borrows = is_view<T>;
  static bool read(argument_reader& from, query<Name, T>& out) {
    std::string_view text;
    const auto found = from.query(Name.view(), text);
    return read_value<query<Name, T>, T>(from, found, text, out);
  }
};
template <fixed_string Name, typename T>
struct argument<header<Name, T>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool borrows = is_view<T>;
  static bool read(argument_reader& from, header<Name, T>& out) {
    std::string_view text;
    const auto found = from.header(Name.view(), text);
    return read_value<header<Name, T>, T>(from, found, text, out);
  }
};
template <fixed_string Name, typename T>
struct argument<cookie<Name, T>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool borrows = is_view<T>;
  static bool read(argument_reader& from, cookie<Name, T>& out) {
    std::string_view text;
    const auto found = from.cookie(Name.view(), text);
    return read_value<cookie<Name, T>, T>(from, found, text, out);
  }
};
template <std::uint64_t MaxBytes>
struct argument<limited_form<MaxBytes>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool is_body = true;
  static constexpr std::uint64_t max_bytes = MaxBytes;
  static bool read(argument_reader& from, limited_form<MaxBytes>& out) { return from.form(out); }
};
template <std::uint64_t MaxBytes>
struct argument<limited_multipart<MaxBytes>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool is_body = true;
  static constexpr std::uint64_t max_bytes = MaxBytes;
  static bool read(argument_reader& from, limited_multipart<MaxBytes>& out) { return from.multipart(out); }
};
template <std::uint64_t MaxBytes>
struct argument<limited_body_text<MaxBytes>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool is_body = true;
  static constexpr std::uint64_t max_bytes = MaxBytes;
  static bool read(argument_reader& from, limited_body_text<MaxBytes>& out) {
    std::string_view text;
    if (!from.body_text(text)) return false;
    out = limited_body_text<MaxBytes>{text};
    return true;
  }
};
template <std::uint64_t MaxBytes>
struct argument<limited_body_bytes<MaxBytes>> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool is_body = true;
  static constexpr std::uint64_t max_bytes = MaxBytes;
  static bool read(argument_reader& from, limited_body_bytes<MaxBytes>& out) {
    out = limited_body_bytes<MaxBytes>{from.body_bytes()};
    return true;
  }
};
template <typename T>
struct argument<attached<T>> : argument_base {
  static constexpr bool is_supported = true;
  static bool read(argument_reader& from, attached<T>& out) {
    const attachments* const all = from.source().attached;
    auto value = all == nullptr ? nullptr : all->get<T>();
    if (value == nullptr) return from.refuse(reason::server_handler_failed);
    out = attached<T>{std::move(value)};
    return true;
  }
};
template <>
struct argument<request> : argument_base {
  static constexpr bool is_supported = true;
  static constexpr bool is_request = true;
  static bool read(argument_reader& from, request& out) {
    out = request{from.source()};
    return true;
  }
};

}  // namespace detail::server
}  // namespace gatehouse
