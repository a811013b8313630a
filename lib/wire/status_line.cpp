#include "status_line.hpp"

#include <gatehouse/base/ascii.hpp>

#include "request_line.hpp"

namespace gatehouse::detail::wire {
namespace {

constexpr std::size_t version_size = 8;             // "HTTP/1.1"
constexpr std::size_t code_end = version_size + 4;  // " 200"

}  // namespace

std::optional<status_line> read_status_line(std::string_view line) noexcept {
  status_line out;
  if (line.size() < code_end || line[version_size] != ' ') return std::nullopt;
  if (read_version(line.substr(0, version_size), out.version) != reason::none) return std::nullopt;
  // Three digits, no sign and no spaces, which is more than parse_decimal promises about the size.
  const auto code = ascii::parse_decimal(line.substr(version_size + 1, 3));
  if (!code || *code < 100 || *code > 599) return std::nullopt;
  out.status = static_cast<gatehouse::status>(*code);
  // CHOICE: the space before an empty phrase may be missing: many servers leave it out, and nothing can be read into
  // it.
  if (line.size() == code_end) return out;
  if (line[code_end] != ' ') return std::nullopt;
  out.phrase = line.substr(code_end + 1);
  return out;
}

}  // namespace gatehouse::detail::wire
