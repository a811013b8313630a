#pragma once
// Content on its way into a content coding (RFC 9110 section 8.4.1): gzip by zlib, br by brotli.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/base/internal_limits.hpp>

namespace gatehouse::detail::server {

enum class content_coding : std::uint8_t { identity, gzip, brotli };

/// Contents that a thread compresses at the same time; what comes on top is sent as it is. With the largest one of
/// each, this bounds the memory: test/server/content_encoder_test.cpp measures both.
inline constexpr std::size_t max_encoders_of_thread = detail::usual_or_tiny(32, 3);
inline constexpr std::size_t max_gzip_encoder_bytes = std::size_t{272} * 1024;
inline constexpr std::size_t max_brotli_encoder_bytes = std::size_t{4} * 1024 * 1024;  // at level 6
/// gzip encoders that a thread keeps to use again. (brotli's can not be used again.)
inline constexpr std::size_t max_kept_encoders = detail::usual_or_tiny(16, 1);

class content_encoder {
 public:
  enum class until : std::uint8_t {
    more,   ///< output comes when there is enough input for it
    flush,  ///< all that was put in can be read from what comes out
    end
  };

  /// Null when this thread has too many, or there is no memory. `size` of the content, when it is known.
  [[nodiscard]] static std::unique_ptr<content_encoder> make(content_coding coding, int level,
                                                             std::optional<std::uint64_t> size);
  virtual ~content_encoder() = default;
  content_encoder(const content_encoder&) = delete;
  content_encoder& operator=(const content_encoder&) = delete;

  /// Appends to `out`. False when there is no memory: what came out is not whole and never will be.
  [[nodiscard]] virtual bool encode(std::string_view content, until how, std::string& out) = 0;

 protected:
  content_encoder() = default;
};

struct encoder_statistics {
  std::size_t in_use = 0;
  std::size_t kept = 0;
};
[[nodiscard]] encoder_statistics encoders_of_this_thread() noexcept;

}  // namespace gatehouse::detail::server
