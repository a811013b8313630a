#include "universal_hash.hpp"

#include <array>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/byte_words.hpp>

namespace gatehouse::detail::rules {
namespace {

constexpr std::size_t word = sizeof(std::uint64_t);
constexpr std::size_t before_text = 3;  // keys of the sum's beginning and of the length

/// The last `size` (fewer than eight) bytes before `end`, of which `available` may be read.
std::uint64_t load_rest(const char* end, std::size_t size, std::size_t available) noexcept {
  if (available >= word) return byte_words::load(end - word) >> (8 * (word - size));
  std::uint64_t out = 0;
  for (std::size_t i = size; i > 0; --i) out = out << 8U | static_cast<unsigned char>(*(end - size + i - 1));
  return out;
}

}  // namespace

universal_hash::universal_hash(keyed_hash::key key) : keys_(before_text + 2 * (max_length / word)) {
  const keyed_hash random(key);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::array<char, 2> number{static_cast<char>(i & 0xffU), static_cast<char>(i >> 8U)};
    keys_[i] = random(std::string_view{number.data(), number.size()});
  }
}

std::uint32_t universal_hash::operator()(std::string_view text) const noexcept {
  GATEHOUSE_ASSERT(text.size() <= max_length);
  const std::uint64_t* key = keys_.data();
  // The length is the first character: texts are filled up with zeros behind it.
  std::uint64_t sum = key[0] + (key[1] + text.size()) * key[2];
  key += before_text;
  const auto add = [&](std::uint64_t bytes) {
    sum += (key[0] + (bytes & UINT32_MAX)) * (key[1] + (bytes >> 32U));
    key += 2;
  };
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; static_cast<std::size_t>(end - at) >= word; at += word) add(byte_words::load(at));
  if (at != end) add(load_rest(end, static_cast<std::size_t>(end - at), text.size()));
  return static_cast<std::uint32_t>(sum >> 32U);
}

}  // namespace gatehouse::detail::rules
