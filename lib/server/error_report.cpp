#include "error_report.hpp"

#include "access_log_lines.hpp"

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

}  // namespace gatehouse::detail::server
