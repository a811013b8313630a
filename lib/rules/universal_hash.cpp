#include "universal_hash.hpp"

#include <array>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/byte_words.hpp>

namespace gatehouse::detail::rules {
namespace {

constexpr std::size_t word = sizeof(std::uint64_t);
constexpr std::size_t before_text = 3;  // keys of the sum's beginning and of the length

/// `keys` are those of this word.
std::uint64_t mixed(const std::uint64_t* keys, std::uint64_t bytes) noexcept {
  return (keys[0] + (bytes & UINT32_MAX)) * (keys[1] + (bytes >> 32U));
}

}  // namespace

universal_hash::universal_hash(keyed_hash::key key) : keys_(before_text + 2 * (max_length / word)) {
  const keyed_hash random(key);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::array<char, 2> number{static_cast<char>(i & 0xffU), static_cast<char>(i >> 8U)};
    keys_[i] = random(std::string_view{number.data(), number.size()});
  }
}

/// To the last whole word of `text`, from its end.
void universal_hash::go_on(std::string_view text, progress& p) const noexcept {
  const std::size_t all = text.size() / word;
  const std::uint64_t* key = keys_.data() + before_text + 2 * p.words;
  const std::uint64_t* const behind = keys_.data() + before_text + 2 * all;
  const char* at = text.data() + text.size() - p.words * word;
  std::uint64_t sum = p.sum;  // OPTIMIZATION: `p` might be where the bytes are, for all that a compiler knows
  for (; key != behind; key += 2) {
    at -= word;
    sum += mixed(key, byte_words::load(at));
  }
  p = {.words = all, .sum = sum};
}

std::uint32_t universal_hash::finish(std::string_view text, const progress& p) const noexcept {
  // The length is the first character: texts are filled up with zeros in front of them.
  std::uint64_t sum = keys_[0] + (keys_[1] + text.size()) * keys_[2] + p.sum;
  if (const std::size_t rest = text.size() % word; rest != 0) {
    sum += mixed(keys_.data() + before_text + 2 * p.words, byte_words::load_few(text.data(), rest));
  }
  return static_cast<std::uint32_t>(sum >> 32U);
}

std::uint32_t universal_hash::operator()(std::string_view text) const noexcept {
  GATEHOUSE_ASSERT(text.size() <= max_length);
  progress p;
  go_on(text, p);
  return finish(text, p);
}

std::uint32_t ending_hash::of_last(std::size_t size) noexcept {
  GATEHOUSE_ASSERT(size <= text_.size() && size <= universal_hash::max_length && size / word >= hashed_.words);
  const std::string_view end = text_.substr(text_.size() - size);
  before_ = hashed_;
  how_->go_on(end, hashed_);
  return how_->finish(end, hashed_);
}

}  // namespace gatehouse::detail::rules
