// Accepted, then serialised, then parsed again: the same message. Cut anywhere: the same outcome. Never a read outside
// the bytes (guard page), whatever they are. The first byte says where to cut; the rest is a connection's bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/wire/request_parser.hpp>
#include <gatehouse/wire/serializer.hpp>

#include "fuzz_input.hpp"
#include "message_reader.hpp"

namespace {

using namespace gatehouse;  // NOLINT(google-build-using-namespace): a program of its own
using test::conformance_case;

using test::require;

/// What the proxy would send for this request.
std::string serialise(const request_head& head) {
  std::string out(64 * 1024, '\0');
  const outgoing_request request{
      .method = head.method_text,
      .target = head.target,
      .host = head.authority.empty() ? "none" : head.authority.text,
      .fields = &head.fields,
      .framing = head.framing,
      .upgrade_websocket = head.upgrade_websocket,
  };
  out.resize(write_request_head(out, request));
  return out;
}

bool is_rewritten(field id) {
  return id == field::host || id == field::content_length || id == field::transfer_encoding ||
         id == field::connection || id == field::keep_alive || id == field::upgrade || id == field::proxy_connection;
}

void require_same_fields(const fields& a, const fields& b) {
  const field_line* other = b.begin();
  for (const field_line& line : a) {
    if (is_rewritten(line.id)) continue;
    while (other != b.end() && is_rewritten(other->id)) ++other;
    require(other != b.end() && other->name == line.name && other->value == line.value && other->id == line.id);
    ++other;
  }
  while (other != b.end() && is_rewritten(other->id)) ++other;
  require(other == b.end());
}

void require_same_after_serialising(const request_head& head) {
  const std::string written = serialise(head);
  require(!written.empty());
  limits roomy = test::corpus_limits();
  roomy.head_bytes = 64 * 1024;
  roomy.fields = 96;
  request_parser parser{roomy};
  request_head again;
  const parse_progress got = parser.parse(written, again);
  require(got.what == parse_progress::kind::complete && got.head_size == written.size());
  require(again.verb == head.verb && again.target == head.target && again.path == head.path &&
          again.query == head.query);
  require(again.framing.has_content() == head.framing.has_content());
  require(!head.framing.has_content() || again.framing == head.framing);
  require(again.upgrade_websocket == head.upgrade_websocket);
  require_same_fields(head.fields, again.fields);
}

void require_sound(const request_head& head) {
  require(head.verb < method::connect && !head.target.empty());
  require(head.path == "*" || head.path.front() == '/');
  require(head.authority.empty() ? head.version == http_version::http_1_0
                                 : head.authority.text.find_first_of("\r\n /") == std::string_view::npos);
  for (const field_line& line : head.fields) {
    require(!line.name.empty() && line.name.find_first_of(" \t\r\n:_") == std::string_view::npos);
    require(line.value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 128 * 1024) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  static test::message_reader reader;
  const auto whole = test::read_messages(reader, conformance_case::kind::request, method::get, bytes);

  const std::size_t cut = bytes.empty() ? 0 : data[0] * bytes.size() / 256;
  const auto in_two = test::read_messages(reader, conformance_case::kind::request, method::get, bytes, {cut});
  require(whole == in_two);

  const limits l = test::corpus_limits();
  request_parser parser{l};
  static request_head head;
  const parse_progress got = parser.parse(bytes, head);
  if (got.what != parse_progress::kind::complete) return 0;
  require(got.head_size <= bytes.size());
  require_sound(head);
  require_same_after_serialising(head);
  return 0;
}
