#include <gatehouse/http/html.hpp>

#include <charconv>

namespace gatehouse {
namespace detail::http {
namespace {

template <typename Number>
std::string to_text(Number number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number);
  return {digits, end.ptr};
}

}  // namespace

void append_slot(std::string& to, html_place place, html_argument_kind kind, std::string_view text) {
  if (kind == html_argument_kind::markup) {
    to += text;
  } else if (place == html_place::url_part) {
    encode::append_uri_component(to, text);  // of which nothing means anything to HTML
  } else {
    encode::append_html(to, text);
  }
}

std::string decimal(std::int64_t number) { return to_text(number); }
std::string decimal(std::uint64_t number) { return to_text(number); }
std::string decimal(double number) { return to_text(number); }

}  // namespace detail::http

html html::join(std::span<const html> pieces, const html& between) {
  html out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i != 0) out += between;
    out += pieces[i];
  }
  return out;
}

html html::data_block(std::string_view id, std::string_view json) {
  html out;
  out.text_ = "<script type=\"application/json\" id=\"";
  encode::append_html(out.text_, id);
  out.text_ += "\">";
  encode::append_json_in_html(out.text_, json);
  out.text_ += "</script>";
  return out;
}

}  // namespace gatehouse
