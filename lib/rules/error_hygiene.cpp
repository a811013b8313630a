#include <gatehouse/rules/error_hygiene.hpp>

#include <algorithm>
#include <span>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/media_type.hpp>
#include <gatehouse/http/problem.hpp>
#include <gatehouse/http/problem_members.hpp>
#include <gatehouse/rules/leak_scan.hpp>
#include <gatehouse/rules/policy.hpp>
#include <gatehouse/rules/request_id.hpp>

#include "pending.hpp"
#include "response_edit.hpp"
#include "suggest.hpp"
#include "technology_fields.hpp"

namespace gatehouse {
namespace {

/// A browser saves it and runs nothing (RFC 2046 section 4.5.1).
constexpr std::string_view unknown_content = "application/octet-stream";

struct choice {
  std::string_view word;
  upstream_errors means;
};
constexpr choice choices_5xx[] = {{"replace", upstream_errors::replace},
                                  {"replace_leaks", upstream_errors::replace_leaks},
                                  {"pass", upstream_errors::pass}};
constexpr choice choices_4xx[] = {{"replace_leaks", upstream_errors::replace_leaks}, {"pass", upstream_errors::pass}};

constexpr std::string_view event_stream = "text/event-stream";

/// Errors are no large answers. What is longer is not passed on where it would have to be looked at.
constexpr std::size_t max_inspected_bytes = std::size_t{128} * 1024;

/// What is known of content that is looked at, in the rule's slot.
struct inspection {
  leak_scan scan{};
  bool clean = false;                        // all of it was looked at, and it says nothing
  const problem_members* members = nullptr;  // of a problem document
};

/// When the exchange's memory is used up the upstream's words must not get out all the same.
constexpr std::string_view plain_document = R"({"type":"about:blank","title":"The service failed."})";

/// Whether the Content-Type begins with this one: "application/grpc" is also application/grpc+proto.
bool is_of_type(const response_head& head, std::string_view media_type) noexcept {
  const std::string_view type = head.fields().get(field::content_type).value_or("");
  return ascii::equal_ignoring_case(type.substr(0, media_type.size()), media_type);
}

/// Whether content can be read as text, and ends. Nothing is decompressed: an error is small, and who sends a bomb is
/// not answered with work. In UTF-16 no detector would find anything.
bool is_readable(const response_head& head) noexcept {
  const std::string_view coding = ascii::trim(head.fields().get(field::content_encoding).value_or(""));
  if (!coding.empty() && !ascii::equal_ignoring_case(coding, "identity")) return false;
  if (is_of_type(head, event_stream)) return false;
  const std::string_view type = head.fields().get(field::content_type).value_or("");
  constexpr std::string_view wide[] = {"utf-16", "utf-32", "utf16", "utf32", "ucs-2", "utf-7"};
  return std::ranges::none_of(wide, [&](std::string_view charset) {
    const auto same = [](char a, char b) { return ascii::to_lower(a) == b; };
    return !std::ranges::search(type, charset, same).empty();
  });
}

/// Whether content goes to the client at all.
bool is_sent(const exchange& e) noexcept { return e.has_content && e.request.verb != method::head; }

bool says_nothing(const problem_members& m) noexcept {
  return find_leak(m.type) == leak::none && find_leak(m.title) == leak::none && find_leak(m.detail) == leak::none;
}

/// A copy that lives as long as the exchange, or null: then the usual document is sent.
const problem_members* keep(arena& memory, const problem_members& m) noexcept {
  auto* const out = memory.make<problem_members>();
  if (out == nullptr) return nullptr;
  *out = {.type = memory.copy(m.type), .title = memory.copy(m.title), .detail = memory.copy(m.detail)};
  return out;
}

/// What stays of the head of a replaced response: a field that is not known to be harmless may hold what the body is
/// replaced for ("X-Exception: ..."). CORS fields stay, or the page could not even read the problem; so does a
/// session's cookie.
bool survives_replacement(const field_line& line) noexcept {
  switch (line.id) {
    case field::access_control_allow_credentials:
    case field::access_control_allow_headers:
    case field::access_control_allow_methods:
    case field::access_control_allow_origin:
    case field::access_control_expose_headers:
    case field::access_control_max_age:
    case field::connection:
    case field::content_type:  // replaced with the content
    case field::date:
    case field::retry_after:
    case field::set_cookie:
    case field::vary: return true;
    default: return false;
  }
}

/// Of the fields that are removed the one that was most likely meant.
std::string nearest_removed(std::string_view written) {
  std::vector<std::string_view> known(detail::rules::technology_fields.begin(), detail::rules::technology_fields.end());
  for (const field id : {field::server, field::x_powered_by, field::via, field::server_timing})
    known.push_back(name(id));
  return std::string(detail::rules::nearest(written, known));
}

upstream_errors read_choice(std::string_view key, const std::string& written, std::span<const choice> known,
                            config_errors& errors) {
  const auto found = std::ranges::find(known, written, &choice::word);
  if (found != known.end()) return found->means;
  std::vector<std::string_view> words;
  for (const choice& c : known) words.push_back(c.word);
  errors.push_back(
      {.key = std::string(key),
       .value = written,
       .code = "unknown-value",
       .message = "What becomes of the content of an upstream's errors is " + detail::rules::one_of(words) + ".",
       .suggestion = detail::rules::suggest(written, words)});
  return upstream_errors::replace;
}

bool is_removed(std::string_view name) noexcept {
  const field id = find_field(name);
  return id == field::server_timing || names_technology(id, name);
}

void check_kept(const std::vector<std::string>& names, config_errors& errors) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto refuse = [&](const char* code, const char* message, std::string suggestion = {}) {
      errors.push_back({.key = "errors.keep_headers[" + std::to_string(i) + ']',
                        .value = names[i],
                        .code = code,
                        .message = message,
                        .suggestion = std::move(suggestion)});
    };
    const auto same = [&](const std::string& other) { return ascii::equal_ignoring_case(other, names[i]); };
    if (!grammar::is_token(names[i])) {
      refuse("invalid-field-name", "This is no name of a field.");
    } else if (std::any_of(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      refuse("duplicate", "This is in the list twice.");
    } else if (!is_removed(names[i])) {
      // Nobody writes it for nothing: it is misspelt, or expected to do what it does not.
      refuse("not-removed", "This field is not removed anyway.", nearest_removed(names[i]));
    }
  }
}

/// Gives content without a usable type the one that nobody guesses behind. True: it had none.
bool name_type(response_head& head) noexcept {
  const bool has_type = has_usable_type(head.fields().get(field::content_type).value_or(std::string_view{}));
  if (!has_type) detail::rules::set_surely(head, field::content_type, unknown_content);
  return !has_type;
}

}  // namespace

