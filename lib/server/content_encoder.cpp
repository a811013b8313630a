#include "content_encoder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>
#include <vector>

#include <brotli/encode.h>
#include <zlib.h>

namespace gatehouse::detail::server {
namespace {

// RFC 1952 by zlib's flag; the window and the hash of its defaults, 256 KiB together.
constexpr int gzip_window = MAX_WBITS + 16;
constexpr int gzip_memory_level = 8;
// At most this window: what brotli holds grows with it. Small contents take a smaller one.
constexpr int largest_brotli_window = 18;

struct deflate_state {
  z_stream stream{};
  int level = 0;

  explicit deflate_state(int l) noexcept : level(l) {
    ready = deflateInit2(&stream, l, Z_DEFLATED, gzip_window, gzip_memory_level, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  deflate_state(const deflate_state&) = delete;
  deflate_state& operator=(const deflate_state&) = delete;
  ~deflate_state() {
    if (ready) deflateEnd(&stream);
  }
  bool ready = false;
};

struct encoder_pool {
  std::vector<std::unique_ptr<deflate_state>> kept{};
  std::size_t in_use = 0;
};

encoder_pool& this_thread() {
  thread_local encoder_pool encoders;
  return encoders;
}

/// Counts itself for as long as it lives.
class counted_encoder : public content_encoder {
 public:
  counted_encoder() { ++this_thread().in_use; }
  ~counted_encoder() override { --this_thread().in_use; }
};

class gzip_encoder final : public counted_encoder {
 public:
  explicit gzip_encoder(int level) : state_(take(level)) {}
  ~gzip_encoder() override {
    auto& kept = this_thread().kept;
    if (ready() && kept.size() < max_kept_encoders && deflateReset(&state_->stream) == Z_OK)
      kept.push_back(std::move(state_));
  }
  [[nodiscard]] bool ready() const noexcept { return state_->ready; }

  bool encode(std::string_view content, until how, std::string& out) override {
    const int flush = how == until::more ? Z_NO_FLUSH : how == until::flush ? Z_SYNC_FLUSH : Z_FINISH;
    z_stream& s = state_->stream;
    do {
      const auto taken = std::min<std::size_t>(content.size(), std::numeric_limits<uInt>::max());
      s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));  // zlib only reads it
      s.avail_in = static_cast<uInt>(taken);
      content.remove_prefix(taken);
      do {
        std::array<char, std::size_t{16} * 1024> room;
        s.next_out = reinterpret_cast<Bytef*>(room.data());
        s.avail_out = static_cast<uInt>(room.size());
        if (deflate(&s, content.empty() ? flush : Z_NO_FLUSH) == Z_STREAM_ERROR) return false;
        out.append(room.data(), room.size() - s.avail_out);
      } while (s.avail_out == 0);  // a full room: there may be more
    } while (!content.empty());
    return true;
  }

 private:
  static std::unique_ptr<deflate_state> take(int level) {
    auto& kept = this_thread().kept;
    const auto found = std::find_if(kept.begin(), kept.end(), [&](const auto& s) { return s->level == level; });
    if (found == kept.end()) return std::make_unique<deflate_state>(level);
    std::unique_ptr<deflate_state> state = std::move(*found);
    kept.erase(found);
    return state;
  }

  std::unique_ptr<deflate_state> state_;
};

class brotli_encoder final : public counted_encoder {
 public:
  brotli_encoder(int level, std::optional<std::uint64_t> size)
      : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) return;
    set(BROTLI_PARAM_QUALITY, level);
    int window = largest_brotli_window;
    if (size) window = std::clamp(static_cast<int>(std::bit_width(*size)), BROTLI_MIN_WINDOW_BITS, window);
    set(BROTLI_PARAM_LGWIN, window);
    if (size) set(BROTLI_PARAM_SIZE_HINT, static_cast<int>(std::min<std::uint64_t>(*size, 1U << 30U)));
  }
  ~brotli_encoder() override { BrotliEncoderDestroyInstance(state_); }
  [[nodiscard]] bool ready() const noexcept { return state_ != nullptr; }

  bool encode(std::string_view content, until how, std::string& out) override {
    const BrotliEncoderOperation operation = how == until::more    ? BROTLI_OPERATION_PROCESS
                                             : how == until::flush ? BROTLI_OPERATION_FLUSH
                                                                   : BROTLI_OPERATION_FINISH;
    std::size_t left = content.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(content.data());
    bool took = false;
    do {
      took = false;
      std::size_t no_room = 0;
      if (BrotliEncoderCompressStream(state_, operation, &left, &next, &no_room, nullptr, nullptr) == BROTLI_FALSE) {
        return false;
      }
      while (BrotliEncoderHasMoreOutput(state_) == BROTLI_TRUE) {
        std::size_t size = 0;  // all there is
        const std::uint8_t* const bytes = BrotliEncoderTakeOutput(state_, &size);
        out.append(reinterpret_cast<const char*>(bytes), size);
        took = true;
      }
      // After output was taken, another call says whether that was all.
    } while (left != 0 || (how != until::more && took));
    return true;
  }

 private:
  void set(BrotliEncoderParameter parameter, int value) noexcept {
    BrotliEncoderSetParameter(state_, parameter, static_cast<std::uint32_t>(value));
  }
  BrotliEncoderState* state_;
};

template <typename Encoder, typename... Args>
std::unique_ptr<content_encoder> made(Args... args) {
  auto encoder = std::make_unique<Encoder>(args...);
  if (!encoder->ready()) return nullptr;
  return encoder;
}

}  // namespace

std::unique_ptr<content_encoder> content_encoder::make(content_coding coding, int level,
                                                       std::optional<std::uint64_t> size) {
  if (this_thread().in_use >= max_encoders_of_thread) return nullptr;
  switch (coding) {
    case content_coding::gzip: return made<gzip_encoder>(level);
    case content_coding::brotli: return made<brotli_encoder>(level, size);
    case content_coding::identity: break;
  }
  return nullptr;
}

encoder_statistics encoders_of_this_thread() noexcept {
  return {.in_use = this_thread().in_use, .kept = this_thread().kept.size()};
}

}  // namespace gatehouse::detail::server
