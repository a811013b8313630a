#include "content_encoder.hpp"

#include <malloc.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "decode_content.hpp"

namespace gatehouse::detail::server {
namespace {

using until = content_encoder::until;

struct coder {
  const char* name;
  content_coding coding;
  int level;
  test::decoded_content (*decode)(std::string_view);
};
constexpr coder coders[] = {{"gzip 5", content_coding::gzip, 5, test::gunzip},
                            {"brotli 1", content_coding::brotli, 1, test::unbrotli},
                            {"brotli 4", content_coding::brotli, 4, test::unbrotli}};

/// Text that repeats itself, with stretches that do not: what comes out is sometimes larger than what went in.
std::string sample(std::size_t size) {
  std::mt19937 random{7};
  std::string out;
  out.reserve(size + 64);
  while (out.size() < size) {
    if (random() % 4 == 0) {
      for (int i = 0; i < 32; ++i) out += static_cast<char>(random());
    } else {
      out += R"({"id": )" + std::to_string(random() % 1000) + R"(, "title": "a note"},)";
    }
  }
  out.resize(size);
  return out;
}

// Around what the encoders, their windows and our rooms are made of.
const std::size_t sizes[] = {0,      1,      2,      255,    256,    4'095,  4'096,   4'097,   16'383, 16'384,
                             16'385, 32'767, 32'768, 65'535, 65'536, 65'537, 262'143, 262'145, 300'000};

TEST(content_encoder, whatever_the_size_and_the_pieces_the_content_comes_back) {
  for (const coder& c : coders) {
    for (const std::size_t size : sizes) {
      const std::string content = sample(size);
      for (const std::size_t piece : {std::size_t{1}, std::size_t{251}, std::size_t{16'384}, size}) {
        if (piece == 0 || size / piece > 5'000) continue;
        SCOPED_TRACE(std::string{c.name} + ", " + std::to_string(size) + " bytes in pieces of " +
                     std::to_string(piece));
        const auto encoder = content_encoder::make(c.coding, c.level, std::nullopt);
        ASSERT_NE(encoder, nullptr);
        std::string out;
        for (std::size_t at = 0; at < size; at += piece) {
          ASSERT_TRUE(encoder->encode(std::string_view{content}.substr(at, piece), until::more, out));
        }
        ASSERT_TRUE(encoder->encode({}, until::end, out));
        const auto got = c.decode(out);
        EXPECT_TRUE(got.whole);
        ASSERT_TRUE(got.content == content);
      }
      // At once, with the length known.
      const auto encoder = content_encoder::make(c.coding, c.level, size);
      std::string out;
      ASSERT_TRUE(encoder->encode(content, until::end, out));
      const auto got = c.decode(out);
      EXPECT_TRUE(got.whole);
      ASSERT_TRUE(got.content == content);
    }
  }
}

// What an event stream needs: the reader has everything that was written before a flush.
TEST(content_encoder, a_flush_lets_everything_be_read) {
  const std::string content = sample(40'000);
  constexpr std::size_t pieces[] = {1, 0, 13, 1'000, 20'000, 7};
  for (const coder& c : coders) {
    SCOPED_TRACE(c.name);
    const auto encoder = content_encoder::make(c.coding, c.level, std::nullopt);
    std::string out;
    std::size_t at = 0;
    for (const std::size_t piece : pieces) {
      ASSERT_TRUE(encoder->encode(std::string_view{content}.substr(at, piece), until::more, out));
      ASSERT_TRUE(encoder->encode({}, until::flush, out));
      at += piece;
      const auto got = c.decode(out);
      EXPECT_TRUE(got.valid);
      EXPECT_FALSE(got.whole);
      ASSERT_TRUE(got.content == content.substr(0, at));
    }
    ASSERT_TRUE(encoder->encode(std::string_view{content}.substr(at), until::end, out));
    EXPECT_TRUE(c.decode(out).content == content);
  }
}

TEST(content_encoder, a_thread_has_a_bounded_number_of_them) {
  {
    std::vector<std::unique_ptr<content_encoder>> all;
    for (std::size_t i = 0; i < max_encoders_of_thread; ++i) {
      all.push_back(content_encoder::make(content_coding::gzip, 1, std::nullopt));
      ASSERT_NE(all.back(), nullptr);
    }
    EXPECT_EQ(encoders_of_this_thread().in_use, max_encoders_of_thread);
    EXPECT_EQ(content_encoder::make(content_coding::gzip, 1, std::nullopt), nullptr);
    EXPECT_EQ(content_encoder::make(content_coding::brotli, 1, std::nullopt), nullptr);
  }
  EXPECT_EQ(encoders_of_this_thread().in_use, 0U);
  EXPECT_EQ(encoders_of_this_thread().kept, max_kept_encoders);
}

TEST(content_encoder, one_that_was_given_up_in_the_middle_is_used_again_as_new) {
  const std::string content = sample(10'000);
  for (int i = 0; i < 3; ++i) {
    std::string out;
    ASSERT_TRUE(content_encoder::make(content_coding::gzip, 5, std::nullopt)->encode(content, until::more, out));
    out.clear();
    ASSERT_TRUE(content_encoder::make(content_coding::gzip, 5, std::nullopt)->encode(content, until::end, out));
    EXPECT_TRUE(test::gunzip(out).content == content);
  }
}

#if defined(__GLIBC__)
std::size_t bytes_in_use() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

// Under a sanitizer's allocator this measures nothing, and passes.
TEST(content_encoder, none_holds_more_than_its_bound) {
  const std::string content = sample(800'000);
  std::string out;
  out.reserve(1'000'000);
  struct {
    const char* name;
    content_coding coding;
    int level;
    std::size_t most;
  } const rows[] = {{"gzip", content_coding::gzip, 9, max_gzip_encoder_bytes},
                    {"brotli by default", content_coding::brotli, 4, max_brotli_encoder_bytes * 3 / 4},
                    {"brotli at its largest", content_coding::brotli, 6, max_brotli_encoder_bytes}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    out.clear();
    const std::string_view text = content;
    const std::size_t before = bytes_in_use();
    const auto encoder = content_encoder::make(row.coding, row.level, std::nullopt);
    std::size_t most = 0;
    for (std::size_t at = 0; at < text.size(); at += 50'000) {
      ASSERT_TRUE(encoder->encode(text.substr(at, 50'000), until::more, out));
      most = std::max(most, bytes_in_use() - before);
    }
    RecordProperty("bytes", static_cast<int>(most));
    EXPECT_LE(most, row.most);
  }
}
#endif

}  // namespace
}  // namespace gatehouse::detail::server
