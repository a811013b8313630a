// Content of an error: what is found does not depend on how it arrived. The first byte says how large the pieces are.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gatehouse/rules/leak_scan.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  if (size == 0) return 0;
  const std::size_t step = 1U + data[0];
  const auto input = test::guarded_text(data + 1, size - 1);
  if (!input) return 0;
  const std::string_view text = *input;

  const leak at_once = find_leak(text);
  leak_scan scan;
  leak in_pieces = leak::none;
  std::size_t end = 0;
  // Pieces of growing size, so that their ends fall everywhere.
  for (std::size_t i = 0; in_pieces == leak::none && end < text.size(); ++i) {
    in_pieces = scan.look(text.substr(0, end), false);
    end += 1 + i % step;
  }
  if (in_pieces == leak::none) in_pieces = scan.look(text, true);
  require(in_pieces == at_once);
  require(at_once != leak::unreadable);
  return 0;
}
