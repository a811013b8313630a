#include <gatehouse/rules/browser_url.hpp>

#include <algorithm>
#include <vector>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/authority.hpp>

namespace gatehouse {
namespace {

struct special {
  std::string_view scheme;
  std::uint16_t port;
};
// https://url.spec.whatwg.org/#special-scheme , without file and ftp.
constexpr special specials[] = {{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}};

std::uint16_t default_port(std::string_view scheme) noexcept {
  const auto* const at = std::ranges::find(specials, scheme, &special::scheme);
  return at == std::end(specials) ? std::uint16_t{0} : at->port;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), ascii::to_lower);
  return out;
}

/// A host name, or an address in its usual form. "127.1" and "0x7f.1" are addresses to a browser and names to others:
/// no host here.
bool fill_host(web_origin& out, std::string_view text) {
  const auto parsed = authority::parse(text);
  if (!parsed) return false;
  out.host = lower(parsed->host);
  out.port = parsed->port.value_or(default_port(out.scheme));
  if (parsed->address) {
    // The URL standard writes an IPv6 address in one way only.
    if (out.host.front() == '[') out.host = '[' + parsed->address->to_string() + ']';
    return true;
  }
  std::string_view last = out.host;
  if (last.back() == '.') last.remove_suffix(1);
  last.remove_prefix(last.rfind('.') == std::string_view::npos ? 0 : last.rfind('.') + 1);
  return last.empty() || !ascii::is_digit(last.front());
}

/// The length of "scheme" in "scheme:..."; 0: there is none.
std::size_t scheme_size(std::string_view text) noexcept {
  if (text.empty() || !ascii::is_alpha(text.front())) return 0;
  const auto is_part = [](char c) { return ascii::is_alnum(c) || c == '+' || c == '-' || c == '.'; };
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_part) - text.begin());
  return end < text.size() && text[end] == ':' ? end : 0;
}

/// https://url.spec.whatwg.org/#concept-basic-url-parser steps 1 to 3: the ends are trimmed, tabs and line ends
/// removed.
std::string cleaned(std::string_view text) {
  const auto is_trimmed = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!text.empty() && is_trimmed(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_trimmed(text.back())) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size());
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c != '\t' && c != '\n' && c != '\r'; });
  return out;
}

void append_encoded(std::string& out, std::string_view text, std::string_view also) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || also.find(c) != std::string_view::npos) {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else {
      out += c;
    }
  }
}

/// "." or "..", also as "%2e"; 0: an ordinary segment.
int dots(std::string_view segment) {
  int count = 0;
  while (!segment.empty()) {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (segment.size() >= 3 && ascii::equal_ignoring_case(segment.substr(0, 3), "%2e")) {
      segment.remove_prefix(3);
    } else {
      return 0;
    }
    if (++count > 2) return 0;
  }
  return count;
}

/// https://url.spec.whatwg.org/#path-state ; `text` begins with a slash.
std::string path_of(std::string text) {
  std::ranges::replace(text, '\\', '/');
  std::vector<std::string_view> kept;
  std::string_view rest = std::string_view{text}.substr(1);
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    const bool is_last = slash == std::string_view::npos;
    const int n = dots(segment);
    if (n == 2 && !kept.empty()) kept.pop_back();
    if (n == 0) kept.push_back(segment);
    if (n != 0 && is_last) kept.emplace_back();
    if (is_last) break;
    rest.remove_prefix(slash + 1);
  }
  std::string out;
  for (const std::string_view segment : kept) {
    out += '/';
    append_encoded(out, segment, "\"<>`{}^#?");
  }
  return out;
}

std::string target_of(std::string_view path_and_query) {
  const std::size_t mark = path_and_query.find('?');
  std::string path{path_and_query.substr(0, mark)};
  if (path.empty()) path = "/";
  std::string out = path_of(std::move(path));
  if (mark != std::string_view::npos) {
    out += '?';
    append_encoded(out, path_and_query.substr(mark + 1), "\"<>'");
  }
  return out;
}

std::optional<web_url> with_authority(web_url out, std::string_view rest) {
  std::string_view where = rest.substr(0, rest.find_first_of("/\\?"));
  rest.remove_prefix(where.size());
  if (const std::size_t at = where.rfind('@'); at != std::string_view::npos) {
    out.has_userinfo = at > 0 && where.substr(0, at) != ":";
    where.remove_prefix(at + 1);
  }
  if (!where.empty() && where.back() == ':') where.remove_suffix(1);  // an empty port is the default one
  if (!fill_host(out.origin, where)) return std::nullopt;
  out.target = target_of(rest);
  return out;
}

bool is_slash(char c) noexcept { return c == '/' || c == '\\'; }

/// What stands in a path-relative reference's place.
std::string merged(std::string_view base, std::string_view text) {
  const std::string_view path = base.substr(0, base.find('?'));
  if (text.empty()) return std::string{base};
  if (text.front() == '?') return std::string{path}.append(text);
  if (is_slash(text.front())) return std::string{text};
  return std::string{path.substr(0, path.rfind('/') + 1)}.append(text);
}

}  // namespace

std::optional<web_origin> web_origin::parse(std::string_view text) {
  if (text == "null") return web_origin{};
  const std::size_t size = scheme_size(text);
  const std::string_view rest = text.substr(std::min(text.size(), size + 1));
  if (size == 0 || !rest.starts_with("//")) return std::nullopt;
  web_origin out{.scheme = lower(text.substr(0, size))};
  if (!fill_host(out, rest.substr(2))) return std::nullopt;
  return out;
}

std::string web_origin::text() const {
  if (is_opaque()) return "null";
  std::string out = scheme + "://" + host;
  if (port != default_port(scheme)) out += ':' + std::to_string(port);
  return out;
}

bool web_origin::same_as(const web_origin& other) const noexcept {
  return !is_opaque() && scheme == other.scheme && host == other.host && port == other.port;
}

bool web_origin::is_trustworthy() const noexcept {
  if (scheme == "https" || scheme == "wss") return true;
  if (scheme != "http" && scheme != "ws") return false;
  const auto parsed = authority::parse(host);
  return parsed && parsed->is_loopback();
}

std::optional<web_url> web_url::parse(std::string_view text, const web_url* base) {
  const std::string whole = cleaned(text);
  std::string_view rest = std::string_view{whole}.substr(0, whole.find('#'));
  web_url out;
  if (const std::size_t size = scheme_size(rest); size != 0) {
    out.origin.scheme = lower(rest.substr(0, size));
    rest.remove_prefix(size + 1);
    if (default_port(out.origin.scheme) == 0) return out;  // data:, blob:, ...: a URL, and none of ours
    // "http:path" is relative to a base of the same scheme; nobody means that.
    if (rest.size() < 2 || !is_slash(rest[0]) || !is_slash(rest[1])) return std::nullopt;
  } else {
    if (base == nullptr) return std::nullopt;
    out.origin = base->origin;
    if (rest.size() < 2 || !is_slash(rest[0]) || !is_slash(rest[1])) {
      out.target = target_of(merged(base->target, rest));
      return out;
    }
    out.origin = {.scheme = base->origin.scheme};
  }
  while (!rest.empty() && is_slash(rest.front())) rest.remove_prefix(1);
  return with_authority(std::move(out), rest);
}

std::string web_url::text() const { return origin.text() + target; }

}  // namespace gatehouse
