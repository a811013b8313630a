#include "browser_report.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/media_type.hpp>
#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/csp_directives.hpp>

namespace gatehouse::program {
namespace {

using json = nlohmann::json;
constexpr std::size_t max_page_bytes = 256;
constexpr std::size_t max_scheme = 32;

/// A text member, or nothing. The first of two names: the older form of reports has another for the same.
std::string_view text_of(const json& object, const char* name, const char* older) {
  for (const char* const n : {name, older}) {
    const auto found = object.find(n);
    if (found != object.end() && found->is_string()) return found->get_ref<const std::string&>();
  }
  return {};
}

std::string directive_of(std::string_view text) {
  text = text.substr(0, text.find(' '));  // the older violated-directive has the sources behind it
  const auto* const known = std::ranges::find(csp_directive_names, text);
  return std::string{known == csp_directive_names.end() ? other_directive : *known};
}

bool is_scheme(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_scheme && std::ranges::all_of(text, [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

/// Where `://` stands, when there is a scheme before it.
std::size_t end_of_scheme(std::string_view url) noexcept {
  const std::size_t at = url.find("://");
  return at != std::string_view::npos && is_scheme(url.substr(0, at)) ? at : std::string_view::npos;
}

/// https://www.w3.org/TR/CSP3/#obtain-violation-blocked-uri : a word, or a URL, of which only the origin is kept.
std::string blocked_of(std::string_view text) {
  constexpr std::string_view words[] = {
      "inline", "eval", "wasm-eval", "self", "trusted-types-policy", "trusted-types-sink"};
  if (std::ranges::find(words, text) != std::end(words)) return std::string{text};
  const std::size_t scheme = end_of_scheme(text);
  if (scheme != std::string_view::npos) {
    const std::size_t host = scheme + std::string_view{"://"}.size();
    const std::string_view place = text.substr(0, std::min(text.find_first_of("/?#", host), text.size()));
    if (origin::parse(place)) return std::string{place};
    return std::string{text.substr(0, scheme)};
  }
  const std::string_view word = text.substr(0, text.find(':'));
  return is_scheme(word) ? std::string{word} : std::string{"unknown"};
}

std::string page_of(std::string_view url) {
  const std::size_t scheme = end_of_scheme(url);
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + std::string_view{"://"}.size());
  const std::size_t path = url.find('/');
  if (path == std::string_view::npos) return {};
  url.remove_prefix(path);
  return std::string{url.substr(0, std::min(url.find_first_of("?#"), max_page_bytes))};
}

browser_report::kind kind_of(std::string_view type) noexcept {
  if (type == "csp-violation") return browser_report::kind::csp;
  if (type == "coop") return browser_report::kind::coop;
  if (type == "coep") return browser_report::kind::coep;
  return browser_report::kind::other;
}

/// `about` is what the report says of itself; `url` the page, where `about` does not name it.
browser_report report_of(browser_report::kind what, const json& about, std::string_view url) {
  browser_report out{.what = what};
  if (what == browser_report::kind::csp) {
    std::string_view directive = text_of(about, "effectiveDirective", "effective-directive");
    if (directive.empty()) directive = text_of(about, "violatedDirective", "violated-directive");
    out.directive = directive_of(directive);
  }
  out.blocked = blocked_of(text_of(about, "blockedURL", "blocked-uri"));
  const std::string_view page = text_of(about, "documentURL", "document-uri");
  out.page = page_of(page.empty() ? url : page);
  out.enforced = text_of(about, "disposition", "disposition") == "enforce";
  return out;
}

using reports = std::vector<browser_report>;

/// https://www.w3.org/TR/CSP3/#deprecated-serialize-violation
result<reports> read_csp_report(const json& content) {
  const auto about = content.find("csp-report");
  if (about == content.end() || !about->is_object()) return error{reason::http_bad_request};
  return reports{report_of(browser_report::kind::csp, *about, {})};
}

/// https://www.w3.org/TR/reporting-1/#try-delivery
result<reports> read_reports(const json& content) {
  if (!content.is_array()) return error{reason::http_bad_request};
  reports out;
  for (const json& one : content) {
    if (out.size() == max_reports_at_once) break;
    if (!one.is_object()) return error{reason::http_bad_request};
    const auto about = one.find("body");
    const json nothing = json::object();
    out.push_back(report_of(kind_of(text_of(one, "type", "type")),
                            about != one.end() && about->is_object() ? *about : nothing, text_of(one, "url", "url")));
  }
  return out;
}

}  // namespace

result<std::vector<browser_report>> read_browser_reports(std::string_view media_type, std::string_view content) {
  const std::string_view essence = media_type_essence(media_type);
  const bool older = ascii::equal_ignoring_case(essence, "application/csp-report");
  if (!older && !ascii::equal_ignoring_case(essence, "application/reports+json")) {
    return error{reason::http_unsupported_media_type};
  }
  const json read = json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (read.is_discarded()) return error{reason::http_bad_request};
  return older ? read_csp_report(read) : read_reports(read);
}

}  // namespace gatehouse::program
