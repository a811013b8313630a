#include <gatehouse/server/stream.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/server/app.hpp>
#include <gatehouse/server/test_client.hpp>

#include "connection_harness.hpp"
#include "open_app.hpp"

namespace gatehouse {
namespace {

using test::client;
using test::harness;
using test::open_app;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

bool has(const client& c, std::string_view text) { return c.received.find(text) != std::string::npos; }

TEST(streaming, answers) {
  std::vector<std::string> told;
  app a;
  a.report_to([&](const handler_failure& f) { told.push_back(std::string{f.message}); });
  a.get("/pulled", [] {
    return streaming("text/csv", [n = 0](std::string& piece) mutable {
      piece = std::to_string(n) + "\n";
      return ++n < 3;
    });
  });
  a.get("/large", [] {
    return streaming("text/csv", [n = 0](std::string& piece) mutable {
      piece.assign(100'000, static_cast<char>('a' + n));
      return ++n < 20;
    });
  });
  a.get("/head", [] {
    return streaming("text/plain", [](std::string&) { return false; }).status(status::accepted).header("X-A", "b");
  });
  a.get("/204", [] { return streaming("text/plain", [](std::string&) { return false; }).status(status::no_content); });
  a.get("/blocking", blocking([] {
          return streaming("text/plain", [](std::string& piece) {
            piece = "from a thread";
            return false;
          });
        }));
  a.get("/pushed", [] {
    return streaming("text/plain", [](stream_writer w) {
      EXPECT_EQ(w.write("one "), wrote::ok);
      EXPECT_EQ(w.write("two"), wrote::ok);
      w.end();
      EXPECT_EQ(w.write("three"), wrote::closed);
      EXPECT_TRUE(w.closed());
    });
  });
  a.get("/pushed-by-a-thread", [] {
    return streaming("text/plain", [](stream_writer w) {
      std::thread([w] {
        EXPECT_EQ(w.write("later"), wrote::ok);
        w.end();
      }).detach();
    });
  });
  a.get("/result", []() -> result<streamed> {
    return streaming("text/plain", [](std::string& piece) {
      piece = "value";
      return false;
    });
  });
  a.get("/dropped", [] { return streaming("text/plain", [](const stream_writer& w) { (void)w.write("half"); }); });
  a.get("/throws",
        [] { return streaming("text/plain", [](std::string&) -> bool { throw std::runtime_error("broken"); }); });
  a.get("/start-throws",
        [] { return streaming("text/plain", [](const stream_writer&) { throw std::runtime_error("not begun"); }); });
  a.get("/nothing", [] { return streaming("text/plain", [](std::string&) { return true; }); });
  a.get("/html", [] {
    return streaming([n = 0](html& piece) mutable {
      piece = html::format("<li>{}</li>", n == 0 ? "<first>" : "second");
      return ++n < 2;
    });
  });
  a.get("/text-as-html", [] { return streaming("text/html", [](std::string&) { return false; }); });
  a.get("/invalid", [] { return streaming("text/plain", [](std::string&) { return false; }).header("X-A", "a\r\nb"); });

  struct {
    const char* name;
    const char* request;
    int status;
    std::string body;  // "*": a problem
    std::string told;
  } const rows[] = {
      {"pieces", "GET /pulled", 200, "0\n1\n2\n", ""},
      {"HEAD: nothing is made", "HEAD /pulled", 200, "", ""},
      {"no content", "GET /head", 202, "", ""},
      {"a status without content", "GET /204", 204, "", ""},
      {"from a blocking handler", "GET /blocking", 200, "from a thread", ""},
      {"pushed", "GET /pushed", 200, "one two", ""},
      {"pushed by a thread", "GET /pushed-by-a-thread", 200, "later", ""},
      {"in a result", "GET /result", 200, "value", ""},
      {"a writer that is dropped cuts off", "GET /dropped", 0, "the answer was cut off after 4 bytes of content", ""},
      {"an exception cuts off", "GET /throws", 0, "the answer was cut off after 0 bytes of content", "broken"},
      {"an exception of the starter", "GET /start-throws", 0, "the answer was cut off after 0 bytes of content",
       "not begun"},
      {"nothing, for ever", "GET /nothing", 0, "the answer was cut off after 0 bytes of content",
       "a stream that made nothing and promised more"},
      {"HTML", "GET /html", 200, "<li>&lt;first&gt;</li><li>second</li>", ""},
      {"text as HTML", "GET /text-as-html", 500, "*",
       "HTML that is no gh::html (gh::html::format encodes what is put into it)"},
      {"a head that must not be sent", "GET /invalid", 500, "*",
       "X-A with a control byte (CR, LF, NUL...) in its value"},
  };
  test_client client(a);
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    told.clear();
    const test_response got = client.request(std::string{r.request} + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(got.status, r.status);
    if (r.body != "*") {
      EXPECT_EQ(got.body, r.body);
    }
    if (r.status == 200) {
      EXPECT_EQ(got.header("transfer-encoding"), "chunked");
      EXPECT_EQ(got.header("content-length"), "");
      EXPECT_EQ(got.header("x-content-type-options"), "nosniff");
    }
    EXPECT_EQ(told, r.told.empty() ? std::vector<std::string>{} : std::vector{r.told});
  }
  const test_response large = client.get("/large");
  EXPECT_EQ(large.body.size(), 2'000'000U);
  EXPECT_EQ(large.header("content-type"), "text/csv");
  EXPECT_EQ(client.get("/head").header("x-a"), "b");
  EXPECT_EQ(client.get("/html").header("content-type"), "text/html; charset=utf-8");
}

TEST(streaming, a_slow_client_stops_the_producer_and_one_that_reads_again_starts_it) {
  std::size_t made = 0;
  open_app a;
  a.get("/", [&] {
    return streaming("application/octet-stream", [&made](std::string& piece) {
      piece.assign(16'384, 'x');
      made += piece.size();
      return made < std::size_t{24} * 1024 * 1024;
    });
  });
  harness h{a.service()};
  client c = h.connect(4096);
  c.send(get);
  h.run_until([&, last = std::size_t{1}]() mutable { return std::exchange(last, made) == made && made != 0; });
  h.settle();
  const std::size_t held = made;
  EXPECT_LT(held, std::size_t{16} * 1024 * 1024) << "bounded by what the kernel takes";
  h.settle();
  EXPECT_EQ(made, held);
  ASSERT_TRUE(h.receive_until(c, [](const std::string& all) { return all.ends_with("\r\n0\r\n\r\n"); }));
  EXPECT_EQ(made, std::size_t{24} * 1024 * 1024);
  EXPECT_FALSE(c.reset);
  // The connection goes on.
  c.received.clear();
  made = std::size_t{24} * 1024 * 1024;
  c.send(get);
  ASSERT_TRUE(h.receive_until(c, [](const std::string& all) { return all.ends_with("\r\n0\r\n\r\n"); }));
}

TEST(streaming, two_streams_share_a_loop) {
  // Each may make much at once, and the client of both reads nothing until both have begun.
  open_app a;
  int begun = 0;
  a.get("/", [&] {
    ++begun;
    return streaming("text/plain", [n = 0](std::string& piece) mutable {
      piece.assign(1024, 'x');
      return ++n < 10'000;
    });
  });
  harness h{a.service()};
  client one = h.connect();
  client two = h.connect();
  one.send(get);
  two.send(get);
  ASSERT_TRUE(h.run_until([&] {
    one.read();
    return begun == 2;
  }));
  const auto whole = [](const std::string& all) { return all.ends_with("\r\n0\r\n\r\n"); };
  ASSERT_TRUE(h.run_until([&] {
    one.read();
    two.read();
    return whole(one.received) && whole(two.received);
  }));
}

TEST(streaming, a_writer_learns_that_there_is_no_room_and_when_there_is) {
  std::optional<stream_writer> writer;
  int room = 0;
  open_app a;
  a.get("/", [&] { return streaming("text/plain", [&](stream_writer w) { writer = std::move(w); }); });
  harness h{a.service()};
  client c = h.connect(4096);
  c.send(get);
  ASSERT_TRUE(h.run_until([&] { return writer.has_value(); }));
  const std::string piece(32 * 1024, 'x');
  std::size_t written = 0;
  wrote last = wrote::ok;
  for (int i = 0; i < 4096 && last == wrote::ok; ++i) {
    last = writer->write(piece);
    if (last == wrote::ok) written += piece.size();
    h.settle();
  }
  ASSERT_EQ(last, wrote::full);
  writer->on_room([&] { ++room; });
  h.settle();
  EXPECT_EQ(room, 0);
  ASSERT_TRUE(h.run_until([&] {
    c.read();
    return room == 1;
  }));
  EXPECT_EQ(writer->write("end"), wrote::ok);
  writer->end();
  ASSERT_TRUE(h.receive_until(c, [](const std::string& all) { return all.ends_with("\r\n0\r\n\r\n"); }));
  EXPECT_GT(c.received.size(), written);
  EXPECT_EQ(room, 1);
  EXPECT_EQ(writer->write("x"), wrote::closed);
}

TEST(streaming, an_abandoned_client_ends_the_stream) {
  for (const bool by_reset : {false, true}) {
    SCOPED_TRACE(by_reset);
    std::optional<event_writer> writer;
    int closed = 0;
    open_app a;
    a.get("/", [&] {
      return events([&](event_writer w) {
        w.on_close([&] { ++closed; });
        writer = std::move(w);
      });
    });
    harness h{a.service()};
    client c = h.connect();
    c.send(get);
    ASSERT_TRUE(h.run_until([&] { return writer.has_value(); }));
    EXPECT_EQ(writer->send("x"), wrote::ok);
    by_reset ? c.abort() : c.close();
    ASSERT_TRUE(h.run_until([&] { return closed != 0; }));
    EXPECT_EQ(closed, 1);
    EXPECT_EQ(writer->send("x"), wrote::closed);
    EXPECT_TRUE(writer->closed());
    writer->on_close([&] { ++closed; });  // at once
    EXPECT_EQ(closed, 2);
    h.settle();
  }
}

TEST(events, are_written_as_browsers_read_them) {
  struct {
    const char* name;
    server_event event;
    wrote want;
    std::string bytes;
  } const rows[] = {
      {"data", {.data = "hello"}, wrote::ok, "data: hello\n\n"},
      {"nothing", {}, wrote::ok, "data: \n\n"},
      {"a name and an id", {.data = "x", .event = "note", .id = "7"}, wrote::ok, "event: note\nid: 7\ndata: x\n\n"},
      {"lines", {.data = "a\nb\r\nc\rd"}, wrote::ok, "data: a\ndata: b\ndata: c\ndata: d\n\n"},
      {"a last line break", {.data = "a\n"}, wrote::ok, "data: a\ndata: \n\n"},
      {"data that looks like a field", {.data = "\nid: 9"}, wrote::ok, "data: \ndata: id: 9\n\n"},
      {"a line break in the name", {.data = "x", .event = "a\nid: 9"}, wrote::invalid, ""},
      {"a carriage return in the id", {.data = "x", .id = "a\rb"}, wrote::invalid, ""},
      {"NUL in the id", {.data = "x", .id = std::string_view{"a\0b", 3}}, wrote::invalid, ""},
      {"an id that is not UTF-8", {.data = "x", .id = "\xff"}, wrote::invalid, ""},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    wrote got = wrote::closed;
    app a;
    a.get("/", [&] {
      return events([&](const event_writer& w) { got = w.send(r.event); });  // dropped: ends well
    });
    const test_response response = test_client(a).get("/");
    EXPECT_EQ(got, r.want);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("content-type"), "text/event-stream");
    EXPECT_EQ(response.header("cache-control"), "no-store, max-age=0");
    EXPECT_EQ(response.body, r.bytes);
  }
}

TEST(events, the_last_id_is_read_and_bounded) {
  struct {
    const char* name;
    std::string sent;
    std::string want;
  } const rows[] = {
      {"one", "42", "42"},
      {"any text", "a b: c", "a b: c"},
      {"UTF-8", "\xc3\xa4", "\xc3\xa4"},
      {"not UTF-8", "\xff", ""},
      {"too long", std::string(1025, 'x'), ""},
      {"just long enough", std::string(1024, 'x'), std::string(1024, 'x')},
  };
  for (const auto& r : rows) {
    SCOPED_TRACE(r.name);
    std::string got = "none";
    app a;
    a.get("/", [&] { return events([&](const event_writer& w) { got = w.last_event_id(); }); });
    EXPECT_EQ(test_client(a).get("/", {{"Last-Event-ID", r.sent}}).status, 200);
    EXPECT_EQ(got, r.want);
  }
}

TEST(events, leave_at_once_and_keep_the_connection_alive) {
  std::optional<event_writer> writer;
  open_app a;
  a.get("/", [&] { return events([&](event_writer w) { writer = std::move(w); }, {.heartbeat = seconds{10}}); });
  harness h{a.service()};
  client c = h.connect();
  c.send(get);
  ASSERT_TRUE(h.receive_until(c, [](const std::string& all) { return all.ends_with("\r\n\r\n"); }));
  EXPECT_EQ(writer->retry(milliseconds{1500}), wrote::ok);
  ASSERT_TRUE(h.receive_until(c, [](const std::string& all) { return all.ends_with("retry: 1500\n\n\r\n"); }));
  c.received.clear();
  h.pass(seconds{9});
  c.read();
  EXPECT_EQ(c.received, "");
  EXPECT_EQ(writer->send("x"), wrote::ok);  // a comment is due 10 s after this
  h.pass(seconds{9});
  c.read();
  EXPECT_EQ(c.received, "9\r\ndata: x\n\n\r\n");
  h.pass(seconds{2});
  ASSERT_TRUE(h.receive_until(c, [](const std::string& all) { return all.ends_with("3\r\n:\n\n\r\n"); }));
  // Longer than any deadline of a request.
  for (int i = 0; i < 40; ++i) h.pass(seconds{11});
  c.read();
  EXPECT_FALSE(c.ended || c.reset);
  EXPECT_EQ(writer->send("still there"), wrote::ok);
  ASSERT_TRUE(h.run_until([&] {
    c.read();
    return has(c, "data: still there\n\n");
  }));
  writer.reset();
  ASSERT_TRUE(h.receive_until(c, [](const std::string& all) { return all.ends_with("0\r\n\r\n"); }));
}

TEST(events, a_heartbeat_out_of_range_is_answered_with_500) {
  for (const milliseconds heartbeat : {milliseconds{999}, milliseconds{300'001}}) {
    app a;
    a.report_to([](const handler_failure&) {});
    a.get("/", [&] { return events([](const event_writer&) {}, {.heartbeat = heartbeat}); });
    EXPECT_EQ(test_client(a).get("/").status, 500);
  }
}

}  // namespace
}  // namespace gatehouse
