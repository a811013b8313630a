#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/rules/browser.hpp>
#include <gatehouse/server/app.hpp>

namespace gatehouse {

/// What the client of a test_client sees: the bytes of the head as they would be sent, taken apart.
struct test_response {
  int status = 0;         ///< 0: there was no (whole) answer; `body` says why
  header_list headers{};  ///< in the order sent
  std::string body{};     ///< without transfer coding

  /// The first value of this name, any case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// Calls an app in process, without a socket: the same parser, rules, router, handlers (gh::blocking, proxies),
/// finaliser and serialiser as when it listens, with a peer on 127.0.0.1. For tests; one thread. An app with mistakes
/// answers nothing but those (status 0). The app can register nothing more.
class test_client {
 public:
  explicit test_client(app& a, limits l = {});
  ~test_client();
  test_client(const test_client&) = delete;
  test_client& operator=(const test_client&) = delete;

  // `headers` may replace Host ("localhost"). A body has a Content-Length; say its Content-Type.
  [[nodiscard]] test_response get(std::string_view target, const header_list& headers = {});
  [[nodiscard]] test_response head(std::string_view target, const header_list& headers = {});
  [[nodiscard]] test_response options(std::string_view target, const header_list& headers = {});
  [[nodiscard]] test_response del(std::string_view target, const header_list& headers = {});
  [[nodiscard]] test_response post(std::string_view target, std::string_view body, const header_list& headers = {});
  [[nodiscard]] test_response put(std::string_view target, std::string_view body, const header_list& headers = {});
  [[nodiscard]] test_response patch(std::string_view target, std::string_view body, const header_list& headers = {});
  /// One request as bytes, valid or not: "GET / HTTP/1.1\r\nHost: x\r\n\r\n". What stands behind it is ignored.
  [[nodiscard]] test_response request(std::string_view bytes);

  /// What becomes of a page's fetch() of this app in a browser: preflight, CORS check, redirects, what the page can
  /// read; see rules/browser.hpp. `f.url` may be a path: the app is then at http://localhost. Other origins answer
  /// nothing, and no preflight cache is kept from call to call.
  ///   const auto can = client.expect_browser_can({.page = "http://localhost:3000", .url = "/notes", .method = "PUT"});
  ///   EXPECT_TRUE(can) << can.explanation();
  [[nodiscard]] fetch_outcome expect_browser_can(fetch f);

 private:
  test_response send(std::string_view method, std::string_view target, std::optional<std::string_view> body,
                     const header_list& headers);
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace gatehouse
