#pragma once
// Content codings, read by the libraries that define them.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace gatehouse::test {

/// What can be read of `bytes`, which need not be whole; `whole` says whether they are, with nothing behind them.
struct decoded_content {
  std::string content;
  bool whole = false;
  bool valid = true;
};

inline decoded_content gunzip(std::string_view bytes) {
  decoded_content out;
  z_stream s{};
  EXPECT_EQ(inflateInit2(&s, MAX_WBITS + 16), Z_OK);
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  s.avail_in = static_cast<uInt>(bytes.size());
  int result = Z_OK;
  std::array<char, 10'000> room;
  do {
    s.next_out = reinterpret_cast<Bytef*>(room.data());
    s.avail_out = static_cast<uInt>(room.size());
    result = inflate(&s, Z_SYNC_FLUSH);
    out.content.append(room.data(), room.size() - s.avail_out);
  } while (result == Z_OK);
  out.whole = result == Z_STREAM_END && s.avail_in == 0;
  out.valid = result == Z_STREAM_END || result == Z_BUF_ERROR;
  inflateEnd(&s);
  return out;
}

inline decoded_content unbrotli(std::string_view bytes) {
  decoded_content out;
  BrotliDecoderState* const s = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  std::size_t left = bytes.size();
  const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
  BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  std::array<char, 10'000> room;
  // It wants more input as soon as it has used up what there was, also when not all came out.
  while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT || BrotliDecoderHasMoreOutput(s) == BROTLI_TRUE) {
    std::size_t free = room.size();
    auto* to = reinterpret_cast<std::uint8_t*>(room.data());
    result = BrotliDecoderDecompressStream(s, &left, &next, &free, &to, nullptr);
    out.content.append(room.data(), room.size() - free);
  }
  out.whole = result == BROTLI_DECODER_RESULT_SUCCESS && left == 0;
  out.valid = result != BROTLI_DECODER_RESULT_ERROR;
  BrotliDecoderDestroyInstance(s);
  return out;
}

}  // namespace gatehouse::test
