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

/// A policy and one request for it.
class decision {
 public:
  decision(const cors_config& c, const asked& a) : asked_(a), policy_(make(c)) {
    head_.verb = asked_.method.empty() ? gatehouse::method::get : gatehouse::method::options;
    bool fits = policy_ != nullptr;
    if (!asked_.origin.empty()) fits = fits && head_.fields.append(field::origin, asked_.origin).has_value();
    if (!asked_.method.empty()) {
      fits = fits && head_.fields.append(field::access_control_request_method, asked_.method).has_value() &&
             head_.fields.append(field::access_control_request_headers, asked_.headers).has_value();
    }
    is_ready_ = fits;
  }
  /// False: the outcome is another one than that the row is about.
  [[nodiscard]] bool make_once() const {
    const cors_decision d = policy_->check(head_, route_);
    return d.what == asked_.what && d.why == asked_.why;
  }
  [[nodiscard]] bool is_ready() const { return is_ready_; }

 private:
  asked asked_;  // owns what the head's fields say
  std::unique_ptr<const gatehouse::cors_policy> policy_;
  gatehouse::request_head head_;
  gatehouse::route_info route_;
  bool is_ready_ = false;
};

void decide(benchmark::State& state, const cors_config& c, const asked& a) {
  const decision made(c, a);
  if (!made.is_ready()) return state.SkipWithError("no policy, or too many fields");
  for (auto _ : state) {
    if (!made.make_once()) state.SkipWithError("another outcome");
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
/// As long as a name can be, with the fewest labels.
std::string long_name() {
  const std::string label(62, 'a');
  return "https://" + label + '.' + label + '.' + label + '.' + label;
}
cors_config every_length() {
  cors_config c;
  std::string host = "x";
  while (host.size() < 240) c.origins.push_back("https://*." + (host += ".a"));
  return c;
}

constexpr std::size_t first_port = 1'000;
/// "https://*.a:1000", "https://*.a.a:1001", ...: what is below one is below many.
cors_config nested() {
  cors_config c;
  std::size_t port = first_port;
  for (std::string host = "a"; host.size() < 240; host += ".a") {
    c.origins.push_back("https://*." + host + ':' + std::to_string(port++));
  }
  return c;
}
cors_config ports(std::size_t n) {
  cors_config c;
  for (std::size_t i = 0; i < n; ++i) c.origins.push_back("https://*.example.com:" + std::to_string(first_port + i));
  return c;
}
std::string below_long_labels() {
  const std::string label(62, 'b');
  return "https://" + label + '.' + label + labels(63).substr(9);
}

/// 251 bytes, as long_name().
std::string long_name_below_example() {
  const std::string name = long_name();
  const std::string end = ".example.com";
  return name.substr(0, name.size() - end.size()) + end;
}

constexpr reason denied = reason::cors_origin_not_allowed;
constexpr reason broken = reason::cors_invalid_origin;
constexpr reason bad_list = reason::cors_invalid_preflight;

/// The hash of so many bytes that a row is compared with: what cannot be done in less.
struct yardstick {
  const char* name;
  std::string origin;
};
struct row {
  const char* name;
  cors_config config;
  asked request;
};

std::vector<yardstick> yardsticks() {
  return {
      {"hash_only/an_origin_of_23_bytes", std::string("https://app.example.com")},
      {"hash_only/an_origin_of_34_bytes", last(1'000)},
  };
}

std::vector<row> rows() {
  return {
      {"decide/no_origin", one, asked{.what = kind::not_cors}},
      {"decide/exact_of_1", one, asked{.origin = "https://app.example.com"}},
      {"decide/exact_of_1_000", of(1'000), asked{.origin = last(1'000)}},
      {"decide/exact_of_100_000", of(100'000), asked{.origin = last(100'000)}},
      {"decide/denied_by_1", one, asked{.origin = "https://evil.example.net", .why = denied}},
      {"decide/denied_by_1_000", of(1'000), asked{.origin = "https://customer-x.example.com", .why = denied}},
      {"decide/denied_by_100_000", of(100'000), asked{.origin = "https://customer-x.example.com", .why = denied}},
      {"decide/denied_of_250_bytes_by_1", one, asked{.origin = long_name(), .why = denied}},
      {"decide/denied_against_120_patterns", every_length(),
       asked{.origin = "https://evil.example.net", .why = denied}},
      {"decide/denied_of_250_bytes_against_120_patterns", every_length(), asked{.origin = long_name(), .why = denied}},
      {"decide/denied_of_250_bytes_against_120_nested_patterns", nested(), asked{.origin = long_name(), .why = denied}},
      {"decide/denied_of_250_bytes_against_1_000_ports_of_a_name", ports(1'000),
       asked{.origin = long_name() + ":2000", .why = denied}},
      {"decide/below_a_name", below, asked{.origin = "https://app.example.com"}},
      {"decide/not_below_a_name", below, asked{.origin = "https://appexample.com", .why = denied}},
      {"decide/preflight_without_names", one,
       asked{.origin = "https://app.example.com", .method = "PUT", .what = kind::preflight}},
      {"decide/preflight_with_3_names", one,
       asked{.origin = "https://app.example.com",
             .method = "PUT",
             .headers = "authorization,content-type,x-requested-with",
             .what = kind::preflight}},
      {"decide/hostile_origin_of_64_kib", one, asked{.origin = "https://" + std::string(65'536, 'a'), .why = broken}},
      {"decide/hostile_126_labels_against_120_patterns", every_length(), asked{.origin = labels(126), .why = denied}},
      {"decide/hostile_62_labels_below_long_ones_against_120_patterns", every_length(),
       asked{.origin = below_long_labels(), .why = denied}},
      {"decide/hostile_126_labels_against_120_nested_patterns", nested(), asked{.origin = labels(126), .why = denied}},
      {"decide/hostile_name_of_250_bytes_against_1_000_ports_of_a_name", ports(1'000),
       asked{.origin = long_name_below_example() + ":2000", .why = denied}},
      {"decide/hostile_1_mib_of_commas", one,
       asked{.origin = "https://app.example.com",
             .method = "PUT",
             .headers = std::string(1'048'576, ','),
             .what = kind::preflight,
             .why = bad_list}},
      {"decide/hostile_1_mib_of_spaces", one,
       asked{.origin = "https://app.example.com",
             .method = "PUT",
             .headers = std::string(1'048'576, ' '),
             .what = kind::preflight,
             .why = bad_list}},
      {"decide/hostile_method_of_64_kib", one,
       asked{.origin = "https://app.example.com",
             .method = std::string(65'536, 'P'),
             .what = kind::preflight,
             .why = bad_list}},
  };
}

/// `count` times one row, for callgrind: the difference of two counts is what a decision costs.
int repeat(std::string_view name, unsigned long count) {
  for (const yardstick& y : yardsticks()) {
    if (y.name != name) continue;
    const gatehouse::keyed_hash hash({1, 2});
    for (unsigned long i = 0; i < count; ++i) benchmark::DoNotOptimize(hash(std::string_view{y.origin}));
    return 0;
  }
  for (const row& r : rows()) {
    if (r.name != name) continue;
    const decision made(r.config, r.request);
    for (unsigned long i = 0; i < count; ++i) {
      if (!made.is_ready() || !made.make_once()) return 1;
    }
    return 0;
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view{argv[1]} == "--repeat") return repeat(argv[2], std::stoul(argv[3]));
  for (const yardstick& y : yardsticks()) benchmark::RegisterBenchmark(y.name, hash_only, y.origin);
  for (const row& r : rows()) benchmark::RegisterBenchmark(r.name, decide, r.config, r.request);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
