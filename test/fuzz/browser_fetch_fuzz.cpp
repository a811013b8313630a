// A page and a server that say anything. The input's lines: the method, the URL, the page's origin, request headers,
// "-", and then answers: a line of the status and one a header, separated by "-". Properties, judged by a reference
// that is not the model's code: a preflight comes before exactly what is not safelisted; a page that may not read gets
// nothing; and it reads no header of another origin that is neither safelisted nor exposed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/rules/browser.hpp>

#include "fuzz_input.hpp"

namespace {

using namespace gatehouse;
using test::require;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::string take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string line{text.substr(0, end)};
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

header_list take_headers(std::string_view& text) {
  header_list out;
  while (!text.empty()) {
    const std::string line = take_line(text);
    if (line == "-") break;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    out.emplace_back(line.substr(0, colon), std::string{normalize_header_value(line.substr(colon + 1))});
  }
  return out;
}

/// The lists of the standard once more, by hand. Only for short values: the length rules are the tables'.
bool is_simple(const browser_request& r) {
  static const std::set<std::string> types{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"};
  if (r.method != "GET" && r.method != "HEAD" && r.method != "POST") return false;
  std::size_t size = 0;
  for (const auto& [name, value] : r.headers) {
    const std::string n = lower(name);
    if (n == "origin" || n == "cookie" || n.starts_with("sec-fetch-")) continue;  // the browser's own
    if (value.size() > 128) return false;
    if (n == "range") {
      if (!std::all_of(value.begin(), value.end(), [](char c) {
            return std::string_view{"BYTESbytes=0123456789-"}.find(c) != std::string_view::npos;
          }))
        return false;
      size += value.size();
      continue;  // the rest is the table's
    }
    if (n != "accept" && n != "accept-language" && n != "content-language" && n != "content-type") return false;
    if (n == "content-type" && types.count(lower(value.substr(0, value.find_first_of("; \t\r\n")))) == 0) return false;
    if (value.find_first_of("\"():<>?@[\\]{}\x7f") != std::string::npos) return false;
    size += value.size();
  }
  return size <= 1024;
}

bool has_range(const browser_request& r) {
  std::string value;
  return get_combined(r.headers, "range", value);
}

void judge_reading(const fetch_outcome& out, const browser_response& last) {
  require(out.readable() || (out.status == 0 && out.headers.empty()));
  for (const auto& [name, value] : out.headers) require(name == lower(name) && name != "set-cookie");
  if (out.type != fetch_result::cors) return;
  std::string exposed;
  get_combined(last.headers, "access-control-expose-headers", exposed);
  exposed = lower(exposed);
  static const std::set<std::string> safe{"cache-control", "content-language", "content-length", "content-type",
                                          "expires",       "last-modified",    "pragma"};
  for (const auto& [name, value] : out.headers) {
    require(safe.count(name) == 1 || exposed.find(name) != std::string::npos || exposed.find('*') != std::string::npos);
  }
  std::string allowed;
  require(get_combined(last.headers, "access-control-allow-origin", allowed) && !allowed.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = test::guarded_text(data, size);
  if (!input || input->empty()) return 0;
  std::string_view text = *input;
  const auto flags = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);

  fetch asked;
  asked.credentials = static_cast<fetch_credentials>(flags % 3);
  asked.mode = static_cast<fetch_mode>(flags / 3 % 3);
  asked.redirect = static_cast<fetch_redirect>(flags / 9 % 3);
  asked.method = take_line(text);
  asked.url = take_line(text);
  asked.page = take_line(text);
  asked.headers = take_headers(text);

  preflight_cache cache;
  browser_fetch f(asked, &cache);
  browser_response last;
  bool preflighted = false;
  for (int sent = 0; f.sends() != nullptr; ++sent) {
    require(sent < 42);
    const browser_request r = *f.sends();
    require(r.url.is_http());
    std::string value;
    if (r.is_preflight) {
      require(!r.has_credentials && !preflighted && get_combined(r.headers, "origin", value));
      preflighted = true;
    } else {
      const auto from = web_origin::parse(asked.page);
      const bool other = from && !from->same_as(r.url.origin);
      // The cache is empty at first, and every hop of this run asks for the same.
      if (asked.mode == fetch_mode::cors && other && !is_simple(r)) require(preflighted || f.redirects() > 0);
      if (asked.mode == fetch_mode::cors && is_simple(r) && !has_range(r)) require(!preflighted);
      preflighted = false;
    }
    last.status = std::atoi(take_line(text).c_str());
    last.headers = take_headers(text);
    f.receives(last);
  }
  judge_reading(f.outcome(), last);
  require(!f.outcome().steps.empty() && !f.outcome().explanation().empty());
  return 0;
}
