#include "browser_report.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::program {
namespace {

constexpr std::string_view old_type = "application/csp-report";
constexpr std::string_view new_type = "application/reports+json";

std::string text_of(const browser_report& r) {
  constexpr std::string_view kinds[] = {"csp", "coop", "coep", "other"};
  return std::string{kinds[static_cast<std::size_t>(r.what)]} + '|' + r.directive + '|' + r.blocked + '|' + r.page +
         (r.enforced ? "|enforced" : "|reported");
}

struct report_case {
  const char* name;
  std::string_view media_type;
  std::string content;
  std::vector<std::string> want;  // empty: refused
  reason why = reason::none;
};

std::string csp(std::string_view members) {
  return R"([{"type":"csp-violation","url":"https://a.example/p?q=1#f","body":{)" + std::string{members} + "}}]";
}

const report_case cases[] = {
    {"as report-uri sends it",
     old_type,
     R"({"csp-report":{"document-uri":"https://a.example/notes/7?token=s3cr3t","violated-directive":"script-src-elem",)"
     R"("effective-directive":"script-src-elem","blocked-uri":"inline","disposition":"enforce","script-sample":"s3cr3t"}})",
     {"csp|script-src-elem|inline|/notes/7|enforced"}},
    {"an old browser names the directive with its sources",
     old_type,
     R"({"csp-report":{"document-uri":"https://a.example/","violated-directive":"img-src 'self'","blocked-uri":"https://evil.example:8443/x?y"}})",
     {"csp|img-src|https://evil.example:8443|/|reported"}},
    {"as report-to sends it",
     "Application/Reports+JSON; charset=utf-8",
     csp(R"("documentURL":"https://a.example/x","effectiveDirective":"style-src-attr","blockedURL":"inline","disposition":"report")"),
     {"csp|style-src-attr|inline|/x|reported"}},
    {"the page of the report where the violation has none",
     new_type,
     csp(R"("effectiveDirective":"connect-src","blockedURL":"wss://evil.example/s3cr3t")"),
     {"csp|connect-src|wss://evil.example|/p|reported"}},
    {"no directive that is known",
     new_type,
     csp(R"("effectiveDirective":"<script>","blockedURL":"data:text/html,s3cr3t")"),
     {"csp|other|data|/p|reported"}},
    {"what is blocked is no URL",
     new_type,
     csp(R"("effectiveDirective":"img-src","blockedURL":"s3 cr3t")"),
     {"csp|img-src|unknown|/p|reported"}},
    {"an address with a password",
     new_type,
     csp(R"("effectiveDirective":"img-src","blockedURL":"https://u:s3cr3t@evil.example/")"),
     {"csp|img-src|https|/p|reported"}},
    {"members of other types",
     new_type,
     csp(R"("effectiveDirective":7,"blockedURL":["x"],"documentURL":null,"disposition":true)"),
     {"csp|other|unknown|/p|reported"}},
    {"an opener policy",
     new_type,
     R"([{"type":"coop","url":"https://a.example/","body":{"disposition":"enforce","type":"navigation-from-response"}}])",
     {"coop||unknown|/|enforced"}},
    {"an embedder policy",
     new_type,
     R"([{"type":"coep","url":"https://a.example/","body":{"disposition":"reporting","blockedURL":"https://b.example/i.png","type":"corp"}}])",
     {"coep||https://b.example|/|reported"}},
    {"something else", new_type, R"([{"type":"deprecation","url":"about:blank"}])", {"other||unknown||reported"}},
    {"several",
     new_type,
     R"([{"type":"coop"},{"type":"coep"}])",
     {"coop||unknown||reported", "coep||unknown||reported"}},
    {"none", new_type, "[]", {}, reason::none},
    {"an older report under the newer type", new_type, R"({"csp-report":{}})", {}, reason::http_bad_request},
    {"a newer one under the older", old_type, "[]", {}, reason::http_bad_request},
    {"a report that is no object", new_type, "[1]", {}, reason::http_bad_request},
    {"no JSON", new_type, "[{]", {}, reason::http_bad_request},
    {"nothing", old_type, "", {}, reason::http_bad_request},
    {"not UTF-8", old_type, "{\"csp-report\":{\"blocked-uri\":\"\xff\"}}", {}, reason::http_bad_request},
    {"deep and whole", new_type, std::string(30'000, '[') + std::string(30'000, ']'), {}, reason::http_bad_request},
    {"deep", new_type, std::string(60'000, '['), {}, reason::http_bad_request},
    {"another type", "application/json", "[]", {}, reason::http_unsupported_media_type},
    {"no type", "", "[]", {}, reason::http_unsupported_media_type},
};

TEST(browser_reports, are_read_without_what_could_be_a_secret) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto read = read_browser_reports(c.media_type, c.content);
    ASSERT_EQ(read.has_value(), c.why == reason::none);
    if (!read) {
      EXPECT_EQ(read.error().why, c.why);
      continue;
    }
    std::vector<std::string> got;
    for (const browser_report& r : *read) got.push_back(text_of(r));
    EXPECT_EQ(got, c.want);
  }
}

TEST(browser_reports, are_bounded) {
  std::string many = "[";
  for (std::size_t i = 0; i < 2 * max_reports_at_once; ++i) many += R"({"type":"coop"},)";
  many.back() = ']';
  EXPECT_EQ(read_browser_reports(new_type, many)->size(), max_reports_at_once);
  const auto long_page = read_browser_reports(
      old_type, R"({"csp-report":{"document-uri":"https://a.example/)" + std::string(5000, 'x') + "\"}}");
  ASSERT_TRUE(long_page);
  EXPECT_EQ(long_page->front().page.size(), 256U);
}

}  // namespace
}  // namespace gatehouse::program
