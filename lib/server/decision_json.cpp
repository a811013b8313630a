// A decision as JSON: what the admin listener serves and `gatehouse explain --json` prints.
#include <utility>

#include <gatehouse/http/json_writer.hpp>
#include <gatehouse/http/problem.hpp>
#include <gatehouse/server/decision_log.hpp>

#include "decision_time.hpp"

namespace gatehouse {
namespace {

void write_query(json_writer& to, std::string_view keys) {
  to.key("query").begin_array();
  while (!keys.empty()) {
    const auto end = keys.find('&');
    to.value(keys.substr(0, end));
    keys = end == std::string_view::npos ? std::string_view{} : keys.substr(end + 1);
  }
  to.end_array();
}

void write_step(json_writer& to, const decision_step& s) {
  to.begin_object();
  to.key("rule").value(s.rule).key("phase").value(code(s.when)).key("verdict").value(code(s.what));
  if (s.why != reason::none) to.key("reason").value(code(s.why));
  to.end_object();
}

void write(json_writer& to, const decision& d) {
  to.begin_object();
  std::string time;
  detail::server::append_time(time, d.began);
  to.key("id").value(d.id).key("time").value(time).key("client").value(d.client.to_string());
  if (!d.client_certificate.empty()) to.key("client_certificate").value(d.client_certificate);
  to.key("method").value(d.method).key("path").value(d.path);
  write_query(to, d.query_keys);
  if (!d.route.empty()) to.key("route").value(d.route);
  to.key("status").value(static_cast<int>(d.status));
  if (d.why != reason::none) {
    to.key(d.would_refuse ? "would_refuse" : d.unreadable ? "unreadable" : "reason").value(code(d.why));
    to.key("title").value(public_title(d.why));
  }
  if (d.next != cors_change::none) to.key("cors_next").value(to_string(d.next));
  if (!d.origin.empty()) to.key("origin").value(d.origin);
  to.key("aborted").value(d.aborted);
  to.key("duration_ms").value(static_cast<double>(d.took.count()) / 1'000);
  to.key("bytes_in").value(d.bytes_in).key("bytes_out").value(d.bytes_out);
  for (const auto& [name, text] :
       {std::pair{"particulars", &d.particulars}, {"fix", &d.fix}, {"because", &d.because}}) {
    if (!text->empty()) to.key(name).value(*text);
  }
  to.key("steps").begin_array();
  for (const decision_step& s : d.steps) write_step(to, s);
  to.end_array();
  if (d.dropped_steps != 0) to.key("dropped_steps").value(std::uint64_t{d.dropped_steps});
  to.end_object();
}

}  // namespace

std::string to_json(const decision& d) {
  std::string out;
  json_writer to(out);
  write(to, d);
  return out;
}

std::string to_json(std::span<const decision> all) {
  std::string out;
  json_writer to(out);
  to.begin_object().key("decisions").begin_array();
  for (const decision& d : all) write(to, d);
  to.end_array().end_object();
  return out;
}

std::optional<reason> reason_from_code(std::string_view text) noexcept {
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto r = static_cast<reason>(i);
    if (code(r) == text) return r;
  }
  return std::nullopt;
}

}  // namespace gatehouse
