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

grouped by_pattern_key(const std::vector<origin_pattern>& all) {
  return by(all, [](const origin_pattern& p) { return !p.is_exact(); }, key_of);
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
  const auto colon = rest.rfind(':');
  const bool in_brackets = rest.ends_with(']');
  if (colon == std::string_view::npos || in_brackets) {
    out.host = rest;
  } else {
    out.host = rest.substr(0, colon);
    out.port = rest.substr(colon + 1);
  }
  return !out.host.empty();
}

}  // namespace

origin_table::origin_table(std::vector<origin_pattern> all, options o, keyed_hash::key key)
    : patterns_(std::move(all)),
      exact_(exact_origins(patterns_), key),
      keys_(keys(by_pattern_key(patterns_)), key),
      single_label_(o.single_label),
      hosts_(keys(by_exact_host(patterns_)), key) {
  flatten(by_pattern_key(patterns_), ranges_, by_key_);
  flatten(by_exact_host(patterns_), of_host_, by_host_);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::string& text = keys_.at(i);
    if (text.starts_with('.')) {
      lengths_.push_back(static_cast<std::uint16_t>(text.size()));
    } else {
      has_whole_hosts_ = true;
    }
  }
  std::ranges::sort(lengths_);
  const auto twice = std::ranges::unique(lengths_);
  lengths_.erase(twice.begin(), twice.end());
  for (std::size_t i = 0; i < patterns_.size() && a_loopback_ == UINT32_MAX; ++i) {
    if (patterns_[i].is_loopback()) a_loopback_ = static_cast<std::uint32_t>(i);
  }
}

bool origin_table::contains(std::string_view sent) const noexcept {
  return exact_.contains(sent) || (!keys_.empty() && matches_pattern(sent));
}

bool origin_table::matches_pattern(std::string_view sent) const noexcept {
  split_origin parts{};
  if (sent.size() > max_origin_bytes || !split(sent, parts)) return false;
  const std::string_view host = parts.host;
  const auto takes = [&](std::string_view key) {
    const std::size_t at = keys_.find(key);
    return at != text_table::none && accepted_by(ranges_[at], parts.scheme, parts.port);
  };
  bool taken = has_whole_hosts_ && takes(host);
  for (std::size_t i = 0; !taken && i < lengths_.size() && lengths_[i] < host.size(); ++i) {
    const std::size_t begin = host.size() - lengths_[i];
    // The dot is part of the key, so "evilexample.com" does not end in ".example.com".
    if (host[begin] != '.') continue;
    if (single_label_ && host.substr(0, begin).find('.') != std::string_view::npos) continue;
    taken = takes(host.substr(begin));
  }
  // Only now the whole grammar: "https://evil.com#.example.com" ends as it should and is no origin.
  return taken && origin::parse(sent).has_value();
}

bool origin_table::accepted_by(const range& r, std::string_view scheme, std::string_view port) const noexcept {
  std::optional<std::uint16_t> asked;
  if (port.data() != nullptr) {
    const auto number = port.size() > 5 ? std::nullopt : ascii::parse_decimal(port);
    if (!number || *number > UINT16_MAX) return false;
    asked = static_cast<std::uint16_t>(*number);
  }
  return std::any_of(by_key_.begin() + r.begin, by_key_.begin() + r.end, [&](std::uint32_t i) {
    return patterns_[i].scheme == scheme && patterns_[i].accepts_port(asked);
  });
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
  if (const std::size_t at = keys_.find({key.data(), asked->host.size() + 1}); at != text_table::none) {
    return {.differs = origin_difference::apex, .text = patterns_[by_key_[ranges_[at].begin]].text};
  }
  if (a_loopback_ != UINT32_MAX && asked->is_loopback()) {
    return {.differs = origin_difference::loopback_name, .text = patterns_[a_loopback_].text};
  }
  // One allowed origin, and somebody else: naming it is what helps most.
  if (patterns_.size() == 1) return {.differs = origin_difference::unknown, .text = patterns_.front().text};
  return {};
}

}  // namespace gatehouse::detail::rules
