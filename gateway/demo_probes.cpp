#include "demo_probes.hpp"

#include <array>

#include <fmt/format.h>

namespace gatehouse::program {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t big_body = 2 * 1024 * 1024;

std::string get(std::string_view path, std::string_view more = {}) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}\r\n", path, more);
}

observation refused(const answer& a, std::string_view why) { return {fmt::format("{}, {}", a.status(), why), true}; }
observation unexpected(const answer& a) {
  return {a.status() == 0 ? "no answer" : fmt::format("{}", a.status()), false};
}

observation read_headers(const answer& a) {
  constexpr std::array<std::string_view, 6> wanted{
      "x-content-type-options", "content-security-policy",      "x-frame-options",
      "referrer-policy",        "cross-origin-resource-policy", "cache-control"};
  std::size_t there = 0;
  for (const std::string_view name : wanted) there += a.field(name).empty() ? 0U : 1U;
  return {there == 0 ? "none" : fmt::format("{} of {}: nosniff, CSP, framing...", there, wanted.size()),
          there == wanted.size()};
}

observation read_software(const answer& a) {
  const std::string_view powered = a.field("x-powered-by");
  if (!powered.empty()) return {fmt::format("X-Powered-By: {}", powered), false};
  return {"not named", a.status() == 200 && a.field("server").empty()};
}

observation read_crash(const answer& a) {
  if (a.has("SELECT") || a.has(".cpp:")) return {fmt::format("{} with SQL and source file", a.status()), false};
  const bool problem = a.field("content-type") == "application/problem+json";
  return problem && a.status() == 500 ? observation{"500 problem document, id for the log", true} : unexpected(a);
}

observation read_cookie(const answer& a) {
  const std::string_view set = a.field("set-cookie");
  const bool safe = set.find("HttpOnly") != std::string_view::npos &&
                    set.find("SameSite=Lax") != std::string_view::npos;
  return safe ? observation{"adds HttpOnly and SameSite=Lax", true}
              : observation{fmt::format("{}: scripts read it", set), false};
}

observation read_upload(const answer& a) {
  const std::string_view type = a.field("content-type");
  if (a.status() != 200) return unexpected(a);
  return type == "application/octet-stream" ? observation{"application/octet-stream, nosniff", true}
                                            : observation{"no type: browsers guess HTML, and run it", false};
}

