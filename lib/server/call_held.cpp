// A response that waits until a rule has seen its content.
#include <gatehouse/server/call.hpp>

#include <utility>

#include "held_response.hpp"

namespace gatehouse {

using detail::server::held_response;

bool call::hold(const body_framing& framing, std::size_t most) noexcept {
  held_ = std::make_unique<held_response>(framing, most, around_.bounds->buffered_body_bytes_total);
  if (held_->take(response_)) return true;
  (void)judge_held(false, true);
  return !drops_content_;
}

/// True: nothing is held any more, or there is room for more.
bool call::hold_more(std::string_view piece) noexcept {
  const std::size_t had = held_->content().size();
  const bool fits = held_->add(piece, response_);
  const std::string_view rest = piece.substr(held_->content().size() - had);
  const bool room = judge_held(false, !fits);
  return held_ != nullptr || rest.empty() ? room : write(rest);
}

/// Asks the rule; when it knows enough, the response leaves. False: as of write().
bool call::judge_held(bool whole, bool too_long) noexcept {
  const held_content seen{.all = held_->content(), .whole = whole, .too_long = too_long};
  if (exchange_.rules->inspect(exchange_, seen) && !whole && !too_long) return true;
  // The head's text stands in the block: both live until the head has been sent.
  std::unique_ptr<held_response> shown = std::exchange(held_, nullptr);
  body_framing framing = shown->framing();
  if (whole && framing.how == body_framing::kind::chunked) {
    framing = {.how = body_framing::kind::length, .length = shown->content().size()};
  }
  const bool kept = transmit_head(framing);
  response_.remove_if([](const field_line&) { return true; });
  if (kept) return write(shown->content());
  replaced_ = std::move(shown);
  return true;
}

void call::content_ends() noexcept {
  if (held_ != nullptr && !aborted_) (void)judge_held(true, false);
}

std::optional<std::string_view> call::replaced_content() const noexcept {
  if (replaced_ == nullptr) return std::nullopt;
  return replaced_->content();
}

}  // namespace gatehouse
