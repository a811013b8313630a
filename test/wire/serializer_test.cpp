#include <gatehouse/wire/serializer.hpp>

#include <gtest/gtest.h>

#include <string>

#include "guard_page.hpp"

namespace gatehouse {
namespace {

using how = body_framing::kind;

std::string written(const response_head& head, const response_shape& shape) {
  std::string out(4096, '?');
  out.resize(write_response_head(out, head, shape));
  return out;
}

struct shape_case {
  std::string_view name;
  gatehouse::status status;
  response_shape shape;
  std::string_view want;
};
constexpr std::string_view now = "Sun, 06 Nov 1994 08:49:37 GMT";
const shape_case shapes[] = {
    {"a length",
     status::ok,
     {.framing = {how::length, 5}, .date = now},
     "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 5\r\n\r\n"},
    {"a length of zero",
     status::not_found,
     {.framing = {how::length, 0}},
     "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
    {"chunked", status::ok, {.framing = {how::chunked}}, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"until close",
     status::ok,
     {.framing = {how::until_close}, .close = true},
     "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"},
    {"204", status::no_content, {}, "HTTP/1.1 204 No Content\r\n\r\n"},
    {"100", status::continue_, {}, "HTTP/1.1 100 Continue\r\n\r\n"},
    {"1.0 that stays",
     status::ok,
     {.framing = {how::length, 1}, .version = http_version::http_1_0},
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n"},
    {"1.0 that closes",
     status::ok,
     {.framing = {how::length, 1}, .close = true, .version = http_version::http_1_0},
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"},
    {"101",
     status::switching_protocols,
     {.upgrade_websocket = true},
     "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"},
    {"an unregistered status",
     static_cast<status>(299),
     {.framing = {how::length, 0}},
     "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n"},
};
TEST(write_response_head, shapes) {
  for (const auto& c : shapes) {
    SCOPED_TRACE(c.name);
    response_head head;
    head.status(c.status);
    EXPECT_EQ(written(head, c.shape), c.want);
  }
}

TEST(write_response_head, lines_then_block_and_framing_only_once) {
  const field_block block{{{field::x_frame_options, "", "DENY"}, {field::other, "X-B", "2"}}};
  response_head head;
  ASSERT_TRUE(head.append(field::content_type, "text/plain"));
  ASSERT_TRUE(head.append("content-LENGTH", "999"));
  ASSERT_TRUE(head.append(field::transfer_encoding, "chunked"));
  ASSERT_TRUE(head.append(field::connection, "keep-alive"));
  ASSERT_TRUE(head.append(field::keep_alive, "timeout=5"));
  ASSERT_TRUE(head.append(field::date, "yesterday"));
  ASSERT_TRUE(head.append("x-a", "1"));
  head.attach(&block);
  EXPECT_EQ(written(head, {.framing = {how::length, 2}}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nx-a: 1\r\nX-Frame-Options: DENY\r\nX-B: "
            "2\r\nContent-Length: 2\r\n\r\n");
}

TEST(write_response_head, too_little_room_is_no_head_at_all) {
  response_head head;
  ASSERT_TRUE(head.append("X-A", "1"));
  const response_shape shape{.framing = {how::length, 5}, .close = true};
  const std::string whole = written(head, shape);
  test::guard_page page{4096};
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto room = page.place(std::string(size, '?'));
    EXPECT_EQ(write_response_head(room, head, shape), size == whole.size() ? size : 0U) << size;
  }
}

std::string written(const outgoing_request& request) {
  std::string out(4096, '?');
  out.resize(write_request_head(out, request));
  return out;
}

struct request_case {
  std::string_view name;
  outgoing_request request;
  std::string_view want;
};
const request_case requests[] = {
    {"GET", {.method = "GET", .target = "/a?b", .host = "c:1"}, "GET /a?b HTTP/1.1\r\nHost: c:1\r\n\r\n"},
    {"POST without content says so",
     {.method = "POST", .target = "/", .host = "a"},
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"},
    {"PATCH without content says so",
     {.method = "PATCH", .target = "/", .host = "a"},
     "PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"},
    {"DELETE without content does not",
     {.method = "DELETE", .target = "/", .host = "a"},
     "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"a length",
     {.method = "PUT", .target = "/", .host = "a", .framing = {how::length, 7}},
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n"},
    {"chunked",
     {.method = "POST", .target = "/", .host = "a", .framing = {how::chunked}},
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"a WebSocket",
     {.method = "GET", .target = "/", .host = "a", .upgrade_websocket = true},
     "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"},
};
TEST(write_request_head, shapes) {
  for (const auto& c : requests) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(written(c.request), c.want);
  }
}

TEST(write_request_head, framing_and_connection_lines_are_skipped) {
  fields f;
  for (const field id : {field::host, field::content_length, field::transfer_encoding, field::connection,
                         field::keep_alive, field::upgrade, field::proxy_connection, field::accept}) {
    ASSERT_TRUE(f.append(id, "x"));
  }
  EXPECT_EQ(written({.method = "GET", .target = "/", .host = "a", .fields = &f}),
            "GET / HTTP/1.1\r\nHost: a\r\nAccept: x\r\n\r\n");
}

TEST(write_chunk_head, is_hexadecimal_and_fits) {
  char out[max_chunk_head];
  EXPECT_EQ((std::string_view{out, write_chunk_head(out, 500)}), "1f4\r\n");
  EXPECT_EQ((std::string_view{out, write_chunk_head(out, 1)}), "1\r\n");
  EXPECT_EQ((std::string_view{out, write_chunk_head(out, ~std::uint64_t{0})}), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace gatehouse
