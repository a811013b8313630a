#pragma once
// What a browser does with a page's fetch() and what the page may read: the algorithms of the Fetch standard, as far as
// a server can tell. Pure: it sends nothing. Whoever has a server (or its answers) carries what `sends` says there and
// back, so one model serves tests, `explain` and the comparison with real browsers. Work is bounded by the size of what
// it is given and by 20 redirects.
//
// Not modelled: service workers, the HTTP cache, cookies' attributes, permission prompts, and pages with a policy of
// their own (Content-Security-Policy, Cross-Origin-Embedder-Policy, Referrer-Policy other than the default).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/rules/browser_classify.hpp>
#include <gatehouse/rules/browser_preflight_cache.hpp>
#include <gatehouse/rules/browser_step.hpp>
#include <gatehouse/rules/browser_url.hpp>

namespace gatehouse {

enum class fetch_mode : std::uint8_t { cors, no_cors, same_origin };
enum class fetch_credentials : std::uint8_t { same_origin, include, omit };
enum class fetch_redirect : std::uint8_t { follow, error, manual };

/// fetch(url, {...}) as a page says it, with fetch's defaults.
struct fetch {
  std::string page{};  ///< the page's origin: "http://localhost:3000"; "null" for a sandboxed frame or a file
  std::string url{};   ///< absolute, or relative to the page's origin
  std::string method = "GET";
  header_list headers{};
  fetch_credentials credentials = fetch_credentials::same_origin;
  fetch_mode mode = fetch_mode::cors;
  fetch_redirect redirect = fetch_redirect::follow;
  std::optional<std::string> body{};
  std::string body_type = "text/plain;charset=UTF-8";  ///< the Content-Type that a body brings if `headers` has none
  std::string cookie{};                                ///< what the browser keeps for the host of `url`: "sid=1"
};

/// What the browser sends: the fields that matter to a server, without Host, User-Agent and what describes the client.
struct browser_request {
  std::string method{};
  web_url url{};
  header_list headers{};
  bool is_preflight = false;
  bool has_credentials = false;  ///< cookies, client certificates and stored passwords go with it
  bool has_body = false;
};

/// What came back; informational responses are left out. A status of 0: nothing did.
struct browser_response {
  int status = 0;
  header_list headers{};
  std::string trouble{};  ///< why there is nothing, for the explanation
};

/// https://fetch.spec.whatwg.org/#concept-response-type ; type_error: the page's own mistake, nothing was sent.
enum class fetch_result : std::uint8_t { basic, cors, opaque, opaque_redirect, error, type_error };
[[nodiscard]] std::string_view to_string(fetch_result r) noexcept;

/// What the page sees.
struct fetch_outcome {
  fetch_result type = fetch_result::error;
  browser_why why = browser_why::no_answer;  ///< what decided it: the last step but those of timing
  int status = 0;                            ///< 0: none that the page could read
  header_list headers{};                     ///< what the page may read: lower case, sorted, values joined
  std::string url{};                         ///< where the answer came from, if the page may know
  bool redirected = false;
  bool timing_allowed = false;
  std::vector<browser_step> steps{};

  /// Whether the page can read status and body of an answer.
  [[nodiscard]] bool readable() const noexcept { return type == fetch_result::basic || type == fetch_result::cors; }
  [[nodiscard]] explicit operator bool() const noexcept { return readable(); }
  /// One line a step: the sentence, its detail, [word, clause].
  [[nodiscard]] std::string explanation() const;
};

/// Whether two hosts have the same registrable domain (https://publicsuffix.org/); for Sec-Fetch-Site and CORP.
using same_site_hosts = std::function<bool(std::string_view, std::string_view)>;

/// One fetch() on its way. Create it, then, while there is something that it `sends`, give it what it `receives`.
class browser_fetch {
 public:
  /// `cache` may be null: the browser remembers nothing then. It outlives this. `same_site` may be empty: only equal
  /// hosts are the same site then, which is right for loopback names and addresses.
  explicit browser_fetch(fetch asked, preflight_cache* cache = nullptr, preflight_cache::time now = {},
                         same_site_hosts same_site = {});
  browser_fetch(browser_fetch&&) noexcept;
  browser_fetch& operator=(browser_fetch&&) noexcept;
  ~browser_fetch();

  /// Null: it has ended.
  [[nodiscard]] const browser_request* sends() const noexcept;
  void receives(const browser_response& r, preflight_cache::time now = {});
  /// How many redirects were followed.
  [[nodiscard]] std::size_t redirects() const noexcept;
  /// Of what happened so far; final when nothing is sent any more.
  [[nodiscard]] const fetch_outcome& outcome() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// new WebSocket(url, protocols).
struct websocket_attempt {
  std::string page{};
  std::string url{};  ///< ws:, wss:, http: or https:, or relative to the page's origin
  std::vector<std::string> protocols{};
  std::string cookie{};
};

/// https://websockets.spec.whatwg.org/#websocket-opening-handshake : no CORS check, no preflight. One request at most.
class browser_websocket {
 public:
  explicit browser_websocket(const websocket_attempt& asked, const same_site_hosts& same_site = {});
  [[nodiscard]] const browser_request* sends() const noexcept { return request_ ? &*request_ : nullptr; }
  /// That Sec-WebSocket-Accept fits the key is not judged: the model draws no key.
  void receives(const browser_response& r);
  [[nodiscard]] bool is_open() const noexcept { return steps_.back().why == browser_why::socket_open; }
  [[nodiscard]] browser_why why() const noexcept { return steps_.back().why; }
  [[nodiscard]] const std::vector<browser_step>& steps() const noexcept { return steps_; }

 private:
  void begin(const websocket_attempt& asked, const same_site_hosts& same_site);
  void step(browser_why w, std::string detail = {}) { steps_.push_back({w, std::move(detail)}); }
  std::vector<std::string> protocols_;
  std::optional<browser_request> request_{};
  std::vector<browser_step> steps_{};
};

}  // namespace gatehouse
