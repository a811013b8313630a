#pragma once
// Where a parser of structured fields stands.

#include <cstddef>
#include <string_view>

#include <gatehouse/http/structured_field.hpp>

namespace gatehouse::detail::http {

/// A place in a text. What fails says so once, here; who called it only passes the false on.
class structured_cursor {
 public:
  explicit structured_cursor(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
  /// NUL at the end, which no field may have.
  [[nodiscard]] char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
  /// Not at the end.
  void advance() noexcept { ++at_; }
  [[nodiscard]] bool take(char expected) noexcept {
    if (at_end() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }
  void skip_spaces() noexcept {
    while (take(' ')) {
    }
  }
  /// OWS, RFC 9110 section 5.6.3.
  void skip_optional_whitespace() noexcept {
    while (take(' ') || take('\t')) {
    }
  }
  /// The longest text of such characters; may be empty.
  template <typename Condition>
  [[nodiscard]] std::string_view take_while(Condition condition) noexcept {
    const std::size_t start = at_;
    while (!at_end() && condition(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  [[nodiscard]] std::size_t offset() const noexcept { return at_; }
  /// False, always, so that a parser can return it. `expected` is static text.
  [[nodiscard]] bool fail(std::string_view expected) noexcept { return fail_at(at_, expected); }
  [[nodiscard]] bool fail_at(std::size_t offset, std::string_view expected) noexcept {
    error_ = {.offset = offset, .expected = expected};
    return false;
  }
  [[nodiscard]] const structured::parse_error& error() const noexcept { return error_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  structured::parse_error error_{};
};

/// RFC 9651 section 4.2.3.1. False: the cursor knows why.
[[nodiscard]] bool parse_bare_item(structured_cursor& in, structured::bare_item& out);

}  // namespace gatehouse::detail::http
