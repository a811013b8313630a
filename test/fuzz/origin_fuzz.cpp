// Accepted: made of its parts and nothing else, bounded, in lower case, without a byte that could end a field or a
// URL's authority, and its parts are an origin again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/origin.hpp>

#include "fuzz_input.hpp"

namespace {

using gatehouse::origin;
using gatehouse::test::require;

/// Wherever a name could end in known labels, knowing them changes nothing.
void expect_known_ends_change_nothing(std::string_view text) {
  const auto want = origin::parse(text);
  for (auto dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', dot + 1)) {
    const std::string_view end = text.substr(dot, text.find(':', dot) - dot);
    if (end.size() < 2 || !gatehouse::is_lower_case_name('a' + std::string{end})) continue;
    const auto got = origin::parse_ending_in(end, text);
    require(got.has_value() == want.has_value());
    if (!got) continue;
    require(got->text == want->text && got->scheme == want->scheme && got->host == want->host);
    require(got->port == want->port && got->address == want->address);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = gatehouse::test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;
  if (text.size() <= gatehouse::max_origin_bytes) expect_known_ends_change_nothing(text);

  const auto parsed = origin::parse(text);
  if (!parsed) return 0;
  require(text.size() <= gatehouse::max_origin_bytes && parsed->text == text);
  std::string again = std::string{parsed->scheme} + "://" + std::string{parsed->host};
  if (parsed->port) again += ':' + std::to_string(*parsed->port);
  require(again == text);
  require(text.find_first_of(std::string_view{"\r\n\0 ?#@\\%,*\"'", 13}) == std::string_view::npos);
  for (const char c : text) require(c > ' ' && c < '\x7f' && !(c >= 'A' && c <= 'Z'));
  require(text.find('/') == parsed->scheme.size() + 1 && text.rfind('/') == parsed->scheme.size() + 2);
  require(!parsed->port || parsed->port != gatehouse::default_port(parsed->scheme));
  const auto twice = origin::parse(again);
  require(twice && twice->host == parsed->host && twice->port == parsed->port);
  return 0;
}
