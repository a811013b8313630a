#pragma once
// Structured fields, RFC 9651: what Permissions-Policy, Client-Cert, Reporting-Endpoints, RateLimit and most new fields
// are made of. Pure. Values own their text, so nothing borrows from what was parsed. The names are the RFC's, in a
// namespace of their own because `item` and `date` alone would say nothing.
//
//   dictionary policy;
//   policy.set("camera", inner_list{}).set("fullscreen", inner_list{.items = {token{"self"}, "https://a.example"}});
//   serialize(policy)                             // camera=(), fullscreen=(self "https://a.example")
//   parse_item("1;a").value().value.as_integer()  // 1

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/http/fields.hpp>
#include <gatehouse/http/grammar.hpp>

namespace gatehouse::structured {

// What is parsed at most; RFC 9651 section 3 names these numbers as the least that a parser takes. Members and
// parameters count as often as they are written, so that repeating one is no way around. Values have no bound of their
// own below max_field_bytes. What a hostile field takes is some 40 times its size, while it is held.
inline constexpr std::size_t max_field_bytes = std::size_t{64} * 1024;  ///< all lines of the field together
inline constexpr std::size_t max_list_members = 1024;
inline constexpr std::size_t max_dictionary_members = 1024;
inline constexpr std::size_t max_inner_list_items = 256;
inline constexpr std::size_t max_parameters = 256;  ///< of one item or inner list

/// Of an integer, of a date's seconds and of a decimal's thousandths, with either sign: 15 digits (sections 3.3.1, 2,
/// 7).
inline constexpr std::int64_t max_number = 999'999'999'999'999;

/// Section 3.1.2: the name of a parameter or of a member of a dictionary. No capitals.
[[nodiscard]] constexpr bool is_key_start(char c) noexcept { return (c >= 'a' && c <= 'z') || c == '*'; }
[[nodiscard]] constexpr bool is_key_char(char c) noexcept {
  return is_key_start(c) || ascii::is_digit(c) || c == '_' || c == '-' || c == '.';
}
[[nodiscard]] constexpr bool is_key(std::string_view text) noexcept {
  return !text.empty() && is_key_start(text.front()) && std::all_of(text.begin(), text.end(), is_key_char);
}
/// Section 3.3.4; more than RFC 9110's token in what it may have (":" and "/"), less in what it may begin with.
[[nodiscard]] constexpr bool is_token_start(char c) noexcept { return ascii::is_alpha(c) || c == '*'; }
[[nodiscard]] constexpr bool is_token_char(char c) noexcept {
  return grammar::is_token_char(c) || c == ':' || c == '/';
}
[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && is_token_start(text.front()) && std::all_of(text.begin(), text.end(), is_token_char);
}
/// Section 3.3.3: what a string may have. No TAB, nothing beyond ASCII: that is a display string.
[[nodiscard]] constexpr bool is_string_char(char c) noexcept { return c >= ' ' && c <= '~'; }

static_assert(is_key("a*_-.9") && is_key("*") && !is_key("") && !is_key("A") && !is_key("9a") && !is_key("a b"));
static_assert(is_token("*/*") && is_token("a:b") && !is_token("") && !is_token("9a") && !is_token("a b"));

/// Section 3.3.2: a number with up to 12 digits before the point and 3 behind it, held exactly.
struct decimal {
  std::int64_t thousandths = 0;

  /// Rounded as section 4.1.5 says, to even when it is in the middle, judged by the shortest digits that mean `value`
  /// (0.0025 is in the middle, whatever its binary form). Nothing when that is out of range or `value` is no number.
  [[nodiscard]] static std::optional<decimal> nearest(double value) noexcept;
  [[nodiscard]] constexpr double as_double() const noexcept { return static_cast<double>(thousandths) / 1000; }
  friend constexpr bool operator==(const decimal&, const decimal&) noexcept = default;
};
/// Section 3.3.4; see is_token().
struct token {
  std::string text{};
  friend bool operator==(const token&, const token&) noexcept = default;
};
/// Section 3.3.5: any bytes; base64 is only how they are written.
struct byte_sequence {
  std::string bytes{};
  friend bool operator==(const byte_sequence&, const byte_sequence&) noexcept = default;
};
/// Section 3.3.7: seconds since 1970-01-01T00:00:00Z, without leap seconds; negative before.
struct date {
  std::int64_t seconds = 0;
  friend constexpr bool operator==(const date&, const date&) noexcept = default;
};
/// Section 3.3.8: UTF-8. It may have line breaks, NUL and anything else of Unicode: only the serialiser may write it
/// into a field.
struct display_string {
  std::string text{};
  friend bool operator==(const display_string&, const display_string&) noexcept = default;
};

/// Section 3.3. Made from what it holds: 1, "text", true, token{"a"}, date{0}.
class bare_item {
 public:
  enum class type : unsigned char { integer, decimal, string, token, byte_sequence, boolean, date, display_string };

