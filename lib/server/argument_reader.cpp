#include <gatehouse/server/argument_reader.hpp>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/cookie.hpp>
#include <gatehouse/http/media_type.hpp>

#include "url_text.hpp"

namespace gatehouse::detail::server {
namespace {

reason reason_of(decoded d) noexcept {
  if (d == decoded::ok) return reason::none;
  return d == decoded::no_memory ? reason::limit_exchange_memory : reason::validation_invalid_parameter;
}

/// Calls `visit(key, value)` for each pair of a form-encoded query, not decoded; empty pairs are none.
template <typename Visit>
void for_each_pair(std::string_view query, Visit visit) noexcept {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    visit(pair.substr(0, equals), equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
  }
}

bool is_text(std::string_view essence) noexcept {
  return essence.size() >= 6 && ascii::equal_ignoring_case(essence.substr(0, 5), "text/");
}

bool is_json(std::string_view essence) noexcept {
  constexpr std::string_view suffix = "+json";
  return ascii::equal_ignoring_case(essence, "application/json") ||
         (essence.size() > suffix.size() && essence.find('/') != std::string_view::npos &&
          ascii::equal_ignoring_case(essence.substr(essence.size() - suffix.size()), suffix));
}

/// Whether the parameters of a media type say UTF-8, or nothing: text/plain, text/csv;charset=utf-8.
bool says_utf8(std::string_view media_type) noexcept {
  const std::size_t semicolon = media_type.find(';');
  if (semicolon == std::string_view::npos) return true;
  // CHOICE: charset is the only parameter we know; what another one means for the text is not ours to guess.
  std::string_view parameter = ascii::trim(media_type.substr(semicolon + 1));
  if (parameter.size() < 8 || !ascii::equal_ignoring_case(parameter.substr(0, 8), "charset=")) return false;
  parameter.remove_prefix(8);
  if (parameter.size() > 2 && parameter.front() == '"' && parameter.back() == '"') {
    parameter = parameter.substr(1, parameter.size() - 2);
  }
  return ascii::equal_ignoring_case(parameter, "utf-8") || ascii::equal_ignoring_case(parameter, "us-ascii");
}

}  // namespace

argument_reader::lookup argument_reader::path(std::string_view name, std::string_view& out) noexcept {
  const std::string_view sent = from_->parameters->get(name);
  if (sent.empty()) return lookup::missing;  // never: registration compares the names with the pattern
  const reason why = reason_of(decode(sent, encoding::path, *memory_, out));
  return why == reason::none ? lookup::found : refused(why);
}

argument_reader::lookup argument_reader::query(std::string_view name, std::string_view& out) noexcept {
  std::size_t count = 0;
  std::string_view sent;
  for_each_pair(from_->head->query, [&](std::string_view key, std::string_view value) {
    if (!is_key(key, name)) return;
    ++count;
    sent = value;
  });
  if (count == 0) return lookup::missing;
  // Two readers would take the first, the last or both (parameter pollution).
  if (count > 1) return refused(reason::validation_invalid_parameter);
  const reason why = reason_of(decode(sent, encoding::form, *memory_, out));
  return why == reason::none ? lookup::found : refused(why);
}

argument_reader::lookup argument_reader::header(std::string_view name, std::string_view& out) noexcept {
  std::size_t count = 0;
  for (const field_line& line : from_->head->fields) {
    if (!ascii::equal_ignoring_case(line.name, name)) continue;
    ++count;
    out = line.value;
  }
  if (count == 0) return lookup::missing;
  return count == 1 && is_plain_utf8(out) ? lookup::found : refused(reason::validation_invalid_parameter);
}

// Two of one name: a sibling domain can set a cookie for this one, and nothing says which is which (RFC 6265bis section
// 8.6, "cookie tossing"). Refused, whichever came first.
argument_reader::lookup argument_reader::cookie(std::string_view name, std::string_view& out) noexcept {
  const auto sent = from_->head->fields.get(field::cookie);
  if (!sent) return lookup::missing;
  const found_cookie found = find_cookie(*sent, name);
  if (found.count == 0) return lookup::missing;
  out = found.value;
  return found.count == 1 && is_plain_utf8(out) ? lookup::found : refused(reason::validation_invalid_parameter);
}

bool argument_reader::body_text(std::string_view& out) noexcept {
  out = from_->content;
  const fields& f = from_->head->fields;
  if (out.empty()) return true;
  if (f.count(field::content_type) != 1 || f.has(field::content_encoding)) {
    return refuse(reason::http_unsupported_media_type);
  }
  const std::string_view type = *f.get(field::content_type);
  if (!is_text(media_type_essence(type)) || !says_utf8(type)) return refuse(reason::http_unsupported_media_type);
  return is_plain_utf8(out) || refuse(reason::validation_invalid_body);
}

bool argument_reader::body_json(std::string_view& out) noexcept {
  out = from_->content;
  const fields& f = from_->head->fields;
  const std::string_view type = f.get(field::content_type).value_or("");
  const bool good = f.count(field::content_type) == 1 && !f.has(field::content_encoding) &&
                    is_json(media_type_essence(type)) && says_utf8(type);
  return good || refuse(reason::http_unsupported_media_type);
}

}  // namespace gatehouse::detail::server
