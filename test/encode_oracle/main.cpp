// The bytes of end_to_end/encode.slow.test.mjs and html_literals.slow.test.mjs: reads one JSON object a line and writes
// one line each. {"bytes": [...]}: what every encoder makes of them. {"literals": [...], "texts": [...]}: which of the
// literals html::format would take, and what becomes of them with each of the texts in all places.
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

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

/// What html::format does, with a literal that is known only now.
json filled(const std::string& literal, const std::vector<std::string>& texts) {
  namespace http = gh::detail::http;
  std::size_t count = 0;
  for (std::size_t at = literal.find("{}"); at != std::string::npos; at = literal.find("{}", at + 2)) ++count;
  const std::vector<http::html_argument_kind> kinds(count + 1, http::html_argument_kind::text);
  std::vector<http::html_slot> slots(count + 1);
  if (http::html_template_fault(literal, kinds.data(), slots.data(), count) != http::html_fault::none) return nullptr;
  json out = json::array();
  for (const std::string& text : texts) {
    std::string made;
    std::size_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
      made.append(literal, at, slots[i].at - at);
      http::append_slot(made, slots[i].place, http::html_argument_kind::text, text);
      at = slots[i].at + 2;
    }
    out.push_back(made + literal.substr(at));
  }
  return out;
}

json judge(const json& question) {
  json out = json::array();
  const std::vector<std::string> texts = question.at("texts");
  for (const json& literal : question.at("literals")) out.push_back(filled(literal.get<std::string>(), texts));
  return out;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const json question = json::parse(line);
    const json said = question.contains("literals") ? judge(question) : answer(question);
    std::cout << said.dump() << '\n' << std::flush;
  }
}