  bare_item() noexcept : value_(true) {}  // what a key without a value means
  template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
  bare_item(Number number) noexcept  // one that no int64_t holds is out of range for the serialiser, too
      : value_(std::in_range<std::int64_t>(number) ? static_cast<std::int64_t>(number)
                                                   : std::numeric_limits<std::int64_t>::max()) {}
  template <std::same_as<bool> Boolean>  // no pointer is one
  bare_item(Boolean boolean) noexcept : value_(boolean) {}
  bare_item(const char* string) : value_(std::string{string}) {}
  bare_item(std::nullptr_t) = delete;
  bare_item(std::string_view string) : value_(std::string{string}) {}
  bare_item(std::string string) noexcept : value_(std::move(string)) {}
  bare_item(structured::decimal number) noexcept : value_(number) {}
  bare_item(structured::token t) noexcept : value_(std::move(t)) {}
  bare_item(structured::byte_sequence b) noexcept : value_(std::move(b)) {}
  bare_item(structured::date d) noexcept : value_(d) {}
  bare_item(structured::display_string d) noexcept : value_(std::move(d)) {}

  [[nodiscard]] type kind() const noexcept { return static_cast<type>(value_.index()); }
  // The value, or nothing when it is of another type. Texts are views into this item.
  [[nodiscard]] std::optional<std::int64_t> as_integer() const noexcept { return copy<std::int64_t>(); }
  [[nodiscard]] std::optional<structured::decimal> as_decimal() const noexcept { return copy<structured::decimal>(); }
  [[nodiscard]] std::optional<std::string_view> as_string() const noexcept GATEHOUSE_LIFETIME_BOUND {
    const auto* const held = std::get_if<std::string>(&value_);
    return held == nullptr ? std::nullopt : std::optional<std::string_view>{*held};
  }
  [[nodiscard]] std::optional<std::string_view> as_token() const noexcept GATEHOUSE_LIFETIME_BOUND {
    const auto* const held = std::get_if<structured::token>(&value_);
    return held == nullptr ? std::nullopt : std::optional<std::string_view>{held->text};
  }
  [[nodiscard]] std::optional<std::string_view> as_byte_sequence() const noexcept GATEHOUSE_LIFETIME_BOUND {
    const auto* const held = std::get_if<structured::byte_sequence>(&value_);
    return held == nullptr ? std::nullopt : std::optional<std::string_view>{held->bytes};
  }
  [[nodiscard]] std::optional<bool> as_boolean() const noexcept { return copy<bool>(); }
  [[nodiscard]] std::optional<structured::date> as_date() const noexcept { return copy<structured::date>(); }
  [[nodiscard]] std::optional<std::string_view> as_display_string() const noexcept GATEHOUSE_LIFETIME_BOUND {
    const auto* const held = std::get_if<structured::display_string>(&value_);
    return held == nullptr ? std::nullopt : std::optional<std::string_view>{held->text};
  }
  /// Calls `visitor` with the std::int64_t, decimal, std::string, token, byte_sequence, bool, date or display_string.
  template <typename Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return std::visit(std::forward<Visitor>(visitor), value_);
  }

  friend bool operator==(const bare_item&, const bare_item&) noexcept = default;

 private:
  template <typename T>
  [[nodiscard]] std::optional<T> copy() const noexcept {
    const T* const held = std::get_if<T>(&value_);
    return held == nullptr ? std::nullopt : std::optional<T>{*held};
  }
  // In the order of `type`.
  std::variant<std::int64_t, structured::decimal, std::string, structured::token, structured::byte_sequence, bool,
               structured::date, structured::display_string>
      value_;
};

static_assert(!std::convertible_to<double, bare_item>);  // decimal::nearest() may say no
static_assert(!std::convertible_to<char, bare_item> && !std::convertible_to<const int*, bare_item>);

/// Keys with values, in order; each key stands there once. A key is judged when it is serialised.
template <typename Value>
class ordered_map {
 public:
  struct entry {
    std::string key{};
    Value value{};
    friend bool operator==(const entry&, const entry&) noexcept = default;
  };

  ordered_map() noexcept = default;
  /// Of several with one key the last value counts, at the place of the first (sections 4.2.2 and 4.2.3.2).
  explicit ordered_map(std::vector<entry> entries) : entries_(std::move(entries)) { drop_repeated(); }
  ordered_map(std::initializer_list<entry> entries) : ordered_map(std::vector<entry>(entries)) {}

  /// Adds it at the end, or gives the key that is there another value.
  ordered_map& set(std::string_view key, Value value) {
    const auto at = std::ranges::find(entries_, key, &entry::key);
    if (at == entries_.end()) {
      entries_.push_back({.key = std::string{key}, .value = std::move(value)});
    } else {
      at->value = std::move(value);
    }
    return *this;
  }
  /// nullptr when there is none. Valid until this map changes.
  [[nodiscard]] const Value* find(std::string_view key) const noexcept GATEHOUSE_LIFETIME_BOUND {
    const auto at = std::ranges::find(entries_, key, &entry::key);
    return at == entries_.end() ? nullptr : &at->value;
  }
  [[nodiscard]] bool contains(std::string_view key) const noexcept { return find(key) != nullptr; }

