#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gatehouse/base/clock.hpp>
#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/http/method.hpp>
#include <gatehouse/net/tls.hpp>
#include <gatehouse/rules/rule.hpp>
#include <gatehouse/server/access_log.hpp>
#include <gatehouse/server/around.hpp>
#include <gatehouse/server/blocking.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/compression.hpp>
#include <gatehouse/server/error_handler.hpp>
#include <gatehouse/server/files.hpp>
#include <gatehouse/server/pending_handler.hpp>
#include <gatehouse/server/user_handler.hpp>

namespace gatehouse {

class route_group;

namespace detail::server {

class app_core;

template <typename F>
inline constexpr bool is_blocking = false;
template <typename F>
inline constexpr bool is_blocking<blocking_function<F>> = true;

template <typename F>
std::unique_ptr<user_handler> make_handler(F&& f) {
  using function = std::decay_t<F>;
  if constexpr (is_blocking<function>) {
    using inner = decltype(f.function);
    return std::make_unique<blocking_handler<inner>>(std::forward<F>(f).function);
  } else {
    using returned = typename function_traits<function>::signature::returned;
    return std::make_unique<typename handler_of<returned>::template type<function>>(std::forward<F>(f));
  }
}

}  // namespace detail::server

/// What routes are registered on: an app, or a group of it. Patterns: see gatehouse/server/router.hpp. `f` is a
/// function or lambda that takes extractors (gatehouse/server/extractors.hpp) or `const gh::request&`, gh::blocking of
/// one, or a pending_handler. Nothing throws; mistakes are reported by app::listen, all at once.
class routes {
 public:
  template <typename F>
  void get(std::string_view pattern, F&& f) {
    route(method::get, pattern, std::forward<F>(f));
  }
  template <typename F>
  void post(std::string_view pattern, F&& f) {
    route(method::post, pattern, std::forward<F>(f));
  }
  template <typename F>
  void put(std::string_view pattern, F&& f) {
    route(method::put, pattern, std::forward<F>(f));
  }
  template <typename F>
  void patch(std::string_view pattern, F&& f) {
    route(method::patch, pattern, std::forward<F>(f));
  }
  template <typename F>
  void del(std::string_view pattern, F&& f) {
    route(method::delete_, pattern, std::forward<F>(f));
  }
  template <typename F>
  void delete_(std::string_view pattern, F&& f) {
    route(method::delete_, pattern, std::forward<F>(f));
  }
  /// Every method, OPTIONS included.
  template <typename F>
  void any(std::string_view pattern, F&& f) {
    add(all_methods(), pattern, std::forward<F>(f), false);
  }
  template <typename F>
  void route(method m, std::string_view pattern, F&& f) {
    add(method_set{m}, pattern, std::forward<F>(f), false);
  }
  /// `prefix` and everything below it (at a "/"), every method. More specific routes win.
  template <typename F>
  void mount(std::string_view prefix, F&& f) {
    add(method_set{}, prefix, std::forward<F>(f), true);
  }
  /// The files below `directory` under `prefix`, for GET and HEAD: app.files("/", "dist", {.spa = true}). See
  /// gatehouse/server/files.hpp.
  void files(std::string_view prefix, std::string directory, file_options options = {});
  /// Middleware of one's own, after the rules and around the routes: a function that takes (const gh::request&,
  /// gh::next) and returns gh::answer_or_next: an answer, which ends the request, or next(). Of an app: around every
  /// request that passed the rules, also one without a route; of a group: around those whose path is its prefix or
  /// below it, whoever answers them. Earlier ones are further outside; the order to routes does not matter. The content
  /// is read only after the last one went on.
  template <typename F>
    requires(!std::is_same_v<std::decay_t<F>, pending_rule> && !std::is_same_v<std::decay_t<F>, pending_around>)
  void use(F&& f) {
    add_around(pending_around{detail::server::make_around(std::forward<F>(f))});
  }
  /// The library's own: gh::compression().
  void use(pending_around ready) { add_around(std::move(ready)); }
  /// Routes that all begin with `prefix`, which may have parameters: app.group("/users/:user").get("/notes", ...). The
  /// pattern
  /// "" is the prefix itself.
  [[nodiscard]] route_group group(std::string_view prefix);

 protected:
  routes(std::shared_ptr<detail::server::app_core> core, std::string prefix) noexcept
      : core_(std::move(core)), prefix_(std::move(prefix)) {}
  [[nodiscard]] detail::server::app_core& core() const noexcept { return *core_; }
  [[nodiscard]] const std::shared_ptr<detail::server::app_core>& shared_core() const noexcept { return core_; }
  [[nodiscard]] const std::string& prefix() const noexcept { return prefix_; }

 private:
  [[nodiscard]] static method_set all_methods() noexcept;
  template <typename F>
  void add(method_set methods, std::string_view pattern, F&& f, bool subtree) {
    if constexpr (std::is_same_v<std::decay_t<F>, pending_handler>) {
      add_pending(methods, pattern, std::forward<F>(f), subtree);
    } else {
      add_own(methods, pattern, detail::server::make_handler(std::forward<F>(f)), subtree);
    }
  }
  void add_own(method_set methods, std::string_view pattern, std::unique_ptr<detail::server::user_handler> h,
               bool subtree);
  void add_pending(method_set methods, std::string_view pattern, pending_handler h, bool subtree);
  void add_around(pending_around f);

