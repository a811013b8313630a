// Names of files, for Content-Disposition (RFC 6266): the name is somebody else's, the folder is the reader's.
#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/encode.hpp>
#include <gatehouse/http/utf8.hpp>

#include "percent.hpp"

namespace gatehouse::encode {
namespace {

/// What no name of a file needs: separators (RFC 6266 section 4.3), what Windows refuses, controls, and what turns the
/// direction of the text, so that "exe.pdf" is shown for "fdp.exe".
bool is_kept(char32_t point) noexcept {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
  if (point < 0x80) return std::string_view{"/\\:*?\"<>|"}.find(static_cast<char>(point)) == std::string_view::npos;
  const bool turns = point == 0x200e || point == 0x200f || point == 0x061c || (point >= 0x202a && point <= 0x202e) ||
                     (point >= 0x2066 && point <= 0x2069);
  return !turns && point != 0x2028 && point != 0x2029;
}

/// Valid UTF-8 that a browser may take for a name in the folder where it saves.
std::string file_name(std::string_view wanted) {
  std::string name;
  for_each_utf8_sequence(wanted, [&](std::string_view sequence) {
    if (sequence.empty()) {
      name += "\xef\xbf\xbd";
    } else {
      name += is_kept(utf8_code_point(sequence)) ? sequence : std::string_view{"_"};
    }
  });
  // Windows drops dots and spaces at the end: what stands before them would become the extension.
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.pop_back();
  name.erase(0, name.find_first_not_of(' '));
  for (std::size_t at = 0; at < name.size() && name[at] == '.'; ++at) name[at] = '_';  // hidden, or the folder above
  return name.empty() ? "download" : name;
}

/// attr-char, RFC 8187 section 3.2.1.
constexpr bool is_attribute_char(char c) noexcept {
  return ascii::is_alnum(c) || std::string_view{"!#$&+-.^_`|~"}.find(c) != std::string_view::npos;
}

/// For recipients that know no filename*, and those that take "%" in quotes for an escape (RFC 6266 appendix D).
bool append_ascii(std::string& to, std::string_view name) {
  bool is_whole = true;
  for_each_utf8_sequence(name, [&](std::string_view sequence) {
    const bool fits = sequence.size() == 1 && sequence != "%";
    to += fits ? sequence : std::string_view{"_"};
    is_whole = is_whole && fits;
  });
  return is_whole;
}

void append_extended(std::string& to, std::string_view name) {
  for (const char c : name) {
    if (is_attribute_char(c)) {
      to += c;
    } else {
      detail::http::append_percent(to, c);
    }
  }
}

}  // namespace

void append_content_disposition(std::string& to, std::string_view filename, disposition how) {
  const std::string name = file_name(filename);
  to += how == disposition::inline_ ? "inline; filename=\"" : "attachment; filename=\"";
  const bool is_whole = append_ascii(to, name);
  to += '"';
  if (is_whole) return;
  to += "; filename*=UTF-8''";
  append_extended(to, name);
}

std::string content_disposition(std::string_view filename, disposition how) {
  std::string out;
  append_content_disposition(out, filename, how);
  return out;
}

}  // namespace gatehouse::encode
