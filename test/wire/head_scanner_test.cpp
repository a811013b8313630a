// Every implementation of the scan finds the same lines, the same end and the same fault, however the bytes arrive.
#include "head_scanner.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "guard_page.hpp"
#include "scan.hpp"

namespace gatehouse::detail::wire {
namespace {

constexpr head_bounds bounds{.bytes = 96, .lines = 5, .leading_crlf = true};

struct found {
  head_scan::kind what;
  std::size_t at;
  std::vector<std::string> lines;
  friend bool operator==(const found&, const found&) = default;
};

/// In pieces: first `split` bytes, then all.
template <typename Scan>
found scan(test::guard_page& page, const std::string& text, std::size_t split) {
  scan_progress progress;
  head_lines lines;
  const auto first = page.place(std::string_view{text}.substr(0, split));
  head_scan result = scan_head_by<Scan>(first, bounds, progress, lines);
  if (result.what == head_scan::kind::need_more) {
    result = scan_head_by<Scan>(page.place(text), bounds, progress, lines);
  }
  found all{.what = result.what, .at = result.at, .lines = {}};
  // What is not whole keeps no offsets between calls.
  if (result.what == head_scan::kind::need_more) return all;
  for (std::size_t i = 0; i < lines.count; ++i) all.lines.emplace_back(lines.line(i));
  return all;
}

void expect_the_same(test::guard_page& page, const std::string& text) {
  for (std::size_t split = 0; split <= text.size(); ++split) {
    const found wanted = scan<scan_bytes>(page, text, split);
    EXPECT_EQ(wanted, scan<scan_words>(page, text, split)) << testing::PrintToString(text) << " at " << split;
#if defined(__SSE2__)
    EXPECT_EQ(wanted, scan<scan_sse2>(page, text, split)) << testing::PrintToString(text) << " at " << split;
#endif
  }
}

TEST(head_scanner, finds_lines_wherever_they_stand_in_a_block) {
  test::guard_page page{128};
  for (std::size_t shift = 0; shift < 20; ++shift) {
    const std::string line(shift + 1, 'a');
    const std::string text = line + "\r\nbb: c\r\n" + line + "\r\n\r\nrest";
    const found got = scan<scan_best>(page, text, text.size());
    EXPECT_EQ(got.what, head_scan::kind::complete);
    EXPECT_EQ(got.at, text.size() - 4);
    EXPECT_EQ(got.lines, (std::vector<std::string>{line, "bb: c", line}));
    expect_the_same(page, text);
  }
}

TEST(head_scanner, implementations_agree_on_one_odd_byte_anywhere) {
  test::guard_page page{128};
  const std::string text = "GET /abc HTTP/1.1\r\nHost: h\r\nA: bcdefghijk\r\n\r\nsome content";
  for (const char odd : {'\r', '\n', '\t', '\0', '\x7f', 'x'}) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string changed = text;
      changed[at] = odd;
      expect_the_same(page, changed);
      changed = text;
      changed.insert(at, 1, odd);
      expect_the_same(page, changed);
    }
  }
}

TEST(head_scanner, implementations_agree_on_any_mixture) {
  test::guard_page page{128};
  constexpr std::string_view pieces[] = {"\r\n", "\r", "\n", "\t", "a", "bcdefgh", "\x01", "\r\n", "0123456789abcde"};
  std::uint32_t state = 12345;  // the same sequence in every run
  for (int round = 0; round < 4'000; ++round) {
    std::string text;
    while (text.size() < 100) {
      state = state * 1664525 + 1013904223;
      if ((state >> 28U) == 0) break;
      text += pieces[(state >> 16U) % std::size(pieces)];
    }
    expect_the_same(page, text.substr(0, 128));
  }
}

}  // namespace
}  // namespace gatehouse::detail::wire
