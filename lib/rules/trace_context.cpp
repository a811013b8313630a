#include <gatehouse/rules/trace_context.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/rules/request_id.hpp>

#include "hex.hpp"
#include "pending.hpp"
#include "suggest.hpp"
#include "uuid_text.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view choices[] = {"sampled", "not-sampled", "never"};

// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
constexpr std::size_t trace_id_at = 3;
constexpr std::size_t trace_id_size = 32;
constexpr std::size_t parent_id_at = trace_id_at + trace_id_size + 1;
constexpr std::size_t parent_id_size = 16;
constexpr std::size_t flags_at = parent_id_at + parent_id_size + 1;
constexpr std::size_t size_of_version_0 = flags_at + 2;
static_assert(size_of_version_0 == exchange::traceparent_size);
constexpr std::uint8_t no_version = 0xff;

/// HEXDIGLC: capitals are not valid.
constexpr int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

constexpr std::optional<std::uint8_t> byte(char high, char low) noexcept {
  const int h = digit(high);
  const int l = digit(low);
  if (h < 0 || l < 0) return std::nullopt;
  return static_cast<std::uint8_t>(h * 16 + l);
}

bool is_id(std::string_view text) noexcept {
  bool any = false;  // "all bytes as zero" is invalid
  for (const char c : text) {
    if (digit(c) < 0) return false;
    any = any || c != '0';
  }
  return any;
}

/// Around the ids, which are there or are written next.
void write_frame(exchange& e, std::uint8_t flags) noexcept {
  char* const to = e.traceparent_text.data();
  std::memcpy(to, "00-", trace_id_at);
  to[parent_id_at - 1] = '-';
  to[flags_at - 1] = '-';
  detail::rules::write_hex(flags, to + flags_at);
  e.traceparent = {to, size_of_version_0};
}

/// Never all zero: of the first byte one bit is set.
template <std::size_t Size>
void write_random_id(random_source& random, char* to) noexcept {
  std::array<std::uint8_t, Size> bytes{};
  random.fill(bytes);
  bytes[0] |= 1U;
  detail::rules::write_hex(bytes, to);
}

/// A new trace has the request id's bytes: one search finds both, and they are random already (RFC 9562: all but six
/// bits, and Trace Context asks for no more). One that a proxy gave us may be anything.
void write_trace_id(exchange& e) noexcept {
  char* const to = e.traceparent_text.data() + trace_id_at;
  if (e.id.data() != e.id_text.data()) return write_random_id<trace_id_size / 2>(*e.random, to);
  detail::rules::write_uuid_digits(e.id_text.data(), to);
}

}  // namespace

// https://www.w3.org/TR/trace-context-1/#traceparent-header-field-values
std::optional<traceparent> traceparent::parse(std::string_view text) noexcept {
  if (text.size() < size_of_version_0) return std::nullopt;
  const auto version = byte(text[0], text[1]);
  // "Version ff is invalid."
  if (!version || *version == no_version) return std::nullopt;
  if (text[trace_id_at - 1] != '-' || text[parent_id_at - 1] != '-' || text[flags_at - 1] != '-') return std::nullopt;
  // Version 00 is whole; what a higher one may have more begins with another "-" (section 3.2.4, Versioning).
  if (text.size() > size_of_version_0 && (*version == 0 || text[size_of_version_0] != '-')) return std::nullopt;
  const auto flags = byte(text[flags_at], text[flags_at + 1]);
  const traceparent out{.version = *version,
                        .trace_id = text.substr(trace_id_at, trace_id_size),
                        .parent_id = text.substr(parent_id_at, parent_id_size),
                        .flags = flags.value_or(0)};
  if (!flags || !is_id(out.trace_id) || !is_id(out.parent_id)) return std::nullopt;
  return out;
}

result<std::unique_ptr<const trace_context_policy>, config_errors> trace_context_policy::make(
    const trace_context_config& c) {
  const auto* const found = std::ranges::find(choices, c.begin);
  if (found == std::end(choices)) {
    return failure<config_errors>{{{.key = "trace_context.begin",
                                    .value = c.begin,
                                    .code = "unknown-value",
                                    .message = "A new trace is begun as sampled, as not-sampled, or never.",
                                    .suggestion = detail::rules::suggest(c.begin, choices)}}};
  }
  std::unique_ptr<trace_context_policy> made(new trace_context_policy);
  made->begins_ = c.begin != "never";
  made->begun_flags_ = c.begin == "sampled" ? traceparent::sampled : 0;
  return std::unique_ptr<const trace_context_policy>(std::move(made));
}

// https://www.w3.org/TR/trace-context-1/#a-traceparent-is-received
step trace_context_policy::on_request(exchange& e, slot&) const noexcept {
  // Two lines are refused where the message is parsed.
  if (const auto sent = e.request.fields.get(field::traceparent)) {
    if (const auto parsed = traceparent::parse(*sent)) {
      e.trace_from = exchange::trace_origin::client;
      e.trace_id = parsed->trace_id;
      if (parsed->version == 0) {
        e.traceparent = *sent;
      } else {
        // Of a higher version only what we know goes on, as the version that we know.
        std::ranges::copy(parsed->trace_id, e.traceparent_text.data() + trace_id_at);
        std::ranges::copy(parsed->parent_id, e.traceparent_text.data() + parent_id_at);
        write_frame(e, parsed->flags & traceparent::sampled);
      }
      return step::pass();
    }
  }
  e.trace_from = exchange::trace_origin::us;
  if (!begins_) return step::pass();
  GATEHOUSE_ASSERT(e.random != nullptr);
  write_trace_id(e);
  e.trace_id = {e.traceparent_text.data() + trace_id_at, trace_id_size};
  e.begun_trace_flags = begun_flags_;
  return step::pass();
}

std::string_view ensure_traceparent(exchange& e) noexcept {
  if (e.traceparent.empty() && !e.trace_id.empty()) {
    write_random_id<parent_id_size / 2>(*e.random, e.traceparent_text.data() + parent_id_at);
    write_frame(e, e.begun_trace_flags);
  }
  return e.traceparent;
}

pending_rule trace_context(trace_context_config c) {
  return detail::rules::pending<trace_context_policy>(rule_order::trace_context, std::move(c));
}

}  // namespace gatehouse
