#include "outside_value.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/config/report.hpp>
#include <gatehouse/config/units.hpp>
#include <gatehouse/http/utf8.hpp>

namespace gatehouse::detail::config {
namespace {

constexpr std::string_view default_mark = ":-";
constexpr std::string_view file_prefix = "file:";

/// As shells have it (POSIX, "Environment Variable Definition").
bool is_variable_name(std::string_view name) noexcept {
  return !name.empty() && !ascii::is_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return ascii::is_alnum(c) || c == '_'; });
}

config_error malformed(std::string_view written) {
  return {.code = "invalid-variable",
          .message = in_quotes(written) + " is no variable",
          .suggestion = "${NAME}, or ${NAME:-what to use without it}; a text with a plain ${ in it is written $${"};
}

/// The value of what stands between the braces.
result<std::string, config_error> value_of(std::string_view inner, variable_lookup look_up) {
  const auto mark = inner.find(default_mark);
  const std::string name{inner.substr(0, mark)};
  if (!is_variable_name(name)) return failure{malformed("${" + std::string{inner} + '}')};
  const char* const value = look_up == nullptr ? nullptr : look_up(name.c_str());
  if (mark != std::string_view::npos && (value == nullptr || *value == '\0')) {
    return std::string{inner.substr(mark + default_mark.size())};
  }
  if (value == nullptr) {
    return failure{config_error{
        .code = "unset-variable",
        .message = "the environment has no " + name,
        .suggestion = "${" + name + ":-what to use without it}, or set " + name + " where gatehouse is started"}};
  }
  if (!is_utf8(value)) {
    return failure{config_error{.code = "invalid-variable", .message = "what " + name + " holds is no UTF-8"}};
  }
  return std::string{value};
}

/// Closes a descriptor at the end of a function.
struct open_file {
  explicit open_file(int d) noexcept : descriptor(d) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (descriptor >= 0) ::close(descriptor);
  }
  int descriptor;
};

config_error cannot_read(const std::string& path, const std::string& why) {
  return {.code = "cannot-read", .message = "cannot read " + in_quotes(path) + ": " + why};
}

void drop_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

/// Into `out`: what the file holds, without the line end behind it. Nothing, or why not.
std::optional<config_error> read_secret(const std::string& path, filled_text& out) {
  if (!path.starts_with('/')) {
    return config_error{.code = "not-absolute",
                        .message = in_quotes(path) + " is no absolute path",
                        .suggestion = "file:/run/secrets/NAME"};
  }
  // Non-blocking: a pipe would be waited for before it is refused.
  const open_file file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.descriptor < 0) return cannot_read(path, std::strerror(errno));
  struct ::stat status{};
  if (::fstat(file.descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return cannot_read(path, "it is no file");
  std::string text(max_secret_bytes + std::string_view{"\r\n"}.size() + 1, '\0');
  const ssize_t size = ::read(file.descriptor, text.data(), text.size());
  if (size < 0) return cannot_read(path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(size));
  drop_line_end(text);
  if (text.size() > max_secret_bytes) return cannot_read(path, "it is longer than " + size_text(max_secret_bytes));
  if (text.empty()) return cannot_read(path, "it is empty");
  if (!is_utf8(text)) return cannot_read(path, "it is no text");
  out.text = std::move(text);
  out.everyone_reads_it = (status.st_mode & S_IROTH) != 0;
  return std::nullopt;
}

}  // namespace

result<std::string, config_error> with_variables(std::string_view text, variable_lookup look_up) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      out.append("${");
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      const auto end = text.find('}');
      if (end == std::string_view::npos) return failure{malformed(text)};
      auto value = value_of(text.substr(2, end - 2), look_up);
      if (!value) return value;
      out.append(*value);
      text.remove_prefix(end + 1);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

result<filled_text, config_error> filled(const catalog_entry& e, std::string_view written, variable_lookup look_up) {
  if (e.secret && written == hidden_value) {
    return failure{config_error{.code = "hidden-value",
                                .message = "*** stands for a secret that was not shown",
                                .suggestion = std::string{name_in_section(e.key)} + " = \"file:/run/secrets/NAME\""}};
  }
  filled_text out{.text = std::string{written}};
  if (written.find("${") != std::string_view::npos) {
    auto text = with_variables(written, look_up);
    if (!text) return failure{std::move(text.error())};
    out = {.text = *std::move(text), .from_outside = true};
  }
  // Only what is written here names a file: what a variable holds is a secret itself, whatever it looks like.
  if (!e.secret || !written.starts_with(file_prefix)) return out;
  out.from_outside = true;
  out.secret_file = out.text.substr(file_prefix.size());
  if (auto failed = read_secret(out.secret_file, out)) return failure{std::move(*failed)};
  return out;
}

}  // namespace gatehouse::detail::config
