#include <gatehouse/server/compression.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

#include "compressible.hpp"
#include "compressing_transport.hpp"
#include "connection_harness.hpp"
#include "decode_content.hpp"
#include "open_app.hpp"
#include "warm_requests.hpp"

namespace gatehouse {
namespace {

std::string text(std::size_t size) {
  std::string out;
  while (out.size() < size) out += "line " + std::to_string(out.size()) + " of a text\n";
  out.resize(size);
  return out;
}

/// The content as it was; a failure when it can not be read.
std::string decoded(const test_response& r) {
  const std::string_view coding = r.header("Content-Encoding");
  if (coding.empty()) return r.body;
  const test::decoded_content got = coding == "br" ? test::unbrotli(r.body) : test::gunzip(r.body);
  EXPECT_TRUE(got.whole);
  return got.content;
}

const header_list browser{{"Accept-Encoding", "gzip, deflate, br, zstd"}};
const header_list only_gzip{{"Accept-Encoding", "gzip"}};

response page(std::string_view type = "text/plain") { return plain_text(text(5'000)).type(type); }

TEST(compression, is_negotiated) {
  app a;
  a.use(compression());
  a.get("/", [] { return page(); });
  test_client client{a};
  struct {
    const char* accepted;
    const char* coding;
  } const rows[] = {
      {"gzip, deflate, br, zstd", "br"},
      {"br;q=0.9, gzip", "gzip"},
      {"gzip;q=1.0, br;q=1.0", "br"},
      {"gzip", "gzip"},
      {"x-gzip", "gzip"},
      {"GZIP", "gzip"},
      {"*", "br"},
      {"*, br;q=0", "gzip"},
      {"*;q=0", ""},
      {"gzip;q=0, br;q=0", ""},
      {"deflate", ""},
      {"identity", ""},
      {"gzip;q=0.5, identity", ""},
      {"gzip, identity;q=0", "gzip"},
      {"identity;q=0", ""},  // nothing that we have: sent as it is, rather than not at all
      {"", ""},
      {"gzip;q=2", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.accepted);
    const test_response r = client.get("/", {{"Accept-Encoding", row.accepted}});
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.header("Content-Encoding"), row.coding);
    EXPECT_EQ(r.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(r.header("Content-Length"), std::to_string(r.body.size()));
    EXPECT_EQ(decoded(r), text(5'000));
    EXPECT_EQ(r.body.size() < 5'000, *row.coding != '\0');
  }
  const test_response silent = client.get("/");
  EXPECT_EQ(silent.header("Content-Encoding"), "");
  EXPECT_EQ(silent.header("Vary"), "Accept-Encoding");
}

TEST(compression, leaves_alone_what_it_must) {
  app a;
  a.use(compression());
  a.get("/json", [] { return response{json_text{"[\"" + text(3'000) + "\"]"}}; });
  a.get("/small", [] { return text(1'023); });
  a.get("/just-enough", [] { return text(1'024); });
  a.get("/image", [] { return page("image/png"); });
  a.get("/svg", [] { return page("image/svg+xml; charset=utf-8"); });
  a.get("/encoded", [] { return page().header("Content-Encoding", "zstd"); });
  a.get("/identity", [] { return page().header("Content-Encoding", "identity"); });
  a.get("/part", [] { return page().status(status::partial_content).header("Content-Range", "bytes 0-4999/9999"); });
  a.get("/no-transform", [] { return page().header("Cache-Control", "public, No-Transform"); });
  a.get("/digest", [] { return page().header("Content-Digest", "sha-256=:AA==:"); });
  a.get("/cookie", [] { return page().append("Set-Cookie", "sid=1"); });
  a.get("/empty", [] { return no_content{}; });
  a.get("/varies", [] { return page().header("Vary", "Accept, accept-encoding"); });
  a.get("/varies-by-all", [] { return page().header("Vary", "*"); });
  a.get("/varies-by-other", [] { return page().header("Vary", "Accept"); });
  a.get("/huge", [] { return text(detail::server::max_compressed_at_once + 1); });
  a.get("/failed", [] { return http_error{status::conflict, text(2'000)}; });
  test_client client{a};
  struct {
    const char* name;
    const char* target;
    header_list more;
    const char* coding;
    const char* vary;
  } const rows[] = {
      {"JSON", "/json", {}, "br", "Accept-Encoding"},
      {"too small to be worth it", "/small", {}, "", "Accept-Encoding"},
      {"just large enough", "/just-enough", {}, "br", "Accept-Encoding"},
      {"compressed by its format", "/image", {}, "", ""},
      {"an image that is text", "/svg", {}, "br", "Accept-Encoding"},
      {"encoded by its handler", "/encoded", {}, "zstd", ""},
      {"said to be not encoded", "/identity", {}, "identity", ""},
      {"a part", "/part", {}, "", ""},
      {"no-transform", "/no-transform", {}, "", ""},
      {"what somebody computed a digest of", "/digest", {}, "", ""},
      {"what sets a cookie", "/cookie", {}, "", "Accept-Encoding"},
      {"nothing", "/empty", {}, "", ""},
      {"said already", "/varies", {}, "br", "Accept, accept-encoding"},
      {"by everything", "/varies-by-all", {}, "br", "*"},
      {"by something else", "/varies-by-other", {}, "br", "Accept"},
      {"more than the loop should be held for", "/huge", {}, "", "Accept-Encoding"},
      {"an error", "/failed", {}, "br", "Accept-Encoding"},
      {"a request with a cookie", "/json", {{"Cookie", "sid=1"}}, "", "Accept-Encoding"},
      {"a request with a password", "/json", {{"Authorization", "Basic eDp5"}}, "", "Accept-Encoding"},
      {"a request with a token", "/json", {{"Authorization", "Bearer x"}}, "", "Accept-Encoding"},
      {"no route", "/nowhere", {}, "", "Accept-Encoding"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    header_list headers = browser;
    headers.insert(headers.end(), row.more.begin(), row.more.end());
    const test_response r = client.get(row.target, headers);
    EXPECT_EQ(r.header("Content-Encoding"), row.coding);
    EXPECT_EQ(r.header("Vary"), row.vary);
    EXPECT_EQ(r.header("X-Content-Type-Options"), "nosniff");
    if (std::string_view{row.coding} == "br") {
      EXPECT_GE(decoded(r).size(), 1'024U);
    }
  }
}

TEST(compression, weakens_a_strong_etag_and_nothing_else) {
  app a;
  a.use(compression());
  a.get("/strong", [] { return page().header("ETag", "\"1\"").header("Accept-Ranges", "bytes"); });
  a.get("/weak", [] { return page().header("ETag", "W/\"1\""); });
  a.get("/long", [] { return page().header("ETag", '"' + std::string(400, 'x') + '"'); });
  a.get("/same", [] { return response{status::not_modified}.header("ETag", "\"1\""); });
  test_client client{a};
  EXPECT_EQ(client.get("/strong", browser).header("ETag"), "W/\"1\"");
  EXPECT_EQ(client.get("/strong", browser).header("Accept-Ranges"), "");
  EXPECT_EQ(client.get("/strong").header("ETag"), "\"1\"");
  EXPECT_EQ(client.get("/strong").header("Accept-Ranges"), "bytes");
  EXPECT_EQ(client.get("/weak", browser).header("ETag"), "W/\"1\"");
  EXPECT_EQ(client.get("/long", browser).header("ETag"), "");
  // As the 200 that it speaks for.
  EXPECT_EQ(client.get("/same", browser).header("ETag"), "W/\"1\"");
  EXPECT_EQ(client.get("/same", browser).header("Vary"), "Accept-Encoding");
  EXPECT_EQ(client.get("/same").header("ETag"), "\"1\"");
}

TEST(compression, answers_head_as_get_without_a_length_that_nobody_knows) {
  app a;
  a.use(compression());
  a.get("/", [] { return page().header("ETag", "\"1\""); });
  a.get("/stream", [] { return streaming("text/csv", [](std::string&) { return false; }); });
  test_client client{a};
  const test_response r = client.head("/", browser);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Content-Encoding"), "br");
  EXPECT_EQ(r.header("Content-Length"), "");
  EXPECT_EQ(r.header("ETag"), "W/\"1\"");
  EXPECT_EQ(r.body, "");
  EXPECT_EQ(client.head("/").header("Content-Length"), "5000");
  EXPECT_EQ(client.head("/stream", browser).header("Content-Encoding"), "br");
  EXPECT_EQ(detail::server::encoders_of_this_thread().in_use, 0U);
}

TEST(compression, of_groups_and_with_credentials_where_a_dangerous_name_says_so) {
  app a;
  a.get("/plain", [] { return page(); });
  auto open = a.group("/open");
  open.use(compression({.brotli_level = 0}));
  open.get("/text", [] { return page(); });
  auto public_things = a.group("/public");
  public_things.use(compression({.gzip_level = 0, .dangerously_compress_with_credentials = true}));
  public_things.get("/text", [] { return page(); });
  // Two around one route: the inner one does it, the outer one sees that it is done.
  auto inner = public_things.group("/inner");
  inner.use(compression({.brotli_level = 0}));
  inner.get("/text", [] { return page(); });
  test_client client{a};
  header_list known = browser;
  known.emplace_back("Cookie", "sid=1");
  EXPECT_EQ(client.get("/plain", browser).header("Content-Encoding"), "");
  EXPECT_EQ(client.get("/plain", browser).header("Vary"), "");
  EXPECT_EQ(client.get("/open/text", browser).header("Content-Encoding"), "gzip");
  EXPECT_EQ(client.get("/open/text", known).header("Content-Encoding"), "");
  EXPECT_EQ(client.get("/public/text", known).header("Content-Encoding"), "br");
  EXPECT_EQ(client.get("/public/inner/text", browser).header("Content-Encoding"), "gzip");
  EXPECT_EQ(client.get("/public/inner/text", browser).header("Vary"), "Accept-Encoding");
  EXPECT_EQ(decoded(client.get("/public/inner/text", browser)), text(5'000));
}

TEST(compression, reports_levels_that_there_are_not) {
  app a;
  a.use(compression({.brotli_level = 7, .gzip_level = -1}));
  const config_errors errors = a.check();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].key, "compression.brotli_level");
  EXPECT_EQ(errors[0].suggestion, "6");
  EXPECT_EQ(errors[1].key, "compression.gzip_level");
}

TEST(compression, knows_what_is_text) {
  for (const std::string_view type :
       {"text/html", "TEXT/Css; charset=utf-8", "application/json", "application/ld+json", "image/svg+xml",
        "application/problem+json", "text/event-stream", "application/javascript;x=y", "application/wasm"}) {
    EXPECT_TRUE(detail::server::is_compressible(type)) << type;
  }
  for (const std::string_view type : {"", "image/png", "font/woff2", "application/octet-stream", "application/gzip",
                                      "application/zip", "video/mp4", "+json", "application/grpc", "text"}) {
    EXPECT_FALSE(detail::server::is_compressible(type)) << type;
  }
}

// ------------------------------------------------------------------ streams

TEST(compression, of_a_stream_of_any_length_in_any_pieces) {
  static std::size_t size = 0;
  static std::size_t piece_size = 0;
  app a;
  a.use(compression());
  a.get("/", [] {
    return streaming("text/csv", [all = text(size), at = std::size_t{0}](std::string& piece) mutable {
      piece = all.substr(at, piece_size);
      at += piece.size();
      return at < all.size();
    });
  });
  test_client client{a};
  constexpr std::size_t sizes[] = {1, 1'000, 16'384, 65'537, 700'000};
  constexpr std::size_t pieces[] = {1, 999, 70'000};
  for (const std::size_t s : sizes) {
    for (const std::size_t p : pieces) {
      if (s / p > 20'000) continue;
      for (const header_list& accepted : {browser, only_gzip, header_list{}}) {
        size = s;
        piece_size = p;
        SCOPED_TRACE(std::to_string(s) + " in pieces of " + std::to_string(p));
        const test_response r = client.get("/", accepted);
        EXPECT_EQ(r.header("Transfer-Encoding"), "chunked");
        EXPECT_EQ(r.header("Content-Length"), "");
        EXPECT_EQ(r.header("Content-Encoding").empty(), accepted.empty());
        ASSERT_TRUE(decoded(r) == text(s));
      }
    }
  }
}

TEST(compression, a_stream_that_is_cut_off_does_not_look_whole) {
  app a;
  a.use(compression());
  a.report_to([](const handler_failure&) {});
  a.get("/", [] {
    return streaming("text/csv", [n = 0](std::string& piece) mutable -> bool {
      if (++n == 3) throw 1;
      piece = text(40'000);
      return true;
    });
  });
  EXPECT_EQ(test_client{a}.get("/", browser).status, 0);
  EXPECT_EQ(detail::server::encoders_of_this_thread().in_use, 0U);
}

/// The content of a chunked response so far, without its chunks.
std::string unchunked(std::string_view received) {
  std::string out;
  received.remove_prefix(std::min(received.find("\r\n\r\n") + 4, received.size()));
  while (true) {
    const std::size_t end = received.find("\r\n");
    if (end == std::string_view::npos) return out;
    const std::size_t size = std::stoul(std::string{received.substr(0, end)}, nullptr, 16);
    if (size == 0 || received.size() < end + 4 + size) return out;
    out += received.substr(end + 2, size);
    received.remove_prefix(end + 4 + size);
  }
}

// Every event can be read when it was sent, not when the encoder has enough of them.
TEST(compression, events_arrive_as_they_are_sent) {
  test::open_app a;
  a.use(compression());
  std::vector<event_writer> writers;
  a.get("/", [&] { return events([&](event_writer w) { writers.push_back(std::move(w)); }); });
  test::harness h{a.service()};
  auto c = h.connect();
  c.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n");
  ASSERT_TRUE(h.run_until([&] { return !writers.empty(); }));
  std::string sent;
  for (int i = 0; i < 5; ++i) {
    const std::string note = "note " + std::to_string(i);
    ASSERT_EQ(writers[0].send(note), wrote::ok);
    sent += "data: " + note + "\n\n";
    ASSERT_TRUE(h.receive_until(c, [&](const std::string& got) {
      return test::gunzip(unchunked(got)).content == sent;
    })) << c.received;
  }
  EXPECT_NE(c.received.find("Content-Encoding: gzip"), std::string::npos);
  writers[0].end();
  ASSERT_TRUE(h.receive_until(c, [](const std::string& got) { return got.ends_with("\r\n0\r\n\r\n"); }));
  EXPECT_TRUE(test::gunzip(unchunked(c.received)).whole);
  EXPECT_EQ(detail::server::encoders_of_this_thread().in_use, 0U);
}

// More streams than may be compressed at the same time: the others are sent as they are.
TEST(compression, of_a_bounded_number_of_streams) {
  test::open_app a;
  a.use(compression());
  std::vector<event_writer> writers;
  a.get("/", [&] { return events([&](event_writer w) { writers.push_back(std::move(w)); }); });
  test::harness h{a.service()};
  std::vector<test::client> clients;
  for (std::size_t i = 0; i <= detail::server::max_encoders_of_thread; ++i) {
    clients.push_back(h.connect());
    clients.back().send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n");
    ASSERT_TRUE(h.receive_until(clients.back(), [](const std::string& got) { return got.ends_with("\r\n\r\n"); }));
  }
  EXPECT_NE(clients.front().received.find("Content-Encoding: gzip"), std::string::npos);
  EXPECT_EQ(clients.back().received.find("Content-Encoding"), std::string::npos);
  EXPECT_NE(clients.back().received.find("Vary: Accept-Encoding"), std::string::npos);
  writers.clear();
  h.settle();
  EXPECT_EQ(detail::server::encoders_of_this_thread().in_use, 0U);
}

// A client that takes nothing: what is made for it waits, bounded, and arrives when it reads again.
TEST(compression, keeps_to_backpressure) {
  test::open_app a;
  a.use(compression({.brotli_level = 0, .gzip_level = 1}));
  std::size_t made = 0;
  constexpr std::size_t most = 40'000'000;
  a.get("/", [&] {
    return streaming("text/csv", [&made, seed = std::uint32_t{1}](std::string& piece) mutable {
      for (int i = 0; i < 16'000; ++i) {
        seed = seed * 1664525 + 1013904223;  // noise: what comes out is as large as what went in
        piece += static_cast<char>(seed >> 24U);
      }
      made += piece.size();
      return made < most;
    });
  });
  test::harness h{a.service()};
  auto c = h.connect(16 * 1024);
  c.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n");
  std::size_t before = 1;
  ASSERT_TRUE(h.run_until([&] {
    h.settle();
    return made != 0 && std::exchange(before, made) == made;
  }));
  EXPECT_LT(made, most / 2);
  ASSERT_TRUE(h.receive_until(c, [](const std::string& got) { return got.ends_with("\r\n0\r\n\r\n"); }));
  const auto got = test::gunzip(unchunked(c.received));
  EXPECT_TRUE(got.whole);
  EXPECT_EQ(got.content.size(), made);
}

// As above, of content that comes by itself: what was taken comes out at a flush, and is noticed there.
TEST(compression, keeps_to_backpressure_of_what_is_pushed) {
  test::open_app a;
  a.use(compression({.brotli_level = 0, .gzip_level = 1}));
  std::vector<event_writer> writers;
  a.get("/", [&] { return events([&](event_writer w) { writers.push_back(std::move(w)); }); });
  test::harness h{a.service()};
  auto c = h.connect(16 * 1024);
  c.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n");
  ASSERT_TRUE(h.run_until([&] { return !writers.empty(); }));
  std::uint32_t seed = 1;
  std::size_t sent = 0;
  constexpr std::size_t most = 40'000'000;
  bool full = false;
  while (!full && sent < most) {
    std::string noise;
    for (int i = 0; i < 16'000; ++i) {
      seed = seed * 1664525 + 1013904223;
      noise += static_cast<char>('0' + (seed >> 26U));
    }
    full = writers[0].send(noise) == wrote::full;
    sent += noise.size();
    h.worker().loop().poll(milliseconds{0});
  }
  EXPECT_TRUE(full);
  writers.clear();
  ASSERT_TRUE(h.receive_until(c, [](const std::string& got) { return got.ends_with("\r\n0\r\n\r\n"); }));
  EXPECT_TRUE(test::gunzip(unchunked(c.received)).whole);
}

TEST(compression, a_warm_request_beside_it_allocates_nothing) {
  test::open_app a;
  a.group("/text").use(compression());
  a.get("/ok", [] { return "ok"; });
  a.get("/text/ok", [] { return "ok"; });
  test::harness h{a.service()};
  const test::warm_request rows[] = {
      {"outside of its group", "GET /ok HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n", "\r\n\r\nok"},
      {"too small", "GET /text/ok HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n", "\r\n\r\nok"},
  };
  test::expect_warm_requests_allocate_nothing(h, rows);
}

}  // namespace
}  // namespace gatehouse
