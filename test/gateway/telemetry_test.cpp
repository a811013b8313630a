#include "telemetry.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gatehouse/config/load.hpp>
#include <gatehouse/rules/state_registry.hpp>
#include <gatehouse/server/test_client.hpp>

#include "metrics_text.hpp"
#include "process_metrics.hpp"

namespace gatehouse::program {
namespace {

using kind = metric_family::kind;

TEST(metrics_text, is_the_text_format_of_prometheus) {
  const std::vector<metric_family> families{
      {.name = "a_total",
       .help = "Counted.",
       .samples = {{.labels = {{"route", "/x/\"\\\n"}, {"status", "2xx"}}, .value = 3}, {.value = 1e15}}},
      {.name = "b_bytes", .help = "Now.", .what = kind::gauge, .samples = {{.value = 0.5}}},
      {.name = "c_seconds",
       .help = "Took.",
       .what = kind::histogram,
       .samples = {{.value = 0.25, .buckets = {{0.1, 1}, {2.5, 3}}, .count = 4}}}};
  EXPECT_EQ(metrics_text(families),
            "# HELP a_total Counted.\n"
            "# TYPE a_total counter\n"
            "a_total{route=\"/x/\\\"\\\\\\n\",status=\"2xx\"} 3\n"
            "a_total 1000000000000000\n"
            "# HELP b_bytes Now.\n"
            "# TYPE b_bytes gauge\n"
            "b_bytes 0.5\n"
            "# HELP c_seconds Took.\n"
            "# TYPE c_seconds histogram\n"
            "c_seconds_count 4\n"
            "c_seconds_sum 0.25\n"
            "c_seconds_bucket{le=\"0.1\"} 1\n"
            "c_seconds_bucket{le=\"2.5\"} 3\n"
            "c_seconds_bucket{le=\"+Inf\"} 4\n");
}

TEST(process_metrics, say_what_the_kernel_says) {
  std::vector<metric_family> out;
  collect_process(out);
  ASSERT_EQ(out.size(), 6U);
  for (const metric_family& f : out) {
    ASSERT_EQ(f.samples.size(), 1U) << f.name;
    EXPECT_GE(f.samples.front().value, f.name == "process_cpu_seconds_total" ? 0 : 1) << f.name;
  }
}

struct facts {
  bool loops = true;
  bool accepting = true;
  bool upstream = true;
};

TEST(telemetry_api, answers_by_what_it_is_told) {
  facts now;
  app a = telemetry_api({.metrics =
                             [] {
                               return std::vector<metric_family>{
                                   {.name = "a", .help = {}, .what = kind::gauge, .samples = {{.value = 1}}}};
                             },
                         .loops_answer = [&] { return now.loops; },
                         .is_accepting = [&] { return now.accepting; },
                         .can_answer = [&] { return now.upstream; }});
  test_client c(a);
  const auto expect = [&c](std::string_view path, int status, std::string_view body) {
    SCOPED_TRACE(path);
    const test_response r = c.get(path);
    EXPECT_EQ(r.status, status);
    EXPECT_EQ(r.body, body);
    const test_response head = c.head(path);
    EXPECT_EQ(head.status, status);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.header("Content-Length"), r.header("Content-Length"));
    EXPECT_EQ(r.header("Cache-Control"), "no-store, max-age=0");
  };
  expect("/metrics", 200, "# TYPE a gauge\na 1\n");
  EXPECT_EQ(c.get("/metrics").header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  expect("/health", 200, "ok\n");
  expect("/ready", 200, "ready\n");

  now.upstream = false;
  expect("/ready", 503, "every upstream is out\n");
  now.accepting = false;
  expect("/ready", 503, "stopping\n");
  expect("/health", 200, "ok\n");  // a probe of liveness must not kill what is ending well
  now.loops = false;
  expect("/health", 503, "an event loop does not answer\n");

  for (const std::string_view path : {"/", "/metrics/", "/metrics/x", "/admin"}) {
    EXPECT_EQ(c.get(path).status, 404) << path;
    EXPECT_EQ(c.get(path).body.find("gatehouse"), std::string::npos) << path;
  }
  EXPECT_EQ(c.post("/metrics", "x", {{"Content-Type", "text/plain"}}).status, 405);
}

}  // namespace
}  // namespace gatehouse::program
