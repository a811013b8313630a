#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// What a browser is free to choose.
struct browser_settings {
  std::chrono::seconds default_max_age{5};  ///< of a permission without a valid Access-Control-Max-Age
  std::chrono::seconds max_max_age{7'200};  ///< Chromium; WebKit 600, Firefox 86,400
  std::size_t max_cached = 1'024;           ///< permissions kept; older ones make way
};

/// https://fetch.spec.whatwg.org/#cors-preflight-cache : of one page (that is one network partition). One permission
/// for each method and each header name. `now` is any clock that does not go back.
class preflight_cache {
 public:
  using time = std::chrono::milliseconds;
  /// Whose permission it is: the origin as it was sent, the URL, and whether credentials were included.
  struct key {
    std::string_view origin;
    std::string_view url;
    bool credentials = false;
  };

  explicit preflight_cache(browser_settings s = {}) noexcept : settings_(s) {}

  [[nodiscard]] bool allows_method(const key& k, std::string_view method, time now) const noexcept;
  [[nodiscard]] bool allows_header(const key& k, std::string_view name, time now) const noexcept;
  /// `max_age`: what a valid Access-Control-Max-Age says; limited to what the settings say.
  void store(const key& k, const std::vector<std::string>& methods, const std::vector<std::string>& headers,
             std::optional<std::chrono::seconds> max_age, time now);
  /// https://fetch.spec.whatwg.org/#concept-cache-clear
  void clear(std::string_view origin, std::string_view url);
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct entry {
    std::string origin;
    std::string url;
    bool credentials;
    bool is_method;  // else a header name, in lower case
    std::string name;
    time ends;
  };
  void keep(const key& k, bool is_method, std::string_view name, time ends);
  [[nodiscard]] static bool matches(const entry& e, const key& k) noexcept;
  browser_settings settings_;
  std::vector<entry> entries_{};  // oldest first
};

}  // namespace gatehouse
