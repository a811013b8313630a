// What a decision costs, for friends and for attackers, beside what hashing the bytes of its Origin costs. Every row
// asserts its outcome: a policy that refuses early would look fast. Run: build/bench/bin/rules_cors_bench
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/keyed_hash.hpp>
#include <gatehouse/rules/cors.hpp>
#include <gatehouse/rules/state_registry.hpp>

namespace {

using gatehouse::cors_config;
using gatehouse::cors_decision;
using gatehouse::field;
using gatehouse::reason;
using kind = cors_decision::kind;

std::unique_ptr<const gatehouse::cors_policy> make(const cors_config& c) {
  gatehouse::state_registry states;
  auto made = gatehouse::cors_policy::make(c, states);
  return made ? *std::move(made) : nullptr;
}

std::vector<std::string> many(std::size_t n) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back("https://customer-" + std::to_string(i) + ".example.com");
  return out;
}

struct asked {
  std::string origin{};
  std::string method{};  // of a preflight; empty: it is none
  std::string headers{};
  kind what = kind::request;
  reason why = reason::none;
};

void decide(benchmark::State& state, const cors_config& c, const asked& a) {
  const auto policy = make(c);
  if (policy == nullptr) return state.SkipWithError("no policy");
  gatehouse::request_head head;
  const gatehouse::route_info route;
  head.verb = a.method.empty() ? gatehouse::method::get : gatehouse::method::options;
  bool fits = true;
  if (!a.origin.empty()) fits = head.fields.append(field::origin, a.origin).has_value();
  if (!a.method.empty()) {
    fits = fits && head.fields.append(field::access_control_request_method, a.method).has_value() &&
           head.fields.append(field::access_control_request_headers, a.headers).has_value();
  }
  if (!fits) return state.SkipWithError("too many fields");
  for (auto _ : state) {
    const cors_decision d = policy->check(head, route);
    if (d.what != a.what || d.why != a.why) state.SkipWithError("another outcome");
    benchmark::DoNotOptimize(d);
  }
}

/// The yardstick: one hash of an Origin.
void hash_only(benchmark::State& state, const std::string& origin) {
  const gatehouse::keyed_hash hash({1, 2});
  for (auto _ : state) benchmark::DoNotOptimize(hash(std::string_view{origin}));
}

const cors_config one{.origins = {"https://app.example.com"}, .methods = {"PUT"}};
const cors_config below{.origins = {"https://*.example.com"}, .methods = {"PUT"}};
cors_config of(std::size_t n) { return {.origins = many(n), .methods = {"PUT"}}; }
std::string last(std::size_t n) { return "https://customer-" + std::to_string(n - 1) + ".example.com"; }

std::string labels(std::size_t n) {
  std::string host = "https://a";
  for (std::size_t i = 1; i < n; ++i) host += ".a";
  return host;
}
cors_config every_length() {
  cors_config c;
  std::string host = "x";
  while (host.size() < 240) c.origins.push_back("https://*." + (host += ".a"));
  return c;
}

constexpr reason denied = reason::cors_origin_not_allowed;
constexpr reason broken = reason::cors_invalid_origin;
constexpr reason bad_list = reason::cors_invalid_preflight;

BENCHMARK_CAPTURE(hash_only, an_origin_of_23_bytes, std::string("https://app.example.com"));
BENCHMARK_CAPTURE(hash_only, an_origin_of_34_bytes, last(1'000));
BENCHMARK_CAPTURE(decide, no_origin, one, asked{.what = kind::not_cors});
BENCHMARK_CAPTURE(decide, exact_of_1, one, asked{.origin = "https://app.example.com"});
BENCHMARK_CAPTURE(decide, exact_of_1_000, of(1'000), asked{.origin = last(1'000)});
BENCHMARK_CAPTURE(decide, exact_of_100_000, of(100'000), asked{.origin = last(100'000)});
BENCHMARK_CAPTURE(decide, denied_by_1, one, asked{.origin = "https://evil.example.net", .why = denied});
BENCHMARK_CAPTURE(decide, denied_by_1_000, of(1'000), asked{.origin = "https://customer-x.example.com", .why = denied});
BENCHMARK_CAPTURE(decide, denied_by_100_000, of(100'000),
                  asked{.origin = "https://customer-x.example.com", .why = denied});
BENCHMARK_CAPTURE(decide, below_a_name, below, asked{.origin = "https://app.example.com"});
BENCHMARK_CAPTURE(decide, not_below_a_name, below, asked{.origin = "https://appexample.com", .why = denied});
BENCHMARK_CAPTURE(decide, preflight_without_names, one,
                  asked{.origin = "https://app.example.com", .method = "PUT", .what = kind::preflight});
BENCHMARK_CAPTURE(decide, preflight_with_3_names, one,
                  asked{.origin = "https://app.example.com",
                        .method = "PUT",
                        .headers = "authorization,content-type,x-requested-with",
                        .what = kind::preflight});
BENCHMARK_CAPTURE(decide, hostile_origin_of_64_kib, one,
                  asked{.origin = "https://" + std::string(65'536, 'a'), .why = broken});
BENCHMARK_CAPTURE(decide, hostile_126_labels_against_120_patterns, every_length(),
                  asked{.origin = labels(126), .why = denied});
BENCHMARK_CAPTURE(decide, hostile_1_mib_of_commas, one,
                  asked{.origin = "https://app.example.com",
                        .method = "PUT",
                        .headers = std::string(1'048'576, ','),
                        .what = kind::preflight,
                        .why = bad_list});
BENCHMARK_CAPTURE(decide, hostile_1_mib_of_spaces, one,
                  asked{.origin = "https://app.example.com",
                        .method = "PUT",
                        .headers = std::string(1'048'576, ' '),
                        .what = kind::preflight,
                        .why = bad_list});
BENCHMARK_CAPTURE(decide, hostile_method_of_64_kib, one,
                  asked{.origin = "https://app.example.com",
                        .method = std::string(65'536, 'P'),
                        .what = kind::preflight,
                        .why = bad_list});

}  // namespace