  [[nodiscard]] auto begin() const noexcept GATEHOUSE_LIFETIME_BOUND { return entries_.begin(); }
  [[nodiscard]] auto end() const noexcept GATEHOUSE_LIFETIME_BOUND { return entries_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  friend bool operator==(const ordered_map&, const ordered_map&) noexcept = default;

 private:
  // Sorted, because a search for each of them would make a field of a thousand keys cost milliseconds.
  void drop_repeated() {
    std::vector<std::size_t> by_key(entries_.size());
    for (std::size_t i = 0; i < by_key.size(); ++i) by_key[i] = i;
    std::ranges::sort(by_key, {}, [this](std::size_t i) { return std::pair{std::string_view{entries_[i].key}, i}; });
    std::vector<bool> repeats(entries_.size());
    std::size_t first = 0;  // in by_key: the first of those with its key
    for (std::size_t i = 1; i < by_key.size(); ++i) {
      if (entries_[by_key[first]].key != entries_[by_key[i]].key) {
        first = i;
        continue;
      }
      repeats[by_key[i]] = true;
      entries_[by_key[first]].value = std::move(entries_[by_key[i]].value);
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (repeats[i]) continue;
      if (kept != i) entries_[kept] = std::move(entries_[i]);
      ++kept;
    }
    entries_.resize(kept);
  }

  std::vector<entry> entries_{};
};

/// Section 3.1.2.
using parameters = ordered_map<bare_item>;

/// Section 3.3: a bare item with parameters. A bare item converts to it.
struct item {
  bare_item value{};
  structured::parameters parameters{};

  item() noexcept = default;
  template <std::convertible_to<bare_item> Value>
  item(Value&& v, structured::parameters p = {}) : value(std::forward<Value>(v)), parameters(std::move(p)) {}
  friend bool operator==(const item&, const item&) noexcept = default;
};

/// Section 3.1.1: items in parentheses, with parameters of the whole.
struct inner_list {
  std::vector<item> items{};
  structured::parameters parameters{};
  friend bool operator==(const inner_list&, const inner_list&) noexcept = default;
};

/// What a list or a dictionary has: an item or an inner list. Whatever makes an item converts to it.
class member {
 public:
  member() noexcept = default;  // true, as an item without a value
  template <std::convertible_to<item> Item>
  member(Item&& i) : value_(std::in_place_type<item>, std::forward<Item>(i)) {}
  member(inner_list l) noexcept : value_(std::move(l)) {}

  /// nullptr when it is the other. Valid as long as this member.
  [[nodiscard]] const item* as_item() const noexcept GATEHOUSE_LIFETIME_BOUND { return std::get_if<item>(&value_); }
  [[nodiscard]] const inner_list* as_inner_list() const noexcept GATEHOUSE_LIFETIME_BOUND {
    return std::get_if<inner_list>(&value_);
  }
  friend bool operator==(const member&, const member&) noexcept = default;

 private:
  std::variant<item, inner_list> value_{};
};

using list = std::vector<member>;        ///< section 3.1
using dictionary = ordered_map<member>;  ///< section 3.2

/// Where a text is no such field, and what would have to stand there.
struct parse_error {
  std::size_t offset = 0;       ///< in bytes; the size of the text when it ends too soon
  std::string_view expected{};  ///< "a key", "a digit": static text
  friend constexpr bool operator==(const parse_error&, const parse_error&) noexcept = default;
};

/// The whole of a field value as an item, list or dictionary: RFC 9651 section 4.2. An empty value is an empty list or
/// dictionary, and no item. A field that does not parse is to be ignored as if it were not there (section 4.2), or
/// refused; never used in part.
[[nodiscard]] result<item, parse_error> parse_item(std::string_view value);
[[nodiscard]] result<list, parse_error> parse_list(std::string_view value);
[[nodiscard]] result<dictionary, parse_error> parse_dictionary(std::string_view value);

/// All lines of this name as one value, joined by ", " (section 4.2: parsers must combine them): what is to be parsed.
/// Empty when there is none. `id` is not `other`; a name may be known or not.
[[nodiscard]] std::string combined(const fields& message, field id);
[[nodiscard]] std::string combined(const fields& message, std::string_view name);

/// The first value that no field may have.
enum class serialize_error : unsigned char {
  invalid_key,             ///< not is_key()
  integer_out_of_range,    ///< beyond max_number, also of a date
  decimal_out_of_range,    ///< thousandths beyond max_number
  invalid_string,          ///< a byte that is not is_string_char()
  invalid_token,           ///< not is_token()
  invalid_display_string,  ///< not UTF-8
};

/// RFC 9651 section 4.1: the one canonical form. Empty for an empty list or dictionary, which means that no field is to
/// be sent at all. What it returns can go into a field as it is: visible ASCII and spaces.
[[nodiscard]] result<std::string, serialize_error> serialize(const item& i);
[[nodiscard]] result<std::string, serialize_error> serialize(const list& l);
[[nodiscard]] result<std::string, serialize_error> serialize(const dictionary& d);

}  // namespace gatehouse::structured
