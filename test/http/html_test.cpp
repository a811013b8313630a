#include <gatehouse/http/html.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse {
namespace {

using detail::http::html_argument_kind;
using detail::http::html_fault;
using detail::http::html_place;
using detail::http::html_slot;

struct literal_case {
  const char* name;
  std::string_view literal;
  html_fault want;
};

TEST(html, literals_begin_and_end_between_tags) {
  constexpr literal_case cases[] = {
      {"nothing", "", html_fault::none},
      {"text", "a > b & c; \"d\" {} }", html_fault::none},
      {"tags", "<p class=\"a\" id='b' hidden data-x=1.5>x<br/><br /></p>", html_fault::none},
      {"an angle in a value", "<p title=\"<b>\">", html_fault::none},
      {"an open element", "<ul><li>", html_fault::none},
      {"a custom element", "<my-note a:b=\"\"></my-note>", html_fault::none},
      {"a document", "<!doctype html><html lang=\"en\"><head><title>a</title></head>", html_fault::none},
      {"a doctype in capitals", "<!DOCTYPE HTML>", html_fault::none},
      {"a comment", "<!-- a - b -->", html_fault::none},
      {"references", "&lt;&#60;&#x3c;", html_fault::none},
      {"a script", "<script>if (a < b && c > d) e = {}; f = '\\x3c/script>'</script>", html_fault::none},
      {"a script in capitals", "<SCRIPT>a</SCRIPT>", html_fault::none},
      {"a style", "<style>a > b { c: d }</style>", html_fault::none},
      {"a textarea", "<textarea>&amp;</textarea>", html_fault::none},

      {"a lone angle", "a < b", html_fault::stray_angle},
      {"one at the end, before somebody's text", "a <", html_fault::stray_angle},
      {"a number", "<3", html_fault::stray_angle},
      {"half a reference", "a &l", html_fault::stray_ampersand},
      {"a lone ampersand at the end", "a &", html_fault::stray_ampersand},
      {"half a number", "&#6", html_fault::stray_ampersand},
      {"half a reference before a tag", "&am<b>", html_fault::stray_ampersand},
      {"a name only", "<p", html_fault::unclosed},
      {"within a tag", "<p ", html_fault::unclosed},
      {"within an end tag", "</p", html_fault::unclosed},
      {"within a value", "<p title=\"a>", html_fault::unclosed},
      {"within a comment", "<!-- a", html_fault::unclosed},
      {"within a script", "<script>a", html_fault::unclosed},
      {"within a script: the end needs its >", "<script>a</script", html_fault::raw_text},
      {"within a title", "<title>a", html_fault::unclosed},
      {"a slash after an unquoted value", "<a b=c/>", html_fault::tag},
      {"an unquoted URL", "<a href=/x>", html_fault::tag},
      {"spaces around =", "<a b = \"c\">", html_fault::tag},
      {"no value", "<a b= c=d>", html_fault::tag},
      {"no space between attributes", "<a b=\"c\"d=\"e\">", html_fault::tag},
      {"a quote in a name", "<a b\"c>", html_fault::tag},
      {"an angle in a tag", "<a <b>", html_fault::tag},
      {"a NUL in a tag", std::string_view{"<a\0>", 4}, html_fault::tag},
      {"an end tag with attributes", "</p class=\"a\">", html_fault::tag},
      {"a script that closes itself, in SVG", "<script/>", html_fault::tag},
      {"CDATA", "<![CDATA[a]]>", html_fault::declaration},
      {"another doctype", "<!doctype html public \"a\">", html_fault::declaration},
      {"a processing instruction", "<?xml?>", html_fault::declaration},
      {"a comment that is over at once", "<!--> <b> -->", html_fault::declaration},
      {"a comment that ends otherwise", "<!-- --!> -->", html_fault::declaration},
      {"a comment in a comment", "<!-- <!-- -->", html_fault::declaration},
      {"an element that never ends", "<plaintext>", html_fault::element},
      {"a comment in a script", "<script><!-- <script> </script>", html_fault::raw_text},
      {"another end in a style, which SVG would see", "<svg><style></svg></style>", html_fault::raw_text},
      {"markup in noscript", "<noscript><img></noscript>", html_fault::raw_text},
  };
  for (const auto& c : cases) EXPECT_EQ(detail::http::html_literal_fault(c.literal), c.want) << c.name;
}

struct template_case {
  const char* name;
  std::string_view literal;
  std::vector<html_argument_kind> kinds;
  html_fault want;
  std::vector<html_place> places = {};
};

constexpr auto text = html_argument_kind::text;
constexpr auto markup = html_argument_kind::markup;
constexpr auto url = html_argument_kind::url;

template <std::size_t Size>
void expect_judged(const template_case (&cases)[Size]) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<html_slot> slots(c.kinds.size() + 1);
    EXPECT_EQ(detail::http::html_template_fault(c.literal, c.kinds.data(), slots.data(), c.kinds.size()), c.want);
    if (c.want != html_fault::none) continue;
    std::vector<html_place> places;
    for (std::size_t i = 0; i < c.kinds.size(); ++i) {
      EXPECT_EQ(c.literal.substr(slots[i].at, 2), "{}");
      places.push_back(slots[i].place);
    }
    EXPECT_EQ(places, c.places);
  }
}

