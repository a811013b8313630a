#include <gatehouse/rules/csp_lint.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

struct lint_case {
  const char* name;
  std::string_view policy;
  std::vector<std::string> want;  // "! code directive source": a warning; "- …": info
};

const lint_case cases[] = {
    {"nothing loads", "default-src 'none'; base-uri 'none'", {}},
    {"nonces", "default-src 'none'; script-src 'nonce' 'strict-dynamic'; base-uri 'none'", {}},
    {"inline scripts",
     "default-src 'none'; script-src 'unsafe-inline'",
     {"! csp-unsafe-inline script-src 'unsafe-inline'"}},
    {"in any case",
     "default-src 'none'; script-src 'Unsafe-Inline'",
     {"! csp-unsafe-inline script-src 'unsafe-inline'"}},
    {"by default", "default-src 'unsafe-inline'", {"! csp-unsafe-inline default-src 'unsafe-inline'"}},
    {"inline styles are another matter", "default-src 'none'; style-src 'unsafe-inline'", {}},
    {"handlers only",
     "default-src 'none'; script-src-attr 'unsafe-inline'",
     {"! csp-unsafe-inline script-src-attr 'unsafe-inline'"}},
    {"beside a nonce it is not looked at",
     "default-src 'none'; script-src 'nonce' 'unsafe-inline'; base-uri 'none'",
     {}},
    {"beside a hash it is not looked at",
     "default-src 'none'; script-src 'sha256-YQ==' 'unsafe-inline'; base-uri 'none'",
     {}},
    {"hashes of handlers",
     "default-src 'none'; script-src 'sha256-YQ==' 'unsafe-hashes'",
     {"- csp-unsafe-hashes script-src 'unsafe-hashes'"}},
    {"eval", "default-src 'none'; script-src 'unsafe-eval'", {"- csp-unsafe-eval script-src 'unsafe-eval'"}},
    {"a scheme", "default-src 'none'; script-src https:", {"! csp-any-of-scheme script-src https:"}},
    {"data in scripts", "default-src 'none'; script-src data:", {"! csp-any-of-scheme script-src data:"}},
    {"data in pictures", "default-src 'none'; img-src data: https:", {}},
    {"a scheme beside 'strict-dynamic' is not looked at",
     "default-src 'none'; script-src 'nonce' 'strict-dynamic' https: 'self' a.example; base-uri 'none'",
     {}},
    {"everybody", "default-src *", {"! csp-any-host default-src *"}},
    {"everybody with a scheme", "default-src 'none'; base-uri https://*", {"! csp-any-host base-uri https://*"}},
    {"everybody on one port is somebody", "default-src 'none'; script-src *:8443", {}},
    {"no base-uri beside nonces", "default-src 'none'; script-src 'nonce'", {"! csp-missing-base-uri base-uri "}},
    {"no base-uri beside hashes and strict-dynamic",
     "default-src 'none'; script-src 'sha384-YQ==' 'strict-dynamic'",
     {"! csp-missing-base-uri base-uri "}},
    {"no base-uri beside hashes", "default-src 'none'; script-src 'sha512-YQ=='", {}},
    {"scripts of the own host", "default-src 'self'", {"- csp-allow-list default-src 'self'"}},
    {"a host",
     "default-src 'none'; script-src https://cdn.example.com/x.js",
     {"- csp-allow-list script-src https://cdn.example.com/x.js"}},
    {"a host of everybody",
     "default-src 'none'; script-src cdn.jsdelivr.net",
     {"! csp-allow-list script-src cdn.jsdelivr.net"}},
    {"and one above it",
     "default-src 'none'; script-src https://*.JSDELIVR.net:443",
     {"! csp-allow-list script-src https://*.JSDELIVR.net:443"}},
    {"a name that only ends so",
     "default-src 'none'; script-src notunpkg.com",
     {"- csp-allow-list script-src notunpkg.com"}},
    {"elements differ from the rest",
     "default-src 'none'; script-src 'none'; script-src-elem a.example",
     {"- csp-allow-list script-src-elem a.example"}},
    {"plugins", "default-src 'none'; object-src 'self'", {"- csp-plugins object-src 'self'"}},
    {"plain HTTP", "default-src 'none'; img-src http://a.example", {"! csp-plain-http img-src http://a.example"}},
    {"a forgotten semicolon",
     "default-src 'none' script-src 'self'",
     {"! csp-missing-semicolon default-src script-src"}},
    {"a keyword that is none", "default-src 'none'; img-src 'all'", {"! csp-unknown-keyword img-src 'all'"}},
    {"trusted types", "default-src 'none'; require-trusted-types-for 'script'; trusted-types a 'allow-duplicates'", {}},
    {"a policy that is not valid", "script-src *", {}},
};

TEST(csp_lint, findings) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<std::string> got;
    for (const csp_finding& f : lint_csp(c.policy)) {
      const char* const weight = f.how_bad == csp_finding::weight::warning ? "! " : "- ";
      got.push_back(weight + std::string{f.code} + ' ' + f.directive + ' ' + f.source);
      EXPECT_FALSE(f.message.empty() || f.suggestion.empty());
    }
    EXPECT_EQ(got, c.want);
  }
}

}  // namespace
}  // namespace gatehouse