// https://mimesniff.spec.whatwg.org/#parsing-a-mime-type for what is a type at all, and section 7 of it for the three
// that are types and make a browser guess all the same.
bool has_usable_type(std::string_view content_type) noexcept {
  const std::string_view essence = media_type_essence(content_type);
  const auto slash = essence.find('/');
  if (slash == std::string_view::npos) return false;
  if (!grammar::is_token(essence.substr(0, slash)) || !grammar::is_token(essence.substr(slash + 1))) return false;
  constexpr std::string_view guessed[] = {"unknown/unknown", "application/unknown", "*/*"};
  return std::ranges::none_of(guessed, [&](std::string_view g) { return ascii::equal_ignoring_case(g, essence); });
}

bool names_technology(field id, std::string_view name) noexcept {
  if (id == field::server || id == field::x_powered_by || id == field::via) return true;
  if (id != field::other) return false;
  return detail::rules::is_technology_field(name) || detail::rules::is_of_technology_family(name);
}

result<std::unique_ptr<const error_hygiene_policy>, config_errors> error_hygiene_policy::make(
    const error_hygiene_config& c) {
  config_errors errors;
  std::unique_ptr<error_hygiene_policy> made(new error_hygiene_policy);
  made->of_5xx_ = read_choice("errors.upstream_5xx", c.upstream_5xx, choices_5xx, errors);
  made->of_4xx_ = read_choice("errors.upstream_4xx", c.upstream_4xx, choices_4xx, errors);
  made->dev_errors_ = c.dev_errors;
  check_kept(c.keep_headers, errors);
  made->keep_headers_ = c.keep_headers;
  if (!errors.empty()) return failure<config_errors>{std::move(errors)};
  return std::unique_ptr<const error_hygiene_policy>(std::move(made));
}

