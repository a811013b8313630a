#include "access_log_lines.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace gatehouse::detail::server {
namespace {

std::string line_of(json_lines& by, const log_record& r) {
  std::string text;
  by.append(text, r);
  return text;
}

/// As a loop writes it.
std::string plain_line_of(const log_record& r, logged_client how) {
  line_pieces pieces;
  std::string text(json_line_bound<json_line::plain>(r), '\0');
  text.resize(static_cast<std::size_t>(write_json_line<json_line::plain>(text.data(), r, how, pieces) - text.data()));
  return text;
}

log_record a_record() {
  log_record r;
  r.numbers.status = 200;
  r.numbers.verb = method::get;
  r.id = "0b3c8f6e-5d0f-4a52-9d0b-8f3b1c2d4e5f";
  r.method = "GET";
  r.path = "/notes/7";
  return r;
}

// What is kept from line to line (line_pieces) never gets into a line that it is not of: every line is as the first one
// of a log would be.
TEST(json_lines, a_line_does_not_depend_on_those_before_it) {
  const std::vector<std::string> routes = {"",
                                           "/notes/:id",
                                           "/notes/:ie",  // shares its place with the one before
                                           "/pages/:id",
                                           "/\"quoted\"/\x01<script>",
                                           "/" + std::string(66, 'r'),
                                           "/" + std::string(67, 'r'),
                                           "/" + std::string(100, 'r'),
                                           "/" + std::string(40, '"')};
  const std::vector<ip_address> clients = {*ip_address::parse("192.0.2.1"), *ip_address::parse("192.0.2.17"),
                                           *ip_address::parse("255.255.255.255"), ip_address{},
                                           *ip_address::parse("2001:db8:1111:2222:3333:4444:5555:6666")};
  const std::array verbs = {method::get, method::options, method::delete_, method::unknown};
  for (const logged_client how : {logged_client::full, logged_client::network, logged_client::none}) {
    json_lines all(how);
    // The steps have no common divisor with the sizes, so that neighbours differ in everything.
    for (std::size_t i = 0; i < routes.size() * clients.size() * verbs.size() * 2; ++i) {
      log_record r = a_record();
      r.numbers.client = clients[i % clients.size()];
      r.numbers.verb = verbs[i * 3 % verbs.size()];
      r.numbers.aborted = i % 7 == 0;
      r.route = routes[i * 2 % routes.size()];
      if (r.numbers.verb == method::unknown) r.method = i % 2 == 0 ? "PURGE" : "BREW";
      if (i % 11 == 0) r.certificate = "00ff";
      json_lines fresh(how);
      EXPECT_EQ(line_of(all, r), line_of(fresh, r)) << i;
      EXPECT_EQ(plain_line_of(r, how), line_of(fresh, r)) << i;
    }
  }
}

TEST(json_lines, numbers_of_every_length) {
  const std::vector<std::pair<std::uint64_t, std::string>> rows = {
      {0, "0"},         {9, "9"},
      {10, "10"},       {99, "99"},
      {100, "100"},     {999, "999"},
      {1000, "1000"},   {4096, "4096"},
      {65535, "65535"}, {18446744073709551615ULL, "18446744073709551615"}};
  for (const auto& [value, text] : rows) {
    log_record r = a_record();
    r.numbers.bytes_out = value;
    json_lines lines(logged_client::full);
    EXPECT_NE(line_of(lines, r).find("\"bytes_out\":" + text + ",\"aborted\":false}\n"), std::string::npos) << text;
  }
}

/// What writing the line needs: the bytes that it wrote to, its own and those behind it.
template <json_line Kind>
std::size_t room_taken_by(const log_record& r, std::size_t room) {
  constexpr char untouched = '\x7f';
  line_pieces pieces;
  std::string space(room + 4096, untouched);
  const char* const end = write_json_line<Kind>(space.data(), r, logged_client::full, pieces);
  EXPECT_LE(static_cast<std::size_t>(end - space.data()), room);
  return space.find_last_not_of(untouched) + 1;
}

TEST(json_lines, the_longest_of_everything_has_room) {
  const auto escaped = [](std::size_t size) { return std::string(size, '\x02'); };
  const std::string id(max_logged_id, 'i'), trace(max_logged_trace, 'a'), certificate(max_logged_certificate, 'f');
  const std::string method = escaped(max_logged_method), path = escaped(max_logged_path),
                    route = escaped(max_logged_route), host = escaped(max_logged_host),
                    origin = escaped(max_logged_origin), denied = escaped(max_logged_denied);
  std::string keys;  // of one byte each
  while (keys.size() + 2 < max_logged_query) keys += "\x02&";
  const std::string key = escaped(max_logged_query);
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  for (const std::string& query : {keys, key}) {
    log_record r;
    r.id = id;
    r.method = method;
    r.path = path;
    r.query_keys = query;
    r.route = route;
    r.trace = trace;
    r.certificate = certificate;
    r.numbers.duration_us = r.numbers.bytes_in = r.numbers.bytes_out = r.numbers.declared = most;
    r.numbers.status = 65535;
    r.numbers.aborted = true;
    r.numbers.client = *ip_address::parse("2001:db8:1111:2222:3333:4444:5555:6666");
    EXPECT_LE(room_taken_by<json_line::plain>(r, json_line_bound<json_line::plain>(r)),
              json_line_bound<json_line::plain>(r));
    r.host = host;
    r.origin = origin;
    r.denied = denied;
    for (std::size_t why = 1; why < reason_count; ++why) {
      r.numbers.why = static_cast<reason>(why);
      r.numbers.next = cors_change::would_deny;
      r.numbers.would_refuse = true;
      EXPECT_LE(room_taken_by<json_line::any>(r, json_line_bound<json_line::any>(r)),
                json_line_bound<json_line::any>(r));
    }
  }
}

TEST(json_lines, durations) {
  const std::vector<std::pair<std::uint64_t, std::string>> rows = {
      {0, "0.000"},    {7, "0.007"},       {70, "0.070"},          {999, "0.999"},
      {1000, "1.000"}, {12'034, "12.034"}, {1'000'001, "1000.001"}};
  for (const auto& [value, text] : rows) {
    log_record r = a_record();
    r.numbers.duration_us = value;
    json_lines lines(logged_client::full);
    EXPECT_NE(line_of(lines, r).find("\"duration_ms\":" + text + ",\"bytes_in\":"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace gatehouse::detail::server
