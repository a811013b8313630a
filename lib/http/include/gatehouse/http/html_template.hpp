#pragma once
// Judges literals of HTML while they are compiled: whether browsers read them as they look, whether they begin and end
// between tags, so that joining such pieces never changes what another one means, and where their placeholders stand.
// It knows a small part of HTML, in which tokenizers agree, and refuses the rest: it is no parser for what others
// wrote. https://html.spec.whatwg.org/#tokenization

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse::detail::http {

enum class html_fault : std::uint8_t {
  none,
  stray_angle,         ///< "<" that begins no tag
  stray_ampersand,     ///< the literal, or what stands before a placeholder, ends within a reference: "&am"
  unclosed,            ///< the literal ends within a tag, a comment or a raw-text element
  tag,                 ///< a tag that is not written <name a="b" c='d' e=f g>
  declaration,         ///< "<!" that is neither a plain comment nor <!doctype html>, or "<?"
  element,             ///< plaintext, which never ends
  raw_text,            ///< in script, style and the like a "<" that could begin a tag or a comment
  placeholder_place,   ///< neither between tags nor in a value between quotes
  placeholder_script,  ///< in script, style and other raw text
  code_element,        ///< in an attribute of an element that loads or runs what it names: script, link, iframe...
  code_attribute,      ///< in an attribute that may be code, a style, or is not known
  url_start,           ///< a URL whose literal beginning does not say where it leads
  url_rest,            ///< something beside a placeholder that is the whole URL
  count,               ///< not as many arguments as placeholders
  markup_argument,     ///< html where only text can stand
  url_argument,        ///< text where a whole URL stands: gh::safe_url
};

/// What stands where a placeholder is.
enum class html_place : std::uint8_t {
  content,   ///< between tags: text or html
  text,      ///< in title or textarea: text only
  value,     ///< in an attribute between quotes
  url,       ///< the whole value of an attribute that is a URL
  url_part,  ///< behind the literal beginning of a URL: percent-encoded
};

/// Goes through `literal` once; `visit(offset, place)` for each "{}", if `placeholders` are looked for.
template <typename Visit>
class html_scanner {
 public:
  constexpr html_scanner(std::string_view literal, bool placeholders, Visit visit) noexcept
      : text_(literal), placeholders_(placeholders), visit_(visit) {}

  constexpr html_fault scan() {
    while (at_ < text_.size() && fault_ == html_fault::none) {
      if (at_placeholder()) {
        place(html_place::content);
      } else if (text_[at_] == '<') {
        if (in_reference_) return html_fault::stray_ampersand;
        markup();
      } else {
        step();
      }
    }
    if (fault_ == html_fault::none && in_reference_) return html_fault::stray_ampersand;
    return fault_;
  }

 private:
  // --- Steps -------------------------------------------------------------------------------------------------------
  [[nodiscard]] constexpr std::string_view rest() const noexcept { return text_.substr(at_); }
  [[nodiscard]] constexpr bool at_placeholder() const noexcept { return placeholders_ && rest().starts_with("{}"); }
  [[nodiscard]] constexpr char peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  constexpr void fail(html_fault f) noexcept { fault_ = f; }
  /// A character of text or of a value: is what comes next part of a reference that is not ended yet?
  constexpr void step() noexcept {
    const char c = text_[at_++];
    in_reference_ = c == '&' || (in_reference_ && (ascii::is_alnum(c) || c == '#'));
  }
  constexpr void place(html_place where) {
    if (in_reference_) return fail(html_fault::stray_ampersand);
    visit_(at_, where);
    at_ += 2;
  }
  constexpr std::string_view name_of(std::string_view others) noexcept {
    const std::size_t begin = at_;
    if (!ascii::is_alpha(peek())) return {};
    while (at_ < text_.size() && (ascii::is_alnum(peek()) || others.find(peek()) != std::string_view::npos)) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  template <std::size_t Size>
  static constexpr bool is_one_of(std::string_view name, const std::array<std::string_view, Size>& names) noexcept {
    for (const std::string_view n : names) {
      if (ascii::equal_ignoring_case(n, name)) return true;
    }
    return false;
  }

  // --- Tags --------------------------------------------------------------------------------------------------------
  constexpr void markup() {
    const char next = peek(1);
    if (next == '!' || next == '?') return declaration();
    if (next == '/') return end_tag();
    if (!ascii::is_alpha(next)) return fail(html_fault::stray_angle);
    ++at_;
    start_tag(name_of("-"));
  }

  constexpr void declaration() {
    constexpr std::string_view doctype = "<!doctype html>";
    if (ascii::equal_ignoring_case(rest().substr(0, doctype.size()), doctype)) {
      at_ += doctype.size();
      return;
    }
    if (!rest().starts_with("<!--")) return fail(html_fault::declaration);
    const std::size_t end = text_.find("-->", at_ + 4);
    if (end == std::string_view::npos) return fail(html_fault::unclosed);
    const std::string_view inside = text_.substr(at_ + 4, end - at_ - 4);
    // What some readers end a comment with, or begin another one: "<!-->", "--!>", "<!--" in it.
    if (inside.find_first_of("<>") != std::string_view::npos || inside.find("--") != std::string_view::npos ||
        inside.ends_with('-')) {
      return fail(html_fault::declaration);
    }
    if (placeholders_ && inside.find("{}") != std::string_view::npos) return fail(html_fault::placeholder_place);
    at_ = end + 3;
  }

  constexpr void end_tag() {
    at_ += 2;
    if (name_of("-").empty()) return fail(html_fault::tag);
    if (at_placeholder()) return fail(html_fault::placeholder_place);
    if (at_ == text_.size()) return fail(html_fault::unclosed);
    if (text_[at_++] != '>') fail(html_fault::tag);
  }

  constexpr void start_tag(std::string_view name) {
    if (ascii::equal_ignoring_case(name, "plaintext")) return fail(html_fault::element);
    while (true) {
      const std::size_t before = at_;
      while (peek() == ' ' || peek() == '\t' || peek() == '\n') ++at_;
      if (at_placeholder()) return fail(html_fault::placeholder_place);
      if (at_ == text_.size()) return fail(html_fault::unclosed);
      const bool closes_itself = rest().starts_with("/>");
      if (closes_itself || peek() == '>') {
        at_ += closes_itself ? 2 : 1;
        return after_start_tag(name, closes_itself);
      }
      if (before == at_) return fail(html_fault::tag);  // <a"b">, <a b="c"d>
      attribute(name);
      if (fault_ != html_fault::none) return;
    }
  }

  constexpr void after_start_tag(std::string_view name, bool closes_itself) {
    constexpr std::array<std::string_view, 7> raw{"script",  "style",    "xmp",     "iframe",
                                                  "noembed", "noframes", "noscript"};
    constexpr std::array<std::string_view, 2> escapable{"title", "textarea"};
    const bool is_escapable = is_one_of(name, escapable);
    if (!is_escapable && !is_one_of(name, raw)) return;
    if (closes_itself) return fail(html_fault::tag);  // in SVG it does, in HTML it does not
    raw_text(name, is_escapable);
  }

  /// Up to the end tag. In SVG this would be markup: so there must be none, and both readings are one.
  constexpr void raw_text(std::string_view name, bool is_escapable) {
    while (at_ < text_.size()) {
      if (at_placeholder()) {
        if (!is_escapable) return fail(html_fault::placeholder_script);
        place(html_place::text);
        if (fault_ != html_fault::none) return;
      } else if (peek() == '<' && peek(1) == '/' && ascii::equal_ignoring_case(rest().substr(2, name.size()), name) &&
                 peek(2 + name.size()) == '>') {
        if (in_reference_ && is_escapable) return fail(html_fault::stray_ampersand);
        in_reference_ = false;
        at_ += name.size() + 3;
        return;
      } else if (peek() == '<' && (ascii::is_alpha(peek(1)) || peek(1) == '/' || peek(1) == '!' || peek(1) == '?')) {
        return fail(html_fault::raw_text);
      } else {
        step();
      }
    }
    fail(html_fault::unclosed);
  }

  // --- Attributes --------------------------------------------------------------------------------------------------
  constexpr void attribute(std::string_view element) {
    const std::string_view name = name_of("-:_.");
    if (name.empty()) return fail(html_fault::tag);
    if (peek() != '=') return;
    ++at_;
    if (at_placeholder()) return fail(html_fault::placeholder_place);
    if (peek() == '"' || peek() == '\'') return quoted(element, name);
    // Only what every reader ends at the same place, and never "/", which may end the tag.
    const std::size_t begin = at_;
    while (ascii::is_alnum(peek()) || peek() == '-' || peek() == '.' || peek() == '_') ++at_;
    if (at_placeholder()) return fail(html_fault::placeholder_place);
    if (begin == at_ || peek() == '/') return fail(html_fault::tag);
  }

  constexpr void quoted(std::string_view element, std::string_view name) {
    const char quote = text_[at_++];
    const std::size_t begin = at_;
    std::size_t first = std::string_view::npos;  // placeholder
    bool is_whole_url = false;
    while (at_ < text_.size() && peek() != quote) {
      if (is_whole_url) return fail(html_fault::url_rest);
      if (!at_placeholder()) {
        step();
        continue;
      }
      if (first == std::string_view::npos) first = at_;
      const html_place where = place_in(element, name, text_.substr(begin, first - begin));
      if (fault_ != html_fault::none) return;
      is_whole_url = where == html_place::url;
      place(where);
      if (fault_ != html_fault::none) return;
    }
    if (at_ == text_.size()) return fail(html_fault::unclosed);
    // A reference that the quote ends is one that nothing comes behind.
    in_reference_ = false;
    ++at_;
  }

  /// `before`: the literal beginning of the value.
  constexpr html_place place_in(std::string_view element, std::string_view name, std::string_view before) {
    constexpr std::array<std::string_view, 14> code{"script", "style",    "link",  "base",   "meta",
                                                    "iframe", "frame",    "embed", "object", "applet",
                                                    "param",  "template", "set",   "animate"};
    constexpr std::array<std::string_view, 6> urls{"href", "src", "action", "formaction", "poster", "cite"};
    constexpr std::array<std::string_view, 32> texts{
        "abbr", "alt",     "autocomplete", "class", "colspan",   "cols",  "datetime", "dir",
        "for",  "headers", "height",       "high",  "id",        "label", "lang",     "list",
        "low",  "max",     "maxlength",    "min",   "minlength", "name",  "optimum",  "placeholder",
        "role", "rows",    "rowspan",      "scope", "size",      "title", "value",    "width"};
    if (is_one_of(element, code)) return fail(html_fault::code_element), html_place::value;
    if (is_one_of(name, urls)) {
      if (before.empty()) return html_place::url;
      if (!says_where(before)) fail(html_fault::url_start);
      return html_place::url_part;
    }
    const bool is_own = ascii::equal_ignoring_case(name.substr(0, 5), "data-") ||
                        ascii::equal_ignoring_case(name.substr(0, 5), "aria-");
    if (!is_own && !is_one_of(name, texts)) fail(html_fault::code_attribute);
    return html_place::value;
  }

  /// Whether a URL that begins so leads to the same site, whatever is percent-encoded behind: not "/", since "/{}/{}"
  /// can become "//host", and not "https://{}".
  static constexpr bool says_where(std::string_view before) noexcept {
    if (before.front() == '#' || before.front() == '?') return true;
    if (before.front() == '/') return before.size() > 1 && before[1] != '/' && before[1] != '\\' && before[1] != '&';
    for (const std::string_view scheme : {"https://", "http://"}) {
      if (!before.starts_with(scheme)) continue;
      std::size_t end = scheme.size();
      while (end < before.size() &&
             (ascii::is_alnum(before[end]) || before[end] == '.' || before[end] == '-' || before[end] == ':')) {
        ++end;
      }
      return end > scheme.size() && end < before.size() && before[end] == '/';
    }
    return false;
  }

  std::string_view text_;
  bool placeholders_;
  Visit visit_;
  std::size_t at_ = 0;
  bool in_reference_ = false;
  html_fault fault_ = html_fault::none;
};

/// Whether `literal` may stand for itself.
constexpr html_fault html_literal_fault(std::string_view literal) {
  const auto nothing = [](std::size_t, html_place) {};
  return html_scanner<decltype(nothing)>{literal, false, nothing}.scan();
}

enum class html_argument_kind : std::uint8_t { text, markup, url };

struct html_slot {
  std::size_t at = 0;
  html_place place = html_place::content;
};

/// Whether these arguments fit into `literal`; `slots` has room for as many and gets where they stand.
constexpr html_fault html_template_fault(std::string_view literal, const html_argument_kind* kinds, html_slot* slots,
                                         std::size_t count) {
  std::size_t found = 0;
  html_fault misfit = html_fault::none;
  const auto note = [&](std::size_t at, html_place place) {
    if (found < count) {
      slots[found] = {.at = at, .place = place};
      if (kinds[found] == html_argument_kind::markup && place != html_place::content) {
        misfit = html_fault::markup_argument;
      }
      if (kinds[found] != html_argument_kind::url && place == html_place::url) misfit = html_fault::url_argument;
    }
    ++found;
  };
  const html_fault fault = html_scanner<decltype(note)>{literal, true, note}.scan();
  if (fault != html_fault::none) return fault;
  return found != count ? html_fault::count : misfit;
}

/// Not constexpr on purpose: reaching it is the error, and compilers show the line that does.
[[noreturn]] void refused_html(const char* what_to_write);

/// Does not compile in a consteval function unless `f` is none.
constexpr void require_good_html(html_fault f) {
  switch (f) {
    case html_fault::none: return;
    case html_fault::stray_angle: refused_html("a < that begins no tag: write &lt;");
    case html_fault::stray_ampersand: refused_html("an & whose reference no ; ends: write &amp;");
    case html_fault::unclosed:
      refused_html("a tag, comment, script, style, title or textarea ends in the same literal");
    case html_fault::tag: refused_html("tags are written <name a=\"b\" c> and </name>, without spaces around =");
    case html_fault::declaration: refused_html("of <! only <!doctype html> and comments without < > -- are known");
    case html_fault::element: refused_html("plaintext never ends");
    case html_fault::raw_text: refused_html("in script and style a < has a space behind it, or is \\x3c in a string");
    case html_fault::placeholder_place: refused_html("{} stands between tags or in a value between quotes");
    case html_fault::placeholder_script:
      refused_html("no {} in script or style: html::data_block, or a data- attribute");
    case html_fault::code_element: refused_html("no {} in attributes of an element that loads or runs what they name");
    case html_fault::code_attribute: refused_html("no {} in an attribute that may be code or style, or is not known");
    case html_fault::url_start: refused_html("a URL with {} in it begins with /x, ?, # or https://host/");
    case html_fault::url_rest: refused_html("a gh::safe_url is the whole value");
    case html_fault::count: refused_html("there are as many arguments as {}");
    case html_fault::markup_argument: refused_html("gh::html stands between tags only: give text here");
    case html_fault::url_argument: refused_html("a whole URL is a gh::safe_url: *gh::encode::safe_url(text)");
  }
}

}  // namespace gatehouse::detail::http