TEST(html, placeholders_stand_where_encoding_helps) {
  const template_case cases[] = {
      {"none", "<p></p>", {}, html_fault::none},
      {"text", "{}", {text}, html_fault::none, {html_place::content}},
      {"html", "<p>{}</p>{}", {markup, url}, html_fault::none, {html_place::content, html_place::content}},
      {"both quotes",
       "<p title=\"{}\" id='a{}b'>",
       {text, text},
       html_fault::none,
       {html_place::value, html_place::value}},
      {"one's own attributes",
       "<p data-a=\"{}\" aria-b=\"{}\">",
       {text, text},
       html_fault::none,
       {html_place::value, html_place::value}},
      {"title and textarea",
       "<title>{}</title><textarea>{}</textarea>",
       {text, text},
       html_fault::none,
       {html_place::text, html_place::text}},
      {"an & in front that is none", "<a href=\"/a?b&amp;c={}\">", {text}, html_fault::none, {html_place::url_part}},
      {"braces of others", "<style>a{b:c}</style>{}", {text}, html_fault::none, {html_place::content}},

      {"in a tag", "<p {}>", {text}, html_fault::placeholder_place},
      {"a tag's name", "<{}>", {text}, html_fault::stray_angle},
      {"within a tag's name", "<a{}>", {text}, html_fault::placeholder_place},
      {"an end tag's name", "</a{}>", {text}, html_fault::placeholder_place},
      {"an attribute's name", "<p a{}=\"b\">", {text}, html_fault::placeholder_place},
      {"without quotes", "<p title={}>", {text}, html_fault::placeholder_place},
      {"without quotes, later", "<p title=a{}>", {text}, html_fault::placeholder_place},
      {"in a comment", "<!-- {} -->", {text}, html_fault::placeholder_place},
      {"in a script", "<script>let a = \"{}\"</script>", {text}, html_fault::placeholder_script},
      {"in a style", "<style>a { b: {} }</style>", {text}, html_fault::placeholder_script},
      {"in noscript", "<noscript>{}</noscript>", {text}, html_fault::placeholder_script},
      {"code", "<p onclick=\"{}\">", {text}, html_fault::code_attribute},
      {"code, in capitals", "<p ONCLICK='a({})'>", {text}, html_fault::code_attribute},
      {"a style", "<p style=\"a: {}\">", {text}, html_fault::code_attribute},
      {"a document", "<p srcdoc=\"{}\">", {text}, html_fault::code_attribute},
      {"a list of URLs", "<img srcset=\"{}\">", {text}, html_fault::code_attribute},
      {"one that nobody knows", "<p new-thing=\"{}\">", {text}, html_fault::code_attribute},
      {"where a link opens", "<a target=\"{}\">", {text}, html_fault::code_attribute},
      {"what a script loads", "<script src=\"{}\"></script>", {url}, html_fault::code_element},
      {"what a style sheet loads", "<link href=\"/a/{}\">", {text}, html_fault::code_element},
      {"what a frame loads", "<iframe src=\"{}\"></iframe>", {url}, html_fault::code_element},
      {"where everything else is", "<base href=\"{}\">", {url}, html_fault::code_element},
      {"a meta element", "<META name=\"{}\">", {text}, html_fault::code_element},
      {"half a reference", "&l{}", {text}, html_fault::stray_ampersand},
      {"half a reference in a value", "<p title=\"&{}\">", {text}, html_fault::stray_ampersand},
      {"half a reference in a title", "<title>&l{}</title>", {text}, html_fault::stray_ampersand},
      {"too many arguments", "{}", {text, text}, html_fault::count},
      {"too few", "{}{}", {text}, html_fault::count},
      {"html in a value", "<p title=\"{}\">", {markup}, html_fault::markup_argument},
      {"html in a title", "<title>{}</title>", {markup}, html_fault::markup_argument},
      {"html in a URL", "<a href=\"/a/{}\">", {markup}, html_fault::markup_argument},
  };
  expect_judged(cases);
}

