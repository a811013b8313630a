#include "route_automaton.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace gatehouse::detail::server {
namespace {

using kind = pattern_segment::kind;

/// Whether `a` is the more specific of two patterns that match one path: the first segment that differs in kind
/// decides.
bool more_specific(const pattern_segments& a, const pattern_segments& b) noexcept {
  for (std::size_t i = 0;; ++i) {
    if (i == a.size() || i == b.size()) return i == a.size();  // "/p" itself before the subtree of "/p"
    if (a[i].what != b[i].what) return a[i].what < b[i].what;
  }
}

bool shorter_first(std::string_view a, std::string_view b) noexcept {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

/// Subset construction: breadth first over what paths lead to.
class automaton_builder {
 public:
  explicit automaton_builder(const std::vector<pattern_segments>& patterns) : patterns_(&patterns) {}

  std::optional<route_automaton> build() {
    situation begin;
    for (std::uint32_t i = 0; i < patterns_->size(); ++i) begin.alive.push_back(i);
    state_of(std::move(begin));
    for (std::size_t i = 0; i < found_.size(); ++i) {  // grows meanwhile
      if (found_.size() > route_automaton::max_states) return std::nullopt;
      made_.states_.push_back(make_state(i));
    }
    return std::move(made_);
  }

 private:
  static constexpr std::int32_t none = route_automaton::none;

  /// What is known after `depth` segments.
  struct situation {
    std::size_t depth = 0;
    std::vector<std::uint32_t> alive{};  // patterns whose first `depth` segments match; their next one is not `subtree`
    std::int32_t fallback = none;        // the best pattern that matches whatever follows
    friend auto operator<=>(const situation&, const situation&) = default;
  };

  [[nodiscard]] const pattern_segments& pattern(std::uint32_t i) const { return (*patterns_)[i]; }

  [[nodiscard]] std::int32_t better(std::int32_t a, std::uint32_t b) const {
    if (a == none) return static_cast<std::int32_t>(b);
    return more_specific(pattern(static_cast<std::uint32_t>(a)), pattern(b)) ? a : static_cast<std::int32_t>(b);
  }

  /// The number of the state for `s`, a new one if there is none yet.
  std::int32_t state_of(situation s) {
    std::erase_if(s.alive, [&](std::uint32_t i) {
      const bool subtree = s.depth < pattern(i).size() && pattern(i)[s.depth].what == kind::subtree;
      if (subtree) s.fallback = better(s.fallback, i);
      return subtree;
    });
    if (s.alive.empty()) s.depth = 0;  // nothing can change any more: all such situations are one
    const auto [at, is_new] = numbers_.try_emplace(s, static_cast<std::int32_t>(found_.size()));
    if (is_new) found_.push_back(s);
    return at->second;
  }

  /// Behind `label`, or behind a segment that is nobody's label (nullopt).
  situation after(const situation& s, std::optional<std::string_view> label) const {
    situation next{.depth = s.depth + 1, .alive = {}, .fallback = s.fallback};
    const bool empty = label.has_value() && label->empty();
    for (const std::uint32_t i : s.alive) {
      if (pattern(i).size() == s.depth) continue;
      const pattern_segment& segment = pattern(i)[s.depth];
      if (segment.what == kind::rest && !empty) next.fallback = better(next.fallback, i);
      const bool matches = segment.what == kind::literal ? segment.text == label
                                                         : segment.what == kind::parameter && !empty;
      if (matches) next.alive.push_back(i);
    }
    return next;
  }

  [[nodiscard]] std::vector<std::string_view> labels_of(const situation& s) const {
    std::vector<std::string_view> labels;
    for (const std::uint32_t i : s.alive) {
      if (pattern(i).size() == s.depth || pattern(i)[s.depth].what != kind::literal) continue;
      labels.push_back(pattern(i)[s.depth].text);
    }
    std::sort(labels.begin(), labels.end(), shorter_first);
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
  }

  route_automaton::state make_state(std::size_t number) {
    const situation s = found_[number];  // a copy: state_of() moves found_
    route_automaton::state made{.first_edge = static_cast<std::uint32_t>(made_.edges_.size()), .fallback = s.fallback};
    made.at_end = s.fallback;
    for (const std::uint32_t i : s.alive) {
      if (pattern(i).size() == s.depth) made.at_end = better(made.at_end, i);
    }
    for (const std::string_view label : labels_of(s)) {
      const std::int32_t to = state_of(after(s, label));
      made_.edges_.push_back({.label = std::string{label}, .to = static_cast<std::uint32_t>(to)});
    }
    made.edge_count = static_cast<std::uint32_t>(made_.edges_.size()) - made.first_edge;
    situation other = after(s, std::nullopt);
    if (!other.alive.empty() || other.fallback != s.fallback) made.other = state_of(std::move(other));
    return made;
  }

  const std::vector<pattern_segments>* patterns_;
  std::map<situation, std::int32_t> numbers_;
  std::vector<situation> found_;
  route_automaton made_;
};

std::optional<route_automaton> route_automaton::make(const std::vector<pattern_segments>& patterns) {
  return automaton_builder{patterns}.build();
}

std::int32_t route_automaton::next(const state& from, std::string_view segment) const noexcept {
  const auto begin = edges_.begin() + from.first_edge;
  const auto end = begin + from.edge_count;
  const auto at = std::lower_bound(
      begin, end, segment, [](const edge& e, std::string_view wanted) { return shorter_first(e.label, wanted); });
  if (at != end && at->label == segment) return static_cast<std::int32_t>(at->to);
  return segment.empty() ? none : from.other;
}

std::int32_t route_automaton::find(std::string_view path) const noexcept {
  const state* at = &states_.front();
  path_cursor cursor{.left = path.substr(1)};
  while (cursor.more) {
    const std::int32_t to = next(*at, cursor.next());
    if (to == none) return at->fallback;
    at = &states_[static_cast<std::size_t>(to)];
  }
  return at->at_end;
}

}  // namespace gatehouse::detail::server