upstream_errors error_hygiene_policy::check(response_source source, const response_head& head) const noexcept {
  const bool of_server = is_server_error(head.status());
  // OPTIMIZATION: first what all but errors are decided by, then what costs a look at a field.
  if (source != response_source::upstream || !(of_server || is_client_error(head.status()))) {
    return upstream_errors::pass;
  }
  if (is_of_type(head, "application/grpc")) return upstream_errors::pass;
  if (of_server) return of_5xx_;
  // No answer of a kind that is a stream of its own is held back; a 5xx of one has not begun it.
  return is_of_type(head, event_stream) ? upstream_errors::pass : of_4xx_;
}

std::size_t error_hygiene_policy::inspects(const exchange& e, const response_head& head) const noexcept {
  const upstream_errors wanted = check(e.source, head);
  // A HEAD says what the head says: there is nothing to look at.
  if (wanted == upstream_errors::pass || !is_sent(e) || !is_readable(head)) return 0;
  if (wanted == upstream_errors::replace_leaks) return max_inspected_bytes;
  return is_of_type(head, problem_media_type) ? max_problem_bytes : 0;
}

bool error_hygiene_policy::on_response_content(exchange& e, slot& s, const held_content& content) const noexcept {
  inspection* seen = s.get<inspection>();
  if (seen == nullptr) seen = &s.begin<inspection>();
  if (e.leaked == leak::none) e.leaked = seen->scan.look(content.all, content.whole);
  if (e.leaked == leak::none && content.too_long) e.leaked = leak::unreadable;
  // Only `replace` writes a problem document again: whatever else the original says, its members are judged by
  // themselves.
  const bool may_be_rewritten = of_5xx_ == upstream_errors::replace && content.all.size() <= max_problem_bytes;
  if (content.whole) {
    seen->clean = e.leaked == leak::none;
    const auto members = may_be_rewritten ? read_problem(content.all) : std::nullopt;
    if (members && says_nothing(*members)) seen->members = keep(e.memory, *members);
  }
  return !content.whole && !content.too_long && (e.leaked == leak::none || may_be_rewritten);
}

body_plan error_hygiene_policy::on_response(exchange& e, slot& s, response_head& head) const noexcept {
  if (e.source == response_source::gatehouse) return body_plan::keep();  // says nothing of this kind
  const upstream_errors wanted = check(e.source, head);
  const inspection* const seen = s.get<inspection>();
  const bool clean = seen != nullptr && seen->clean;
  if (wanted == upstream_errors::pass || (wanted == upstream_errors::replace_leaks && (clean || !is_sent(e)))) {
    if (e.has_content) e.was_untyped = name_type(head);
    scrub(e, head);
    return body_plan::keep();
  }
  // What could not be looked at is not passed on: fails closed.
  if (wanted == upstream_errors::replace_leaks && e.leaked == leak::none) e.leaked = leak::unreadable;
  const reason why = wanted == upstream_errors::replace ? reason::upstream_error_replaced
                                                        : reason::upstream_leak_replaced;
  head.remove_if([](const field_line& line) { return !survives_replacement(line); });
  const std::string_view id = ensure_request_id(e);
  const bool rewritten = wanted == upstream_errors::replace && seen != nullptr && seen->members != nullptr;
  if (rewritten) e.leaked = leak::none;  // it was in what is left out
  const auto document = rewritten ? write_problem(e.memory, *seen->members, head.status(), id)
                                  : write_problem(e.memory, why, head.status(), id);
  return body_plan::replace(problem_media_type, document.empty() ? plain_document : document, why);
}

/// Takes out what only says who answered.
void error_hygiene_policy::scrub(const exchange& e, response_head& head) const noexcept {
  const bool times = e.source == response_source::upstream && (e.rules == nullptr || !e.rules->serves_pages());
  head.remove_if([&](const field_line& line) {
    if (line.id == field::server_timing ? !times : !names_technology(line.id, line.name)) return false;
    return !keeps(line.name);
  });
}

bool error_hygiene_policy::keeps(std::string_view name) const noexcept {
  return std::ranges::any_of(keep_headers_,
                             [&](const std::string& kept) { return ascii::equal_ignoring_case(kept, name); });
}

pending_rule error_hygiene(error_hygiene_config c) {
  return detail::rules::pending<error_hygiene_policy>(rule_order::error_hygiene, std::move(c));
}

}  // namespace gatehouse
