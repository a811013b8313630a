#pragma once
// Compressed responses: app.use(gh::compression()).

#include <cstdint>

#include <gatehouse/server/around.hpp>

namespace gatehouse {

struct compression_config {
  int brotli_level = 4;           ///< 1 to 6; 0: not offered
  int gzip_level = 5;             ///< 1 to 9; 0: not offered
  std::uint64_t min_size = 1024;  ///< bytes; smaller content of a known length is sent as it is
  /// Also answers to requests with Cookie or Authorization. Whoever can have such a request sent with text of theirs
  /// and sees how long the encrypted answer is, can guess secrets in it byte by byte (BREACH). Only where an answer
  /// holds no secret, or nothing that the request says.
  bool dangerously_compress_with_credentials = false;
};

/// Middleware that compresses what the client accepts compressed, brotli or gzip: text, JSON, XML, scripts, streams.
/// Never what has a Content-Encoding, is partial, says no-transform or sets a cookie, nor the answer to a request with
/// credentials. Of an app or of a group.
[[nodiscard]] pending_around compression(const compression_config& c = {});

}  // namespace gatehouse
