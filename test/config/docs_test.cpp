// What the pages for people who come with a working app say about keys and reasons is true.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/base/reason.hpp>
#include <gatehouse/config/catalog.hpp>

namespace gatehouse {
namespace {

std::string page(const std::string& name) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/docs/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// All that stands in single backticks, outside of code blocks.
std::vector<std::string> code_spans(const std::string& text) {
  const std::string prose = std::regex_replace(text, std::regex("```[^`]*```"), "");
  const std::regex span("`([^`\n]+)`");
  std::vector<std::string> out;
  for (std::sregex_iterator at(prose.begin(), prose.end(), span), end; at != end; ++at) out.push_back((*at)[1]);
  return out;
}

bool is_reason(std::string_view span) {
  for (std::size_t i = 0; i < reason_count; ++i) {
    if (code(static_cast<reason>(i)) == span) return true;
  }
  return false;
}

bool is_section(const std::string& name) {
  const auto all = config_sections();
  return std::ranges::find(all, name) != all.end() ||
         std::ranges::any_of(config_catalog(), [&](const auto& e) { return e.key.starts_with(name + '.'); });
}

/// The key of "limits.max_body" and of "limits.max_body = \"1MiB\""; empty: it is something else.
std::string key_of(const std::string& span) {
  static const std::regex dotted("([a-z_]+(?:\\.[a-z0-9_]+)+)(?: = .*)?");
  static const std::regex assigned("([a-z_]+) = .*");
  std::smatch found;
  if (!std::regex_match(span, found, dotted) && !std::regex_match(span, found, assigned)) return {};
  const std::string key = found[1];
  // JavaScript and C++: req.ip, express.static. What stands in parentheses is none of ours, either.
  for (const char* const foreign : {"app.", "req.", "res.", "express.", "window."}) {
    if (key.starts_with(foreign)) return {};
  }
  return key;
}

class docs_for_the_first_day : public testing::TestWithParam<const char*> {};

TEST_P(docs_for_the_first_day, name_keys_that_exist_or_are_planned) {
  std::set<std::string> keys;
  for (const std::string& span : code_spans(page(GetParam()))) {
    const std::string key = key_of(span);
    if (key.empty() || is_reason(span)) continue;
    keys.insert(key);
    EXPECT_TRUE(find_entry(key) != nullptr || is_section(key) || find_planned(key) != nullptr) << span;
  }
  EXPECT_GT(keys.size(), 20U);
}

TEST_P(docs_for_the_first_day, name_reasons_that_exist) {
  const std::regex reason_code("(http|limit|upstream|cors|csrf|rate-limit)\\.[a-z0-9]+(-[a-z0-9]+)+");
  for (const std::string& span : code_spans(page(GetParam()))) {
    EXPECT_TRUE(!std::regex_match(span, reason_code) || is_reason(span)) << span;
  }
}

INSTANTIATE_TEST_SUITE_P(pages, docs_for_the_first_day, testing::Values("first-day.md", "from-express.md"),
                         [](const auto& page) { return page.index == 0 ? "first_day" : "from_express"; });

}  // namespace
}  // namespace gatehouse
