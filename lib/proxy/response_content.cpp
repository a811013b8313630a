#include "response_content.hpp"

#include <algorithm>

namespace gatehouse::detail::proxy {
namespace {

constexpr limits default_limits{};

}  // namespace

response_content::response_content() noexcept : chunks_(default_limits) {}

void response_content::begin(const body_framing& framing, const limits& l) noexcept {
  framing_ = framing;
  left_ = framing.how == body_framing::kind::length ? framing.length : 0;
  chunks_ = chunked_decoder{l};
}

response_content::piece response_content::next(std::string_view input) noexcept {
  switch (framing_.how) {
    case body_framing::kind::none: return {.what = piece::kind::done};
    case body_framing::kind::until_close: return {.consumed = input.size(), .content = input};
    case body_framing::kind::length: {
      const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
      left_ -= taken;
      return {.what = left_ == 0 ? piece::kind::done : piece::kind::more,
              .consumed = taken,
              .content = input.substr(0, taken)};
    }
    case body_framing::kind::chunked: break;
  }
  if (input.empty()) return {};
  const chunked_decoder::piece p = chunks_.next(input);
  switch (p.what) {
    case chunked_decoder::piece::kind::more: return {.consumed = p.consumed, .content = p.content};
    case chunked_decoder::piece::kind::done:
      return {.what = piece::kind::done, .consumed = p.consumed, .content = p.content};
    case chunked_decoder::piece::kind::refused: break;
  }
  return {.what = piece::kind::refused};
}

}  // namespace gatehouse::detail::proxy
