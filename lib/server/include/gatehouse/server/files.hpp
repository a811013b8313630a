#pragma once
// Static files.

#include <chrono>
#include <string>

#include <gatehouse/server/pending_handler.hpp>

namespace gatehouse {

struct file_options {
  /// For a built single-page application: what is not there is answered with the index of the directory, if the client
  /// asks for a page: it accepts text/html by name, and the last segment has no "." (/notes/7, not /app.js). Pages are
  /// revalidated each time then, whatever max_age says.
  bool spa = false;
  std::string index = "index.html";  ///< what "/dir/" answers; empty: nothing
  /// How long clients and caches use a file without asking: Cache-Control: public, max-age=... 0: they keep it, but ask
  /// each time (no-cache). At most a year.
  std::chrono::seconds max_age{0};
  bool immutable = false;  ///< with max_age: not even asked on reload. For names with a hash of the content only.
  /// Answers name.br or name.gz beside `name` to who accepts it. Such a file must be made from the other by the build.
  bool precompressed = false;
};

/// Serves the files below `directory` for GET and HEAD: what app.files() registers. Never anything outside of the
/// directory, never a name that begins with ".", never a list of files. Errors of make(): a directory that is none, an
/// option out of range.
[[nodiscard]] pending_handler files(std::string directory, file_options options = {});

}  // namespace gatehouse
