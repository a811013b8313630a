#include <gatehouse/http/problem_members.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/problem.hpp>
#include <gatehouse/http/utf8.hpp>

namespace gatehouse {
namespace {

/// Goes through JSON text, RFC 8259. Each function takes what it names off the front; false: it is not there.
class json_reader {
 public:
  explicit json_reader(std::string_view text) noexcept : left_(text) {}

  void skip_space() noexcept {
    const auto at = left_.find_first_not_of(" \t\n\r");
    left_.remove_prefix(std::min(at, left_.size()));
  }
  [[nodiscard]] bool at_end() const noexcept { return left_.empty(); }
  [[nodiscard]] bool take(char c) noexcept {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] bool next_is(char c) const noexcept { return left_.starts_with(c); }

  /// Section 7. `out`: what stands between the quotes.
  [[nodiscard]] bool take_string(std::string_view& out) noexcept {
    if (!take('"')) return false;
    const std::string_view begin = left_;
    while (!left_.empty() && left_.front() != '"') {
      if (static_cast<unsigned char>(left_.front()) < 0x20) return false;
      if (left_.front() == '\\' ? !take_escape() : !take_character()) return false;
    }
    out = begin.substr(0, begin.size() - left_.size());
    return take('"');
  }

  /// Any value. A bit for each open bracket says which kind it is, so that nothing here calls itself.
  [[nodiscard]] bool skip_value() noexcept {
    std::uint64_t objects = 0;
    std::size_t depth = 0;
    std::string_view ignored;
    while (true) {
      skip_space();
      if (next_is('{') || next_is('[')) {
        if (++depth > max_problem_depth) return false;
        const bool object = take('{');
        if (!object) (void)take('[');
        objects = objects << 1U | (object ? 1U : 0U);
        skip_space();
        if (!take(object ? '}' : ']')) {
          if (object && !take_name(ignored)) return false;
          continue;
        }
        --depth;
        objects >>= 1U;
      } else if (!(next_is('"') ? take_string(ignored) : take_word())) {
        return false;
      }
      // What follows a value: a comma and the next one, or the ends of what is open.
      while (depth != 0) {
        const bool object = (objects & 1U) != 0;
        skip_space();
        if (take(',')) {
          if (object && !take_name(ignored)) return false;
          break;
        }
        if (!take(object ? '}' : ']')) return false;
        --depth;
        objects >>= 1U;
      }
      if (depth == 0) return true;
    }
  }

  /// A member's name and the colon behind it.
  [[nodiscard]] bool take_name(std::string_view& out) noexcept {
    skip_space();
    if (!take_string(out)) return false;
    skip_space();
    return take(':');
  }

 private:
  [[nodiscard]] bool take_character() noexcept {
    const std::size_t size = utf8_sequence_size(left_);
    left_.remove_prefix(size);
    return size != 0;
  }
  [[nodiscard]] bool take_escape() noexcept {
    left_.remove_prefix(1);
    if (left_.empty()) return false;
    const char kind = left_.front();
    left_.remove_prefix(1);
    if (kind != 'u') return std::string_view{"\"\\/bfnrt"}.find(kind) != std::string_view::npos;
    const std::string_view digits = left_.substr(0, 4);
    left_.remove_prefix(digits.size());
    return digits.size() == 4 && std::ranges::all_of(digits, [](char c) { return ascii::hex_value(c) >= 0; });
  }
  /// true, false, null, or a number (section 6).
  [[nodiscard]] bool take_word() noexcept {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!left_.starts_with(word)) continue;
      left_.remove_prefix(word.size());
      return true;
    }
    (void)take('-');
    if (!take('0') && !take_digits()) return false;
    if (take('.') && !take_digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) (void)take('-');
    return take_digits();
  }
  [[nodiscard]] bool take_digits() noexcept {
    const auto end = std::ranges::find_if_not(left_, ascii::is_digit);
    const auto n = static_cast<std::size_t>(end - left_.begin());
    left_.remove_prefix(n);
    return n != 0;
  }

  std::string_view left_;
};

