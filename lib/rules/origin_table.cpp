#include "origin_table.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>
#include <utility>

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

std::vector<allowed_ports> ports_of(const grouped& all, const std::vector<origin_pattern>& patterns) {
  std::vector<allowed_ports> out;
  for (const auto& [ignored, positions] : all) {
    out.emplace_back();
    for (const std::uint32_t i : positions) out.back().add(patterns[i]);
  }
  return out;
}

/// What is below a name is below those that it ends in, too.
void add_shorter(const suffix_table& table, std::vector<allowed_ports>& of_each) {
  std::vector<std::size_t> by_length(of_each.size());
  std::iota(by_length.begin(), by_length.end(), std::size_t{0});
  std::ranges::sort(by_length, {}, [&](std::size_t i) { return table.at(i).size(); });
  for (const std::size_t i : by_length) {
    if (table.shorter_than(i) != suffix_table::none) of_each[i].add(of_each[table.shorter_than(i)]);
  }
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

/// Where the host would be if it is an origin; whether it is, is judged when it is known how that ends.
std::string_view host_of(std::string_view sent) noexcept {
  const std::size_t scheme = origin::scheme_size(sent);
  if (scheme == 0) return {};
  std::string_view host = sent;
  host.remove_prefix(scheme + origin::separator.size());
  if (host.ends_with(']')) return host;
  constexpr std::size_t longest_port = 6;  // with its colon; one further left is in no name and before no port
  for (std::size_t i = 1; i <= std::min(longest_port, host.size()); ++i) {
    if (host[host.size() - i] != ':') continue;
    host.remove_suffix(i);
    break;
  }
  return host;
}

}  // namespace

origin_table::origin_table(std::vector<origin_pattern> all, options o, keyed_hash::key key)
    : patterns_(std::move(all)),
      exact_(exact_origins(patterns_), key),
      whole_(keys(by_whole_host(patterns_)), key),
      of_whole_(ports_of(by_whole_host(patterns_), patterns_)),
      suffixes_(keys(by_suffix(patterns_)), key),
      of_suffix_(ports_of(by_suffix(patterns_), patterns_)),
      single_label_(o.single_label),
      hosts_(keys(by_exact_host(patterns_)), key) {
  if (!single_label_) add_shorter(suffixes_, of_suffix_);
  for (const auto& [ignored, positions] : by_suffix(patterns_)) a_suffix_.push_back(positions.front());
  flatten(by_exact_host(patterns_), of_host_, by_host_);
  for (std::size_t i = 0; i < patterns_.size() && a_loopback_ == UINT32_MAX; ++i) {
    if (patterns_[i].is_loopback()) a_loopback_ = static_cast<std::uint32_t>(i);
  }
}

bool origin_table::contains(std::string_view sent) const noexcept {
  std::optional<origin> ignored;
  return exact_.contains(sent) || (has_patterns() && matches_pattern(sent, ignored));
}

bool origin_table::contains(std::string_view sent, std::optional<origin>& read) const noexcept {
  if (exact_.contains(sent)) return true;
  if (has_patterns()) return matches_pattern(sent, read);
  read = origin::parse(sent);
  return false;
}

bool origin_table::matches_pattern(std::string_view sent, std::optional<origin>& read) const noexcept {
  read.reset();
  if (sent.size() > max_origin_bytes) return false;  // origin::parse says nothing of it
  const std::string_view host = host_of(sent);
  const suffix_table::found end = suffixes_.longest_of(host);
  // OPTIMIZATION: what the table has compared is the end of a valid name, and compared is sooner than judged.
  read = origin::parse_ending_in({host.data() + (host.size() - end.labels), end.labels}, sent);
  // "https://evil.com#.example.com" ends as it should and is no origin. Where a host ends is asked twice; closed,
  // should the two answers ever differ.
  if (!read || read->host.size() != host.size()) return false;
  const std::size_t whole = whole_.find(host);
  if (whole != text_table::none && of_whole_[whole].contains(*read)) return true;
  if (end.longest == suffix_table::none) return false;
  const std::size_t in_front = host.size() - suffixes_.at(end.longest).size();
  if (single_label_ && host.find('.') < in_front) return false;  // even more stands in front of a shorter one
  return of_suffix_[end.longest].contains(*read);
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
    return {.differs = origin_difference::apex, .text = patterns_[a_suffix_[at]].text};
  }
  if (a_loopback_ != UINT32_MAX && asked->is_loopback()) {
    return {.differs = origin_difference::loopback_name, .text = patterns_[a_loopback_].text};
  }
  // One allowed origin, and somebody else: naming it is what helps most.
  if (patterns_.size() == 1) return {.differs = origin_difference::unknown, .text = patterns_.front().text};
  return {};
}

}  // namespace gatehouse::detail::rules