TEST(html, urls_say_where_they_lead) {
  const auto part = std::vector{html_place::url_part};
  const template_case cases[] = {
      {"all of it", "<a href=\"{}\">", {url}, html_fault::none, {html_place::url}},
      {"each attribute that is one",
       "<form action='{}'><button formaction='{}'><video poster='{}'><q cite='{}'><img src='{}'>",
       {url, url, url, url, url},
       html_fault::none,
       std::vector<html_place>(5, html_place::url)},
      {"a path", "<a href=\"/notes/{}\">", {text}, html_fault::none, part},
      {"two segments",
       "<a href=\"/n/{}/{}\">",
       {text, text},
       html_fault::none,
       std::vector<html_place>(2, html_place::url_part)},
      {"a query", "<a href=\"?q={}\">", {text}, html_fault::none, part},
      {"a URL in a query", "<a href=\"/login?then={}\">", {url}, html_fault::none, part},
      {"a fragment", "<a href=\"#{}\">", {text}, html_fault::none, part},
      {"another site", "<a href=\"https://example.com:8443/{}\">", {text}, html_fault::none, part},
      {"text", "<a href=\"{}\">", {text}, html_fault::url_argument},
      {"text, in capitals", "<A HREF='{}'>", {text}, html_fault::url_argument},
      {"html", "<a href=\"{}\">", {markup}, html_fault::url_argument},
      {"something behind all of it", "<a href=\"{}/a\">", {url}, html_fault::url_rest},
      {"two URLs", "<a href=\"{}{}\">", {url, url}, html_fault::url_rest},
      {"a path that may become a host", "<a href=\"/{}\">", {text}, html_fault::url_start},
      {"a host", "<a href=\"//{}\">", {text}, html_fault::url_start},
      {"a host, by scheme", "<a href=\"https://{}/\">", {text}, html_fault::url_start},
      {"the end of a host", "<a href=\"https://example.com{}\">", {text}, html_fault::url_start},
      {"userinfo", "<a href=\"https://a@{}/\">", {text}, html_fault::url_start},
      {"a scheme", "<a href=\"java{}\">", {text}, html_fault::url_start},
      {"a script", "<a href=\"javascript:a('{}')\">", {text}, html_fault::url_start},
      {"a space in front", "<a href=\" {}\">", {text}, html_fault::url_start},
      {"a reference that is a slash", "<a href=\"/&#47;{}\">", {text}, html_fault::url_start},
  };
  expect_judged(cases);
}

TEST(html, is_made_of_literals_and_encoded_text) {
  const std::string hostile = "\"><script>&'";
  const std::string encoded = "&#34;&gt;&lt;script&gt;&amp;&#39;";
  const html item = html::format("<li>{}</li>", hostile);
  const html empty{};
  struct {
    const char* name;
    html made;
    std::string want;
  } const cases[] = {
      {"nothing", html{}, ""},
      {"a literal", html{"<p>a</p>"}, "<p>a</p>"},
      {"text", html::encoded(hostile), encoded},
      {"in a value", html::format("<p title='{}'>", hostile), "<p title='" + encoded + "'>"},
      {"in a title", html::format("<title>{}</title>", hostile), "<title>" + encoded + "</title>"},
      {"in a URL", html::format("<a href=\"/a/{}?b={}\">", hostile, "c d"),
       "<a href=\"/a/%22%3E%3Cscript%3E%26%27?b=c%20d\">"},
      {"a URL", html::format("<a href=\"{}\">", *encode::safe_url("/a?b='1'&c")),
       "<a href=\"/a?b=&#39;1&#39;&amp;c\">"},
      {"html in html", html::format("<ul>{}</ul>", item), "<ul><li>" + encoded + "</li></ul>"},
      {"a URL as text", html::format("<p>{}</p>", *encode::safe_url("/a?b&c")), "<p>/a?b&amp;c</p>"},
      {"numbers", html::format("<td width=\"{}\">{} {} {}</td>", -1, std::uint8_t{200}, 2.5, ~std::uint64_t{0}),
       "<td width=\"-1\">200 2.5 18446744073709551615</td>"},
      {"a placeholder in an argument is text", html::format("<p>{}{}</p>", "{}", "a"), "<p>{}a</p>"},
      {"invalid UTF-8", html::format("<p>{}</p>", "\xe2\x82"), "<p>\xef\xbf\xbd</p>"},
      {"joined", html::join(std::vector{item, item}, html{"<hr>"}), item.text() + "<hr>" + item.text()},
      {"joined of nothing", html::join({}, html{"<hr>"}), ""},
      {"added", html{"<ul>"} + item, "<ul><li>" + encoded + "</li>"},
      {"a data block", html::data_block("a\"b", R"({"a":"</script>"})"),
       R"(<script type="application/json" id="a&#34;b">{"a":"\u003c/script\u003e"}</script>)"},
      {"said to be HTML", html::dangerously_unescaped("<b>" + hostile), "<b>" + hostile},
  };
  for (const auto& c : cases) EXPECT_EQ(c.made.text(), c.want) << c.name;
  html page{"<ul>"};
  page += item;
  page += "</ul>";
  EXPECT_EQ(page.text(), "<ul><li>" + encoded + "</li></ul>");
}

}  // namespace
}  // namespace gatehouse
