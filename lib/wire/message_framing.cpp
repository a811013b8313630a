#include <gatehouse/wire/message_framing.hpp>

#include <optional>
#include <string_view>

#include <gatehouse/base/ascii.hpp>

// https://www.rfc-editor.org/rfc/rfc9112#section-6 . Every doubt is a refusal: a message whose end two parsers see in
// two places is how requests are smuggled.

namespace gatehouse {
namespace {

using kind = body_framing::kind;

/// 1*DIGIT and no more than 18 of them. CHOICE: no leading zeros, which some readers take for octal.
std::optional<std::uint64_t> parse_length(std::string_view value) noexcept {
  if (value.size() > 1 && value.front() == '0') return std::nullopt;
  return ascii::parse_decimal(value);
}

/// Content-Length and Transfer-Encoding as found; without a verdict on what they are for.
struct declared {
  reason why = reason::none;
  bool chunked = false;
  std::optional<std::uint64_t> length{};
};

declared read_transfer_encoding(const fields& f, http_version version) noexcept {
  // Section 6.1: in HTTP/1.0 "MUST be treated as if the framing is faulty".
  if (version == http_version::http_1_0) return {.why = reason::http_invalid_transfer_encoding};
  // Other codings are optional to implement and we implement none; "chunked" twice, or not last, or spelt with anything
  // around it, is what smugglers send. All of it is 501, as section 6.1 says of a coding "it does not understand".
  const bool only_chunked = f.count(field::transfer_encoding) == 1 &&
                            ascii::equal_ignoring_case(*f.get(field::transfer_encoding), "chunked");
  if (!only_chunked) return {.why = reason::http_unsupported_transfer_encoding};
  return {.chunked = true};
}

declared read_content_length(const fields& f) noexcept {
  // CHOICE: section 6.3 rule 5 lets equal duplicates be merged; never, they have no honest sender.
  if (f.count(field::content_length) != 1) return {.why = reason::http_duplicate_content_length};
  const auto length = parse_length(*f.get(field::content_length));
  if (!length) return {.why = reason::http_invalid_content_length};
  return {.length = length};
}

declared read_declared(const fields& f, http_version version) noexcept {
  const bool has_encoding = f.has(field::transfer_encoding);
  const bool has_length = f.has(field::content_length);
  // Section 6.3 rule 3: "ought to be handled as an error". CHOICE: section 6.1 lets a server ignore Content-Length
  // instead; we always refuse, and the connection closes.
  if (has_encoding && has_length) return {.why = reason::http_conflicting_length};
  if (has_encoding) return read_transfer_encoding(f, version);
  if (has_length) return read_content_length(f);
  return {};
}

bool answer_has_no_content(status s, method request_method) noexcept {
  return request_method == method::head || forbids_content(s);
}

/// Framing fields that a response without content may not have. Of HEAD and 304 they say what the GET would have had.
bool contradicts(const declared& found, status s) noexcept {
  if (s == status::not_modified || !forbids_content(s)) return false;
  // Section 6.1 and RFC 9110 section 8.6: 1xx and 204 have neither field; "Content-Length: 0" does no harm and is
  // common.
  return found.chunked || found.length.value_or(0) != 0;
}

}  // namespace

result<body_framing> frame_request(const fields& f, http_version version) noexcept {
  const declared found = read_declared(f, version);
  if (found.why != reason::none) return error{found.why};
  if (found.chunked) return body_framing{.how = kind::chunked};
  if (found.length) return body_framing{.how = kind::length, .length = *found.length};
  return body_framing{};  // section 6.3 rule 7: a request without either has no content
}

result<body_framing> frame_response(const fields& f, http_version version, status s, method request_method) noexcept {
  const declared found = read_declared(f, version);
  if (found.why != reason::none || contradicts(found, s)) {
    return error{reason::upstream_invalid_response, error_source::upstream};
  }
  if (answer_has_no_content(s, request_method)) return body_framing{};  // section 6.3 rule 1
  if (found.chunked) return body_framing{.how = kind::chunked};
  if (found.length) return body_framing{.how = kind::length, .length = *found.length};
  return body_framing{.how = kind::until_close};  // section 6.3 rule 8
}

}  // namespace gatehouse
