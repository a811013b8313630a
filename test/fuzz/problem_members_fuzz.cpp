// Another server's problem document: what is passed on is read again as the same, is plain text in HTML, and holds
// nothing that was not in the document.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <gatehouse/http/problem_members.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view document = *input;
  const auto members = read_problem(document);
  if (!members) return 0;
  for (const std::string_view text : {members->type, members->title, members->detail}) {
    require(text.size() <= max_problem_member_bytes && document.find(text) != std::string_view::npos);
  }
  std::array<char, 32768> block;
  arena memory{block};
  const std::string_view written = write_problem(memory, *members, status::service_unavailable, "");
  require(!written.empty() && written.find_first_of("<>&") == std::string_view::npos);
  const auto again = read_problem(written);
  require(again.has_value());
  // Escapes make a text longer, and what is too long is dropped: only then is it another document.
  if (written.size() < max_problem_member_bytes) {
    arena second{std::span{block}.subspan(block.size() / 2)};
    require(write_problem(second, *again, status::service_unavailable, "") == written);
  }
  return 0;
}
