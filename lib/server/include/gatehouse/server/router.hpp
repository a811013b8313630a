#pragma once
// Finds the route of a path. Patterns are compiled once into an automaton over path segments, so matching never goes
// back: it is linear in the path, allocates nothing, and no order of registration matters.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/http/method.hpp>
#include <gatehouse/rules/route_info.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/metrics.hpp>

namespace gatehouse {

/// Every method that a handler can be registered for.
inline constexpr method_set every_method{method::get,   method::head,    method::post,   method::put,
                                         method::patch, method::delete_, method::options};

/// One registration.
///
/// Grammar of `pattern`: "/" and segments separated by "/". A segment is literal text (compared byte for byte with what
/// was sent: case-sensitive, percent-encodings not decoded), ":name" (one segment, not empty) or, as the last, "*name"
/// (the rest of the path: at least one segment that is not empty, as Express 5's *splat). A trailing slash is
/// significant. No regular expressions, no optional parts. `subtree`: the pattern and everything below it (at a segment
/// boundary), for every method unless some are named; "/" is everything.
struct route {
  method_set methods{};  ///< empty: every one, and which of them mean something only who answers knows
  std::string pattern{};
  const handler* answers = nullptr;  ///< borrowed: outlives the router
  bool subtree = false;
  std::uint64_t body_bytes = 0;  ///< its own body limit; 0: limits.body_bytes
  /// Its own policy, borrowed; null: the one of the whole app. All routes of a path have the same, since it is found
  /// before the method is judged.
  const policy* rules = nullptr;
};

/// Immutable; shared by all threads.
///
/// Of the patterns that match a path the most specific one answers: compared segment by segment, literal before ":name"
/// before
/// "*rest" before a subtree. Only then the method is judged, so a path has one set of methods. HEAD falls to GET;
/// OPTIONS is answered with 204 and Allow unless a route exists for it.
class router {
 public:
  /// Errors: one `config_error` (key "routes") per offending pattern or pair of them: invalid-pattern, duplicate-route,
  /// conflicting-parameters, conflicting-policies, duplicate-parameter, too-many-parameters, too-many-routes. All of
  /// them.
  /// `numbers`: under which its routes are counted; null: they are not.
  [[nodiscard]] static result<router, config_errors> make(const std::vector<route>& routes,
                                                          route_numbers* numbers = nullptr);

  router(router&&) noexcept;
  router& operator=(router&&) noexcept;
  ~router();

  struct match {
    const route_info* route = nullptr;  ///< null: no route of this path
    const handler* answers = nullptr;   ///< null with a route: not for this method
    const policy* rules = nullptr;      ///< as of the route
  };
  /// Fills `parameters` with views into `path` (and into this router). `path` as in request_head; "*" has the answer of
  /// OPTIONS * only.
  [[nodiscard]] match find(std::string_view path, method verb, path_parameters& parameters) const noexcept;

 private:
  struct tables;
  explicit router(std::unique_ptr<const tables> t) noexcept;
  std::unique_ptr<const tables> tables_;
};

/// The names of the parameters of a pattern, in order; views into it. Empty for one that is not valid.
[[nodiscard]] std::vector<std::string_view> parameter_names(std::string_view pattern);

}  // namespace gatehouse
