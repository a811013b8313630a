#include "error_report.hpp"

namespace gatehouse::detail::server {

std::string describe(const config_errors& errors) {
  std::string out = "gatehouse: ";
  out += errors.size() == 1 ? "1 mistake" : std::to_string(errors.size()) + " mistakes";
  out += "; nothing was started\n";
  for (const config_error& e : errors) {
    out += "  ";
    append_printable(out, e.key);
    if (!e.value.empty()) {
      out += " \"";
      append_printable(out, e.value);
      out += '"';
    }
    out += ": ";
    append_printable(out, e.message);
    out += " [" + e.code + "]\n";
    if (e.suggestion.empty()) continue;
    out += "      write: ";
    append_printable(out, e.suggestion);
    out += '\n';
  }
  return out;
}

void append_printable(std::string& out, std::string_view text) {
  constexpr std::size_t longest = 1000;
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < ' ' || byte == 0x7f ? '?' : c;
  }
}

}  // namespace gatehouse::detail::server
