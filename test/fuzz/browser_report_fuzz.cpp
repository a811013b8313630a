// What anybody sends as a browser's report: of both forms only bounded texts of known shapes are read, whatever it
// says.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gatehouse/http/origin.hpp>
#include <gatehouse/rules/csp_directives.hpp>

#include "browser_report.hpp"
#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::program;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  for (const std::string_view type : {"application/csp-report", "application/reports+json"}) {
    const auto read = read_browser_reports(type, *input);
    if (!read) continue;
    require(read->size() <= max_reports_at_once);
    for (const browser_report& r : *read) {
      require(r.directive.empty() || r.directive == "other" ||
              std::ranges::find(csp_directive_names, r.directive) != csp_directive_names.end());
      // A word, a scheme or an origin: no path, no query, nothing of a user.
      require(!r.blocked.empty() && r.blocked.size() <= max_origin_bytes);
      require(origin::parse(r.blocked).has_value() || r.blocked.find_first_of("/?#@ ") == std::string::npos);
      require(r.page.size() <= 256 && r.page.find_first_of("?#") == std::string::npos);
      require(r.page.empty() || r.page.front() == '/');
    }
  }
  return 0;
}
