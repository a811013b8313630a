// Content and consumed bytes never exceed the input, content lies inside it, progress is always made, and the pieces
// are the same wherever the input is cut. The first byte says where.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/wire/chunked_decoder.hpp>

#include "fuzz_input.hpp"
#include "guard_page.hpp"
#include "message_reader.hpp"

namespace {

using namespace gatehouse;  // NOLINT(google-build-using-namespace): a program of its own
using kind = chunked_decoder::piece::kind;

using test::require;

struct decoded {
  std::string content;
  kind what = kind::more;
  reason why = reason::none;
  std::size_t consumed = 0;
  friend bool operator==(const decoded&, const decoded&) = default;
};

void decode(chunked_decoder& decoder, std::string_view input, decoded& out) {
  while (!input.empty() && out.what == kind::more) {
    const auto piece = decoder.next(input);
    require(piece.consumed <= input.size() && piece.content.size() <= piece.consumed);
    if (!piece.content.empty()) {
      require(piece.content.data() >= input.data());
      require(piece.content.data() + piece.content.size() == input.data() + piece.consumed);
    }
    require(piece.consumed > 0 || piece.what == kind::refused);
    out.content += piece.content;
    out.what = piece.what;
    out.why = piece.why;
    out.consumed += piece.consumed;
    input.remove_prefix(piece.consumed);
  }
}

std::string_view place(test::guard_page& page, std::string_view text) {
  const auto at = page.place(text);
  return {at.data(), at.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 64 * 1024) return 0;
  static test::guard_page page{64 * 1024};
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const limits l = test::corpus_limits();

  chunked_decoder decoder{l};
  decoded whole;
  decode(decoder, place(page, bytes), whole);
  require((whole.what == kind::refused) == (whole.why != reason::none));
  require(whole.what != kind::more || whole.consumed == bytes.size());

  const std::size_t cut = data[0] * bytes.size() / 256;
  decoder.reset();
  decoded in_two;
  decode(decoder, place(page, bytes.substr(0, cut)), in_two);
  if (in_two.what == kind::more) decode(decoder, place(page, bytes.substr(cut)), in_two);
  require(whole == in_two);
  return 0;
}
