#include "admin_api.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/crypto.h>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/config/units.hpp>
#include <gatehouse/http/json_writer.hpp>

#include "parse_time.hpp"

namespace gatehouse::program {
namespace {

constexpr std::uint64_t usual_decisions = 50;
constexpr std::uint64_t max_decisions = 1'000;
constexpr std::size_t min_id_prefix = 6;
constexpr std::size_t max_connections = 1'000;
constexpr milliseconds loop_patience{1'000};  // a loop that a handler holds for longer is left out, and counted

// ------------------------------------------------------------------------------------------------ who may ask

answer_or_next guard(const std::string& token, const request& r, const next& go_on) {
  // Before the token: a page of another site learns nothing, not even whether there is one.
  if (is_from_another_site(r)) return http_error{status::forbidden, "Not for other sites."};
  if (token.empty() || carries_token(r.header("authorization").value_or(""), token)) return go_on();
  return response{http_error{status::unauthorized, "A token is needed."}}.header("WWW-Authenticate", "Bearer");
}

// ------------------------------------------------------------------------------------------------ what is asked

/// "10m" before now, or a point in time.
std::optional<system_time> parse_since(std::string_view text) {
  if (const auto ago = parse_duration(text)) {
    constexpr std::uint64_t longest = std::uint64_t{1'000} * 60 * 60 * 24 * 365;
    return std::chrono::system_clock::now() - milliseconds{std::min(*ago, longest)};
  }
  return parse_time(text);
}

http_error bad_query(std::string text) { return {status::bad_request, std::move(text)}; }

result<json_text, http_error> recent(const decision_log& from, std::optional<std::uint64_t> limit,
                                     const std::optional<std::string>& why, const std::optional<std::string>& since) {
  decision_query q{.limit = limit.value_or(usual_decisions)};
  if (q.limit > max_decisions) {
    return failure{bad_query("limit is at most " + std::to_string(max_decisions) + '.')};
  }
  if (why) {
    q.why = reason_from_code(*why);
    if (!q.why) return failure{bad_query("reason is a reason's code, as the log has it.")};
  }
  if (since) {
    q.since = parse_since(*since);
    if (!q.since) return failure{bad_query("since is a duration (10m) or a time (2026-01-31T12:00:00Z).")};
  }
  return json_text{to_json(from.recent(q))};
}

/// Whose pages were denied something, the most often first, with the latest as a sample: of what is kept, and so
/// bounded; one client can fill it, and then it stands here.
json_text denied_origins(const decision_log& from) {
  constexpr std::size_t looked_at = 4'000;
  constexpr std::size_t shown = 50;
  struct denied {
    const decision* latest;
    std::size_t count;
  };
  const std::vector<decision> all = from.recent({.limit = looked_at});
  std::map<std::string_view, denied> by_origin;
  for (const decision& d : all) {
    if (!d.origin.empty()) ++by_origin.try_emplace(d.origin, denied{&d, 0}).first->second.count;
  }
  std::vector<denied> sorted;
  sorted.reserve(by_origin.size());
  for (const auto& [origin, one] : by_origin) sorted.push_back(one);
  std::ranges::sort(sorted, [](const denied& a, const denied& b) {
    return a.count != b.count ? a.count > b.count : a.latest->origin < b.latest->origin;
  });
  json_text out;
  json_writer to(out.text);
  to.begin_object().key("origins").begin_array();
  for (const denied& one : std::span{sorted}.first(std::min(shown, sorted.size()))) {
    const decision& d = *one.latest;
    to.begin_object().key("origin").value(d.origin).key("count").value(static_cast<std::uint64_t>(one.count));
    to.key("reason").value(code(d.why)).key("method").value(d.method).key("route").value(d.route);
    to.key("id").value(d.id);
    if (!d.fix.empty()) to.key("fix").value(d.fix);
    to.end_object();
  }
  to.end_array().key("left_out").value(static_cast<std::uint64_t>(sorted.size() - std::min(shown, sorted.size())));
  to.end_object();
  return out;
}

result<response, http_error> one(const decision_log& from, std::string_view id, bool in_words) {
  if (id.size() < min_id_prefix) {
    return failure{bad_query("At least " + std::to_string(min_id_prefix) + " characters of the id are needed.")};
  }
  const auto found = from.find(id, 2);
  if (found.empty()) return failure{http_error{status::not_found, "No recent decision has this id."}};
  const decision& d = found.front();
  if (found.size() > 1 && d.id != id) {
    return failure{http_error{status::conflict, "Several ids begin so: more of it is needed."}};
  }
  return (in_words ? plain_text(to_words(d)) : response{json_text{to_json(d)}}).header("Vary", "Accept");
}

void write(json_writer& to, const connection_summary& c) {
  to.begin_object().key("peer");
  if (c.unix_socket) {
    to.value("unix");
  } else {
    to.value(endpoint{.address = c.peer, .port = c.peer_port}.to_string());
  }
  to.key("state").value(c.state).key("age_ms").value(static_cast<std::int64_t>(c.age.count()));
  to.key("requests").value(std::uint64_t{c.requests});
  to.key("bytes_in").value(c.bytes_in).key("bytes_out").value(c.bytes_out).end_object();
}

json_text to_json(const connection_survey& all) {
  json_text out;
  json_writer to(out.text);
  to.begin_object().key("connections").begin_array();
  for (const connection_summary& c : all.connections) write(to, c);
  to.end_array().key("left_out").value(all.left_out);
  to.key("silent_loops").value(static_cast<std::uint64_t>(all.silent_loops)).end_object();
  return out;
}

}  // namespace

// Neither field comes twice: the parser refuses that.
bool is_from_another_site(const request& r) noexcept {
  const auto site = r.header("sec-fetch-site");
  if (site && *site != "none" && *site != "same-origin") return true;
  const auto origin = r.header("origin");
  if (!origin) return false;
  // Of a host that the host check let through: on loopback only the loopback names.
  constexpr std::string_view scheme = "http://";
  return !origin->starts_with(scheme) || origin->substr(scheme.size()) != r.host();
}

bool carries_token(std::string_view authorization, std::string_view token) noexcept {
  constexpr std::string_view scheme = "bearer ";
  if (!ascii::equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return false;
  authorization.remove_prefix(scheme.size());
  return authorization.size() == token.size() && CRYPTO_memcmp(authorization.data(), token.data(), token.size()) == 0;
}

app admin_api(const admin_sources& shows, const std::string& token) {
  app a;
  a.use([token](const request& r, const next& go_on) { return guard(token, r, go_on); });
  const decision_log& decisions = *shows.decisions;
  a.get("/decisions", [&decisions](query<"limit", std::optional<std::uint64_t>> limit,
                                   const query<"reason", std::optional<std::string>>& why,
                                   const query<"since", std::optional<std::string>>& since) {
    return recent(decisions, *limit, *why, *since);
  });
  a.get("/decisions/:id", [&decisions](const path<"id">& id, const request& r) {
    return one(decisions, *id, r.accepts({"application/json", "text/plain"}) == "text/plain");
  });
  a.get("/denied-origins", [&decisions] { return denied_origins(decisions); });
  // On the pool: it waits for the loops.
  a.get("/connections", blocking([ask = shows.connections] { return to_json(ask(max_connections, loop_patience)); }));
  a.get("/policy", [text = shows.policy] { return plain_text(text()).type("application/toml"); });
  return a;
}

}  // namespace gatehouse::program
