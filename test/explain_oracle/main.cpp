// What `gatehouse explain -c FILE --origin ... --json` prints, for many requests. Usage: explain_oracle FILE; reads one
// JSON object a line: page, url, method, headers, credentials.
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "explain_browser.hpp"
#include "settings.hpp"

namespace gh = gatehouse;
using nlohmann::json;

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const gh::loaded_config settings = gh::program::load_settings({.file = arguments[1]});
  if (settings.report.errors() > 0) return gh::program::refuse_settings(settings.report);
  for (std::string line; std::getline(std::cin, line);) {
    const json c = json::parse(line);
    gh::program::explain_options asked;
    asked.url = c.at("url").get<std::string>();
    asked.origin = c.at("page").get<std::string>();
    asked.method = c.value("method", "GET");
    asked.credentials = c.value("credentials", "same-origin");
    for (const auto& header : c.value("headers", json::array())) {
      asked.headers.push_back(header[0].get<std::string>() + ": " + header[1].get<std::string>());
    }
    const auto made = gh::program::explain_browser(settings, asked);
    if (made) {
      std::cout << to_json(*made) << std::endl;
    } else {
      std::cout << json{{"wrong", made.error().empty() ? "" : made.error().front().message}}.dump() << std::endl;
    }
  }
  return 0;
}
