#pragma once
// What a browser finds on its way through the Fetch standard, with the clause that says so.

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse {

#define GATEHOUSE_FETCH "https://fetch.spec.whatwg.org/"
#define GATEHOUSE_WEBSOCKETS "https://websockets.spec.whatwg.org/"
// enumerator, stable word, whether the fetch ends here without an answer for the page, clause, sentence
#define GATEHOUSE_BROWSER_STEPS(X)                                                                                     \
  X(url_invalid, "url-invalid", true, GATEHOUSE_FETCH "#dom-request", "this is no URL that a page can fetch")          \
  X(url_with_userinfo, "url-with-userinfo", true, GATEHOUSE_FETCH "#dom-request",                                      \
    "a page can not fetch a URL with a user name or password in it")                                                   \
  X(method_invalid, "method-invalid", true, GATEHOUSE_FETCH "#dom-request", "the method is no token")                  \
  X(method_forbidden, "method-forbidden", true, GATEHOUSE_FETCH "#forbidden-method", "a page can not use this method") \
  X(method_normalized, "method-normalized", false, GATEHOUSE_FETCH "#concept-method-normalize",                        \
    "the method is written in capitals")                                                                               \
  X(method_not_for_no_cors, "method-not-for-no-cors", true, GATEHOUSE_FETCH "#dom-request",                            \
    "mode no-cors has GET, HEAD and POST only")                                                                        \
  X(header_invalid, "header-invalid", true, GATEHOUSE_FETCH "#concept-headers-append",                                 \
    "the name or the value of a header is not valid")                                                                  \
  X(header_forbidden, "header-forbidden", false, GATEHOUSE_FETCH "#forbidden-request-header",                          \
    "a page can not set this header; it is left out")                                                                  \
  X(header_not_for_no_cors, "header-not-for-no-cors", false, GATEHOUSE_FETCH "#no-cors-safelisted-request-header",     \
    "mode no-cors does not send this header; it is left out")                                                          \
  X(body_with_get, "body-with-get", true, GATEHOUSE_FETCH "#dom-request", "GET and HEAD have no body")                 \
  X(mixed_content, "mixed-content", true, "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch",         \
    "a page that came by HTTPS can not fetch plain HTTP")                                                              \
  X(same_origin, "same-origin", false, GATEHOUSE_FETCH "#concept-main-fetch",                                          \
    "page and URL have the same origin: CORS does not apply")                                                          \
  X(mode_same_origin, "mode-same-origin", true, GATEHOUSE_FETCH "#concept-main-fetch",                                 \
    "mode same-origin does not reach another origin")                                                                  \
  X(no_cors_redirect_mode, "no-cors-redirect-mode", true, GATEHOUSE_FETCH "#concept-main-fetch",                       \
    "mode no-cors must follow redirects")                                                                              \
  X(no_cors, "no-cors", false, GATEHOUSE_FETCH "#concept-main-fetch",                                                  \
    "mode no-cors: it is sent without asking, and the page can not read the answer")                                   \
  X(no_preflight, "no-preflight", false, GATEHOUSE_FETCH "#concept-main-fetch",                                        \
    "method and headers are CORS-safelisted: it is sent without asking first")                                         \
  X(method_not_safelisted, "method-not-safelisted", false, GATEHOUSE_FETCH "#cors-safelisted-method",                  \
    "the method is not CORS-safelisted: the server is asked first")                                                    \
  X(header_not_safelisted, "header-not-safelisted", false, GATEHOUSE_FETCH "#cors-unsafe-request-header-names",        \
    "headers are not CORS-safelisted: the server is asked first")                                                      \
  X(origin_tainted, "origin-tainted", false, GATEHOUSE_FETCH "#concept-request-tainted-origin",                        \
    "after redirects through another origin, Origin is null")                                                          \
  X(preflight_cached, "preflight-cached", false, GATEHOUSE_FETCH "#cors-preflight-cache",                              \
    "the preflight cache has the permission")                                                                          \
  X(preflight_sent, "preflight-sent", false, GATEHOUSE_FETCH "#cors-preflight-fetch", "a preflight is sent")           \
  X(request_sent, "request-sent", false, GATEHOUSE_FETCH "#concept-http-network-or-cache-fetch",                       \
    "the request is sent")                                                                                             \
  X(no_answer, "no-answer", true, GATEHOUSE_FETCH "#concept-http-network-fetch", "there is no answer")                 \
  X(allow_origin_missing, "allow-origin-missing", true, GATEHOUSE_FETCH "#concept-cors-check",                         \
    "the answer has no Access-Control-Allow-Origin")                                                                   \
  X(allow_origin_several, "allow-origin-several", true, GATEHOUSE_FETCH "#concept-cors-check",                         \
    "Access-Control-Allow-Origin has several values; only one is allowed")                                             \
  X(allow_origin_mismatch, "allow-origin-mismatch", true, GATEHOUSE_FETCH "#concept-cors-check",                       \
    "Access-Control-Allow-Origin is not, byte for byte, the origin that asks")                                         \
  X(allow_origin_wildcard, "allow-origin-wildcard", true, GATEHOUSE_FETCH "#concept-cors-check",                       \
    "Access-Control-Allow-Origin: * does not count with credentials")                                                  \
  X(allow_credentials_missing, "allow-credentials-missing", true, GATEHOUSE_FETCH "#concept-cors-check",               \
    "the request has credentials, and the answer has no Access-Control-Allow-Credentials: true")                       \
  X(cors_check_passed, "cors-check-passed", false, GATEHOUSE_FETCH "#concept-cors-check", "the CORS check passes")     \
  X(preflight_status, "preflight-status", true, GATEHOUSE_FETCH "#cors-preflight-fetch",                               \
    "the answer to a preflight must have a status from 200 to 299")                                                    \
  X(allow_methods_invalid, "allow-methods-invalid", true, GATEHOUSE_FETCH "#extract-header-list-values",               \
    "Access-Control-Allow-Methods is not a list of methods")                                                           \
  X(allow_headers_invalid, "allow-headers-invalid", true, GATEHOUSE_FETCH "#extract-header-list-values",               \
    "Access-Control-Allow-Headers is not a list of names")                                                             \
  X(method_not_allowed, "method-not-allowed", true, GATEHOUSE_FETCH "#cors-preflight-fetch",                           \
    "Access-Control-Allow-Methods does not have the method; it is compared with case")                                 \
  X(authorization_not_allowed, "authorization-not-allowed", true,                                                      \
    GATEHOUSE_FETCH "#cors-non-wildcard-request-header-name",                                                          \
    "Access-Control-Allow-Headers must name Authorization; * does not cover it")                                       \
  X(header_not_allowed, "header-not-allowed", true, GATEHOUSE_FETCH "#cors-preflight-fetch",                           \
    "Access-Control-Allow-Headers does not have the header")                                                           \
  X(preflight_passed, "preflight-passed", false, GATEHOUSE_FETCH "#cors-preflight-fetch",                              \
    "the preflight allows the request")                                                                                \
  X(preflight_stored, "preflight-stored", false, GATEHOUSE_FETCH "#cors-preflight-cache",                              \
    "the preflight cache keeps the permission")                                                                        \
  X(resource_policy, "resource-policy", true, GATEHOUSE_FETCH "#cross-origin-resource-policy-check",                   \
    "Cross-Origin-Resource-Policy keeps the answer from this page")                                                    \
  X(redirect_refused, "redirect-refused", true, GATEHOUSE_FETCH "#concept-http-fetch",                                 \
    "redirect mode error: the answer is a redirect")                                                                   \
  X(redirect_without_location, "redirect-without-location", false, GATEHOUSE_FETCH "#concept-http-redirect-fetch",     \
    "a redirect without Location is an answer as any other")                                                           \
  X(redirect_invalid, "redirect-invalid", true, GATEHOUSE_FETCH "#concept-http-redirect-fetch", "Location is no URL")  \
  X(redirect_not_http, "redirect-not-http", true, GATEHOUSE_FETCH "#concept-http-redirect-fetch",                      \
    "Location is neither http nor https")                                                                              \
  X(redirect_too_many, "redirect-too-many", true, GATEHOUSE_FETCH "#concept-http-redirect-fetch",                      \
    "more than 20 redirects")                                                                                          \
  X(redirect_with_userinfo, "redirect-with-userinfo", true, GATEHOUSE_FETCH "#concept-http-redirect-fetch",            \
    "Location has a user name or password, and is of another origin")                                                  \
  X(redirect_followed, "redirect-followed", false, GATEHOUSE_FETCH "#concept-http-redirect-fetch",                     \
    "the redirect is followed")                                                                                        \
  X(redirect_method_changed, "redirect-method-changed", false, GATEHOUSE_FETCH "#concept-http-redirect-fetch",         \
    "the method becomes GET, without the body and the headers that describe it")                                       \
  X(redirect_drops_authorization, "redirect-drops-authorization", false,                                               \
    GATEHOUSE_FETCH "#concept-http-redirect-fetch", "Authorization does not go to another origin")                     \
  X(timing_allowed, "timing-allowed", false, GATEHOUSE_FETCH "#concept-tao-check",                                     \
    "the page may see the times of the request")                                                                       \
  X(timing_hidden, "timing-hidden", false, GATEHOUSE_FETCH "#concept-tao-check",                                       \
    "the times of the request are hidden from the page")                                                               \
  X(readable_basic, "readable-basic", false, GATEHOUSE_FETCH "#concept-filtered-response-basic",                       \
    "the page reads the whole answer, Set-Cookie aside")                                                               \
  X(readable_cors, "readable-cors", false, GATEHOUSE_FETCH "#concept-filtered-response-cors",                          \
    "the page reads status, body and the headers that are safelisted or exposed")                                      \
  X(opaque, "opaque", false, GATEHOUSE_FETCH "#concept-filtered-response-opaque",                                      \
    "the page knows that there was an answer, and nothing of it")                                                      \
  X(opaque_redirect, "opaque-redirect", false, GATEHOUSE_FETCH "#concept-filtered-response-opaque-redirect",           \
    "redirect mode manual: the page knows that there was a redirect, and nothing of it")                               \
  X(socket_url_invalid, "socket-url-invalid", true, GATEHOUSE_WEBSOCKETS "#dom-websocket-websocket",                   \
    "this is no URL for a WebSocket")                                                                                  \
  X(socket_sent, "socket-sent", false, GATEHOUSE_WEBSOCKETS "#websocket-opening-handshake",                            \
    "the handshake is sent, with Origin and credentials, without asking first: only the server can refuse it")         \
  X(socket_not_switched, "socket-not-switched", true, GATEHOUSE_WEBSOCKETS "#websocket-opening-handshake",             \
    "the answer is not 101, and WebSockets follow no redirects")                                                       \
  X(socket_upgrade_missing, "socket-upgrade-missing", true, "https://www.rfc-editor.org/rfc/rfc6455#section-4.1",      \
    "the answer lacks Upgrade: websocket, Connection: upgrade or Sec-WebSocket-Accept")                                \
  X(socket_protocol, "socket-protocol", true, "https://www.rfc-editor.org/rfc/rfc6455#section-4.1",                    \
    "the answer chooses no subprotocol that was offered, or one that was not")                                         \
  X(socket_open, "socket-open", false, GATEHOUSE_WEBSOCKETS "#websocket-opening-handshake", "the WebSocket is open")

/// Why a browser goes on as it does, or stops.
enum class browser_why : std::uint8_t {
#define GATEHOUSE_BROWSER_STEP_ENUMERATOR(name, word, ends, clause, sentence) name,
  GATEHOUSE_BROWSER_STEPS(GATEHOUSE_BROWSER_STEP_ENUMERATOR)
#undef GATEHOUSE_BROWSER_STEP_ENUMERATOR
};

/// "allow-origin-missing": stable.
[[nodiscard]] std::string_view word(browser_why w) noexcept;
/// The URL of the clause.
[[nodiscard]] std::string_view clause(browser_why w) noexcept;
/// One sentence without its full stop.
[[nodiscard]] std::string_view sentence(browser_why w) noexcept;
/// Whether the page gets no answer because of it.
[[nodiscard]] bool is_end(browser_why w) noexcept;

struct browser_step {
  browser_why why{};
  std::string detail{};  ///< of this case: values and names, as sent; may be empty, may hold what a server sent
};

}  // namespace gatehouse