  std::shared_ptr<detail::server::app_core> core_;
  std::string prefix_;
};

/// Express's Router. Cheap to copy; belongs to its app.
class route_group : public routes {
 public:
  using routes::use;
  /// A rule for the paths that the group covers, whoever answers there, instead of the app's (or an outer group's) of
  /// the same kind: that is replaced whole, nothing of it is inherited. gh::cors or gh::security_headers.
  void use(pending_rule rule);

 private:
  friend class routes;
  using routes::routes;
};

/// What listen() secures connections with: gh::tls::files or gh::tls::dev.
struct listen_tls {
  tls_config files{};
  /// Of clients: "required", or "optional" for an app where only some ask (require_client_certificate, or
  /// request::client_certificate): who shows one must show a good one in any case.
  [[nodiscard]] listen_tls client_ca(std::vector<std::string> authorities, std::string demand = "required") const;
  bool development = false;          ///< the user's own (gatehouse cert dev), made where it is missing
  std::vector<std::string> names{};  ///< of it, beside localhost, 127.0.0.1 and ::1
};
namespace tls {
/// PEM files: a certificate with its chain, and its private key, which others must not be able to read.
[[nodiscard]] listen_tls files(std::string certificate, std::string key);
/// For one's own machine: an authority and a certificate in the folder gatehouse/dev of $XDG_DATA_HOME or
/// ~/.local/share; `gatehouse cert dev` says how to trust it.
[[nodiscard]] listen_tls dev(std::vector<std::string> names = {});
}  // namespace tls

struct listen_options {
  std::uint16_t port = 8080;          ///< 0: any free one
  std::string address = "127.0.0.1";  ///< "0.0.0.0" or "::" for all of this machine: say so on purpose
  unsigned threads = 0;               ///< event loops; 0: one a core
  std::optional<listen_tls> tls{};    ///< HTTPS: `.tls = gh::tls::files("cert.pem", "key.pem")`
  gatehouse::limits limits{};
  unsigned blocking_threads = 16;    ///< of gh::blocking, at most; 1 to 1024
  std::size_t blocking_queue = 256;  ///< what waits for one of them; above it: 503
  bool insecure_plain_http = false;  ///< allows an address that others reach without TLS or a trusted proxy before us
  bool handle_signals = true;        ///< SIGTERM and SIGINT stop gracefully
  /// One line for every exchange (docs/logging.md): `.log = gh::log_to_stderr()`. Whole when listen() returns.
  std::optional<access_log_options> log{};
};

/// An HTTP API. Already on: strict HTTP, limits and deadlines, host check, security headers, safe errors, request ids.
class app : public routes {
 public:
  app();
  app(app&&) noexcept = default;
  app& operator=(app&&) noexcept = default;
  ~app();

  using routes::use;
  /// A rule. One of the same kind as a default replaces that. The order of the calls does not matter: rules have
  /// theirs.
  void use(pending_rule rule);
  /// Addresses or ranges ("10.0.0.0/8") of the proxies before us: what they say of the client is believed. As
  /// use(client_ip({.trusted_proxies = ...})).
  void trusted_proxies(std::vector<std::string> proxies);
  /// What answers a request that would be refused, whoever refuses it: no route, a parameter, the content, a rule, a
  /// handler that threw, an upstream that is down. A function that takes (const gh::request_error&, const gh::request&)
  /// and returns an answer of any kind that a handler may return, or takes gh::next as well and returns
  /// gh::answer_or_next: next() leaves it to the next error handler, at last to the usual problem document. One that
  /// throws ends in the bland 500. Not asked about what breaks HTTP itself: there may be no request to speak of.
  template <typename F>
  void on_error(F&& f) {
    add_error_function(detail::server::make_error_function(std::forward<F>(f)));
  }
  /// Who is told when a handler fails: for logs. Called on any thread, also on several at once; must not wait. Changes
  /// nothing of what the client gets. Without it, failures go to stderr.
  void report_to(std::function<void(const handler_failure&)> told);

  /// All mistakes of what was registered.
  [[nodiscard]] config_errors check() const;

  /// Serves until stopped. Prints "listening on http://127.0.0.1:8080" (or https://) to stdout.
  /// Returns 0 after a graceful stop, 2 when the configuration is wrong or the address can not be listened on (all
  /// errors are printed to stderr), 1 when serving failed. After this (or a test_client) nothing can be registered any
  /// more.
  [[nodiscard]] int listen(const listen_options& options = {});
  /// From any thread: listen() finishes what is running and returns.
  void stop() noexcept;

  // For a gatehouse::server of one's own instead of listen(): several in one process, or on a thread beside other work.
  /// What a server serves. Errors: every mistake of what was registered. Nothing can be registered any more.
  [[nodiscard]] result<std::shared_ptr<const dispatcher>, config_errors> make_dispatcher(const limits& l = {});
  /// When that server has run and before it is destroyed: waits for what gh::blocking still runs. False: it did not end
  /// in time, and what it uses (this app and the server) must stay.
  [[nodiscard]] bool finish_blocking(milliseconds wait);

 private:
  friend class test_client;
  void add_error_function(detail::server::error_function f);
};

}  // namespace gatehouse
