#include <gatehouse/http/negotiation.hpp>

#include <gatehouse/base/ascii.hpp>

namespace gatehouse {
namespace {

using ascii::equal_ignoring_case;
using ascii::trim;

/// One element of an Accept field: what it names, its other parameters, and how much it is liked.
struct preference {
  std::string_view name{};
  std::string_view parameters{};  // before "q", with their ";"
  int quality = 1000;             // in thousandths
  std::size_t at = 0;             // its place in the field
};

// RFC 9110 section 12.4.2: 0, 0.5, 0.125, 1, 1.000. Nothing for anything else.
std::optional<int> quality_of(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int value = text[0] == '1' ? 1000 : 0;
  int weight = 100;
  for (const char c : text.substr(text.size() > 1 ? 2 : 1)) {
    if (!ascii::is_digit(c)) return std::nullopt;
    value += (c - '0') * weight;
    weight /= 10;
  }
  return value <= 1000 ? std::optional{value} : std::nullopt;
}

/// Where the first `mark` outside of quotes is; npos: nowhere.
std::size_t find_unquoted(std::string_view text, char mark) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == mark && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// Takes what stands before the next `mark` off the front, trimmed.
std::string_view take(std::string_view& text, char mark) noexcept {
  const std::size_t end = find_unquoted(text, mark);
  const std::string_view one = trim(text.substr(0, end));
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return one;
}

/// False when the element is not valid.
bool read_preference(std::string_view element, preference& out) noexcept {
  out.name = take(element, ';');
  out.parameters = {};
  out.quality = 1000;
  const char* const parameters_begin = element.data();
  while (!element.empty()) {
    const std::string_view parameter = take(element, ';');
    const std::size_t equals = parameter.find('=');
    const std::string_view key = trim(parameter.substr(0, equals));
    if (!equal_ignoring_case(key, "q")) {
      if (parameter.empty() || equals == std::string_view::npos) continue;
      out.parameters = {parameters_begin, static_cast<std::size_t>(element.data() - parameters_begin)};
      continue;
    }
    const auto quality = quality_of(equals == std::string_view::npos ? "" : trim(parameter.substr(equals + 1)));
    if (!quality) return false;
    out.quality = *quality;
    break;  // what follows q is an extension of nobody (RFC 9110 section 12.5.1 dropped it)
  }
  return !out.name.empty();
}

/// Calls `visit(preference)` for each valid element of all lines; whether the field is there at all.
template <typename Visit>
bool for_each_preference(const fields& request, field name, Visit visit) noexcept {
  std::size_t seen = 0;
  request.for_each(name, [&](std::string_view line) {
    while (!line.empty() && seen < max_preferences) {
      preference p;
      if (!read_preference(take(line, ','), p)) continue;
      p.at = seen++;
      visit(p);
    }
  });
  return request.has(name);
}

/// Whether each of `wanted`, ";a=b;c=d", is among the parameters of `offer`.
bool has_parameters(std::string_view offer, std::string_view wanted) noexcept {
  while (!wanted.empty()) {
    const std::string_view parameter = take(wanted, ';');
    if (parameter.empty()) continue;
    bool found = false;
    for (std::string_view left = offer; !left.empty() && !found;) {
      found = equal_ignoring_case(take(left, ';'), parameter);
    }
    if (!found) return false;
  }
  return true;
}

// How precisely a preference names an offer: 0 is by "*"; below: not at all.

int media_precision(const preference& p, std::string_view offer) noexcept {
  std::string_view rest = offer;
  const std::string_view type = take(rest, ';');
  const std::size_t slash = type.find('/');
  const std::size_t range_slash = p.name.find('/');
  if (range_slash == std::string_view::npos || slash == std::string_view::npos) return -1;
  if (!has_parameters(rest, p.parameters)) return -1;
  const int extra = p.parameters.empty() ? 0 : 1;
  if (p.name == "*/*") return extra;
  if (!equal_ignoring_case(p.name.substr(0, range_slash), type.substr(0, slash))) return -1;
  if (p.name.substr(range_slash + 1) == "*") return 4 + extra;
  return equal_ignoring_case(p.name.substr(range_slash + 1), type.substr(slash + 1)) ? 6 + extra : -1;
}

int language_precision(const preference& p, std::string_view offer) noexcept {
  if (p.name == "*") return 0;
  if (equal_ignoring_case(p.name, offer)) return 4;
  const auto primary = [](std::string_view tag) { return tag.substr(0, tag.find('-')); };
  if (equal_ignoring_case(primary(p.name), offer)) return 2;
  return equal_ignoring_case(p.name, primary(offer)) ? 1 : -1;
}

int coding_precision(const preference& p, std::string_view offer) noexcept {
  if (p.name == "*") return 0;
  if (equal_ignoring_case(p.name, offer)) return 1;
  // RFC 9110 section 8.4.1.3: "x-gzip" is "gzip".
  return equal_ignoring_case(p.name, "x-gzip") && offer == "gzip" ? 1 : -1;
}

/// What decided about an offer.
struct rank {
  int precision = -1;
  int quality = 0;
  std::size_t at = 0;
  [[nodiscard]] bool before(const rank& other) const noexcept {
    if (quality != other.quality) return quality > other.quality;
    if (precision != other.precision) return precision > other.precision;
    return at < other.at;
  }
};

template <typename Precision>
rank rank_of(const fields& request, field name, std::string_view offer, Precision precision) noexcept {
  rank best;
  for_each_preference(request, name, [&](const preference& p) {
    const int here = precision(p, offer);
    if (here > best.precision || (here == best.precision && here >= 0 && p.quality > best.quality)) {
      best = {.precision = here, .quality = p.quality, .at = p.at};
    }
  });
  return best;
}

template <typename Precision>
std::optional<std::size_t> best_of(const fields& request, field name, std::span<const std::string_view> offers,
                                   Precision precision) noexcept {
  std::optional<std::size_t> best;
  rank best_rank;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const rank here = rank_of(request, name, offers[i], precision);
    if (here.quality == 0 || (best && !here.before(best_rank))) continue;
    best = i;
    best_rank = here;
  }
  return best;
}

rank rank_of_coding(const fields& request, std::string_view coding) noexcept {
  const rank here = rank_of(request, field::accept_encoding, coding, coding_precision);
  // Not named at all: acceptable, but behind everything that is.
  if (here.precision < 0 && coding == "identity") return {.precision = -1, .quality = 1, .at = max_preferences};
  return here;
}

std::optional<std::size_t> first_of(std::span<const std::string_view> offers) noexcept {
  return offers.empty() ? std::nullopt : std::optional<std::size_t>{0};
}

}  // namespace

std::optional<std::size_t> best_media_type(const fields& request, std::span<const std::string_view> offers) noexcept {
  if (!request.has(field::accept)) return first_of(offers);
  return best_of(request, field::accept, offers, media_precision);
}

std::optional<std::size_t> best_language(const fields& request, std::span<const std::string_view> offers) noexcept {
  if (!request.has(field::accept_language)) return first_of(offers);
  return best_of(request, field::accept_language, offers, language_precision);
}

// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
std::optional<std::size_t> best_coding(const fields& request, std::span<const std::string_view> offers) noexcept {
  std::optional<std::size_t> best;
  rank best_rank;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const rank here = rank_of_coding(request, offers[i]);
    if (here.quality == 0 || (best && !here.before(best_rank))) continue;
    best = i;
    best_rank = here;
  }
  return best;
}

int coding_quality(const fields& request, std::string_view coding) noexcept {
  return rank_of_coding(request, coding).quality;
}

bool names_media_type(const fields& request, std::string_view type) noexcept {
  bool named = false;
  for_each_preference(request, field::accept,
                      [&](const preference& p) { named = named || (p.quality != 0 && media_precision(p, type) >= 4); });
  return named;
}

}  // namespace gatehouse
