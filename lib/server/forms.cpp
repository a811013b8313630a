#include <gatehouse/server/forms.hpp>

#include <algorithm>

#include <gatehouse/http/form.hpp>
#include <gatehouse/http/media_type.hpp>
#include <gatehouse/server/argument_reader.hpp>

#include "url_text.hpp"

namespace gatehouse {

std::optional<std::string_view> form_fields::get(std::string_view name) const noexcept {
  std::optional<std::string_view> found;
  for (const auto& [n, value] : all_) {
    if (n != name) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

std::vector<std::string_view> form_fields::all(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [n, value] : all_) {
    if (n == name) found.emplace_back(value);
  }
  return found;
}

const uploaded_file* multipart_parts::file(std::string_view field) const noexcept {
  const uploaded_file* found = nullptr;
  for (const uploaded_file& f : files_) {
    if (f.field != field) continue;
    if (found != nullptr) return nullptr;
    found = &f;
  }
  return found;
}

namespace detail::server {
namespace {

/// The one Content-Type of content that is not compressed.
std::optional<std::string_view> content_type_of(const request_source& from) noexcept {
  const fields& f = from.head->fields;
  if (f.has(field::content_encoding)) return std::nullopt;
  return f.get(field::content_type);  // two lines were refused
}

bool decode_form(std::string_view text, std::string& out) {
  std::string room(text.size(), '\0');
  arena memory{room};
  std::string_view decoded_text;
  if (decode(text, encoding::form, memory, decoded_text) != decoded::ok) return false;
  out = decoded_text;
  return true;
}

}  // namespace

bool argument_reader::form(form_fields& out) {
  if (from_->content.empty()) return true;
  const auto type = content_type_of(*from_);
  // CHOICE: parameters are not looked at: the encoding is UTF-8, whatever an old page says (the URL standard).
  if (!is_media_type(type.value_or(""), "application/x-www-form-urlencoded")) {
    return refuse(reason::http_unsupported_media_type);
  }
  const auto pairs = parse_urlencoded(from_->content, {});
  if (!pairs) return refuse(pairs.error().why);
  form_fields::list all;
  all.reserve(pairs->size());
  for (const form_pair& p : *pairs) {
    auto& [name, value] = all.emplace_back();
    if (!decode_form(p.name, name) || !decode_form(p.value, value)) return refuse(reason::validation_invalid_body);
  }
  out = form_fields{std::move(all)};
  return true;
}

bool argument_reader::multipart(multipart_parts& out) {
  if (from_->content.empty()) return true;
  const auto type = content_type_of(*from_);
  const auto boundary = type ? multipart_boundary(*type) : std::nullopt;
  if (!boundary) return refuse(reason::http_unsupported_media_type);
  const auto parts = parse_multipart(from_->content, *boundary, {});
  if (!parts) return refuse(parts.error().why);
  form_fields::list all;
  std::vector<uploaded_file> files;
  for (const form_part& p : *parts) {
    if (!is_plain_utf8(p.name) || !is_plain_utf8(p.file_name)) return refuse(reason::validation_invalid_body);
    if (p.is_file) {
      // What a browser sends for a file that was not chosen.
      if (p.file_name.empty() && p.content.empty()) continue;
      files.push_back({.field = p.name, .name = p.file_name, .type = p.type, .content = p.content});
    } else if (is_plain_utf8(p.content)) {
      all.emplace_back(p.name, p.content);
    } else {
      return refuse(reason::validation_invalid_body);
    }
  }
  out = multipart_parts{std::move(all), std::move(files)};
  return true;
}

}  // namespace detail::server
}  // namespace gatehouse
