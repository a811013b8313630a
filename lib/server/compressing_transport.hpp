#pragma once
// What stands between a call and its transport while its response may be compressed.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <gatehouse/server/call.hpp>
#include <gatehouse/server/compression.hpp>

#include "content_encoder.hpp"

namespace gatehouse::detail::server {

/// Whole contents above this are sent as they are: compressing them at once would hold the loop. A stream comes in
/// pieces, and is compressed whatever its length.
inline constexpr std::uint64_t max_compressed_at_once = std::uint64_t{1} * 1024 * 1024;

/// Decides when the head is final, because only then everything is known that speaks against it. Pooled by its thread.
class compressing_transport final : public call_transport {
 public:
  /// For a call that was not answered yet. `config` lives until the call ends.
  static void begin(call& c, const compression_config& config);

  void want_content() noexcept override { below_->want_content(); }
  void send_head(const response_head& head, const body_framing& framing) noexcept override;
  bool send_content(std::string_view piece) noexcept override;
  bool flush() noexcept override;
  void end(bool aborted) noexcept override;
  void begin_tunnel() noexcept override { below_->begin_tunnel(); }
  void want_tunnel_bytes() noexcept override { below_->want_tunnel_bytes(); }
  [[nodiscard]] loop* on_loop() noexcept override { return below_->on_loop(); }
  [[nodiscard]] steady_time ended(bool precisely) noexcept override { return below_->ended(precisely); }

  compressing_transport() = default;
  compressing_transport(const compressing_transport&) = delete;
  compressing_transport& operator=(const compressing_transport&) = delete;

 private:
  enum class state : std::uint8_t {
    passing,  // what is sent goes on as it is
    held,     // the head waits for the content: whether it comes at once decides how it is framed
    encoding,
    broken  // there was no memory: the response can only be cut off
  };
  [[nodiscard]] bool is_wanted(const response_head& head, const body_framing& framing) const noexcept;
  [[nodiscard]] bool mark_encoded() noexcept;
  [[nodiscard]] bool make_encoder(std::optional<std::uint64_t> size) noexcept;
  void pass_head(const body_framing& framing) noexcept;
  void begin_stream(const body_framing& framing) noexcept;
  bool send_whole(std::string_view content) noexcept;
  bool encode(std::string_view piece, content_encoder::until how) noexcept;
  void recycle() noexcept;

  call* call_ = nullptr;
  call_transport* below_ = nullptr;
  const compression_config* config_ = nullptr;
  content_coding coding_ = content_coding::identity;
  state state_ = state::passing;
  bool unflushed_ = false;
  body_framing framing_{};  // of a head that is held
  std::unique_ptr<content_encoder> encoder_;
  std::string out_;
};

}  // namespace gatehouse::detail::server
