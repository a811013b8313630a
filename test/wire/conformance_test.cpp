// The corpus of test/conformance/h1, case by case: whole, cut in two at every byte, and byte by byte.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "conformance.hpp"
#include "message_reader.hpp"

namespace gatehouse::test {
namespace {

constexpr std::size_t cut_everywhere_below = 2'000;  // longer cases are repetitions: cut near both ends and now and
                                                     // then

const std::vector<conformance_case>& corpus() {
  static const std::vector<conformance_case> all = read_conformance("h1");
  return all;
}

method request_method_of(const conformance_case& c) { return parse_method(c.request_method); }

std::vector<std::size_t> cuts(std::size_t size) {
  std::vector<std::size_t> all;
  for (std::size_t at = 0; at < size; ++at) {
    if (size < cut_everywhere_below || at < 32 || size - at < 600 || at % 509 == 0) all.push_back(at);
  }
  return all;
}

TEST(conformance, the_corpus_is_all_there) {
  EXPECT_GE(corpus().size(), 700U);
  for (const auto& c : corpus()) {
    EXPECT_TRUE(c.what != conformance_case::kind::response || request_method_of(c) != method::unknown) << c.name;
  }
}

TEST(conformance, each_case_whole) {
  message_reader reader;
  for (const auto& c : corpus()) {
    const auto got = read_messages(reader, c.what, request_method_of(c), c.bytes);
    EXPECT_EQ(to_text(got), to_text(c.outcomes)) << c.name;
  }
}

TEST(conformance, each_case_cut_in_two) {
  message_reader reader;
  for (const auto& c : corpus()) {
    for (const std::size_t at : cuts(c.bytes.size())) {
      const auto got = read_messages(reader, c.what, request_method_of(c), c.bytes, {at});
      ASSERT_EQ(to_text(got), to_text(c.outcomes)) << c.name << ", cut behind byte " << at;
    }
  }
}

TEST(conformance, each_case_byte_by_byte) {
  message_reader reader;
  for (const auto& c : corpus()) {
    const auto got = read_messages(reader, c.what, request_method_of(c), c.bytes, cuts(c.bytes.size()));
    EXPECT_EQ(to_text(got), to_text(c.outcomes)) << c.name;
  }
}

TEST(conformance, a_refused_case_names_a_reason_with_its_status) {
  for (const auto& c : corpus()) {
    if (c.outcomes.back().reason.empty()) continue;
    const auto all = detail::base::reason_codes;
    const auto at = std::ranges::find(all, std::string_view{c.outcomes.back().reason});
    ASSERT_NE(at, all.end()) << c.name;
    const auto why = static_cast<reason>(at - all.begin());
    const bool upstream = c.what == conformance_case::kind::response &&
                          c.outcomes.back().reason == "upstream.invalid-response";
    EXPECT_TRUE(upstream || static_cast<int>(number(status_of(why))) == c.outcomes.back().status) << c.name;
  }
}

}  // namespace
}  // namespace gatehouse::test
