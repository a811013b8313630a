// The first line is a Content-Type, the rest content. Split: written as a browser would, it is split into the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <algorithm>

#include <gatehouse/http/form.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using test::require;
  const auto input = test::guarded_text(data, size);
  if (!input) return 0;
  const std::string_view text = *input;

  const std::size_t line = std::min(text.find('\n'), text.size());
  const auto boundary = multipart_boundary(text.substr(0, line));
  if (!boundary) return 0;
  require(!boundary->empty() && boundary->size() <= max_boundary_size);
  const std::string_view content = text.substr(std::min(line + 1, text.size()));
  const form_limits bounds{.fields = 4, .files = 2, .field_bytes = 64};
  const auto parts = parse_multipart(content, *boundary, bounds);
  if (!parts) return 0;
  require(parts->size() <= bounds.fields + bounds.files);
  const std::string delimiter = "--" + std::string{*boundary};
  std::string written;
  for (const form_part& p : *parts) {
    require(p.is_file || p.content.size() <= bounds.field_bytes);
    require(p.file_name.find_first_of("/\\") == std::string_view::npos);
    require(p.content.find("\r\n" + delimiter) == std::string_view::npos);
    require((std::string{p.name} + std::string{p.file_name}).find_first_of("\r\n\"") == std::string::npos);
    written += delimiter + "\r\nContent-Disposition: form-data; name=\"" + std::string{p.name} + "\"";
    if (p.is_file) written += "; filename=\"" + std::string{p.file_name} + "\"";
    if (!p.type.empty()) written += "\r\nContent-Type: " + std::string{p.type};
    written += "\r\n\r\n" + std::string{p.content} + "\r\n";
  }
  written += delimiter + "--\r\n";
  const auto again = parse_multipart(written, *boundary, bounds);
  require(again && again->size() == parts->size());
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const form_part& a = (*parts)[i];
    const form_part& b = (*again)[i];
    require(a.name == b.name && a.file_name == b.file_name && a.is_file == b.is_file && a.type == b.type &&
            a.content == b.content);
  }
  return 0;
}
