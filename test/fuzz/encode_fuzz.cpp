// Any bytes: each encoder's output is within its alphabet, in its bound, and read as the text that went in.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/utf8.hpp>

#include "encoded_text.hpp"
#include "fuzz_input.hpp"

namespace {

using namespace gatehouse;
using test::require;

void try_url(std::string_view text) {
  const auto url = encode::safe_url(text);
  if (!url) return;
  const std::string& made = url->text();
  require(!made.empty() && test::read_percent(made, "-._~:/?#[]@!$&'()*+,;=").has_value());
  require(!made.starts_with("//"));
  require(encode::safe_url(made) == url);  // once more changes nothing
  const std::size_t end = made.find_first_of(":/?#");
  if (end == std::string::npos || made[end] != ':') return;
  const std::string scheme = made.substr(0, end);
  require(scheme.size() >= 4 && scheme.size() <= 6);
}

void try_fields(std::string_view text) {
  if (const auto value = encode::header_value(text)) {
    require(grammar::is_field_value(*value) && is_utf8(*value));
    require(value->empty() || (value->front() != ' ' && value->back() != ' '));
    require(encode::header_value(*value) == value);
  }
  const std::string disposition = encode::content_disposition(text);
  require(disposition.size() <= encode::max_bytes_of_one * 2 * text.size() + 80);
  require(disposition.starts_with("attachment; filename=\"") &&
          disposition.find_first_of("/\\<>") == std::string::npos);
  const std::size_t end = disposition.find('"', 22);
  require(end != std::string::npos && end > 22 && disposition[22] != '.');
  for (const char c : disposition) require(c >= ' ' && c <= '~');
  const std::string_view rest = std::string_view{disposition}.substr(end + 1);
  if (rest.empty()) return;
  require(rest.starts_with("; filename*=UTF-8''"));
  const auto name = test::read_percent(rest.substr(19), "!#$&+-.^_`|~");
  require(name.has_value() && is_utf8(*name));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  for (const auto& e : test::encoders) require(test::broken_contract(e, *input).empty());
  try_url(*input);
  try_fields(*input);
  return 0;
}
