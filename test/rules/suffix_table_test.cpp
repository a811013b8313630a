// What a host ends in, against the plain way to find it: every ending, one after the other.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dice.hpp"
#include "suffix_table.hpp"
#include "universal_hash.hpp"

namespace gatehouse {
namespace {

using detail::rules::suffix_table;
using test::dice;

constexpr keyed_hash::key key{1, 2};

/// All of `all` that `host` ends in with something in front, the longest first.
std::vector<std::string> reference(const std::vector<std::string>& all, std::string_view host) {
  std::vector<std::string> out;
  for (const std::string& text : all) {
    if (host.size() > text.size() && host.ends_with(text)) out.push_back(text);
  }
  std::ranges::sort(out, std::ranges::greater{}, &std::string::size);
  return out;
}

bool is_end_of_one(const std::vector<std::string>& all, std::string_view end) {
  return std::ranges::any_of(all, [&](const std::string& text) { return text.ends_with(end); });
}

std::vector<std::string> found(const suffix_table& table, std::string_view host) {
  std::vector<std::string> out;
  for (std::size_t at = table.longest_of(host).longest; at != suffix_table::none; at = table.shorter_than(at)) {
    out.push_back(table.at(at));
  }
  return out;
}

struct suffix_case {
  const char* name;
  std::vector<std::string> all;
  std::string_view host;
  std::vector<std::string> want;
};

const suffix_case cases[] = {
    {"nothing is listed", {}, "a.example.com", {}},
    {"one label in front", {".example.com"}, "a.example.com", {".example.com"}},
    {"two labels in front", {".example.com"}, "a.b.example.com", {".example.com"}},
    {"nothing in front", {".example.com"}, ".example.com", {}},
    {"no dot", {".example.com"}, "evilexample.com", {}},
    {"the name itself", {".example.com"}, "example.com", {}},
    {"shorter than everything", {".example.com"}, "a", {}},
    {"empty", {".example.com"}, "", {}},
    {"each of those that lie in another", {".com", ".a.com", ".b.a.com"}, "x.b.a.com", {".b.a.com", ".a.com", ".com"}},
    {"the search meets a longer one that is not it", {".com", ".b.a.com", ".c.b.a.com"}, "x.a.com", {".com"}},
    {"what leads to a longer one is none itself", {".c.b.a.com", ".net"}, "x.b.a.com", {}},
    {"the shortest, behind what leads to others", {".d", ".a.b.c.d", ".b.b.c.d"}, "x.c.b.c.d", {".d"}},
    {"NUL is a byte like others", {".example.com"}, std::string_view("a\0.example.com", 14), {".example.com"}},
};

TEST(suffix_table_test, the_longest_and_those_in_it) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(found(suffix_table(c.all, key), c.host), c.want);
  }
}

struct labels_case {
  const char* name;
  std::vector<std::string> all;
  std::string_view host;
  std::string_view want;
};

const labels_case labels_cases[] = {
    {"nothing is listed", {}, "a.example.com", ""},
    {"a listed one", {".example.com"}, "a.example.com", ".example.com"},
    {"none of it", {".example.com"}, "a.example.net", ""},
    // Of three lengths, the search for the longest meets the middle one.
    {"what leads to a longer one", {".x.b.example.com", ".another.com", ".z"}, "a.example.com", ".example.com"},
    {"it begins within a label", {".b.example.com", ".yy.com", ".z"}, "a.xample.com", ".com"},
    {"it has no dot", {".example.com", ".de", ".z"}, "a.com", ""},
    {"its dot is the root's", {".example.com.", ".d.", ".z"}, "1.2.om.", ""},
    {"it has the root's dot", {".example.com.", ".de.fr.", ".z"}, "1.xle.com.", ".com."},
};

TEST(suffix_table_test, how_many_of_the_last_labels_were_compared) {
  for (const auto& c : labels_cases) {
    SCOPED_TRACE(c.name);
    const std::size_t labels = suffix_table(c.all, key).longest_of(c.host).labels;
    EXPECT_EQ(c.host.substr(c.host.size() - labels), c.want);
  }
}

/// Two texts of one length and one hash.
std::pair<std::string, std::string> of_one_hash() {
  const detail::rules::universal_hash hash(key);
  std::unordered_map<std::uint32_t, std::string> seen;
  dice d(20'261'201);
  for (int i = 0; i < 1'000'000; ++i) {  // of so many random ones a hundred pairs have one hash
    std::string text = ".................com";
    for (std::size_t at = 1; at < 16; ++at) text[at] = static_cast<char>('a' + d.below(26));
    const auto [found, is_new] = seen.emplace(hash(text), text);
    if (!is_new) return {found->second, std::move(text)};
  }
  return {};
}

// Hashes show the way; where one of them is another text's, each step is compared.
TEST(suffix_table_test, a_text_of_the_same_hash_leads_nobody_astray) {
  const auto [listed, asked] = of_one_hash();
  ASSERT_NE(listed, asked);
  std::vector<std::string> all{".com", listed};
  // Few are not hashed at all; these are as long as ".com", so that the search looks at the long one first.
  for (char c = 'a'; c <= 'z'; ++c) all.push_back({'.', c, c, c});
  const suffix_table table(all, key);
  EXPECT_EQ(found(table, "x" + asked), (std::vector<std::string>{".com"}));
  EXPECT_EQ(found(table, "x" + listed), (std::vector<std::string>{listed, ".com"}));
}

TEST(suffix_table_test, agrees_with_the_reference_on_what_is_made_up) {
  dice d(20'261'126);
  const auto name = [&d](std::size_t labels) {
    std::string out;
    for (std::size_t i = 0; i < labels; ++i)
      out.append(i == 0 ? "" : ".").append(1 + d.below(3), d.one_in(2) ? 'a' : 'b');
    return out;
  };
  std::size_t hits = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> all;
    for (std::size_t i = d.below(60); i > 0; --i) all.push_back('.' + name(1 + d.below(6)));
    std::ranges::sort(all);
    const auto twice = std::ranges::unique(all);
    all.erase(twice.begin(), twice.end());
    const suffix_table table(all, key);
    for (int i = 0; i < 100; ++i) {
      const std::string host = name(1 + d.below(8));
      const auto want = reference(all, host);
      ASSERT_EQ(found(table, host), want) << host << " of " << testing::PrintToString(all);
      const std::size_t labels = table.longest_of(host).labels;
      const std::string end = host.substr(host.size() - labels);
      ASSERT_TRUE(want.empty() || labels >= want.front().size()) << host;
      ASSERT_TRUE(labels == 0 || (end.starts_with('.') && end.size() > 1 && is_end_of_one(all, end))) << end;
      hits += want.empty() ? 0U : 1U;
    }
    for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(table.find(all[i]), i);
  }
  EXPECT_GT(hits, 3'000U);
}

TEST(suffix_table_test, only_what_was_listed_is_found_by_its_name) {
  const suffix_table table({".a.b.c", ".x.a.b.c", ".z"}, key);
  EXPECT_EQ(table.find(".z"), 2U);
  EXPECT_EQ(table.find("b.c"), suffix_table::none);  // the search's own
  EXPECT_EQ(table.find(".c"), suffix_table::none);
  EXPECT_EQ(table.find(""), suffix_table::none);
}

}  // namespace
}  // namespace gatehouse
