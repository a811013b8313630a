#include "suffix_table.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gatehouse::detail::rules {
namespace {

std::vector<std::size_t> lengths_of(const std::vector<std::string>& all) {
  std::vector<std::size_t> out;
  out.reserve(all.size());
  for (const std::string& text : all) out.push_back(text.size());
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  return out;
}

std::string_view last(std::string_view text, std::size_t size) noexcept { return text.substr(text.size() - size); }

bool is_end_of(std::string_view host, const std::string& ending, std::size_t length) noexcept {
  return ending.size() == length && std::memcmp(ending.data(), host.data() + host.size() - length, length) == 0;
}

/// One search over `lengths`: `go_longer` says whether to look for something longer than this.
void search(const std::vector<std::size_t>& lengths, auto go_longer) {
  std::size_t begin = 0;
  std::size_t end = lengths.size();
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if (go_longer(lengths[middle])) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
}

/// Every text that the search for one of `all` must find on its way, and `all` itself.
std::vector<std::string> endings_of(const std::vector<std::string>& all, const std::vector<std::size_t>& lengths) {
  std::unordered_set<std::string_view> out;
  for (const std::string& text : all) {
    search(lengths, [&](std::size_t length) {
      if (length > text.size()) return false;
      out.insert(last(text, length));
      return true;
    });
  }
  return {out.begin(), out.end()};
}

using positions = std::unordered_map<std::string_view, std::size_t>;

/// The longest of `all` that is the end of `text`, at or behind `from`.
std::size_t longest_in(const positions& all, std::string_view text, std::size_t from) {
  for (std::size_t dot = text.find('.', from); dot != std::string_view::npos; dot = text.find('.', dot + 1)) {
    if (const auto found = all.find(text.substr(dot)); found != all.end()) return found->second;
  }
  return suffix_table::none;
}

/// From the first dot with a label behind it.
std::size_t whole_labels(std::string_view ending) noexcept {
  const auto dot = ending.find('.');
  return dot == std::string_view::npos || dot + 1 == ending.size() ? 0 : ending.size() - dot;
}

}  // namespace

suffix_table::suffix_table(std::vector<std::string> all, keyed_hash::key key)
    : all_(std::move(all)), lengths_(lengths_of(all_)), endings_(endings_of(all_, lengths_), key) {
  positions known;
  for (std::size_t i = 0; i < all_.size(); ++i) known.emplace(all_[i], i);
  for (const std::string& text : all_) shorter_.push_back(longest_in(known, text, 1));
  for (std::size_t i = 0; i < endings_.size(); ++i) {
    const std::string& ending = endings_.at(i);
    best_.push_back({.longest = longest_in(known, ending, 0), .labels = whole_labels(ending)});
  }
}

template <typename Look>
suffix_table::place suffix_table::walk(std::string_view host, const Look& look) const noexcept {
  place last;
  ending_hash hashes = endings_.hashes_of_ends(host);
  search(lengths_, [&](std::size_t length) {
    if (length >= host.size()) return false;
    const std::size_t at = look(host, length, hashes);
    if (at == text_table::none) return false;
    // What is longer ends in whatever this ends in, so its best is never worse than what was found before.
    last = {.ending = at, .length = length};
    return true;
  });
  return last;
}

suffix_table::found suffix_table::longest_of(std::string_view host) const noexcept {
  // OPTIMIZATION: hashes show the way, and only where it ends is compared. The way to a length is the same for every
  // host, and a listed ending brought all that it meets on its own way there: they are ends of it.
  const place at = walk(host, [this](std::string_view text, std::size_t size, ending_hash& hashes) {
    return endings_.guess_end(text, size, hashes);
  });
  if (at.ending == text_table::none) return {};
  if (is_end_of(host, endings_.at(at.ending), at.length)) return best_[at.ending];
  // The hash of another text (for each look a chance of size() in 2^32): then every step is compared.
  const place compared = walk(host, [this](std::string_view text, std::size_t size, ending_hash& hashes) {
    return endings_.find_end(text, size, hashes);
  });
  return compared.ending == text_table::none ? found{} : best_[compared.ending];
}

std::size_t suffix_table::find(std::string_view suffix) const noexcept {
  const std::size_t at = endings_.find(suffix);
  if (at == text_table::none) return none;
  const std::size_t longest = best_[at].longest;
  return longest == none || all_[longest] != suffix ? none : longest;
}

}  // namespace gatehouse::detail::rules
