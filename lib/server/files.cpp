#include <gatehouse/server/files.hpp>

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <gatehouse/base/ascii.hpp>
#include <gatehouse/http/grammar.hpp>
#include <gatehouse/http/negotiation.hpp>

#include "file_response.hpp"
#include "file_types.hpp"
#include "open_beneath.hpp"
#include "send_response.hpp"
#include "url_text.hpp"

namespace gatehouse {
namespace {

using namespace detail::server;

constexpr std::chrono::seconds longest_age{31'536'000};

/// What of the path is below where the files are mounted, as sent; begins with "/" or is empty.
std::string_view rest_of(std::string_view path, std::string_view pattern) noexcept {
  // "/assets/*" stands for one segment that is not ours, "/*" for none.
  auto segments = std::count(pattern.begin(), pattern.end(), '/') - 1;
  for (; segments > 0 && !path.empty(); --segments) {
    const std::size_t slash = path.find('/', 1);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
  }
  return path;
}

/// No segment that begins with ".", and none that is empty but the last.
bool is_servable(std::string_view path) noexcept {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (segment.empty() || segment.front() == '.') return false;
  }
  return true;
}

bool is_missing(int error_number) noexcept {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case ELOOP:
    case EXDEV:  // outside
    case ENAMETOOLONG:
    case ENXIO: return true;
    default: return false;
  }
}

/// A file that was found, or why not.
struct looked_up {
  file_to_send found{};
  bool is_directory = false;
  int error_number = 0;
};

looked_up look_up(int root, const std::string& path) noexcept {
  looked_up result;
  opened_file opened = open_beneath(root, path);
  result.error_number = opened.error_number;
  if (!opened.file) return result;
  if (fstat(opened.file.get(), &result.found.facts) != 0) {
    result.error_number = errno;
  } else if (S_ISREG(result.found.facts.st_mode)) {
    result.found.file = std::move(opened.file);
  } else {
    result.is_directory = S_ISDIR(result.found.facts.st_mode);
    result.error_number = ENOENT;  // a directory, a pipe, a device: nothing that is sent
  }
  return result;
}

class files_handler final : public handler {
 public:
  files_handler(std::string directory, file_options options)
      : directory_(std::move(directory)), options_(std::move(options)) {
    if (options_.max_age.count() == 0) {
      cache_control_ = "no-cache";
    } else {
      cache_control_ = "public, max-age=" + std::to_string(options_.max_age.count());
      if (options_.immutable) cache_control_ += ", immutable";
    }
  }

  void handle(call& c) const noexcept override {
    std::string_view rest;
    const std::string_view sent = rest_of(c.head().path, c.context().route->pattern);
    // The parser has refused what is not UTF-8 and what an encoding could hide.
    if (decode(sent, encoding::path, c.context().memory, rest) != decoded::ok) {
      return c.fail(reason::limit_exchange_memory);
    }
    const bool is_folder = rest.ends_with('/');
    if (rest.starts_with('/')) rest.remove_prefix(1);
    if (is_folder && !rest.empty()) rest.remove_suffix(1);
    if (!is_servable(rest)) return missing(c, {}, rest);

    // Opened for each request: a build or a deployment may replace the directory.
    const file_descriptor root{open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!root) return c.fail(reason::http_not_found);
    if (is_folder) return answer_folder(c, root, std::string{rest});
    looked_up at = find(c, root.get(), std::string{rest});
    if (at.found.file) return send(c, std::move(at.found), rest, false);
    if (at.is_directory) return redirect_to_folder(c, root, std::string{rest});
    if (!is_missing(at.error_number)) return c.fail(reason::server_handler_failed);
    missing(c, root, rest);
  }

 private:
  /// The file, or what it was compressed to.
  [[nodiscard]] looked_up find(call& c, int root, const std::string& path) const noexcept {
    struct sibling {
      std::string_view coding;
      std::string_view suffix;
    };
    constexpr std::array siblings{sibling{"br", ".br"}, sibling{"gzip", ".gz"}};
    std::array<std::string_view, 3> offers{"br", "gzip", "identity"};
    std::size_t count = options_.precompressed ? offers.size() : 0;
    while (count > 1) {
      const auto best = best_coding(c.head().fields, std::span{offers}.first(count));
      if (!best || offers[*best] == "identity") break;
      const auto* const one = std::find_if(siblings.begin(), siblings.end(),
                                           [&](const sibling& s) { return s.coding == offers[*best]; });
      looked_up at = look_up(root, path + std::string{one->suffix});
      if (at.found.file) {
        at.found.coding = one->coding;
        return at;
      }
      std::copy(offers.begin() + static_cast<std::ptrdiff_t>(*best) + 1,
                offers.begin() + static_cast<std::ptrdiff_t>(count),
                offers.begin() + static_cast<std::ptrdiff_t>(*best));
      --count;
    }
    return look_up(root, path);
  }

