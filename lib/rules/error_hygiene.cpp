#include <gatehouse/rules/error_hygiene.hpp>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/problem.hpp>
#include <gatehouse/rules/request_id.hpp>

#include "pending.hpp"
#include "suggest.hpp"
#include "technology_fields.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view choices[] = {"replace", "pass"};

/// When the exchange's memory is used up the upstream's words must not get out all the same.
constexpr std::string_view plain_document = R"({"type":"about:blank","title":"The service failed."})";

bool is_grpc(const response_head& head) noexcept {
  constexpr std::string_view grpc = "application/grpc";  // also application/grpc+proto, application/grpc-web
  const std::string_view type = head.fields().get(field::content_type).value_or("");
  return ascii::equal_ignoring_case(type.substr(0, grpc.size()), grpc);
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

}  // namespace

bool names_technology(field id, std::string_view name) noexcept {
  if (id == field::server || id == field::x_powered_by || id == field::via) return true;
  return id == field::other && detail::rules::is_technology_field(name);
}

result<std::unique_ptr<const error_hygiene_policy>, config_errors> error_hygiene_policy::make(
    const error_hygiene_config& c) {
  std::unique_ptr<error_hygiene_policy> made(new error_hygiene_policy);
  made->replace_ = c.upstream_5xx == "replace";
  if (!made->replace_ && c.upstream_5xx != "pass") {
    return failure<config_errors>{{{.key = "errors.upstream_5xx",
                                    .value = c.upstream_5xx,
                                    .code = "unknown-value",
                                    .message = "What becomes of an upstream's 5xx body is replace or pass.",
                                    .suggestion = detail::rules::suggest(c.upstream_5xx, choices)}}};
  }
  return std::unique_ptr<const error_hygiene_policy>(std::move(made));
}

bool error_hygiene_policy::check(response_source source, const response_head& head) const noexcept {
  return replace_ && source == response_source::upstream && is_server_error(head.status()) && !is_grpc(head);
}

body_plan error_hygiene_policy::on_response(exchange& e, slot&, response_head& head) const noexcept {
  if (e.source == response_source::gatehouse) return body_plan::keep();  // says nothing of this kind
  if (!check(e.source, head)) {
    head.remove_if([](const field_line& line) { return names_technology(line.id, line.name); });
    return body_plan::keep();
  }
  head.remove_if([](const field_line& line) { return !survives_replacement(line); });
  const auto document = write_problem(e.memory, reason::upstream_error_replaced, head.status(), ensure_request_id(e));
  return body_plan::replace(problem_media_type, document.empty() ? plain_document : document,
                            reason::upstream_error_replaced);
}

pending_rule error_hygiene(error_hygiene_config c) {
  return detail::rules::pending<error_hygiene_policy>(rule_order::error_hygiene, std::move(c));
}

}  // namespace gatehouse
