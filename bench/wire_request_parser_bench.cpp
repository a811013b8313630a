// What a request head costs, for friends and for attackers. Every row asserts its outcome: a parser that refuses early
// would look fast. Run: build/bench/bin/wire_request_parser_bench
#include <benchmark/benchmark.h>

#include <string>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/wire/request_parser.hpp>

namespace {

using gatehouse::parse_progress;
using gatehouse::reason;

const std::string browser =
    "GET /api/notes?limit=20&offset=40 HTTP/1.1\r\n"
    "Host: api.example.com\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"156\", \"Not:A-Brand\";v=\"24\"\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "Origin: https://app.example.com\r\n"
    "Sec-Fetch-Site: same-site\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Referer: https://app.example.com/\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "\r\n";

std::string request(const std::string& lines) { return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }

std::string repeat(std::size_t times, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

void parse_whole(benchmark::State& state, const std::string& bytes, reason want) {
  const gatehouse::limits limits;
  gatehouse::request_parser parser{limits};
  gatehouse::request_head head;
  for (auto _ : state) {
    parser.reset();
    const parse_progress got = parser.parse(bytes, head);
    if (got.what == parse_progress::kind::need_more || got.why != want) state.SkipWithError("another outcome");
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}

/// The slowest sender there is: a call for each byte.
void parse_by_bytes(benchmark::State& state, const std::string& bytes, reason want) {
  const gatehouse::limits limits;
  gatehouse::request_parser parser{limits};
  gatehouse::request_head head;
  for (auto _ : state) {
    parser.reset();
    parse_progress got;
    for (std::size_t size = 1; size <= bytes.size() && got.what == parse_progress::kind::need_more; ++size) {
      got = parser.parse({bytes.data(), size}, head);
    }
    if (got.what == parse_progress::kind::need_more || got.why != want) state.SkipWithError("another outcome");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}

BENCHMARK_CAPTURE(parse_whole, a_browsers_get, browser, reason::none);
BENCHMARK_CAPTURE(parse_whole, the_shortest_request, request(""), reason::none);
BENCHMARK_CAPTURE(parse_by_bytes, a_browsers_get, browser, reason::none);
BENCHMARK_CAPTURE(parse_by_bytes, a_value_of_15_kib, request("A: " + repeat(15'000, "x") + "\r\n"), reason::none);
BENCHMARK_CAPTURE(parse_whole, a_value_of_15_kib, request("A: " + repeat(15'000, "x") + "\r\n"), reason::none);
BENCHMARK_CAPTURE(parse_whole, tabs_15_kib, request("A: " + repeat(15'000, "\t") + "\r\n"), reason::none);
BENCHMARK_CAPTURE(parse_whole, spaces_around_7_kib,
                  request("A:" + repeat(7'000, " ") + "x" + repeat(7'000, " ") + "\r\n"), reason::none);
BENCHMARK_CAPTURE(parse_whole, an_unknown_name_of_15_kib, request(repeat(15'000, "n") + ": x\r\n"), reason::none);
BENCHMARK_CAPTURE(parse_whole, sixty_unknown_fields, request(repeat(60, "x-some-name-of-mine: 1\r\n")), reason::none);
BENCHMARK_CAPTURE(parse_whole, a_connection_of_7_k_commas, request("Connection:" + repeat(7'000, ",") + "\r\n"),
                  reason::none);
BENCHMARK_CAPTURE(parse_whole, a_connection_of_5_k_options, request("Connection: a" + repeat(5'000, ",aa") + "\r\n"),
                  reason::none);
BENCHMARK_CAPTURE(parse_whole, a_path_of_1300_escapes, "GET /" + repeat(650, "%c3%a9") + " HTTP/1.1\r\nHost: a\r\n\r\n",
                  reason::none);
BENCHMARK_CAPTURE(parse_whole, a_path_of_2_k_segments, "GET " + repeat(2'000, "/a") + " HTTP/1.1\r\nHost: a\r\n\r\n",
                  reason::none);
BENCHMARK_CAPTURE(parse_whole, no_end_in_16_kib, "GET / HTTP/1.1\r\nA: " + repeat(16'384, "x"),
                  reason::limit_head_too_large);

}  // namespace
