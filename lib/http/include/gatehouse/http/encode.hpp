#pragma once
// Text for the place where it is going to stand, so that it stays text there. Each function has its one place; in
// another it protects nothing (docs/output-encoding.md has the table). All take any bytes: invalid UTF-8 becomes
// U+FFFD, one for each maximal subpart (utf8_bad_size), and is never passed on. Each is there twice: one returns the
// text, one appends it.
//
// There is no css_url (a URL from outside may load and leak what a page shows; make it an <img> with safe_url), no HTML
// sanitizer (that needs a whole HTML parser, patched for ever) and nothing that rewrites bodies.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// A URL that may stand where a page links to: made by encode::safe_url only. Visible ASCII without quotes, "<", ">"
/// and
/// "\". It still has "&", and is encoded as any text where it is written into HTML, which html::format does.
class safe_url {
 public:
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  friend bool operator==(const safe_url&, const safe_url&) = default;
  /// Errors: nullopt, see encode::safe_url.
  [[nodiscard]] static std::optional<safe_url> from(std::string_view text);

 private:
  explicit safe_url(std::string text) noexcept : text_(std::move(text)) {}
  std::string text_;
};

namespace encode {

/// No byte of a text becomes more than so many, whichever function it is.
inline constexpr std::size_t max_bytes_of_one = 9;

/// Between tags, in <title> and <textarea>, and in the value of an attribute between quotes of either kind: not of
/// on..., style or srcdoc, and not one that holds a URL (safe_url). Escapes & < > " ' and CR; what XML forbids (NUL,
/// controls, U+FFFE, U+FFFF) becomes U+FFFD, so that it is right in XHTML and SVG, too.
/// https://html.spec.whatwg.org/#syntax-charref
[[nodiscard]] std::string html(std::string_view text);
void append_html(std::string& to, std::string_view text);

/// The whole value of an attribute without quotes, as some old template has it; write quotes where you can. All ASCII
/// but letters, digits, "-", "." and "_" is escaped. An empty text becomes "" (with its quotes), or the next attribute
/// would be the value.
[[nodiscard]] std::string html_attribute_unquoted(std::string_view text);
void append_html_attribute_unquoted(std::string& to, std::string_view text);

/// Inside of a string of JavaScript, between quotes of any of its three kinds; in a script block, an on... attribute or
/// a file. Pure ASCII: letters, digits, space, "," "." and "_" stay, all else is \uXXXX. (It is the inside of a JSON
/// string, too.) https://tc39.es/ecma262/#sec-literals-string-literals
[[nodiscard]] std::string js_string(std::string_view text);
void append_js_string(std::string& to, std::string_view text);

/// JSON, as a JSON writer made it, for a <script type="application/json"> or a script block: < > & and U+2028/U+2029,
/// which stand in JSON's strings only, become \uXXXX there. The value stays the same. What is no JSON cannot leave the
/// element either, but is run if the block is a script: never give it text that somebody else wrote. What json_writer
/// wrote needs it no more. RFC 8259 section 7.
[[nodiscard]] std::string json_in_html(std::string_view json);
void append_json_in_html(std::string& to, std::string_view json);

/// Inside of a string of CSS, between quotes; in a <style>, a style attribute or a file. Never without the quotes, and
/// no URL. Pure ASCII: letters and digits stay, all else is an escape with its space; NUL, which CSS has not, is
/// U+FFFD. https://www.w3.org/TR/css-syntax-3/#consume-escaped-code-point
[[nodiscard]] std::string css_string(std::string_view text);
void append_css_string(std::string& to, std::string_view text);

/// One segment of a path, or one name or value of a query: all but letters, digits, "-", ".", "_" and "~" is %XX, of
/// its UTF-8. A segment "." or ".." stays what it is, and a browser resolves it. RFC 3986 section 2.
[[nodiscard]] std::string uri_component(std::string_view text);
void append_uri_component(std::string& to, std::string_view text);

/// A URL that somebody else wrote, for href, src, action and the like: "http://host...", "https://host...",
/// "mailto:..." or a place of this site: "/notes", "notes/1", "?q=1", "#top". Characters that no URL has, those beyond
/// ASCII too, become %XX, as browsers do it. Errors: nullopt for any other scheme (javascript:, data:, blob:, and what
/// only looks like one), an empty text, spaces, controls, "\", "%" without two digits, invalid UTF-8, an http URL
/// without a host or with userinfo (https://a@b says one host and means the other), and "//host", which is another site
/// and reads like a path.
[[nodiscard]] std::optional<gatehouse::safe_url> safe_url(std::string_view text);
/// Appends nothing and returns false where the other returns nullopt.
[[nodiscard]] bool append_safe_url(std::string& to, std::string_view text);

/// The value of a field, without spaces around it. Errors: nullopt when it has CR, LF, NUL or another control but TAB.
/// RFC 9110 section 5.5.
[[nodiscard]] std::optional<std::string> header_value(std::string_view text);
[[nodiscard]] bool append_header_value(std::string& to, std::string_view text);

/// Whether a browser saves what it gets, or shows it.
enum class disposition : bool { attachment, inline_ };

/// The value of Content-Disposition: attachment; filename="a.pdf". With more than ASCII in it also filename*, which
/// browsers prefer. A name stays in the folder where the browser saves: separators, controls, what Windows refuses,
/// leading dots and characters that turn the direction of text become "_"; a name of which nothing is left is
/// "download". RFC 6266 section 4, RFC 8187 section 3.2.
[[nodiscard]] std::string content_disposition(std::string_view filename, disposition how = disposition::attachment);
void append_content_disposition(std::string& to, std::string_view filename, disposition how = disposition::attachment);

}  // namespace encode
}  // namespace gatehouse