/// RFC 3986, appendix A, as far as characters go; "\/" and "\u0026" are how writers of JSON spell "/" and "&", we among
/// them.
bool is_uri_reference(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view rest = text.substr(i + 1);
    if (c == '\\' && (rest.starts_with('/') || rest.starts_with("u0026"))) continue;
    const bool allowed = ascii::is_alnum(c) ||
                         std::string_view{"-._~:/?#[]@!$&'()*+,;=%"}.find(c) != std::string_view::npos;
    if (!allowed) return false;
  }
  return true;
}

constexpr std::string_view escape_of(char c) noexcept {
  switch (c) {
    case '<': return "\\u003c";
    case '>': return "\\u003e";
    case '&': return "\\u0026";
    default: return {};
  }
}

/// Writes pieces one after the other; counts only while there is no place to write to.
class piece_writer {
 public:
  explicit piece_writer(char* to) noexcept : to_(to) {}
  void text(std::string_view piece) noexcept {
    if (to_ != nullptr) std::ranges::copy(piece, to_ + size_);
    size_ += piece.size();
  }
  void harmless(std::string_view json) noexcept {
    for (const char& c : json) {
      const std::string_view escape = escape_of(c);
      text(escape.empty() ? std::string_view{&c, 1} : escape);
    }
  }
  void member(std::string_view name, std::string_view value) noexcept {
    text(",\"");
    text(name);
    text("\":\"");
    harmless(value);
    text("\"");
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  char* to_;
  std::size_t size_ = 0;
};

void write_members(piece_writer& out, const problem_members& m, status answered, std::string_view request_id) noexcept {
  char digits[8];
  const auto written = std::to_chars(digits, digits + sizeof digits, number(answered));
  out.text(R"({"type":")");
  out.harmless(m.type.empty() ? std::string_view{"about:blank"} : m.type);
  out.text("\"");
  if (const std::string_view title = m.title.empty() ? phrase(answered) : m.title; !title.empty()) {
    out.member("title", title);
  }
  out.text(R"(,"status":)");
  out.text({digits, static_cast<std::size_t>(written.ptr - digits)});
  if (!m.detail.empty()) out.member("detail", m.detail);
  if (is_uuid(request_id)) {
    out.text(R"(,"instance":")");
    out.text(problem_instance_prefix);
    out.text(request_id);
    out.text("\"");
  }
  out.text("}");
}

}  // namespace

// https://www.rfc-editor.org/rfc/rfc9457#section-3.1 : a member whose value is of another type is ignored.
std::optional<problem_members> read_problem(std::string_view document) noexcept {
  if (document.size() > max_problem_bytes) return std::nullopt;
  problem_members out;
  struct wanted {
    std::string_view name;
    std::string_view* into;
    bool seen = false;
  };
  std::array members{wanted{"type", &out.type}, wanted{"title", &out.title}, wanted{"detail", &out.detail}};
  json_reader in(document);
  in.skip_space();
  if (!in.take('{')) return std::nullopt;
  in.skip_space();
  bool more = !in.take('}');
  while (more) {
    std::string_view name;
    if (!in.take_name(name)) return std::nullopt;
    in.skip_space();
    const auto known = std::ranges::find(members, name, &wanted::name);
    if (known != members.end() && std::exchange(known->seen, true)) return std::nullopt;
    std::string_view value;
    if (known != members.end() && in.next_is('"')) {
      if (!in.take_string(value)) return std::nullopt;
      if (value.size() <= max_problem_member_bytes) *known->into = value;
    } else if (!in.skip_value()) {
      return std::nullopt;
    }
    in.skip_space();
    more = in.take(',');
    if (!more && !in.take('}')) return std::nullopt;
  }
  in.skip_space();
  if (!in.at_end()) return std::nullopt;
  if (!is_uri_reference(out.type)) out.type = {};
  return out;
}

std::string_view write_problem(arena& memory, const problem_members& members, status answered,
                               std::string_view request_id) noexcept {
  piece_writer counted(nullptr);
  write_members(counted, members, answered, request_id);
  char* const at = memory.allocate(counted.size());
  if (at == nullptr) return {};
  piece_writer written(at);
  write_members(written, members, answered, request_id);
  return {at, written.size()};
}

}  // namespace gatehouse
