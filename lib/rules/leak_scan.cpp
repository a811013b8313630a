#include <gatehouse/rules/leak_scan.hpp>

#include <algorithm>

#include "leak_detectors.hpp"

namespace gatehouse {
namespace {

using detail::rules::detector_reach;
using detail::rules::leak_detector;

leak judge(std::string_view text, std::size_t at) noexcept {
  for (const leak_detector& d : detail::rules::detectors_beginning_with(static_cast<unsigned char>(text[at]))) {
    if (!text.substr(at).starts_with(d.literal)) continue;
    if (d.confirm == nullptr) return d.kind;
    const std::size_t reached = std::min(at, detector_reach);
    const std::string_view before = text.substr(at - reached, reached);
    if (d.confirm(before, text.substr(at + d.literal.size(), detector_reach))) return d.kind;
  }
  return leak::none;
}

}  // namespace

leak leak_scan::look(std::string_view so_far, bool whole) noexcept {
  constexpr std::size_t needed = detail::rules::longest_leak_literal + detector_reach;
  const std::size_t end = whole ? so_far.size() : so_far.size() - std::min(so_far.size(), needed);
  for (; at_ < end; ++at_) {
    if (const leak found = judge(so_far, at_); found != leak::none) return found;
  }
  return leak::none;
}

}  // namespace gatehouse
