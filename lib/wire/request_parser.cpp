#include <gatehouse/wire/request_parser.hpp>

#include <algorithm>
#include <optional>

#include <gatehouse/wire/message_framing.hpp>

#include "connection_options.hpp"
#include "field_line.hpp"
#include "head_scanner.hpp"
#include "host_check.hpp"
#include "request_line.hpp"
#include "single_valued.hpp"

namespace gatehouse {
namespace {

using namespace detail::wire;

void clear(request_head& head) noexcept {
  head.verb = method::unknown;
  head.version = http_version::http_1_1;
  head.method_text = head.target = head.path = head.query = {};
  head.authority = {};
  head.fields.clear();
  head.framing = {};
  head.keep_alive = true;
  head.expects_continue = head.upgrade_websocket = false;
}

reason read_fields(const head_lines& lines, request_head& head) noexcept {
  for (std::size_t i = 1; i < lines.count; ++i) {
    field_line line;
    const reason why = read_field_line(lines.line(i), i == 1, underscores::refused, line);
    if (why != reason::none) return why;
    if (single_in_requests[static_cast<std::size_t>(line.id)] && head.fields.has(line.id)) {
      return reason::http_duplicate_field;
    }
    if (!head.fields.try_append(line.id, line.name, line.value)) return reason::limit_too_many_fields;
  }
  return reason::none;
}

/// What the whole lines say, up to the first that is refused; so `head` also serves an answer to what is not whole.
reason read_lines(const head_lines& lines, const limits& l, request_head& head,
                  std::optional<absolute_form>& absolute) noexcept {
  clear(head);
  if (lines.count == 0) return reason::none;
  const reason why = read_request_line(lines.line(0), l.target_bytes, head, absolute);
  if (why != reason::none && why != reason::limit_target_too_long) return why;
  const reason of_fields = read_fields(lines, head);  // of a 414 too: CORS needs its Origin
  return why != reason::none ? why : of_fields;
}

/// The rules about more than one line.
reason judge(request_head& head, const std::optional<absolute_form>& absolute, authority_memory& hosts) noexcept {
  if (const reason why = check_host(head, absolute, hosts); why != reason::none) return why;
  const auto framing = frame_request(head.fields, head.version);
  if (!framing) return framing.error().why;
  head.framing = *framing;
  return read_connection_fields(head);
}

/// A control byte in the head that `lines` are of.
reason control_byte(const head_lines& lines, std::size_t at) noexcept {
  const std::string_view before{lines.data + lines.rest(), at - lines.rest()};
  if (lines.count != 0) return refusal_of_control_byte(before);
  return before.find(' ') == std::string_view::npos ? reason::http_malformed_request_line : reason::http_invalid_target;
}

/// Too many bytes. The target is to blame when it is over its own limit, or so long that the request line did not end.
reason too_large(const head_lines& lines, std::size_t at, reason of_lines) noexcept {
  if (of_lines == reason::limit_target_too_long) return of_lines;
  if (lines.count != 0) return reason::limit_head_too_large;
  const std::string_view unfinished{lines.data + lines.start, at - lines.start};
  return unfinished.find(' ') == std::string_view::npos ? reason::limit_head_too_large : reason::limit_target_too_long;
}

parse_progress refuse(reason why) noexcept { return {.what = parse_progress::kind::refused, .why = why}; }

}  // namespace

parse_progress request_parser::parse(std::span<const char> received, request_head& head) noexcept {
  const head_bounds bounds{
      .bytes = limits_->head_bytes,
      .lines = std::min<std::size_t>(limits_->fields, max_field_lines) + 1,
      .leading_crlf = true,
  };
  scan_progress progress{.scanned = scanned_, .lines = lines_};
  head_lines lines;
  const head_scan found = scan_head(received, bounds, progress, lines);
  scanned_ = progress.scanned;
  lines_ = progress.lines;
  if (found.what == head_scan::kind::need_more) return {};

  std::optional<absolute_form> absolute;
  const reason of_lines = read_lines(lines, *limits_, head, absolute);
  switch (found.what) {
    case head_scan::kind::no_start_line: return refuse(reason::http_malformed_request_line);
    case head_scan::kind::bare_ending: return refuse(reason::http_bare_line_ending);
    case head_scan::kind::control_byte: return refuse(control_byte(lines, found.at));
    case head_scan::kind::too_large: return refuse(too_large(lines, found.at, of_lines));
    case head_scan::kind::too_many_lines: return refuse(reason::limit_too_many_fields);
    default: break;
  }
  if (of_lines != reason::none) return refuse(of_lines);
  if (const reason why = judge(head, absolute, hosts_); why != reason::none) return refuse(why);
  return {.what = parse_progress::kind::complete, .head_size = found.at};
}

}  // namespace gatehouse
