// The bytes of end_to_end/encode.slow.test.mjs: reads one JSON object a line, {"bytes": [...]}, and writes one line
// each: what every encoder makes of them.
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include <gatehouse/http/encode.hpp>
#include <gatehouse/http/html.hpp>
#include <gatehouse/http/json_writer.hpp>

namespace gh = gatehouse;
using nlohmann::json;

namespace {

std::string written(const std::string& text) {
  std::string out;
  gh::append_json_string(out, text);
  return out;
}

/// A page's piece with `text` in each place that a template has, marked with `id`.
gh::html piece_of(int id, const std::string& text) {
  const gh::html inner = gh::html::format("<b class='{}'>{}</b>", text, text);
  gh::html out = gh::html::format(
      "<div id=\"piece-{}\" title=\"{}\" data-other='{}'><textarea>\n{}</textarea><a "
      "href=\"/p/{}?q={}#{}\">{}</a>{}</div>",
      id, text, text, text, text, text, text, text, inner);
  if (const auto url = gh::encode::safe_url(text))
    out += gh::html::format("<a id=\"link-{}\" href='{}'></a>", id, *url);
  return out + gh::html::data_block("block-" + std::to_string(id), written(text));
}

json answer(const json& question) {
  std::string text;
  for (const int byte : question.at("bytes")) text += static_cast<char>(byte);
  json out;
  out["html"] = gh::encode::html(text);
  out["unquoted"] = gh::encode::html_attribute_unquoted(text);
  out["js"] = gh::encode::js_string(text);
  out["json"] = written(text);
  out["css"] = gh::encode::css_string(text);
  out["uri"] = gh::encode::uri_component(text);
  out["disposition"] = gh::encode::content_disposition(text);
  out["piece"] = piece_of(question.value("id", 0), text).text();
  if (const auto url = gh::encode::safe_url(text)) out["url"] = url->text();
  // For this one the bytes are JSON.
  out["json_in_html"] = gh::encode::json_in_html(text);
  return out;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(json::parse(line)).dump() << '\n' << std::flush;
}
