#pragma once
// HTML that no text from outside can break out of: gh::html is made of literals, which the compiler judges, and of
// encoded text. What a response is told to be HTML is of this type.
//
//   gh::html item = gh::html::format("<li title=\"{}\"><a href=\"/notes/{}\">{}</a></li>", note.title, note.id,
//   note.title); gh::html page{"<!doctype html><title>Notes</title>"}; page += item;

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gatehouse/http/encode.hpp>
#include <gatehouse/http/html_template.hpp>

namespace gatehouse {

class html;

namespace detail::http {

/// A literal of HTML; does not compile if it could change what stands beside it.
class html_literal {
 public:
  template <std::size_t Size>
  consteval html_literal(const char (&literal)[Size])
      : text_(literal, Size - 1) {  // NOLINT(google-explicit-constructor)
    require_good_html(html_literal_fault(text_));
  }
  [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
};

template <typename T>
inline constexpr bool is_html_number = std::is_arithmetic_v<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

template <typename T>
consteval html_argument_kind html_argument_kind_of() {
  static_assert(std::same_as<T, html> || std::same_as<T, safe_url> || is_html_number<T> ||
                    std::is_convertible_v<const T&, std::string_view>,
                "html::format takes text, numbers, gh::html and gh::safe_url");
  if (std::same_as<T, html>) return html_argument_kind::markup;
  return std::same_as<T, safe_url> ? html_argument_kind::url : html_argument_kind::text;
}

/// A literal with "{}" where arguments go; does not compile if one of them would stand where encoding it does not help.
template <typename... Arguments>
class html_template {
 public:
  template <std::size_t Size>
  consteval html_template(const char (&literal)[Size])
      : text_(literal, Size - 1) {  // NOLINT(google-explicit-constructor)
    constexpr html_argument_kind kinds[] = {html_argument_kind_of<Arguments>()..., html_argument_kind::text};
    require_good_html(html_template_fault(text_, kinds, slots_, sizeof...(Arguments)));
  }
  [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }
  [[nodiscard]] constexpr const html_slot* slots() const noexcept { return slots_; }

 private:
  std::string_view text_;
  html_slot slots_[sizeof...(Arguments) + 1]{};
};

/// What stands in a slot, encoded for it. Markup is not looked at: only html is.
void append_slot(std::string& to, html_place place, html_argument_kind kind, std::string_view text);
[[nodiscard]] std::string decimal(std::int64_t number);
[[nodiscard]] std::string decimal(std::uint64_t number);
[[nodiscard]] std::string decimal(double number);

}  // namespace detail::http

/// Whole pieces of HTML: each begins and ends between tags, so that any two make a third.
class html {
 public:
  html() = default;
  /// Only of a literal.
  explicit html(detail::http::html_literal literal) : text_(literal.text()) {}

  /// Text, to stand between tags.
  [[nodiscard]] static html encoded(std::string_view text) {
    html out;
    encode::append_html(out.text_, text);
    return out;
  }

  /// The literal with each "{}" replaced by an argument: text or a number, encoded for where it stands, html between
  /// tags as it is, or a safe_url as the whole value of href, src, action, formaction, poster or cite. Text behind the
  /// literal beginning of such a URL is percent-encoded. "{}" in a script, a style, a comment, a tag's or an
  /// attribute's name, an unquoted value or an attribute that is more than text (on..., style, srcdoc, srcset,
  /// target...) does not compile.
  template <typename... Arguments>
  [[nodiscard]] static html format(detail::http::html_template<std::type_identity_t<Arguments>...> literal,
                                   const Arguments&... arguments) {
    html out;
    const detail::http::html_slot* slot = literal.slots();
    std::size_t at = 0;
    const auto add = [&]<typename T>(const T& argument) {
      out.text_.append(literal.text(), at, slot->at - at);
      at = slot->at + 2;
      append_argument(out.text_, slot++->place, argument);
    };
    (add(arguments), ...);
    out.text_.append(literal.text(), at);
    return out;
  }

  /// One behind the other, with `between` them.
  [[nodiscard]] static html join(std::span<const html> pieces, const html& between = {});

  /// <script type="application/json" id="...">: JSON for the page's own script, JSON.parse(document.getElementById(id)
  /// .textContent). Never run as a script, whatever it is; needs no 'unsafe-inline'.
  [[nodiscard]] static html data_block(std::string_view id, std::string_view json);

  /// Says of any text that it is HTML. Whoever wrote the text can run scripts in the pages that show it: for what was
  /// made by a template engine or a sanitizer, and never for what came with a request.
  [[nodiscard]] static html dangerously_unescaped(std::string markup) {
    html out;
    out.text_ = std::move(markup);
    return out;
  }

  html& operator+=(const html& more) {
    text_ += more.text_;
    return *this;
  }
  html& operator+=(detail::http::html_literal more) {
    text_ += more.text();
    return *this;
  }
  [[nodiscard]] friend html operator+(html a, const html& b) { return std::move(a += b); }
  friend bool operator==(const html&, const html&) = default;

  [[nodiscard]] const std::string& text() const& noexcept { return text_; }
  [[nodiscard]] std::string text() && noexcept { return std::move(text_); }

 private:
  template <typename T>
  static void append_argument(std::string& to, detail::http::html_place place, const T& argument) {
    using kind = detail::http::html_argument_kind;
    if constexpr (std::same_as<T, html>) {
      detail::http::append_slot(to, place, kind::markup, argument.text_);
    } else if constexpr (std::same_as<T, safe_url>) {
      detail::http::append_slot(to, place, kind::url, argument.text());
    } else if constexpr (std::floating_point<T>) {
      detail::http::append_slot(to, place, kind::text, detail::http::decimal(static_cast<double>(argument)));
    } else if constexpr (std::signed_integral<T>) {
      detail::http::append_slot(to, place, kind::text, detail::http::decimal(static_cast<std::int64_t>(argument)));
    } else if constexpr (std::integral<T>) {
      detail::http::append_slot(to, place, kind::text, detail::http::decimal(static_cast<std::uint64_t>(argument)));
    } else {
      detail::http::append_slot(to, place, kind::text, argument);
    }
  }

  std::string text_;
};

}  // namespace gatehouse
