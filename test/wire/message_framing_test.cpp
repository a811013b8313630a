// Every combination of the two framing fields, for requests and responses. The spelling of their values is in the
// corpus.
#include <gatehouse/wire/message_framing.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse {
namespace {

using how = body_framing::kind;
using enum http_version;

struct declared {
  std::vector<std::string> lengths{};
  std::vector<std::string> codings{};
};

void fill(fields& f, const declared& d) {
  for (const auto& value : d.lengths) ASSERT_TRUE(f.append(field::content_length, value));
  for (const auto& value : d.codings) ASSERT_TRUE(f.append(field::transfer_encoding, value));
}

struct request_case {
  std::string_view name;
  declared in;
  http_version version;
  reason why;
  body_framing want{};
};
const request_case requests[] = {
    {"nothing", {}, http_1_1, reason::none, {}},
    {"a length", {{"3"}, {}}, http_1_1, reason::none, {how::length, 3}},
    {"a length on 1.0", {{"3"}, {}}, http_1_0, reason::none, {how::length, 3}},
    {"a length of zero", {{"0"}, {}}, http_1_1, reason::none, {how::length, 0}},
    {"chunked", {{}, {"chunked"}}, http_1_1, reason::none, {how::chunked}},
    {"chunked on 1.0", {{}, {"chunked"}}, http_1_0, reason::http_invalid_transfer_encoding},
    {"both", {{"3"}, {"chunked"}}, http_1_1, reason::http_conflicting_length},
    {"both on 1.0", {{"3"}, {"chunked"}}, http_1_0, reason::http_conflicting_length},
    {"both, neither valid", {{"x", "y"}, {"z"}}, http_1_1, reason::http_conflicting_length},
    {"two equal lengths", {{"3", "3"}, {}}, http_1_1, reason::http_duplicate_content_length},
    {"an invalid length", {{"3,3"}, {}}, http_1_1, reason::http_invalid_content_length},
    {"two codings", {{}, {"gzip", "chunked"}}, http_1_1, reason::http_unsupported_transfer_encoding},
    {"another coding", {{}, {"gzip"}}, http_1_1, reason::http_unsupported_transfer_encoding},
};
TEST(frame_request, every_combination) {
  for (const auto& c : requests) {
    SCOPED_TRACE(c.name);
    fields f;
    fill(f, c.in);
    const auto got = frame_request(f, c.version);
    EXPECT_EQ(code(got ? reason::none : got.error().why), code(c.why));
    if (got) {
      EXPECT_EQ(*got, c.want);
    }
  }
}

struct response_case {
  std::string_view name;
  declared in;
  unsigned code;
  method answered;
  bool accepted;
  body_framing want{};
};
const response_case responses[] = {
    {"nothing", {}, 200, method::get, true, {how::until_close}},
    {"a length", {{"3"}, {}}, 200, method::get, true, {how::length, 3}},
    {"chunked", {{}, {"chunked"}}, 200, method::get, true, {how::chunked}},
    {"HEAD, a length", {{"3"}, {}}, 200, method::head, true, {}},
    {"HEAD, both", {{"3"}, {"chunked"}}, 200, method::head, false},
    {"304, a length", {{"3"}, {}}, 304, method::get, true, {}},
    {"304, two lengths", {{"3", "3"}, {}}, 304, method::get, false},
    {"204, zero", {{"0"}, {}}, 204, method::get, true, {}},
    {"204, a length", {{"3"}, {}}, 204, method::get, false},
    {"204, chunked", {{}, {"chunked"}}, 204, method::get, false},
    {"204 to HEAD, a length", {{"3"}, {}}, 204, method::head, false},
    {"100, chunked", {{}, {"chunked"}}, 100, method::post, false},
    {"100", {}, 100, method::post, true, {}},
    {"both", {{"3"}, {"chunked"}}, 200, method::get, false},
    {"205, zero", {{"0"}, {}}, 205, method::post, true, {how::length, 0}},
};
TEST(frame_response, every_combination) {
  for (const auto& c : responses) {
    SCOPED_TRACE(c.name);
    fields f;
    fill(f, c.in);
    const auto got = frame_response(f, http_1_1, static_cast<status>(c.code), c.answered);
    ASSERT_EQ(got.has_value(), c.accepted);
    if (got) {
      EXPECT_EQ(*got, c.want);
    } else {
      EXPECT_EQ(got.error(), (error{reason::upstream_invalid_response, error_source::upstream}));
    }
  }
}

TEST(frame_response, a_coding_on_1_0_is_refused) {
  fields f;
  fill(f, {{}, {"chunked"}});
  EXPECT_FALSE(frame_response(f, http_1_0, status::ok, method::get));
}

}  // namespace
}  // namespace gatehouse