  [[nodiscard]] std::string index_of(const std::string& folder) const {
    return folder.empty() ? options_.index : folder + "/" + options_.index;
  }

  void answer_folder(call& c, const file_descriptor& root, const std::string& folder) const noexcept {
    if (options_.index.empty()) return missing(c, root, {});
    looked_up at = find(c, root.get(), index_of(folder));
    if (at.found.file) return send(c, std::move(at.found), options_.index, options_.spa);
    if (!is_missing(at.error_number)) return c.fail(reason::server_handler_failed);
    missing(c, root, {});
  }

  /// "/dir" to "/dir/": or the links of its page would lead elsewhere.
  void redirect_to_folder(call& c, const file_descriptor& root, const std::string& folder) const noexcept {
    if (options_.index.empty() || !look_up(root.get(), index_of(folder)).found.file) return missing(c, root, folder);
    std::string location = std::string{c.head().path} + "/";
    if (!c.head().query.empty()) location += '?';
    for (const char byte : c.head().query) {
      if (byte == '\\') {
        location += "%5C";  // which browsers would take for "/"
      } else {
        location += byte;
      }
    }
    send_response(c, redirect(location, {.status = status::moved_permanently}));
  }

  void missing(call& c, const file_descriptor& root, std::string_view path) const noexcept {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const bool is_page = options_.spa && root && name.find('.') == std::string_view::npos &&
                         names_media_type(c.head().fields, "text/html");
    if (!is_page) return c.fail(reason::http_not_found);
    looked_up at = find(c, root.get(), options_.index);
    if (!at.found.file) return c.fail(reason::http_not_found);
    at.found.vary = options_.precompressed ? "Accept, Accept-Encoding" : "Accept";
    send(c, std::move(at.found), options_.index, true);
  }

  void send(call& c, file_to_send f, std::string_view name, bool page) const noexcept {
    f.media_type = media_type_of_file(name);
    f.cache_control = page ? std::string_view{"no-cache"} : std::string_view{cache_control_};
    if (f.vary.empty() && options_.precompressed) f.vary = "Accept-Encoding";
    send_file(c, std::move(f));
  }

  std::string directory_;
  file_options options_;
  std::string cache_control_;
};

config_errors mistakes_in(const std::string& directory, const file_options& o) {
  config_errors errors;
  const auto wrong = [&](std::string value, std::string code, std::string message, std::string suggestion) {
    errors.push_back({.key = "files",
                      .value = std::move(value),
                      .code = std::move(code),
                      .message = std::move(message),
                      .suggestion = std::move(suggestion)});
  };
  if (!file_descriptor{open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)}) {
    wrong(directory, "not-a-directory", "this is no directory, seen from where the program was started.",
          "an absolute path");
  }
  if (o.max_age.count() < 0 || o.max_age > longest_age) {
    wrong(std::to_string(o.max_age.count()), "out-of-range", "max_age is from 0 to a year.", {});
  }
  if (o.immutable && o.max_age.count() == 0) {
    wrong("immutable", "immutable-without-age", "what does not change may be kept, but max_age is 0.",
          ".max_age = std::chrono::hours{24 * 365}");
  }
  if (o.index.find('/') != std::string::npos || o.index.starts_with('.')) {
    wrong(o.index, "invalid-index", "the index is the name of a file in each directory, and begins with no dot.",
          "index.html");
  }
  if (o.spa && o.index.empty()) wrong("spa", "spa-without-index", "there is no index to answer.", "index.html");
  return errors;
}

}  // namespace

pending_handler files(std::string directory, file_options options) {
  return pending_handler{[directory = std::move(directory), options = std::move(options)]() -> pending_handler::made {
    if (config_errors errors = mistakes_in(directory, options); !errors.empty()) return failure{std::move(errors)};
    return std::shared_ptr<const handler>{std::make_shared<files_handler>(directory, options)};
  }};
}

}  // namespace gatehouse
