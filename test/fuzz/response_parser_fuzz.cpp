// Cut anywhere: the same outcome. Accepted: nothing in it that a serialiser could be fooled with, and framing that
// keeps to what the status allows. The first byte says where to cut, the second which method is answered.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gatehouse/wire/response_parser.hpp>

#include "fuzz_input.hpp"
#include "message_reader.hpp"

namespace {

using namespace gatehouse;  // NOLINT(google-build-using-namespace): a program of its own
using test::conformance_case;

using test::require;

void require_sound(const received_response& r, method answered) {
  require(number(r.status) >= 100 && number(r.status) <= 599);
  require(!((answered == method::head || forbids_content(r.status)) && r.framing.has_content()));
  require(!(r.keep_alive && r.framing.how == body_framing::kind::until_close));
  require(r.upgraded == (r.status == status::switching_protocols) && !(r.upgraded && r.keep_alive));
  require(!(r.fields.has(field::content_length) && r.fields.has(field::transfer_encoding)));
  for (const field_line& line : r.fields) {
    require(!line.name.empty() && line.name.find_first_of(" \t\r\n:") == std::string_view::npos);
    require(line.value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 128 * 1024) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  const auto answered = static_cast<method>(data[1] % static_cast<unsigned>(method::connect));
  static test::message_reader reader;
  const auto whole = test::read_messages(reader, conformance_case::kind::response, answered, bytes);
  const std::size_t cut = bytes.empty() ? 0 : data[0] * bytes.size() / 256;
  require(whole == test::read_messages(reader, conformance_case::kind::response, answered, bytes, {cut}));

  const limits l = test::corpus_limits();
  response_parser parser{l};
  static received_response response;
  const parse_progress got = parser.parse(bytes, answered, response);
  if (got.what == parse_progress::kind::refused) require(got.why == reason::upstream_invalid_response);
  if (got.what != parse_progress::kind::complete) return 0;
  require(got.head_size <= bytes.size());
  require_sound(response, answered);
  return 0;
}
