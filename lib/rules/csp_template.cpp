#include "csp_template.hpp"

#include <algorithm>

#include <gatehouse/base/ascii.hpp>

#include "csp_words.hpp"

namespace gatehouse::detail::rules {
namespace {

constexpr std::string_view before_nonce = "'nonce-";
constexpr std::string_view after_nonce = "'";

bool is_hash(std::string_view source) noexcept {
  return std::ranges::any_of(csp_hash_beginnings, [source](std::string_view b) {
    return ascii::equal_ignoring_case(source.substr(0, b.size()), b);
  });
}

/// Of one directive with a nonce, what is left without. 'strict-dynamic' lets scripts in that trusted ones load, and
/// turns all that is allowed by place off: without nonce and hash it means nobody.
std::string directive_without_nonce(const std::vector<std::string_view>& parts) {
  const bool has_hash = std::ranges::any_of(parts, is_hash);
  std::string out(parts.front());
  bool any = false;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (ascii::equal_ignoring_case(parts[i], nonce_placeholder)) continue;
    if (!has_hash && ascii::equal_ignoring_case(parts[i], "'strict-dynamic'")) {
      return std::string(parts.front()) + " 'none'";
    }
    out.append(" ").append(parts[i]);
    any = true;
  }
  return any ? out : out + " 'none'";
}

}  // namespace

csp_template::csp_template(std::string_view policy) {
  std::string piece;
  for (const std::string_view directive : csp_directives(policy)) {
    const auto parts = csp_words(directive);
    if (parts.empty()) continue;
    const bool nonces = std::ranges::any_of(
        parts, [](std::string_view p) { return ascii::equal_ignoring_case(p, nonce_placeholder); });
    const std::string_view between = piece.empty() && pieces_.empty() ? "" : "; ";
    piece.append(between);
    without_nonce_.append(between);
    if (!nonces) {
      piece.append(directive);
      without_nonce_.append(directive);
      continue;
    }
    without_nonce_.append(directive_without_nonce(parts));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) piece.append(" ");
      if (!ascii::equal_ignoring_case(parts[i], nonce_placeholder)) {
        piece.append(parts[i]);
        continue;
      }
      pieces_.push_back(piece.append(before_nonce));
      piece = after_nonce;
    }
  }
  pieces_.push_back(piece);
  for (const std::string& p : pieces_) pieces_size_ += p.size();
}

std::string_view csp_template::with_nonce(arena& memory, std::string_view nonce) const noexcept {
  if (pieces_.empty() || nonce.empty()) return {};
  const std::size_t size = pieces_size_ + (pieces_.size() - 1) * nonce.size();
  char* const begin = memory.allocate(size);
  if (begin == nullptr) return {};
  char* out = std::ranges::copy(pieces_.front(), begin).out;
  for (std::size_t i = 1; i < pieces_.size(); ++i) {
    out = std::ranges::copy(nonce, out).out;
    out = std::ranges::copy(pieces_[i], out).out;
  }
  return {begin, size};
}

}  // namespace gatehouse::detail::rules