std::string big_request() {
  std::string body = "{\"title\":\"" + std::string(big_body, 'x') + "\"}";
  return fmt::format(
      "POST /notes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      body.size(), body);
}
observation read_big(const answer& a) {
  if (a.status() == 413) return refused(a, "before the API sees it");
  return a.status() == 201 ? observation{"201, all of it in memory", false} : unexpected(a);
}

observation read_slow(const answer& a) {
  if (a.status() == 408)
    return refused(a, fmt::format("after {:.1f} s (default: 10 s)", static_cast<double>(a.took.count()) / 1000));
  return a.bytes.empty() && !a.closed ? observation{fmt::format("still waits after {} s", a.took / 1s), false}
                                      : unexpected(a);
}

/// One request for who counts Content-Length, two for who counts chunks.
std::string smuggled_request() {
  const std::string hidden = get("/notes");
  const std::string body = "0\r\n\r\n" + hidden;
  return fmt::format(
      "POST /notes HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n{}",
      body.size(), body);
}
observation read_smuggled(const answer& a) {
  if (a.responses() > 1) return {fmt::format("{} answers to one request", a.responses()), false};
  return a.status() == 400 ? refused(a, "and closed") : unexpected(a);
}

observation read_line_ends(const answer& a) {
  return a.status() == 400 ? refused(a, "and closed")
                           : observation{fmt::format("{}, as if they were CR LF", a.status()), false};
}

std::string foreign_host_request() {
  return "GET /password-reset HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
}
observation read_host(const answer& a) {
  if (a.has("http://evil.example")) return {"mails http://evil.example/reset?...", false};
  return a.status() >= 400 && a.status() < 500 ? refused(a, "unknown Host") : unexpected(a);
}

observation read_path(const answer& a) {
  if (a.has("hunter2")) return {"200 DATABASE_PASSWORD=hunter2", false};
  return a.status() == 400 ? refused(a, "ambiguous path") : unexpected(a);
}

observation read_client(const answer& a) {
  if (a.status() != 200) return unexpected(a);
  return a.has("203.0.113.7") ? observation{"believes 203.0.113.7", false}
                              : observation{"sees 127.0.0.1", a.has("127.0.0.1")};
}

observation read_stranger(const answer& a) {
  const std::string_view who = a.field("access-control-allow-origin");
  if (!who.empty()) return {fmt::format("200, and may: Access-Control-Allow-Origin: {}", who), false};
  return a.status() == 200 ? observation{"200, and may not: not listed", true} : unexpected(a);
}

std::string forged_request() {
  return "DELETE /notes/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: session=91c4\r\n"
         "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n\r\n";
}
observation read_forged(const answer& a) {
  if (a.status() == 403) return refused(a, "as somebody, from elsewhere");
  return a.status() < 400 && a.status() != 0 ? observation{fmt::format("{}, deleted as the user", a.status()), false}
                                             : unexpected(a);
}

std::string preflight_request() {
  return "OPTIONS /notes/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: http://localhost:3000\r\n"
         "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: content-type\r\n\r\n";
}
observation read_preflight(const answer& a) {
  const bool allowed = a.status() == 204 && a.field("access-control-allow-origin") == "http://localhost:3000" &&
                       a.field("access-control-allow-methods").find("PUT") != std::string_view::npos;
  return allowed ? observation{"204, before the API is asked", true}
                 : observation{fmt::format("{}: the page cannot PUT", a.status()), false};
}

std::string trace_request() {
  return "TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: session=91c4\r\n\r\n";
}
observation read_trace(const answer& a) {
  if (a.has("session=91c4")) return {fmt::format("{}, sends the cookie back", a.status()), false};
  return a.status() == 405 ? refused(a, "never served") : unexpected(a);
}

std::string many_fields_request() {
  std::string fields;
  for (int i = 0; i < 1'000; ++i) fields += fmt::format("X-{}: 1\r\n", i);
  return get("/notes", fields);
}
observation read_many(const answer& a) {
  return a.status() == 431 ? refused(a, "at most 64")
                           : observation{fmt::format("{}, all of them read", a.status()), false};
}

constexpr std::array probes{
    probe{"security headers", [] { return get("/notes"); }, read_headers},
    probe{"software named in answers", [] { return get("/notes"); }, read_software},
    probe{"a crash (GET /notes/abc)", [] { return get("/notes/abc"); }, read_crash},
    probe{"a login's cookie", [] { return get("/login"); }, read_cookie},
    probe{"an upload without a type", [] { return get("/uploads/7"); }, read_upload},
    probe{"a path with .. (/files/../secrets.env)", [] { return get("/files/../secrets.env"); }, read_path},
    probe{"a forged X-Forwarded-For", [] { return get("/whoami", "X-Forwarded-For: 203.0.113.7\r\n"); }, read_client},
    probe{"a stranger's page reads the notes", [] { return get("/notes", "Origin: https://evil.example\r\n"); },
          read_stranger},
    probe{"the own page at :3000 wants to PUT", preflight_request, read_preflight},
    probe{"a stranger's page deletes a note", forged_request, read_forged},
    probe{"a foreign Host", foreign_host_request, read_host},
    probe{"a smuggled request (two lengths)", smuggled_request, read_smuggled},
    probe{"bare line feeds", [] { return std::string{"GET /notes HTTP/1.1\nHost: localhost\nConnection: close\n\n"}; },
          read_line_ends},
    probe{"TRACE", trace_request, read_trace},
    probe{"1,000 header fields", many_fields_request, read_many},
    probe{"a body of 2 MiB", big_request, read_big},
    probe{"a head that never ends", [] { return std::string{"GET /notes HTTP/1.1\r\nHost: loc"}; }, read_slow, 3s},
};

}  // namespace

std::span<const probe> demo_probes() noexcept { return probes; }

std::vector<probe_result> run_probes(const ask_one& bare, const ask_one& guarded, const std::atomic<bool>& stop) {
  std::vector<probe_result> out;
  for (const probe& p : probes) {
    if (stop) break;
    const std::string request = p.request();
    out.push_back({p.name, p.read(bare(request, p.patience)), p.read(guarded(request, p.patience))});
  }
  return out;
}

std::string probe_table(std::span<const probe_result> results) {
  constexpr std::string_view row = "  {:<{}}  {:<{}}  {}\n";
  std::array<std::size_t, 2> width{4, 8};
  std::size_t shown = 0;
  for (const probe_result& r : results) {
    width[0] = std::max(width[0], r.name.size());
    width[1] = std::max(width[1], r.bare.says.size());
    shown += r.shown() ? 1U : 0U;
  }
  std::string out = fmt::format(fmt::runtime(row), "sent", width[0], "bare API", width[1], "through Gatehouse");
  out += fmt::format(fmt::runtime(row), std::string(width[0], '-'), width[0], std::string(width[1], '-'), width[1],
                     std::string(36, '-'));
  for (const probe_result& r : results) {
    const std::string last = r.guarded.says + (r.shown() ? "" : "   <-- NOT SHOWN");
    out += fmt::format(fmt::runtime(row), r.name, width[0], r.bare.says, width[1], last);
  }
  return out + fmt::format("\n  {} of {} protections showed\n", shown, results.size());
}

}  // namespace gatehouse::program
