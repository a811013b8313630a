#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/server/call.hpp>

namespace gatehouse {

/// A handler as the user asked for it, not built yet: what `app.mount("/", gh::proxy(url))` takes. Never throws: what is wrong
/// with it is reported when the app starts, with everything else. `make` may be called more than once.
class pending_handler {
 public:
  using factory = std::function<result<std::unique_ptr<const handler>, config_errors>()>;
  explicit pending_handler(factory f) : make_(std::move(f)) {}
  [[nodiscard]] result<std::unique_ptr<const handler>, config_errors> make() const { return make_(); }

 private:
  factory make_;
};

}  // namespace gatehouse
