#include "compressible.hpp"

#include <algorithm>
#include <array>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/media_type.hpp>

namespace gatehouse::detail::server {
namespace {

using ascii::equal_ignoring_case;

// What mime-db, which Express's compression asks, calls compressible, as far as APIs and pages answer it. What is
// neither text nor here (images, video, archives, fonts in WOFF) is compressed by its own format.
constexpr std::array<std::string_view, 17> types{"application/javascript",
                                                 "application/json",
                                                 "application/json-seq",
                                                 "application/ndjson",
                                                 "application/toml",
                                                 "application/vnd.ms-fontobject",
                                                 "application/wasm",
                                                 "application/x-javascript",
                                                 "application/x-ndjson",
                                                 "application/x-yaml",
                                                 "application/xml",
                                                 "application/yaml",
                                                 "font/otf",
                                                 "font/ttf",
                                                 "image/bmp",
                                                 "image/vnd.microsoft.icon",
                                                 "image/x-icon"};
constexpr std::array<std::string_view, 3> syntaxes{"+json", "+xml", "+yaml"};  // RFC 6839

}  // namespace

bool is_compressible(std::string_view media_type) noexcept {
  const std::string_view type = media_type_essence(media_type);
  constexpr std::string_view text = "text/";
  if (equal_ignoring_case(type.substr(0, text.size()), text)) return true;
  const auto ends = [&](std::string_view syntax) {
    return type.size() > syntax.size() && equal_ignoring_case(type.substr(type.size() - syntax.size()), syntax);
  };
  return std::any_of(syntaxes.begin(), syntaxes.end(), ends) ||
         std::any_of(types.begin(), types.end(), [&](std::string_view t) { return equal_ignoring_case(type, t); });
}

}  // namespace gatehouse::detail::server
