#include "origin_table.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/origin.hpp>

namespace gatehouse::detail::rules {
namespace {

std::string key_of(const origin_pattern& p) { return p.subdomains ? '.' + p.host : p.host; }

std::vector<std::string> exact_origins(const std::vector<origin_pattern>& all) {
  std::vector<std::string> out;
  for (const origin_pattern& p : all) {
    if (!p.is_exact()) continue;
    for (std::string& text : p.serialised()) out.push_back(std::move(text));
  }
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  return out;
}

using grouped = std::map<std::string, std::vector<std::uint32_t>>;

grouped by(const std::vector<origin_pattern>& all, auto wanted, auto key) {
  grouped out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (wanted(all[i])) out[key(all[i])].push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

grouped by_whole_host(const std::vector<origin_pattern>& all) {
  return by(all, [](const origin_pattern& p) { return !p.subdomains && !p.is_exact(); }, key_of);
}
grouped by_suffix(const std::vector<origin_pattern>& all) {
  return by(all, [](const origin_pattern& p) { return p.subdomains; }, key_of);
}
grouped by_exact_host(const std::vector<origin_pattern>& all) {
  return by(all, [](const origin_pattern& p) { return !p.subdomains; }, [](const origin_pattern& p) { return p.host; });
}

std::vector<std::string> keys(const grouped& all) {
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [key, ignored] : all) out.push_back(key);
  return out;
}

/// The members one after the other, and where those of each key begin and end.
template <typename Range>
void flatten(const grouped& all, std::vector<Range>& ranges, std::vector<std::uint32_t>& members) {
  for (const auto& [ignored, positions] : all) {
    const auto begin = static_cast<std::uint32_t>(members.size());
    members.insert(members.end(), positions.begin(), positions.end());
    ranges.push_back({.begin = begin, .end = static_cast<std::uint32_t>(members.size())});
  }
}

struct split_origin {
  std::string_view scheme;
  std::string_view host;
  std::string_view port;  // without the colon; data() is null when there is none
};

/// Where the parts would be if it is an origin; whether it is, is judged only after a pattern takes them.
bool split(std::string_view sent, split_origin& out) noexcept {
  constexpr std::string_view separator = "://";
  const auto end = sent.substr(0, max_scheme_bytes + separator.size()).find(separator);
  if (end == std::string_view::npos) return false;
  out.scheme = sent.substr(0, end);
  const std::string_view rest = sent.substr(end + separator.size());
  constexpr std::size_t longest_port = 6;  // with its colon; one further left is in no name and before no port
  const std::size_t looked_at = rest.size() > longest_port ? rest.size() - longest_port : 0;
  auto colon = rest.substr(looked_at).rfind(':');
  if (colon != std::string_view::npos) colon += looked_at;
  const bool in_brackets = rest.ends_with(']');
  if (colon == std::string_view::npos || in_brackets) {
    out.host = rest;
  } else {
    out.host = rest.substr(0, colon);
    out.port = rest.substr(colon + 1);
  }
  return !out.host.empty();
}

/// A port as browsers write it: not the usual one of the scheme, no leading zero. Nothing: it is none.
bool read_port(std::string_view text, std::string_view scheme, std::optional<std::uint16_t>& out) noexcept {
  if (text.data() == nullptr) return true;
  const auto number = text.empty() || text.size() > 5 || text.front() == '0' ? std::nullopt
                                                                             : ascii::parse_decimal(text);
  if (!number || *number > UINT16_MAX) return false;
  out = static_cast<std::uint16_t>(*number);
  return out != default_port(scheme);
}

}  // namespace

origin_table::origin_table(std::vector<origin_pattern> all, options o, keyed_hash::key key)
    : patterns_(std::move(all)),
      exact_(exact_origins(patterns_), key),
      whole_(keys(by_whole_host(patterns_)), key),
      suffixes_(keys(by_suffix(patterns_)), key),
      single_label_(o.single_label),
      hosts_(keys(by_exact_host(patterns_)), key) {
  flatten(by_whole_host(patterns_), of_whole_, by_whole_);
  flatten(by_exact_host(patterns_), of_host_, by_host_);
  flatten(by_suffix(patterns_), of_suffix_, by_suffix_);
  for (std::size_t i = 0; i < patterns_.size() && a_loopback_ == UINT32_MAX; ++i) {
    if (patterns_[i].is_loopback()) a_loopback_ = static_cast<std::uint32_t>(i);
  }
}

bool origin_table::contains(std::string_view sent) const noexcept {
  return exact_.contains(sent) || ((!suffixes_.empty() || !whole_.empty()) && matches_pattern(sent));
}

bool origin_table::matches_pattern(std::string_view sent) const noexcept {
  split_origin parts{};
  if (sent.size() > max_origin_bytes || !split(sent, parts)) return false;
  const std::string_view host = parts.host;
  std::size_t suffix = suffixes_.longest_of(host);
  const std::size_t whole = whole_.find(host);
  if (suffix == suffix_table::none && whole == text_table::none) return false;
  std::optional<std::uint16_t> port;
  if (!read_port(parts.port, parts.scheme, port)) return false;
  if (whole != text_table::none && accepted_by(by_whole_, of_whole_[whole], parts.scheme, port)) return true;
  for (; suffix != suffix_table::none; suffix = suffixes_.shorter_than(suffix)) {
    const std::string_view in_front = host.substr(0, host.size() - suffixes_.at(suffix).size());
    if (single_label_ && in_front.find('.') != std::string_view::npos) return false;  // more so for a shorter one
    // Only now the grammar of what stands in front: "https://evil.com#.example.com" ends as it should and is no origin.
    if (accepted_by(by_suffix_, of_suffix_[suffix], parts.scheme, port)) return is_lower_case_name(host);
  }
  return false;
}

bool origin_table::accepted_by(const std::vector<std::uint32_t>& members, const range& r, std::string_view scheme,
                               std::optional<std::uint16_t> port) const noexcept {
  return std::any_of(members.begin() + r.begin, members.begin() + r.end,
                     [&](std::uint32_t i) { return patterns_[i].scheme == scheme && patterns_[i].accepts_port(port); });
}

origin_table::neighbour origin_table::nearest(std::string_view sent) const noexcept {
  constexpr std::uint32_t looked_at = 8;  // of one host; what is nearest is a hint, not a decision
  const auto asked = origin::parse(sent);
  if (!asked) return {};
  if (const std::size_t at = hosts_.find(asked->host); at != text_table::none) {
    const range r = of_host_[at];
    neighbour best{};
    for (std::uint32_t i = r.begin; i < std::min(r.end, r.begin + looked_at); ++i) {
      const origin_pattern& p = patterns_[by_host_[i]];
      if (p.scheme == asked->scheme) return {.differs = origin_difference::port, .text = p.text};
      if (p.accepts_port(asked->port)) {
        best = {.differs = origin_difference::scheme, .text = p.text};
      } else if (best.text.empty()) {
        best = {.differs = origin_difference::scheme_and_port, .text = p.text};
      }
    }
    return best;
  }
  // The apex of a pattern.
  std::array<char, max_origin_bytes + 1> key;
  key[0] = '.';
  asked->host.copy(key.data() + 1, asked->host.size());
  if (const std::size_t at = suffixes_.find({key.data(), asked->host.size() + 1}); at != suffix_table::none) {
    return {.differs = origin_difference::apex, .text = patterns_[by_suffix_[of_suffix_[at].begin]].text};
  }
  if (a_loopback_ != UINT32_MAX && asked->is_loopback()) {
    return {.differs = origin_difference::loopback_name, .text = patterns_[a_loopback_].text};
  }
  // One allowed origin, and somebody else: naming it is what helps most.
  if (patterns_.size() == 1) return {.differs = origin_difference::unknown, .text = patterns_.front().text};
  return {};
}

}  // namespace gatehouse::detail::rules
