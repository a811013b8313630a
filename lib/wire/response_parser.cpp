#include <gatehouse/wire/response_parser.hpp>

#include <algorithm>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/wire/message_framing.hpp>

#include "connection_options.hpp"
#include "field_line.hpp"
#include "head_scanner.hpp"
#include "single_valued.hpp"
#include "status_line.hpp"

namespace gatehouse {
namespace {

using namespace detail::wire;

constexpr std::size_t head_factor = 4;                    // servers send more than browsers
constexpr std::uint64_t max_keep_alive_seconds = 86'400;  // what is above is cut to it: nobody idles longer

void clear(received_response& out) noexcept {
  out.status = status::ok;
  out.phrase = {};
  out.fields.clear();
  out.framing = {};
  out.keep_alive = out.upgraded = false;
  out.keep_alive_timeout.reset();
}

bool read_fields(const head_lines& lines, fields& out) noexcept {
  for (std::size_t i = 1; i < lines.count; ++i) {
    field_line line;
    if (read_field_line(lines.line(i), i == 1, underscores::allowed, line) != reason::none) return false;
    if (single_in_responses[static_cast<std::size_t>(line.id)] && out.has(line.id)) return false;
    if (!out.try_append(line.id, line.name, line.value)) return false;
  }
  return true;
}

/// Keep-Alive: timeout=5, max=100 (RFC 2068 section 19.7.1.1). A hint: what is not understood is no error.
std::optional<seconds> read_keep_alive_timeout(const fields& f) noexcept {
  std::optional<seconds> timeout;
  f.for_each(field::keep_alive, [&timeout](std::string_view list) {
    grammar::for_each_element(list, [&timeout](std::string_view parameter) {
      constexpr std::string_view name = "timeout=";
      if (!ascii::equal_ignoring_case(parameter.substr(0, name.size()), name)) return true;
      if (const auto value = ascii::parse_decimal(parameter.substr(name.size()))) {
        timeout = seconds{static_cast<seconds::rep>(std::min(*value, max_keep_alive_seconds))};
      }
      return true;
    });
  });
  return timeout;
}

bool read_response(const head_lines& lines, method request_method, received_response& out) noexcept {
  const auto line = read_status_line(lines.line(0));
  if (!line) return false;
  out.status = line->status;
  out.phrase = line->phrase;
  if (!read_fields(lines, out.fields)) return false;

  const auto framing = frame_response(out.fields, line->version, out.status, request_method);
  if (!framing) return false;
  out.framing = *framing;

  connection_options options;
  if (read_connection(out.fields, options) != reason::none) return false;
  out.upgraded = out.status == status::switching_protocols;
  // Where only the end of the connection ends the content, there is nothing to use again.
  out.keep_alive = !out.upgraded && out.framing.how != body_framing::kind::until_close &&
                   persists(options, line->version);
  out.keep_alive_timeout = read_keep_alive_timeout(out.fields);
  return true;
}

}  // namespace

parse_progress response_parser::parse(std::span<const char> received, method request_method,
                                      received_response& out) noexcept {
  const head_bounds bounds{
      .bytes = limits_->head_bytes * head_factor,
      .lines = head_lines::capacity,
      .leading_crlf = false,
  };
  scan_progress progress{.scanned = scanned_, .lines = lines_};
  head_lines lines;
  const head_scan found = scan_head(received, bounds, progress, lines);
  scanned_ = progress.scanned;
  lines_ = progress.lines;
  if (found.what == head_scan::kind::need_more) return {};

  clear(out);
  if (found.what == head_scan::kind::complete && read_response(lines, request_method, out)) {
    return {.what = parse_progress::kind::complete, .head_size = found.at};
  }
  return {.what = parse_progress::kind::refused, .why = reason::upstream_invalid_response};
}

}  // namespace gatehouse
